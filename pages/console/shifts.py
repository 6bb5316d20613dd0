"""排班: the coming days of a store's guides, and the form that changes one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col, select

from models.errors import Refused
from models.org import Guide, GuideStatus, Store, shifts
from models.org.shifts import Shift
from pages.web import access, input_limits
from pages.web.formatting import local
from pages.web.i18n import _
from pages.web.site import site

blueprint = Blueprint("shifts", __name__, url_prefix="/console/stores")
WEEK = 7
"""Days that are shown at once"""
MOST_PEOPLE = 200
AS_STORE, OFF, OWN = "store", "off", "own"
WAYS = {AS_STORE: "和门店一样", OFF: "休息", OWN: "自己的时间"}
"""How a guide can work on a day"""


@dataclass(frozen=True)
class ShiftWeek:
    """Guides × days: what differs from the store's hours."""

    days: Sequence[date]
    guides: Sequence[Guide]
    own: shifts.Exceptions
    opens: str
    closes: str


def week_of(session: Session, store: Store, first: date) -> ShiftWeek:
    """Seven days of those who work there now."""
    present = select(Guide).where(Guide.store_id == store.id, Guide.status == GuideStatus.ACTIVE)
    guides = list(session.exec(present.order_by(col(Guide.id)).limit(MOST_PEOPLE)))
    days = [first + timedelta(days=number) for number in range(WEEK)]
    own = shifts.exceptions(session, [guide.id or 0 for guide in guides], days[0], days[-1])
    usual = shifts.hours_of(session, store)
    return ShiftWeek(days, guides, own, usual.opening, usual.closing)


def today() -> date:
    return local(site().clock()).date()


@blueprint.get("/<int:store_id>/shifts")
@access.staff
def of_store(store_id: int) -> ResponseReturnValue:
    """A week of the store; with a guide and a day the form for that one."""
    return _page(
        store_id, input_limits.number(request.args.get("guide", "")), _day(request.args.get("day", ""))
    )


@blueprint.post("/<int:store_id>/shifts")
@access.staff
def save(store_id: int) -> ResponseReturnValue:
    """How one guide works on one day."""
    typed = {name: request.form.get(name, "").strip()[:60] for name in ("way", "opens", "closes", "note")}
    guide_id, day = input_limits.number(request.form.get("guide", "")), _day(request.form.get("day", ""))
    own = typed["way"] == OWN
    try:
        with site().db.write() as session:
            store, guide = access.store(session, store_id), access.guide(session, guide_id)
            if own and not (typed["opens"] or typed["closes"]):
                raise Refused(faults={"opens": _("写上几点上班、几点下班")})
            shifts.change(
                session,
                guide,
                day,
                off=typed["way"] == OFF,
                opens=typed["opens"] if own else "",
                closes=typed["closes"] if own else "",
                note="" if typed["way"] == AS_STORE else typed["note"],
                who=access.viewer().name,
                now=site().clock(),
            )
    except Refused as refused:
        return _page(store_id, guide_id, day, typed, refused.beside("opens", "closes", "note")), 422
    return redirect(url_for("shifts.of_store", store_id=store.id, from_=_first(day), done="saved"), 303)


def _page(
    store_id: int,
    guide_id: int,
    day: date,
    typed: dict[str, str] | None = None,
    faults: dict[str, str] | None = None,
) -> str:
    with site().db.read() as session:
        store = access.store(session, store_id)
        week = week_of(session, store, _first(day))
        guide = access.guide(session, guide_id) if guide_id else None
        before = (
            shifts.exceptions(session, [guide_id], day, day).get(guide_id, {}).get(day) if guide else None
        )
    return render_template(
        "console/shifts.html",
        store=store,
        week=week,
        today=today(),
        guide=guide,
        day=day,
        choices=WAYS,
        form=typed or _form(before),
        faults=faults or {},
        older=week.days[0] - timedelta(days=WEEK) if week.days[0] > today() else None,
        newer=week.days[0] + timedelta(days=WEEK),
        notice_=(_("排班已保存，从现在起照它。"), "ok") if request.args.get("done") else ("", ""),
    )


def _form(before: Shift | None) -> dict[str, str]:
    if before is None:
        return {"way": AS_STORE}
    return {
        "way": OFF if before.off else OWN,
        "opens": before.opens,
        "closes": before.closes,
        "note": before.note,
    }


def _day(text: str) -> date:
    """What stands in the address; today for none."""
    return input_limits.day(text) or today()


def _first(day: date) -> date:
    """The first day that is shown: that of the address, else today's or the week in which `day` lies."""
    wanted = input_limits.day(request.args.get("from_", ""))
    if wanted:
        return wanted
    weeks = max(0, (day - today()).days) // WEEK
    return today() + timedelta(days=weeks * WEEK)
