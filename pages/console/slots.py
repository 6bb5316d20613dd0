"""总部开放的位置: HQ opens a slot and looks at what came in; a branch puts a campaign of its own into it, or its variant."""

from datetime import datetime
from functools import partial
from typing import Any

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col, select
from werkzeug.datastructures import MultiDict

from models.accounts import Account, Role
from models.campaigns import PLANNED, Campaign, slot_lines, slots, variant_decisions, variants
from models.campaigns.slot_lines import SlotLine, SlotStanding
from models.campaigns.slots import Slot, SlotFields, SlotFill
from models.campaigns.variant_decisions import VariantFields
from models.campaigns.variants import Variant
from models.errors import Refused
from models.ledger.channels import of_campaigns
from models.org import Branch
from pages.console.campaigns import attachments, wording
from pages.web import access, campaign_check, input_limits
from pages.web.i18n import _
from pages.web.scope import Scope
from pages.web.site import site

blueprint = Blueprint("slots", __name__, url_prefix="/console/calendar/slots")
TIMES = ("begins_at", "ends_at", "submit_by")
SHOWN = 60
FIELDS = {Role.HQ: ("reason",), Role.BRANCH: ("headline", "text", "picture_id")}
"""What each may write on the page of a slot"""


@blueprint.get("")
@access.offices
def all_slots() -> ResponseReturnValue:
    """The slots that lie ahead; for a branch how each of its own stands, for HQ what waits for a yes and a form for one more."""
    return _page(MultiDict(), {})


@blueprint.post("")
@access.hq_only
def open_slot() -> ResponseReturnValue:
    form = request.form
    fields, faults = _read(form)
    try:
        if fields is None:
            raise Refused(faults=faults)
        with site().db.write() as session:
            slots.open_slot(session, fields, who=access.viewer().name, now=site().clock())
    except Refused as refused:
        return make_response(_page(form, refused.faults or {"": refused.words}), 422)
    return redirect(url_for("slots.all_slots", done="opened"), 303)


def _read(form: "MultiDict[str, str]") -> tuple[SlotFields | None, dict[str, str]]:
    """What was typed; None where a time cannot be read."""
    times, faults = {}, {}
    for name in TIMES:
        found = input_limits.moment(form.get(name, ""))
        if found is None:
            faults[name] = _("请选日期和时间")
        else:
            times[name] = found.replace(tzinfo=site().zone)
    if faults:
        return None, faults
    branches = [input_limits.number(one) for one in form.getlist("branch")][:1000]
    fields = SlotFields(
        **times,
        branches=[] if form.get("to") == "all" else branches,
        kinds=form.getlist("kind"),
        channels=form.getlist("channel"),
        campaign_id=form.get("campaign", 0, type=input_limits.number) or None,
        parts=form.getlist("part"),
        note=form.get("note", "").strip(),
    )
    if form.get("to") != "all" and not branches:
        return None, {"branches": _("还没选给哪些分公司。要给所有的，请选「全部」")}
    return fields, {}


def _page(form: "MultiDict[str, str]", faults: dict[str, str]) -> str:
    now, branch = site().clock(), access.scope().branch_id
    with site().db.read() as session:
        ahead = select(Slot).where(Slot.ends_at > now).order_by(col(Slot.begins_at)).limit(SHOWN)
        found = session.exec(ahead).all()
        if branch:
            return render_template(
                "console/calendar/branch_slots.html",
                lines=slot_lines.lines(session, [one for one in found if not one.closed_at], branch, now),
                slot_what=slots.what,
            )
        makers = select(Account.id).where(Account.role == Role.HQ)
        mine = select(Campaign).where(
            col(Campaign.status).in_(PLANNED),
            col(Campaign.launched_at).is_(None),
            col(Campaign.created_by).in_(makers) | col(Campaign.created_by).is_(None),
        )
        return render_template(
            "console/calendar/slots.html",
            found=found,
            waiting=[(one, session.get_one(Campaign, one.campaign_id)) for one in variants.waiting(session)],
            slot_what=slots.what,
            branches=session.exec(select(Branch).order_by(col(Branch.id))).all(),
            branch_names=wording.branch_names(session),
            scope_words=wording.scope_words,
            campaigns=session.exec(mine.order_by(col(Campaign.launch_at)).limit(SHOWN)).all(),
            channels=of_campaigns(),
            form=form,
            faults=faults,
            notice_=_("位置开放了，分公司的日历里马上看得到。")
            if request.args.get("done") == "opened"
            else "",
        )


@blueprint.get("/<int:slot_id>")
@access.offices
def one(slot_id: int) -> ResponseReturnValue:
    return _one(slot_id)


def _one(slot_id: int, faults: dict[str, str] | None = None) -> str:
    """One slot: for HQ what each branch put there, for a branch its own."""
    here, now = access.scope(), site().clock()
    with site().db.read() as session:
        slot = access.slot(session, slot_id)
        names = wording.branch_names(session)
        branches = [here.branch_id] if here.branch_id else slot.branches or sorted(names)
        lines = {branch or 0: slot_lines.lines(session, [slot], branch or 0, now)[0] for branch in branches}
        return render_template(
            "console/calendar/slot.html",
            slot=slot,
            slot_what=slots.what,
            base=session.get(Campaign, slot.campaign_id) if slot.campaign_id else None,
            lines=lines,
            rest=_rest(lines, names),
            mine=lines.get(here.branch_id or 0),
            branch_names=names,
            candidates=_candidates(session, slot, here) if here.branch_id else [],
            open_=slot.takes(now),
            form=request.form,
            faults=faults or {},
        )


