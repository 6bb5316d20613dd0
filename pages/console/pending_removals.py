"""等总部确认: what a comparison with the platform did not do because too many would go, and HQ's yes or no to it."""

from dataclasses import dataclass

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col, select

from models.errors import Refused
from models.friends import Customer
from models.org import Guide, removal_guard
from models.org.removal_guard import PendingRemoval
from pages.web import access, formatting
from pages.web.i18n import _
from pages.web.site import site

blueprint = Blueprint("pending_removals", __name__, url_prefix="/console/pending-removals")
GUIDES, FRIENDS = "directory", "friends"
PLANS = (GUIDES, FRIENDS)


@dataclass(frozen=True)
class RemovalLine:
    """What waits of one comparison: whose list it is, in words, and some of the missing by name."""

    whose: str
    words: str
    names: str


@blueprint.get("/<plan>")
@access.hq_only
def ask(plan: str) -> ResponseReturnValue:
    """What cannot be taken back by a tap is asked once, with its number and names."""
    return _page(plan) or redirect(url_for("timetable.all_plans", done="moot"))


@blueprint.post("/<plan>")
@access.hq_only
def confirm(plan: str) -> ResponseReturnValue:
    """A yes to what the page showed, and to nothing else."""
    try:
        with site().db.write() as session:
            removal_guard.confirm(
                session, plan, request.form.get("mark", ""), access.viewer().name, site().clock()
            )
    except Refused as refused:
        page = _page(plan, _(refused.words))
        return (page, 409) if page else redirect(url_for("timetable.all_plans", done="moot"), 303)
    return redirect(url_for("timetable.all_plans", done="confirmed"), 303)


def _page(plan: str, notice: str = "") -> str:
    """The question; empty when nothing waits for an answer."""
    if plan not in PLANS:
        abort(404)
    with site().db.read() as session:
        pending = removal_guard.waiting(session, plan)
        lines = [_line(session, one) for one in pending]
    if all(one.by for one in pending):
        return ""
    return render_template(
        "console/pending_removals.html",
        plan=plan,
        lines=lines,
        mark=removal_guard.mark_of(pending),
        number=sum(one.number for one in pending),
        since=min(one.at for one in pending),
        notice_=notice,
        here="timetable",
    )


def _line(session: Session, pending: PendingRemoval) -> RemovalLine:
    whose = session.get(Guide, int(pending.whose)) if pending.whose else None
    noun, key = (
        (Guide.name, Guide.userid_key)
        if pending.plan == GUIDES
        else (Customer.name, Customer.external_userid)
    )
    found = dict(session.exec(select(key, noun).where(col(key).in_(pending.some))).all())
    names = [found[one] for one in pending.some if found.get(one)]
    said = formatting.listed(names)
    if names and len(names) < pending.number:
        said = _("{names} 等 {n} 位", names=said, n=pending.number)
    return RemovalLine(whose.name if whose else "", pending.words, said)
