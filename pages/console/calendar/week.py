"""日历的一周: HQ sees lanes by branch; a branch HQ's layer locked, its slots, its own plans, and what each day costs."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, abort, make_response, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement
from sqlmodel import Session, select

from models import preferences, public_holidays
from models.campaigns import Campaign, CampaignStatus, calendar, conflicts, slot_lines, slots
from models.campaigns.reach import reach
from models.campaigns.slot_lines import SlotLine, SlotStanding
from models.campaigns.slots import Slot
from models.ledger.channels import CHANNELS, CUSTOMERS, GROUP_MASS, MASS, MOMENT, NOTICE, of_campaigns
from models.org import Branch, Guide, GuideStatus
from models.public_holidays import DayNote
from pages.console import lanes
from pages.console.calendar import bars, mix_heads, month, slot_rows, warnings
from pages.console.calendar.bars import PlanBar
from pages.console.campaigns import wording
from pages.web import access, formatting, input_limits
from pages.web.i18n import _, current
from pages.web.scope import Scope
from pages.web.site import site

blueprint = Blueprint("calendar_week", __name__, url_prefix="/console/calendar/week")
ALWAYS = (MASS, GROUP_MASS, MOMENT, NOTICE)
"""A branch's lanes, also while they are empty"""


@dataclass(frozen=True)
class BarLane:
    """Some rows of bars under one name."""

    name: str
    rows: list[list[PlanBar]]
    icon: str = ""


@blueprint.get("")
@access.staff
def shown() -> ResponseReturnValue:
    """The week of ?monday=2026-11-16, else this one."""
    return week_page()


def week_page(refused: str = "") -> ResponseReturnValue:
    here, now, zone = access.scope(), site().clock(), site().zone
    today = now.astimezone(zone).date()
    first = _asked_week(today)
    days = [first + timedelta(days=n) for n in range(calendar.DAYS)]
    with site().db.read() as session:
        names = wording.branch_names(session)
        within = here.campaigns(session)
        lying = [*lanes.blocks(session, here, within, first), *lanes.coming(session, here, first)]
        found = bars.bars(session, here, lying, names)
        plans = conflicts.planned(session, days[0], days[-1], zone, within)
        head = mix_heads.head(session, first, here.branch_id, zone, names)
        told = warnings.warnings(
            session,
            plans,
            {first: head} if head else {},
            hq=here.all,
            changeable={one.block.id for one in found if one.movable},
            now=now,
            zone=zone,
        )
        found = bars.with_dots(found, warnings.dots(told))
        notes = public_holidays.notes(session, days[0], days[-1], current())
        page = render_template(
            "console/calendar/week.html",
            days=[(one, notes.get(one, DayNote())) for one in days],
            by_day=[bars.of_day(found, n) for n in range(calendar.DAYS)],
            monday=first,
            today=today,
            before=url_for("calendar_week.shown", monday=(first - timedelta(days=7)).isoformat()),
            after=url_for("calendar_week.shown", monday=(first + timedelta(days=7)).isoformat()),
            head=head,
            slot_what=slots.what,
            mix_title=mix_heads.title,
            warnings=told,
            notice_=refused or month.moved_words(session),
            tone="warn" if refused else "ok",
            **(
                _hq(session, found, first, names) if here.all else _branch(session, here, found, days, within)
            ),
            **month.moving(session, found, within, url_for("calendar_week.shown")),
        )
    return make_response(page, 409 if refused else 200)


def _asked_week(today: date) -> date:
    text = month.asked().get("monday", "")
    day = input_limits.day(text) if text else today
    return calendar.monday_of(day) if day else abort(404)


def _hq(session: Session, found: Sequence[PlanBar], first: date, names: dict[int, str]) -> dict[str, Any]:
    return {
        "lanes": _by_place(found),
        "slots": slot_rows.placed(session, _hq_slots(session, first, sorted(names)), first),
    }


def _by_place(some: Sequence[PlanBar]) -> list[BarLane]:
    """The whole company first, then single branches, then scopes of several."""
    by_place: dict[str, list[PlanBar]] = {}
    for one in sorted(some, key=lambda one: one.block.scope):
        by_place.setdefault(one.place, []).append(one)
    return [BarLane(name, _rows(there)) for name, there in by_place.items()]


