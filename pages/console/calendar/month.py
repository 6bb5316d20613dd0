"""The month of everybody's plans: state by fill, edge and mark; what stands in each other's way is said below."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Blueprint, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select
from werkzeug.datastructures import MultiDict

from models import preferences, public_holidays
from models.accounts import Role
from models.campaigns import Campaign, CampaignStatus, calendar, conflicts, moves, slots
from models.campaigns.moves import CampaignMove
from models.ledger.channels import CHANNELS, GROUP_MASS, GUIDES, MASS, MOMENT, ROBOT
from models.public_holidays import DayNote
from pages.console import lanes
from pages.console.calendar import bars, mix_heads, slot_rows, warnings
from pages.console.calendar.bars import PlanBar
from pages.console.calendar.mix_heads import WeekHead
from pages.console.calendar.slot_rows import PlacedSlot
from pages.console.campaigns import wording
from pages.web import access, formatting, input_limits
from pages.web.i18n import _, current
from pages.web.site import site

blueprint = Blueprint("calendar", __name__, url_prefix="/console/calendar")
FOLDED_AFTER = timedelta(days=14)
"""A week that ended so long ago is one line, until somebody unfolds it."""
ENDED = CampaignStatus.FINISHED
USUAL = (MASS, GROUP_MASS, MOMENT, ROBOT)
"""Channels that can be chosen also where nothing uses them"""


@dataclass(frozen=True)
class MonthDay:
    """One day of a week."""

    date: date
    note: DayNote
    outside: bool
    """Of the month before or after"""


@dataclass(frozen=True)
class MonthWeek:
    """One row of the month."""

    monday: date
    days: list[MonthDay]
    rows: list[list[PlanBar]]
    head: WeekHead | None
    folded: bool
    slots: list[list[PlacedSlot]]
    """What HQ opened to the branch that looks"""

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)

    @property
    def pieces(self) -> list[PlanBar]:
        return [one for row in self.rows for one in row]

    def of_day(self, number: int) -> list[PlanBar]:
        """What lies on one of its days, for phones."""
        return bars.of_day(self.pieces, number)

    def slots_of_day(self, number: int) -> list[PlacedSlot]:
        """Those that begin or lie on one of its days, for phones."""
        return [one for row in self.slots for one in row if one.first <= number < one.first + one.days]


@blueprint.get("")
@access.staff
def shown() -> ResponseReturnValue:
    """The month of ?month=2026-11, else this one."""
    return month_page()


def month_page(refused: str = "") -> ResponseReturnValue:
    """The month, with what was just refused or moved above it."""
    here, now, zone = access.scope(), site().clock(), site().zone
    today = now.astimezone(zone).date()
    month = _asked_month(today)
    with site().db.read() as session:
        mondays = calendar.weeks_of_month(month)
        within = here.campaigns(session)
        found = lanes.blocks(session, here, within, mondays[0], len(mondays) * 7)
        found += lanes.coming(session, here, mondays[0], len(mondays) * 7)
        names = wording.branch_names(session)
        heads = {
            one: head
            for one in mondays
            if (head := mix_heads.head(session, one, here.branch_id, zone, names)) is not None
        }
        whole = bars.bars(session, here, found, names)
        plans = conflicts.planned(session, mondays[0], mondays[-1] + timedelta(days=6), zone, within)
        told = warnings.warnings(
            session,
            plans,
            heads,
            hq=here.all,
            changeable={one.block.id for one in whole if one.movable},
            now=now,
            zone=zone,
        )
        numbers = warnings.dots(told)
        whole = bars.with_dots(whole, numbers)
        chosen = [one for one in whole if _wanted(one)]
        page = render_template(
            "console/calendar/month.html",
            month=month,
            slot_what=slots.what,
            weeks=_weeks(session, chosen, mondays, month, heads, today),
            warnings=told,
            chosen=preferences.read(session),
            today=today,
            states=_state_filters(whole),
            channels=_channel_filters(whole),
            before=_address(month=_month(month, -1)),
            after=_address(month=_month(month, 1)),
            notice_=refused or moved_words(session),
            tone="warn" if refused else "ok",
            **moving(session, whole, within),
        )
    return make_response(page, 409 if refused else 200)


def moving(
    session: Session, whole: Sequence[PlanBar], within: ColumnElement[bool], view: str = ""
) -> dict[str, Any]:
    """For the form that moves one of these, and for undoing the last move."""
    row = _last_move(session)
    mine = [one for one in whole if one.movable]
    rows = session.exec(select(Campaign).where(col(Campaign.id).in_([one.block.id for one in mine]), within))
    return {
        "mine": mine,
        "voided": {one.id for one in rows.all() if moves.voids(session, one)},
        "undo": row if row and moves.may_undo(session, row, site().clock()) else None,
        "back": f"{view or url_for('calendar.shown')}?{urlencode(list(asked().items(multi=True)))}",
        "channel_word": wording.channel_word,
        "channel_icon": wording.channel_icon,
    }


def _weeks(
    session: Session,
    chosen: list[PlanBar],
    mondays: list[date],
    month: date,
    heads: dict[date, WeekHead],
    today: date,
) -> list[MonthWeek]:
    notes = public_holidays.notes(session, mondays[0], mondays[-1] + timedelta(days=6), current())
    unfolded = asked().getlist("open")
    lines = slot_rows.of_branch(session, access.scope(), mondays[0], 7 * len(mondays))
    made = []
    for number, monday in enumerate(mondays):
        days = [monday + timedelta(days=n) for n in range(7)]
        rows = bars.in_week(chosen, number)
        over = all(one.state == ENDED for row in rows for one in row)
        old = month <= today and days[-1] + FOLDED_AFTER < today < mondays[-1] + timedelta(days=7)
        made.append(
            MonthWeek(
                monday,
                [MonthDay(day, notes.get(day, DayNote()), day.month != month.month) for day in days],
                rows,
                heads.get(monday),
                old and over and monday.isoformat() not in unfolded,
                slot_rows.placed(session, [(one.slot, one) for one in lines], monday),
            )
        )
    return made


def _asked_month(today: date) -> date:
    text = asked().get("month", "")
    if not text:
        return today.replace(day=1)
    try:
        month = datetime.strptime(text, "%Y-%m").date()
    except ValueError:
        abort(404)
    return month if input_limits.near(month) else abort(404)


def _month(month: date, by: int) -> str:
    near = month + timedelta(days=31) if by > 0 else month - timedelta(days=1)
    return f"{near:%Y-%m}"


def asked() -> MultiDict[str, str]:
    """What the address chooses; of a form that was refused, that of the page it came from."""
    if request.method == "GET":
        return request.args
    query = urlsplit(request.form.get("back", "")).query
    return MultiDict((name, value) for name, value in parse_qsl(query) if name != "moved")


def _hidden() -> set[str]:
    return set(asked().getlist("without"))


def _wanted(one: PlanBar) -> bool:
    state = asked().get("state", "")
    return (not state or (one.state == state and not one.ghost)) and one.block.channel not in _hidden()


def _address(**changed: Any) -> str:
    """This page with another choice."""
    kept = {name: asked().getlist(name) for name in ("month", "state", "without")}
    return url_for("calendar.shown", **kept | changed)


def _state_filters(whole: Sequence[PlanBar]) -> list[tuple[CampaignStatus | None, int, str, bool]]:
    """(state, how many, address, chosen), the whole first."""
    visible = [one for one in whole if one.block.channel not in _hidden() and not one.ghost]
    counted = Counter(one.state for one in visible)
    state = asked().get("state", "")
    return [
        (None, len(visible), _address(state=None), not state),
        *((one, counted[one], _address(state=one), state == one) for one in bars.STATES),
    ]


def _channel_filters(whole: Sequence[PlanBar]) -> list[tuple[str, str, bool]]:
    """(channel, address that shows or hides it, shown)."""
    there = {one.block.channel for one in whole} | _hidden()
    usual = [name for name, one in CHANNELS.items() if one.word and (one.to != GUIDES or name in there)]
    names = [name for name in usual if name in there or name in USUAL]
    hidden = _hidden()
    return [(name, _address(without=sorted(hidden ^ {name})), name not in hidden) for name in names]


def _last_move(session: Session) -> CampaignMove | None:
    """The move of which the address tells, if it is one of a campaign that the viewer may see."""
    number = asked().get("moved", 0, type=input_limits.number)
    row = session.get(CampaignMove, number) if number else None
    if row is None or access.scope().role == Role.MANAGER:
        return None
    access.campaign(session, row.campaign_id)
    return row


def moved_words(session: Session) -> str:
    """What became of the last move, in words."""
    row = _last_move(session)
    if row is None:
        return ""
    campaign = session.get_one(Campaign, row.campaign_id)
    if row.undone_at:
        status = "" if campaign.status == row.status else _("它现在是草稿，要重新提交。")
        return _("撤回了，「{name}」回到 {t} 开始。", name=campaign.name, t=when(row.launch_at)) + status
    words = _("「{name}」改到 {t} 开始。", name=campaign.name, t=when(row.to_launch_at))
    if row.status != CampaignStatus.DRAFT and campaign.status == CampaignStatus.DRAFT:
        words += (
            _("批准作废了，要重新提交。") if row.status != CampaignStatus.SUBMITTED else _("要重新提交。")
        )
    return words


def when(at: datetime) -> str:
    return formatting.moment(at, site().clock())
