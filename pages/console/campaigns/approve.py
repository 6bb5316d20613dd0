"""审批: what changed since the last yes, whom it reaches, and yes or no with a reason."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from models.accounts import Role
from models.campaigns import (
    Campaign,
    CampaignStatus,
    approval,
    large_audience,
    pilot,
    rehearsals,
    run_rules,
    slots,
)
from models.campaigns.fields import of_campaign
from models.campaigns.mix import allow, excess
from models.campaigns.run_rules import Pilot, PilotBy, RunRules
from models.campaigns.selection import Selection
from models.errors import Refused
from models.sentences import Sentence, together
from pages.console import campaigns
from pages.console.campaigns import acts, differences, mix, preview, rules, wording
from pages.console.campaigns.audience_page import preview_of
from pages.web import access, input_limits, lists
from pages.web.formatting import count
from pages.web.i18n import _
from pages.web.site import site

blueprint = Blueprint("campaign_approval", __name__, url_prefix="/console/campaigns")

PLANNED = "planned"
"""The choice that leaves what the plan says about going first"""


@blueprint.get("/<int:campaign_id>/approval")
@access.offices
def ask(campaign_id: int) -> ResponseReturnValue:
    return _shown(campaign_id)


@blueprint.post("/<int:campaign_id>/submit")
@access.offices
def submit(campaign_id: int) -> ResponseReturnValue:
    who, now = access.viewer(), site().clock()
    try:
        with site().db.write() as session:
            campaign = access.campaign(session, campaign_id, change=True)
            approval.submit(session, campaign, who=who.name, account_id=who.id, now=now, zone=site().zone)
    except Refused as refused:
        return make_response(campaigns.shown(campaign_id, _(refused.words)), 409)
    return redirect(url_for("campaigns.detail", campaign_id=campaign_id, done="submit"), 303)


@blueprint.post("/<int:campaign_id>/approve")
@access.hq_only
def approve(campaign_id: int) -> ResponseReturnValue:
    """Yes to the version that the page showed."""
    who, now = access.viewer(), site().clock()
    version = request.form.get("version", 0, type=input_limits.number)
    with site().db.read() as session:
        asked = _number_asked(session, access.campaign(session, campaign_id, change=True))
    try:
        large_audience.refuse_untyped(asked, request.form.get("customers", ""))
        with site().db.write() as session:
            campaign = access.campaign(session, campaign_id, change=True)
            approval.approve(
                session,
                campaign,
                who=who.name,
                account_id=who.id,
                now=now,
                zone=site().zone,
                version=version,
                rules=_rules(session, campaign),
            )
    except Refused as refused:
        faults = refused.faults if "customers" in refused.faults else {"": refused.words}
        return make_response(_shown(campaign_id, faults), 422 if "customers" in faults else 409)
    return redirect(url_for("campaigns.detail", campaign_id=campaign_id, done="approve"), 303)


def _number_asked(session: Session, campaign: Campaign) -> int:
    """What is approved too late does not start by itself: its number is asked for by whoever starts it."""
    return acts.number_asked(session, campaign) if campaign.launch_at > site().clock() else 0


@dataclass(frozen=True)
class PilotChoice:
    """One way to begin, with how many go first by it as things stand."""

    value: str
    title: str
    hint: str
    button: str
    chosen: bool = False


def _choices(session: Session, campaign: Campaign, selected: Selection) -> list[PilotChoice]:
    """What whoever approves may choose from; the button says what the choice really sends."""
    chosen, store = run_rules.rules_of(campaign).pilot, rules.small_store(session, campaign)
    wanted = request.form.get("pilot", PLANNED if chosen else "")
    offered: list[tuple[str, str, Pilot | None]] = [
        (PLANNED, _("按计划先试"), chosen),
        ("", _("不试，到时间全部开始"), None),
        (PilotBy.PERCENT, _("先发 {n}% 的导购", n=1), Pilot(by_rule=True)),
    ]
    if store:
        first = Pilot(by=PilotBy.STORE, number=store.id)
        offered.append((PilotBy.STORE, _("先发{store}", store=store.name), first))
    made = []
    for value, title, one in offered:
        if value == PLANNED and one is None:
            continue
        guides, customers = pilot.forecast(session, campaign, one, selected) if one else (0, 0)
        unit = Sentence(unit_of(campaign))
        who = Sentence("{n} 位导购，{m} {unit}", n=count(guides), m=count(customers), unit=unit)
        hint = _(together([who, run_rules.goes_on(one)], "。")) if one else ""
        number = customers if one else selected.reached
        button = (
            _("批准，先发 {n} {unit}", n=count(number), unit=_(unit_of(campaign)))
            if one
            else _("批准，到时间发给 {n} {unit}", n=count(number), unit=_(unit_of(campaign)))
        )
        made.append(PilotChoice(value, title, hint, button, value == wanted))
    return made


def unit_of(campaign: Campaign) -> str:
    """What it reaches, after a number."""
    return campaign.way.campaign.unit if campaign.way.campaign else ""


def _rules(session: Session, campaign: Campaign) -> RunRules | None:
    """With which small part it begins, where whoever approves chose another than was planned."""
    chosen, planned = request.form.get("pilot", PLANNED), run_rules.rules_of(campaign)
    store = rules.small_store(session, campaign)
    if chosen == PilotBy.PERCENT:
        return planned.model_copy(update={"pilot": Pilot(by_rule=True)})
    if chosen == PilotBy.STORE and store:
        return planned.model_copy(update={"pilot": Pilot(by=PilotBy.STORE, number=store.id)})
    return planned.model_copy(update={"pilot": None}) if chosen == "" else None


@blueprint.post("/<int:campaign_id>/return")
@access.hq_only
def give_back(campaign_id: int) -> ResponseReturnValue:
    who, now, reason = access.viewer(), site().clock(), request.form.get("reason", "")[:2000]
    try:
        with site().db.write() as session:
            campaign = access.campaign(session, campaign_id, change=True)
            approval.give_back(session, campaign, who=who.name, account_id=who.id, reason=reason, now=now)
    except Refused as refused:
        faults = refused.faults or {"": refused.words}
        return make_response(_shown(campaign_id, faults), 422 if refused.faults else 409)
    return redirect(url_for("campaigns.detail", campaign_id=campaign_id, done="return"), 303)


@blueprint.post("/<int:campaign_id>/allow-mix")
@access.hq_only
def allow_mix(campaign_id: int) -> ResponseReturnValue:
    """More deals in the week of this plan: in the branch where they are too many, in all where there are several."""
    who, now = access.viewer(), site().clock()
    percent = request.form.get("mix_percent", 0, type=input_limits.number)
    reason = request.form.get("mix_reason", "")[:2000]
    try:
        with site().db.write() as session:
            campaign = access.campaign(session, campaign_id, change=True)
            over = excess(session, of_campaign(campaign), site().zone, campaign_id)
            if over is None:
                raise Refused(Sentence("这一周的销售没有超，不用放宽"))
            where = None if over.others else over.branch_id
            allow(session, over.monday, where, percent, who=who.name, reason=reason, now=now)
    except Refused as refused:
        faults = {f"mix_{name}": words for name, words in refused.faults.items()} or {"": refused.words}
        return make_response(_shown(campaign_id, faults), 422 if refused.faults else 409)
    return redirect(url_for("campaign_approval.ask", campaign_id=campaign_id), 303)


def _shown(campaign_id: int, faults: dict[str, str] | None = None) -> str:
    with site().db.read() as session:
        campaign = access.campaign(session, campaign_id, change=True)
        return render_template(
            "console/campaigns/approve.html",
            campaign=campaign,
            faults=faults or {},
            form=request.form,
            here="campaigns",
            **_around(session, campaign),
            **campaigns.said(),
        )


def _around(session: Session, campaign: Campaign) -> dict[str, Any]:
    now, who, fields = site().clock(), access.viewer(), of_campaign(campaign)
    version = approval.latest(session, campaign)
    waits = campaign.status == CampaignStatus.SUBMITTED
    before = approval.last_approved(session, campaign, before=version.number if version else None)
    new = approval.content_of(campaign)
    checks = approval.checks(session, campaign, who=who.name, account_id=who.id) if waits else []
    hq, shown = who.role == Role.HQ, preview_of(session, campaign)
    return {
        "version": version,
        "before": before,
        "differences": differences.differences(session, before.content, new) if before else [],
        "same": differences.same(before.content, new) if before else "",
        "waits": waits,
        "checks": checks,
        "may": hq and waits and all(one.good for one in checks),
        "may_return": hq and version is not None and campaign.status in approval.UNDECIDED,
        "scope": wording.scope_words(campaign.scope, wording.branch_names(session)),
        "span": wording.span(campaign, now),
        "slot": slots.of_campaign(session, campaign),
        "late": campaign.launch_at <= now,
        "preview": preview.preview(session, fields, lists.number("sample"), campaign.id),
        **shown,
        **mix.told(session, fields, campaign.id),
        "hq": hq,
        "piloted": campaign.channel in run_rules.PILOTED,
        "most": approval.LONGEST_REASON,
        "asked": _number_asked(session, campaign) if waits else 0,
        "seen": rehearsals.seen_by(session, campaign, who.id or 0),
        "me": who,
        "choices": _choices(session, campaign, shown["count_"]) if waits else [],
    }
