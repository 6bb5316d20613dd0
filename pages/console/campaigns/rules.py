"""怎么开始和停下: how late a campaign may start, when it stops itself, and who goes first; a form of its own."""

from collections.abc import Mapping
from datetime import time, timedelta
from typing import Any, NamedTuple

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col, func, select

from models import preferences
from models.campaigns import Campaign, planning, run_rules
from models.campaigns.run_rules import Pilot, PilotBy, RunRules
from models.errors import Refused, refuse_faults
from models.org import Branch, Guide, Store, active_in, named
from models.sentences import Sentence
from pages.web import access
from pages.web.formatting import local
from pages.web.site import site

blueprint = Blueprint("campaign_rules", __name__, url_prefix="/console/campaigns")
FEWEST = 3
"""A store with fewer guides tells little."""


class SmallStore(NamedTuple):
    """A store that could go first."""

    id: int
    name: str
    guides: int


@blueprint.get("/<int:campaign_id>/rules")
@access.offices
def ask(campaign_id: int) -> ResponseReturnValue:
    return _shown(campaign_id)


@blueprint.post("/<int:campaign_id>/rules")
@access.offices
def change(campaign_id: int) -> ResponseReturnValue:
    who, now = access.viewer(), site().clock()
    try:
        with site().db.write() as session:
            campaign = access.campaign(session, campaign_id, change=True)
            rules = typed(session, campaign, request.form)
            planning.change_rules(session, campaign, rules, who=who.name, account_id=who.id, now=now)
    except Refused as refused:
        faults = refused.faults or {"": refused.words}
        return make_response(_shown(campaign_id, request.form, faults), 422 if refused.faults else 409)
    return redirect(url_for("campaigns.detail", campaign_id=campaign_id, done="rules"), 303)


def typed(session: Session, campaign: Campaign, form: Mapping[str, str]) -> RunRules:
    """What the form says; Refused, by field, where it says nothing that can be understood."""
    faults: dict[str, str] = {}

    def number(name: str, default: int | None = 0) -> int:
        text = form.get(name, "").strip()
        if not text and default is not None:
            return default
        if not text.isdecimal():
            faults[name] = Sentence("{label}要写一个数", label=Sentence(run_rules.LABELS[name]))
            return 0
        return int(text[:9])

    chosen = next((one for one in PilotBy if one == form.get("pilot")), None)
    pilot = None
    if chosen:
        place = number("percent", 1) if chosen == PilotBy.PERCENT else _place(session, chosen, form, faults)
        by_rule = form.get("goes_on") == "rule"
        pilot = Pilot(by=chosen, number=place, by_rule=by_rule)
        if by_rule:
            pilot.minutes, pilot.failed_percent = number("minutes", None), number("failed_percent", None)
    stop = form.get("stop_percent", "").strip()
    rules = RunRules(
        grace_minutes=number("grace_minutes", None),
        stop_percent=number("stop_percent", None) if stop else None,
        pilot=pilot,
        branch_delays=_delays(session, campaign, form, faults),
    )
    refuse_faults(faults)
    return rules


def _delays(
    session: Session, campaign: Campaign, form: Mapping[str, str], faults: dict[str, str]
) -> dict[int, int]:
    """How long after the start each branch begins, from the clock times that somebody wrote: the first such time from
    the start on."""
    start, found = local(campaign.launch_at), {}
    for branch in session.exec(run_rules.branches_in(campaign.scope)):
        name = f"branch_{branch.id}"
        text = form.get(name, "").strip()
        if not text or text == f"{start:%H:%M}":
            continue
        try:
            typed = time.fromisoformat(text)
        except ValueError:
            faults[name] = Sentence("要写几点几分，例如 11:30")
            continue
        minutes = typed.hour * 60 + typed.minute - start.hour * 60 - start.minute
        found[branch.id or 0] = minutes % (24 * 60)
    return found


def _place(session: Session, by: PilotBy, form: Mapping[str, str], faults: dict[str, str]) -> int:
    """The id of the store or branch that somebody wrote, by its name or code."""
    text = form.get(by, "").strip()[:64]
    stores = by == PilotBy.STORE
    found: list[Store] | list[Branch] = (
        named(session, Store, text, access.scope().stores())
        if stores
        else named(session, Branch, text, access.scope().branches())
    )
    if len(found) != 1:
        noun = Sentence("门店" if stores else "分公司")
        faults["pilot"] = Sentence("没有叫「{name}」的{noun}，请写完整的名称或编号", name=text, noun=noun)
        return 0
    return found[0].id or 0


def _shown(
    campaign_id: int, form: Mapping[str, str] | None = None, faults: dict[str, str] | None = None
) -> str:
    with site().db.read() as session:
        campaign = access.campaign(session, campaign_id, change=True)
        rules = run_rules.rules_of(campaign)
        return render_template(
            "console/campaigns/rules.html",
            campaign=campaign,
            form=form or filled(session, campaign, rules),
            faults={
                name.replace("branch_delays.", "branch_"): fault for name, fault in (faults or {}).items()
            },
            branches=list(session.exec(run_rules.branches_in(campaign.scope))),
            start=f"{local(campaign.launch_at):%H:%M}",
            started=campaign.launched_at is not None,
            brand_percent=preferences.read(session).stop_percent,
            piloted=campaign.channel in run_rules.PILOTED,
            example=small_store(session, campaign),
            labels=run_rules.LABELS,
            here="campaigns",
        )


def filled(session: Session, campaign: Campaign, rules: RunRules) -> dict[str, str]:
    """The rules, back in the form."""
    pilot = rules.pilot or Pilot()
    form = {
        "grace_minutes": str(rules.grace_minutes),
        "stop_percent": "" if rules.stop_percent is None else str(rules.stop_percent),
        "pilot": rules.pilot.by if rules.pilot else "",
        "percent": str(pilot.number) if pilot.by == PilotBy.PERCENT else "1",
        "goes_on": "rule" if pilot.by_rule else "hand",
        "minutes": str(pilot.minutes),
        "failed_percent": str(pilot.failed_percent),
    }
    for branch, minutes in rules.branch_delays.items():
        form[f"branch_{branch}"] = f"{local(campaign.launch_at) + timedelta(minutes=minutes):%H:%M}"
    if pilot.by != PilotBy.PERCENT:
        model: type[Store] | type[Branch] = Store if pilot.by == PilotBy.STORE else Branch
        form[pilot.by] = session.exec(select(model.name).where(model.id == pilot.number)).first() or ""
    return form


def small_store(session: Session, campaign: Campaign) -> SmallStore | None:
    """The smallest store of the scope that still tells something, with how many guides it has."""
    counted: Any = active_in(campaign.scope)
    in_scope = counted.with_only_columns(Store.id, Store.name, func.count(col(Guide.id)))
    by_store = in_scope.where(col(Store.id).is_not(None)).group_by(col(Store.id), col(Store.name))
    sizes = [SmallStore(*row) for row in session.execute(by_store)]
    fit = [one for one in sizes if one.guides >= FEWEST] or sizes
    return min(fit, key=lambda one: (one.guides, one.name)) if fit else None