def _rows(some: Sequence[PlanBar]) -> list[list[PlanBar]]:
    return bars.in_week(some, 0)


def _hq_slots(session: Session, first: date, branches: Sequence[int]) -> list[tuple[Slot, Any]]:
    found = slot_rows.between(session, first)
    used = slot_lines.used(session, [one.id or 0 for one in found])
    return [(one, (used.get(one.id or 0, 0), len(one.branches or branches))) for one in found]


def _branch(
    session: Session,
    here: Scope,
    found: Sequence[PlanBar],
    days: Sequence[date],
    within: ColumnElement[bool],
) -> dict[str, Any]:
    now, zone = site().clock(), site().zone
    branch = session.get(Branch, here.branch_id) if here.branch_id else None
    hq = [one for one in found if one.locked]
    own = [one for one in found if not one.locked]
    guides = {
        one or 0
        for one in session.exec(select(Guide.id).where(here.guides(), Guide.status == GuideStatus.ACTIVE))
    }
    friends = reach(session, CUSTOMERS, sorted(guides), now).everybody
    lines = slot_rows.of_branch(session, here, days[0])
    return {
        "branch": branch,
        "hq_lanes": _by_place(hq),
        "own_lanes": _by_channel(own),
        "own_count": len(own),
        "slots": slot_rows.placed(session, [(one.slot, one) for one in lines], days[0]),
        "slots_words": _slots_words(lines),
        "slot_count": len(lines),
        "loads": conflicts.loads(session, days, guides, friends, now, zone),
        "friend_count": len(friends),
        "guide_count": len(guides),
        "caps": preferences.read(session).caps(days[0].month),
        "waiting": _waiting(session, within, lines),
    }


def _slots_words(lines: Sequence[SlotLine]) -> str:
    """本周 4 个，用了 2 个，过了 1 个，还空 1 个: what there is none of is not said."""
    words = {
        SlotStanding.USED: _("用了 {n} 个"),
        SlotStanding.FILLED: _("放了没批 {n} 个"),
        SlotStanding.OVER: _("过了 {n} 个"),
        SlotStanding.EMPTY: _("还空 {n} 个"),
    }
    counted = Counter(one.standing for one in lines)
    said = [each.format(n=counted[standing]) for standing, each in words.items() if counted[standing]]
    return formatting.listed([_("本周 {n} 个", n=len(lines)), *said])


def _by_channel(own: Sequence[PlanBar]) -> list[BarLane]:
    there = {one.block.channel for one in own}
    names = [name for name in of_campaigns() if name in ALWAYS or name in there]
    names += sorted(there - set(names))
    return [
        BarLane(
            _(CHANNELS[name].word),
            _rows([one for one in own if one.block.channel == name]),
            CHANNELS[name].icon,
        )
        for name in names
    ]


@dataclass(frozen=True)
class WaitingLine:
    """Something that waits for the branch."""

    title: str
    words: str
    verb: str
    href: str
    status: CampaignStatus | None = None


def _waiting(session: Session, within: ColumnElement[bool], lines: Sequence[SlotLine]) -> list[WaitingLine]:
    found = [
        WaitingLine(
            _("{t} 的位置还空着", t=month.when(one.slot.begins_at)),
            _("{t} 之前提交，来得及审批。", t=month.when(one.slot.submit_by)),
            _("放一件"),
            url_for("slots.one", slot_id=one.slot.id),
        )
        for one in lines
        if one.standing == SlotStanding.EMPTY
    ]
    found += [
        WaitingLine(
            _("{t} 的位置：放的不合适", t=month.when(one.slot.begins_at)),
            _(one.misfit),
            _("去看"),
            url_for("slots.one", slot_id=one.slot.id),
        )
        for one in lines
        if one.misfit
    ]
    mine = select(Campaign).where(within, Campaign.status == CampaignStatus.SUBMITTED)
    found += [
        WaitingLine(
            one.name,
            _("等总部审批。批下来前能改，一改就要重新交。"),
            _("看她会看到什么"),
            url_for("campaign_editor.content", campaign_id=one.id),
            one.status,
        )
        for one in session.exec(mine.limit(5))
    ]
    return found