def _candidates(session: Session, slot: Slot, here: Scope) -> list[Campaign]:
    """What the branch planned itself, fits this slot and lies in none yet."""
    own = select(Campaign).where(
        here.campaigns(session),
        col(Campaign.created_by).in_(
            select(Account.id).where(Account.branch_id == here.branch_id, Account.role == Role.BRANCH)
        ),
        col(Campaign.status).in_(PLANNED),
        col(Campaign.launched_at).is_(None),
        col(Campaign.id).not_in(select(SlotFill.campaign_id)),
    )
    found = session.exec(own.order_by(col(Campaign.launch_at)).limit(SHOWN))
    return [one for one in found if not slots.misfit(slot, one)]


def _rest(lines: dict[int, SlotLine], names: dict[int, str]) -> list[tuple[SlotStanding, list[str]]]:
    """The branches that put nothing there, by how it stands."""
    bare = {number: one.standing for number, one in lines.items() if not one.filling and not one.variant}
    return [
        (standing, [names.get(number, "?") for number, one in bare.items() if one == standing])
        for standing in dict.fromkeys(bare.values())
    ]


@blueprint.post("/<int:slot_id>/<verb>")
@access.offices
@input_limits.takes_files
def act(slot_id: int, verb: str) -> ResponseReturnValue:
    """HQ: close, approve, return. A branch: fill, clear, put (its variant), take_back."""
    who = access.viewer()
    verbs = HQ_VERBS if who.role == Role.HQ else BRANCH_VERBS
    if verb not in verbs:
        abort(404)
    with site().db.read() as session:
        access.slot(session, slot_id)
    work, sent = verbs[verb], request.files.get("picture")
    if verb == "put" and sent and sent.filename:
        kept, fault = attachments.take_picture(sent)
        if kept is None:
            return make_response(_one(slot_id, {"picture_id": fault}), 422)
        work = partial(_put, uploaded=kept.id)
    try:
        with site().db.write() as session:
            work(session, session.get_one(Slot, slot_id), who, site().clock())
    except Refused as refused:
        return make_response(_one(slot_id, refused.beside(*FIELDS[who.role])), 422 if refused.faults else 409)
    return redirect(url_for("slots.one", slot_id=slot_id, done=verb), 303)


def _close(session: Session, slot: Slot, who: Account, now: datetime) -> None:
    slots.close_slot(session, slot, who=who.name, now=now)


def _decide(session: Session, slot: Slot, who: Account, now: datetime, *, yes: bool) -> None:
    row = _variant(session, slot, request.form.get("branch", 0, type=input_limits.number))
    if row is None:
        raise Refused(_("这一版已经撤下了"))
    reason = request.form.get("reason", "")
    if yes:
        campaign_check.judge_variant(session, row, now)
    variant_decisions.decide(session, row, yes=yes, reason=reason, who=who.name, account_id=who.id, now=now)


def _approve(session: Session, slot: Slot, who: Account, now: datetime) -> None:
    _decide(session, slot, who, now, yes=True)


def _return(session: Session, slot: Slot, who: Account, now: datetime) -> None:
    _decide(session, slot, who, now, yes=False)


def _fill(session: Session, slot: Slot, who: Account, now: datetime) -> None:
    campaign = access.campaign(
        session, request.form.get("campaign", 0, type=input_limits.number), change=True
    )
    slots.fill(session, slot, campaign, who.branch_id or 0, who=who.name, now=now)


def _clear(session: Session, slot: Slot, who: Account, now: datetime) -> None:
    slots.clear(session, slot, who.branch_id or 0, who=who.name, now=now)


def _put(session: Session, slot: Slot, who: Account, now: datetime, uploaded: int | None = None) -> None:
    before = _variant(session, slot, who.branch_id)
    kept = before.picture_id if before and not request.form.get("no_picture") else None
    fields = VariantFields(
        text=request.form.get("text", "").replace("\r\n", "\n")[:8000],
        headline=request.form.get("headline", "")[:8000],
        picture_id=uploaded or kept,
    )
    row = variant_decisions.put(
        session, slot, who.branch_id or 0, fields, who=who.name, account_id=who.id, now=now
    )
    campaign_check.judge_variant(session, row, now)


def _take_back(session: Session, slot: Slot, who: Account, now: datetime) -> None:
    row = _variant(session, slot, who.branch_id)
    if row:
        variant_decisions.take_back(session, row, who=who.name, now=now)


def _variant(session: Session, slot: Slot, branch_id: int | None) -> Variant | None:
    """What this branch put there."""
    return variants.of_branch(session, [slot.id or 0], branch_id or 0).get(slot.id or 0)


HQ_VERBS: dict[str, Any] = {"close": _close, "approve": _approve, "return": _return}
BRANCH_VERBS: dict[str, Any] = {"fill": _fill, "clear": _clear, "put": _put, "take_back": _take_back}
