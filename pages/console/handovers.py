"""离职交接: who left and who takes over, in six numbers that add up to all friends; and the same while she goes on working."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import or_
from sqlmodel import Session, col, select
from werkzeug.datastructures import MultiDict

from models.campaigns import left_tasks
from models.errors import Refused
from models.friends import handover_drafts, handover_lines, handover_plan, handover_rules
from models.friends.handover import (
    MESSAGE_LETTERS,
    RULE_WORDS,
    Handover,
    HandoverKind,
    SuccessorRule,
    TransferState,
    together_of,
)
from models.friends.handover_lines import HandoverLine, HandoverStanding
from models.org import Guide, GuideStatus, Store
from pages.web import access, input_limits
from pages.web.i18n import _
from pages.web.site import site

blueprint = Blueprint("handovers", __name__, url_prefix="/console/handovers")
SHOWN = 100
FEW = 3
"""So many of those who refused stand on the page itself."""
CANDIDATES = 60
DONE = {
    "chosen": "选好了，名单已按新的分法分过",
    "confirmed": "开始了：客户收到换人的通知，24 小时后换好",
    "again": "换了一位，客户会再收到一次通知，再等 24 小时",
    "stopped": "不换了，没有客户收到通知",
    "left": "记下了，方案几秒后列好",
}


@blueprint.get("")
@access.staff
def all_handovers() -> ResponseReturnValue:
    """The list, and beside it the one that needs somebody most, or the one asked for."""
    return _page(request.args.get("id", 0, type=input_limits.number))


def _page(number: int, faults: Mapping[str, str] | None = None) -> str:
    here, now = access.now_in_scope()
    with site().db.read() as session:
        lines = handover_lines.lines(session, here.handovers(), now, SHOWN)
        chosen = next((one for one in lines if one.handover.id == number), None)
        if number and chosen is None:
            chosen = handover_lines.line(session, access.handover(session, number))
        chosen = chosen or (lines[0] if lines else None)
        return render_template(
            "console/handovers.html",
            lines=lines,
            sum=together_of({place: one.numbers for place, one in enumerate(lines)}),
            chosen=chosen,
            **(_detail(session, chosen) if chosen else {}),
            urgent=next((one for one in lines if one.standing == HandoverStanding.NOBODY), None),
            rules=RULE_WORDS,
            faults=faults or {},
            notice_=_(DONE.get(request.args.get("done", ""), "")),
        )


def _detail(session: Session, one: HandoverLine) -> dict[str, Any]:
    handover = one.handover
    refused = [TransferState.REFUSED, TransferState.LIMITED]
    found = handover_lines.customers(session, handover, refused, SHOWN)
    every = request.args.get("all") == "1"
    shares = handover_lines.share_lines(session, handover)
    return {
        "shares": shares,
        "given": together_of({line.share.id or 0: line.numbers for line in shares}),
        "asked_of": {line.share.id: line.guide.id for line in shares},
        "groups": handover_lines.group_lines(session, handover),
        "open_tasks": left_tasks.waiting(session, handover.guide_id)
        if handover.kind == HandoverKind.LEFT
        else 0,
        "refused": found if every else found[:FEW],
        "refused_more": len(found) > FEW and not every,
        "story": [{**line, "at": datetime.fromisoformat(line["at"])} for line in reversed(handover.story)],
        "others": _candidates(session, one, "") if found else [],
    }


# ---- who takes over


@blueprint.get("/<int:handover_id>/successors")
@access.staff
def successors(handover_id: int) -> ResponseReturnValue:
    """Choose who takes over and how much: her store first, and whom one looks for by name."""
    return _choosing(handover_id, MultiDict(), {})


def _choosing(handover_id: int, form: "MultiDict[str, str]", faults: Mapping[str, str]) -> str:
    words = request.args.get("q", "").strip()[:40]
    with site().db.read() as session:
        one = handover_lines.line(session, access.handover(session, handover_id))
        shares = handover_lines.share_lines(session, one.handover)
        candidates = _candidates(session, one, words, [line.guide.id for line in shares])
        return render_template(
            "console/handover_successors.html",
            one=one,
            shares={line.guide.id: line for line in shares},
            candidates=candidates,
            loads=handover_rules.loads(session, [guide.id for guide, _store in candidates]),
            rules=RULE_WORDS,
            form=form,
            faults=faults,
            q=words,
        )


def _candidates(
    session: Session, one: HandoverLine, words: str, chosen: Sequence[int | None] = ()
) -> list[tuple[Guide, Store | None]]:
    """Who is here, within the viewer's reach: those of the leaver's store first, then of her branch.

    Anybody else is found by her name or store, and stands beside those who are chosen already.
    """
    query = (
        select(Guide, Store)
        .outerjoin(Store, col(Store.id) == col(Guide.store_id))
        .where(Guide.status == GuideStatus.ACTIVE, Guide.id != one.guide.id, access.scope().guides())
    )
    if words:
        like = [col(name).contains(words, autoescape=True) for name in (Guide.name, Guide.userid, Store.name)]
        query = query.where(or_(*like, col(Guide.id).in_(chosen)))
    elif one.handover.branch_id:
        query = query.where(or_(col(Store.branch_id) == one.handover.branch_id, col(Guide.id).in_(chosen)))
    in_store = col(Guide.store_id) == one.handover.store_id
    in_branch = col(Store.branch_id) == one.handover.branch_id
    ordered = query.order_by(in_store.desc(), in_branch.desc(), col(Guide.id)).limit(CANDIDATES)
    return list(session.exec(ordered).all())


@blueprint.post("/<int:handover_id>/successors")
@access.staff
def choose(handover_id: int) -> ResponseReturnValue:
    form = request.form
    try:
        with site().db.write() as session:
            access.handover(session, handover_id)
            weights = _weights(session, form)
            rule = _rule(form.get("rule", ""))
            handover_plan.choose(session, handover_id, rule, weights, access.viewer().name, site().clock())
    except Refused as refused:
        return make_response(_choosing(handover_id, form, refused.beside("successors", "weights")), 422)
    return redirect(url_for("handovers.all_handovers", id=handover_id, done="chosen"), 303)


def _rule(text: str) -> SuccessorRule:
    if text not in tuple(SuccessorRule):
        abort(404)
    return SuccessorRule(text)


def _weights(session: Session, form: "MultiDict[str, str]") -> dict[int, int]:
    """Whom she ticked, with her parts; who is out of her reach is nobody."""
    ticked = [input_limits.number(one) for one in form.getlist("guide")][:CANDIDATES]
    reach = set(session.exec(select(Guide.id).where(col(Guide.id).in_(ticked), access.scope().guides())))
    return {one: input_limits.number(form.get(f"parts-{one}", "1")) or 0 for one in ticked if one in reach}


# ---- yes and no


@blueprint.get("/<int:handover_id>/confirm")
@access.staff
def ask(handover_id: int) -> ResponseReturnValue:
    """What cannot be taken back is asked once, with its numbers."""
    return _question(handover_id, "")


def _question(handover_id: int, fault: str) -> str:
    with site().db.read() as session:
        one = handover_lines.line(session, access.handover(session, handover_id))
        return render_template(
            "console/handover_confirm.html",
            one=one,
            shares=handover_lines.share_lines(session, one.handover),
            groups=handover_lines.group_lines(session, one.handover),
            fault_=fault,
        )


@blueprint.post("/<int:handover_id>/confirm")
@access.staff
def confirm(handover_id: int) -> ResponseReturnValue:
    try:
        with site().db.write() as session:
            access.handover(session, handover_id)
            handover_plan.confirm(session, handover_id, access.viewer().name, site().clock())
    except Refused as refused:
        return make_response(_question(handover_id, _(refused.words)), 409)
    return redirect(url_for("handovers.all_handovers", id=handover_id, done="confirmed"), 303)


@blueprint.post("/<int:handover_id>/again")
@access.staff
def again(handover_id: int) -> ResponseReturnValue:
    """「换一位再问」: one customer, or all who refused."""
    form = request.form
    try:
        with site().db.write() as session:
            handover = access.handover(session, handover_id)
            successor = access.guide(session, form.get("successor", 0, type=input_limits.number))
            rows = [input_limits.number(one) for one in form.getlist("row")][:SHOWN]
            if not handover_plan.ask_again(
                session, handover.id or 0, rows, successor.id or 0, access.viewer().name, site().clock()
            ):
                raise Refused(_("这位客户刚才已经换过了，看一眼现在的名单"))
    except Refused as refused:
        return make_response(_page(handover_id, {"": _(refused.words)}), 409)
    return redirect(url_for("handovers.all_handovers", id=handover_id, done="again"), 303)


@blueprint.post("/<int:handover_id>/stop")
@access.staff
def stop(handover_id: int) -> ResponseReturnValue:
    try:
        with site().db.write() as session:
            access.handover(session, handover_id)
            handover_plan.stop(session, handover_id, access.viewer().name, site().clock())
    except Refused as refused:
        return make_response(_page(handover_id, {"": _(refused.words)}), 409)
    return redirect(url_for("handovers.all_handovers", id=handover_id, done="stopped"), 303)


# ---- begun by a person


@blueprint.get("/new")
@access.offices
def new() -> ResponseReturnValue:
    """在职换人: whose customers, and what they read; or somebody has left and the directory has not said so."""
    return _new(MultiDict(), {})


def _new(form: "MultiDict[str, str]", faults: Mapping[str, str]) -> str:
    wanted = request.values.get("guide", 0, type=input_limits.number)
    words = request.args.get("q", "").strip()[:40]
    with site().db.read() as session:
        guide = access.guide(session, wanted) if wanted else None
        query = select(Guide).where(Guide.status == GuideStatus.ACTIVE, access.scope().guides())
        like = [col(name).contains(words, autoescape=True) for name in (Guide.name, Guide.userid)]
        found = session.exec(query.where(or_(*like)).order_by(col(Guide.id)).limit(20)).all() if words else []
        friends = handover_rules.loads(session, [guide.id])[guide.id or 0] if guide else 0
        begun = handover_lines.of_guide(session, guide.id or 0) if guide else None
        return render_template(
            "console/handover_new.html",
            guide=guide,
            friends=friends,
            begun=begun if begun and begun.open else None,
            found=found,
            q=words,
            most=MESSAGE_LETTERS,
            form=form,
            faults=faults,
        )


@blueprint.post("/new")
@access.offices
def begin() -> ResponseReturnValue:
    form, who, now = request.form, access.viewer().name, site().clock()
    number = form.get("guide", 0, type=input_limits.number)
    try:
        with site().db.write() as session:
            guide = access.guide(session, number)
            if form.get("how") == "left":
                handover_drafts.she_left(session, guide, who, now)
                return redirect(url_for("handovers.all_handovers", done="left"), 303)
            message = form.get("message", "").replace("\r\n", "\n")[: 2 * MESSAGE_LETTERS]
            groups = form.get("groups") == "1"
            begun: Handover = handover_drafts.begin_on_job(
                session, guide, who, now, message=message, groups=groups
            )
            made = begun.id
    except Refused as refused:
        return make_response(_new(form, refused.beside("message")), 422)
    return redirect(url_for("handovers.all_handovers", id=made), 303)
