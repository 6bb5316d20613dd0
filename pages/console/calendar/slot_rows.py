"""The slots that lie on some days of the calendar, each on the days that it touches, in rows that do not overlap."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session

from models.accounts import Role
from models.campaigns import Campaign, calendar, slot_lines
from models.campaigns.slot_lines import SlotLine
from models.campaigns.slots import Slot
from pages.web.scope import Scope
from pages.web.site import site


@dataclass(frozen=True)
class PlacedSlot:
    """A slot on the days of the week that it touches."""

    slot: Slot
    first: int
    days: int
    line: SlotLine | None = None
    """As the viewing branch sees it; for HQ: how many of its branches have used it"""
    base: Campaign | None = None
    """HQ's campaign of which parts may be replaced"""
    used: int = 0
    of: int = 0


def between(session: Session, first: date, days: int = calendar.DAYS) -> list[Slot]:
    zone, end = site().zone, first + timedelta(days=days)
    return slot_lines.lying_between(session, calendar.midnight(first, zone), calendar.midnight(end, zone))


def of_branch(session: Session, here: Scope, first: date, days: int = calendar.DAYS) -> list[SlotLine]:
    """As a branch sees those that are open to it; nobody else sees any by this."""
    if not here.branch_id or here.role != Role.BRANCH:
        return []
    return slot_lines.lines(session, between(session, first, days), here.branch_id, site().clock())


def placed(session: Session, found: Sequence[tuple[Slot, Any]], first: date) -> list[list[PlacedSlot]]:
    """Where each slot lies in the week that begins then; what lies in another is left out."""
    zone = site().zone
    rows: list[list[PlacedSlot]] = []
    begin, end = (calendar.midnight(first + timedelta(days=n), zone) for n in (0, calendar.DAYS))
    for slot, more in ((one, more) for one, more in found if one.begins_at < end and one.ends_at > begin):
        day, days = calendar.place(first, calendar.DAYS, slot.begins_at, slot.ends_at, zone)
        line = more if isinstance(more, SlotLine) else None
        used, of = more if isinstance(more, tuple) else (0, 0)
        base = session.get(Campaign, slot.campaign_id) if slot.campaign_id else None
        one = PlacedSlot(slot, day, days, line, base, used, of)
        row = next((row for row in rows if row[-1].first + row[-1].days <= day), None)
        if row is None:
            rows.append([one])
        else:
            row.append(one)
    return rows
