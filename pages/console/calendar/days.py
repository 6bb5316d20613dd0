"""节假日: what the library of public holidays knows, and the days that HQ adds."""

from datetime import date, datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from models import public_holidays
from models.errors import Refused
from pages.web import access, input_limits
from pages.web.i18n import _, current
from pages.web.site import site

blueprint = Blueprint("calendar_days", __name__, url_prefix="/console/calendar/days")
REST = {"rest": True, "work": False, "": None}
"""What the form offers: off, worked although it is a weekend, as any other day"""


@blueprint.get("")
@access.hq_only
def all_days() -> ResponseReturnValue:
    return _page({}, {}, _("已保存，日历里马上看得到。") if request.args.get("done") else "")


@blueprint.post("")
@access.hq_only
def add() -> ResponseReturnValue:
    form, who = request.form, access.viewer()
    day, now = input_limits.day(form.get("day", "")), site().clock()
    if day is None or day < _first(now):  # the page would not show it, nor offer to take it away
        return _page(form, {"day": _("请选一个日期，从今年起")}, ""), 422
    try:
        with site().db.write() as session:
            rest = REST.get(form.get("rest", ""))
            public_holidays.add(session, day, form.get("name", ""), rest, who=who.name, now=now)
    except Refused as refused:
        return _page(form, refused.faults, ""), 422
    return redirect(url_for("calendar_days.all_days", done="saved"), 303)


@blueprint.post("/<int:day_id>/remove")
@access.hq_only
def remove(day_id: int) -> ResponseReturnValue:
    try:
        with site().db.write() as session:
            public_holidays.remove(session, day_id, who=access.viewer().name, now=site().clock())
    except Refused as refused:
        return _page({}, {"": refused.words}, ""), 409
    return redirect(url_for("calendar_days.all_days", done="saved"), 303)


def _first(now: datetime) -> date:
    """From when on the page shows what was added."""
    return now.astimezone(site().zone).date().replace(month=1, day=1)


def _page(form: object, faults: dict[str, str], notice: str) -> str:
    now = site().clock()
    today = now.astimezone(site().zone).date()
    with site().db.read() as session:
        last = date(today.year + 1, 12, 31)
        return render_template(
            "console/calendar/days.html",
            own=public_holidays.own_days(session, _first(now)),
            known=sorted(public_holidays.notes(session, today, last, current()).items()),
            unknown=public_holidays.unknown_year(session, now, site().zone),
            form=form,
            faults=faults,
            notice_=notice,
        )
