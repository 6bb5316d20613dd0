"""What a store manager opens when one of hers has left: who takes over, and the tap that begins it. Three taps in all."""

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from models.campaigns import left_tasks
from models.errors import Refused
from models.friends import handover_lines, handover_plan, handover_rules
from models.friends.handover import RULE_WORDS, Handover, HandoverKind, SuccessorRule
from models.org import Guide
from pages.guide.store import NOT_HERS, hers
from pages.guide.tasks import guide_only
from pages.web import input_limits
from pages.web.i18n import _
from pages.web.site import site

blueprint = Blueprint("guide_handover", __name__, url_prefix="/g/handovers")
MOST = 50


@blueprint.get("/<int:handover_id>")
@guide_only
def shown(guide: Guide, handover_id: int) -> ResponseReturnValue:
    """The list; `?ask=1` asks the last question, `?change=1` lets her change who takes over."""
    return _page(guide, handover_id, "")


@blueprint.post("/<int:handover_id>/confirm")
@guide_only
def confirm(guide: Guide, handover_id: int) -> ResponseReturnValue:
    """The third tap; a second one changes nothing."""
    try:
        with site().db.write() as session:
            _hers(session, guide, handover_id)
            handover_plan.confirm(session, handover_id, guide.name, site().clock())
    except Refused as refused:
        return make_response(_page(guide, handover_id, _(refused.words)), 409)
    return redirect(url_for("guide_handover.shown", handover_id=handover_id), 303)


@blueprint.post("/<int:handover_id>/successors")
@guide_only
def choose(guide: Guide, handover_id: int) -> ResponseReturnValue:
    """Who of her own store takes over; more than that is her branch's to say."""
    ticked = [input_limits.number(one) for one in request.form.getlist("guide")][:MOST]
    try:
        with site().db.write() as session:
            handover = _hers(session, guide, handover_id)
            here = {one.id for one in _store(session, guide, handover)}
            weights = {one: 1 for one in ticked if one in here}
            if not weights:
                raise Refused(_("至少选一位"))
            handover_plan.choose(
                session, handover_id, SuccessorRule.STORE, weights, guide.name, site().clock()
            )
    except Refused as refused:
        return make_response(_page(guide, handover_id, _(refused.words)), 409)
    return redirect(url_for("guide_handover.shown", handover_id=handover_id), 303)


def _page(guide: Guide, handover_id: int, notice: str) -> str:
    with site().db.read() as session:
        handover = _hers(session, guide, handover_id)
        people = _store(session, guide, handover)
        shares = handover_lines.share_lines(session, handover)
        return render_template(
            "guide/handover.html",
            guide=guide,
            one=handover_lines.line(session, handover),
            shares=shares,
            groups=handover_lines.group_lines(session, handover),
            open_tasks=left_tasks.waiting(session, handover.guide_id)
            if handover.kind == HandoverKind.LEFT
            else 0,
            people=people,
            loads=handover_rules.loads(session, [one.id for one in people]),
            chosen={line.guide.id for line in shares},
            rule=RULE_WORDS[SuccessorRule(handover.rule)],
            ask=request.args.get("ask") == "1" and not handover.confirmed_at,
            change=request.args.get("change") == "1" and not handover.confirmed_at,
            now=site().clock(),
            notice=notice,
        )


def _store(session: Session, guide: Guide, handover: Handover) -> list[Guide]:
    """Who may take over: the people of her store, and she herself."""
    manager = session.get_one(Guide, guide.id)
    return [*handover_rules.in_store(session, handover.store_id, handover.guide_id), manager]


def _hers(session: Session, guide: Guide, handover_id: int) -> Handover:
    """A handover of the store that she manages now; for anybody else there is none (J01)."""
    store, handover = hers(session, guide), session.get(Handover, handover_id)
    if handover is None or handover.store_id != store.id:
        abort(404, NOT_HERS)
    return handover
