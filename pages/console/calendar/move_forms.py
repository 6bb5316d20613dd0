"""Moving a plan to another day: by dragging, by the arrow keys, or by the form; and taking it back."""

from datetime import datetime, time

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from models.campaigns import Campaign, moves
from models.campaigns.moves import CampaignMove
from models.errors import Refused
from pages.console.calendar import month, week
from pages.web import access, input_limits
from pages.web.i18n import _
from pages.web.site import site

blueprint = Blueprint("calendar_moves", __name__, url_prefix="/console/calendar")


@blueprint.post("/move")
@access.offices
def move() -> ResponseReturnValue:
    """`campaign` to the day `to`, at the same time of day, or at `time`."""
    who, number = access.viewer(), request.form.get("campaign", 0, type=input_limits.number)
    with site().db.read() as session:
        access.campaign(session, number, change=True)
    day, at, typed = (
        input_limits.day(request.form.get("to", "")),
        _time(request.form.get("time", "")),
        request.form.get("time"),
    )
    if day is None or (typed and at is None):
        return _again(_("没有看懂改到哪天，什么都没有改。请选一个日期"))
    try:
        with site().db.write() as session:
            row = moves.move(
                session,
                session.get_one(Campaign, number),
                day,
                who=who.name,
                account_id=who.id,
                now=site().clock(),
                zone=site().zone,
                at=at,
            )
            moved = row.id if row else None
    except Refused as refused:
        return _again(_(refused.words))
    return redirect(_back(moved), 303)


@blueprint.post("/moves/<int:move_id>/undo")
@access.offices
def undo(move_id: int) -> ResponseReturnValue:
    """Where it lay before, within ten minutes."""
    who = access.viewer()
    try:
        with site().db.write() as session:
            row = session.get(CampaignMove, move_id)
            access.campaign(session, row.campaign_id if row else 0, change=True)
            if row:
                moves.undo(
                    session, row, who=who.name, account_id=who.id, now=site().clock(), zone=site().zone
                )
    except Refused as refused:
        return _again(_(refused.words))
    return redirect(_back(move_id), 303)


def _again(words: str) -> ResponseReturnValue:
    """The view from which it was asked, with why it was not done."""
    of_week = url_for("calendar_week.shown") in request.form.get("back", "")
    return week.week_page(words) if of_week else month.month_page(words)


def _time(text: str) -> time | None:
    """None where it is none, or none is named."""
    try:
        return datetime.strptime(text, "%H:%M").time()
    except ValueError:
        return None


def _back(moved: int | None) -> str:
    """The view from which it was moved."""
    view, _mark, query = access.safe_next(request.form.get("back", "")).partition("?")
    if not view.startswith(url_for("calendar.shown")):
        view, query = url_for("calendar.shown"), ""
    kept = "&".join(one for one in query.split("&") if one and not one.startswith("moved="))
    return f"{view}?{kept}{'&' if kept else ''}moved={moved}" if moved else f"{view}?{kept}"
