"""How far an announcement is that has begun to leave: in numbers, for lists and for what waits for a person."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, case, literal
from sqlmodel import Session, col, func, select

from models.campaigns import RESULTS
from models.campaigns.announcements import (
    NOT_REACHED,
    Announcement,
    AnnouncementGroup,
    AnnouncementStatus,
    OwnerTap,
    Way,
)
from models.ledger.outbox import OPEN, Outbox, OutboxStatus

LOOKED_BACK = timedelta(days=3)
"""So long an announcement that did not reach all its groups is something for a person"""
LOST = (OutboxStatus.NOT_SENT, OutboxStatus.EXPIRED)


class AnnouncementStanding(StrEnum):
    """What an announcement whose time has come looks like to a reader."""

    GOING = "going"
    ASKED = "asked"
    """Whatever robots say is said; owners have not tapped yet."""
    SENT = "sent"
    UNSURE = "unsure"
    PARTLY = "partly"
    FAILED = "failed"


@dataclass(frozen=True)
class AnnouncementProgress:
    """Its groups by how far each is; together they are all of them."""

    sent: int = 0
    failed: int = 0
    unknown: int = 0
    asked: int = 0
    going: int = 0

    @property
    def standing(self) -> AnnouncementStanding:
        """The most pressing first: what did not arrive is said while the rest is still under way."""
        if self.failed:
            whole = self.sent + self.unknown + self.asked + self.going
            return AnnouncementStanding.PARTLY if whole else AnnouncementStanding.FAILED
        if self.going:
            return AnnouncementStanding.GOING
        if self.unknown:
            return AnnouncementStanding.UNSURE
        return AnnouncementStanding.ASKED if self.asked else AnnouncementStanding.SENT


def progress_of(states: Mapping[str, int]) -> AnnouncementProgress:
    """From how many groups are in each state."""
    return AnnouncementProgress(
        sent=states.get(OutboxStatus.SENT, 0),
        failed=sum(states.get(one, 0) for one in LOST),
        unknown=states.get(OutboxStatus.UNKNOWN, 0),
        asked=states.get(OwnerTap.WAITING, 0),
        going=sum(states.get(one, 0) for one in OPEN),
    )


def progress_by_id(
    session: Session, announcements: Iterable[Announcement]
) -> dict[int, AnnouncementProgress]:
    """Of those whose time has come. What `announcements.states` says of each group, counted by the database."""
    begun = [one.id for one in announcements if one.status == AnnouncementStatus.LAUNCHED]
    counted: dict[int, Counter[str]] = {one: Counter() for one in begun if one}
    state = _state()
    rows = session.exec(
        select(AnnouncementGroup.announcement_id, state, func.count())
        .outerjoin(Outbox, col(Outbox.id) == AnnouncementGroup.outbox_id)
        .where(col(AnnouncementGroup.announcement_id).in_(begun))
        .group_by(col(AnnouncementGroup.announcement_id), state)
    )
    for announcement_id, word, number in rows:
        counted[announcement_id][word] += number
    return {one: progress_of(states) for one, states in counted.items()}


def _state() -> ColumnElement[str]:
    """As `announcements.states` decides it, in SQL."""
    lost = [number for number, result in RESULTS.items() if result in NOT_REACHED]
    failed = (col(AnnouncementGroup.skipped) != "") | col(AnnouncementGroup.result).in_(lost)
    asked = col(AnnouncementGroup.ready_at).is_not(None) & (col(AnnouncementGroup.way) == Way.OWNER)
    return case(
        (failed, literal(OutboxStatus.NOT_SENT.value)),
        (col(AnnouncementGroup.confirmed_at).is_not(None), literal(OutboxStatus.SENT.value)),
        (asked, literal(OwnerTap.WAITING.value)),
        (col(Outbox.id).is_(None), literal(OutboxStatus.QUEUED.value)),
        else_=col(Outbox.status),
    )


def not_arrived(
    session: Session, announcements: ColumnElement[bool], now: datetime
) -> list[tuple[Announcement, AnnouncementProgress]]:
    """Those of the last days that did not reach all their groups, the newest first."""
    recent = Announcement.status == AnnouncementStatus.LAUNCHED, Announcement.launch_at > now - LOOKED_BACK
    newest = select(Announcement).where(*recent, announcements).order_by(col(Announcement.launch_at).desc())
    found = list(session.exec(newest))
    known = progress_by_id(session, found)
    return [(one, known[one.id or 0]) for one in found if known[one.id or 0].failed]
