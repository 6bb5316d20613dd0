"""What a guide's work brought: yesterday and this week, beside her own usual week; never anybody else's numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models import stats
from models.campaigns import Campaign, Task
from models.db import count
from models.friends import Friend, FriendStatus
from models.friends.attribution import counted_for
from models.ledger.channels import CUSTOMERS, confirmed, reaching
from models.org import Guide

USUAL_WEEKS = 4
"""So many weeks before this one say what is usual."""
FEWEST_WEEKS = 2
"""With fewer behind her nothing is usual yet."""


@dataclass(frozen=True)
class Weekday:
    """One day of this week; `reached` is None while it lies ahead."""

    number: int
    """0 is Monday"""
    reached: int | None
    today: bool


@dataclass(frozen=True)
class Week:
    """Everything that the page of her results shows."""

    yesterday: datetime
    reached_yesterday: int
    friends_yesterday: int
    confirmed_yesterday: int
    days: tuple[Weekday, ...]
    usual: int | None
    """Customers reached from Monday until this hour in her usual week; None while there is none"""
    friends: int
    friends_kept: int
    confirmed: int
    tasks: int
    waiting: int
    """Those that wait for her, or for the platform"""
    read_at: datetime | None
    """When the platform was last asked about one of her tasks"""

    @property
    def reached(self) -> int:
        return sum(day.reached or 0 for day in self.days)


def week_of(session: Session, guide: Guide, now: datetime, zone: ZoneInfo) -> Week:
    """Monday to now. Customers count on the day on which the platform says that she sent."""
    midnight = stats.day_start(now, zone)
    monday, yesterday = midnight - timedelta(days=midnight.weekday()), midnight - timedelta(days=1)
    sent = _sent(session, guide, monday - timedelta(weeks=USUAL_WEEKS))
    ours = _tasks(session, guide, monday)
    done = [task for task in ours if task.confirmed_at]
    new = (counted_for(guide.id or 0), Friend.added_at >= monday)
    read = [task.collected_at for task in ours if task.collected_at]
    return Week(
        yesterday,
        reached_yesterday=_between(sent, yesterday, midnight),
        friends_yesterday=count(
            session,
            Friend,
            counted_for(guide.id or 0),
            Friend.added_at >= yesterday,
            Friend.added_at < midnight,
        ),
        confirmed_yesterday=sum(yesterday <= one.confirmed_at < midnight for one in done if one.confirmed_at),
        days=tuple(_day(sent, monday, number, midnight, now) for number in range(7)),
        usual=_usual(sent, guide, monday, now),
        friends=count(session, Friend, *new),
        friends_kept=count(session, Friend, *new, Friend.status != FriendStatus.LOST),
        confirmed=len(done),
        tasks=len(ours),
        waiting=sum(not task.confirmed_at and not task.closed_at for task in ours),
        read_at=max(read, default=None),
    )


Sent = tuple[datetime, int]


def _sent(session: Session, guide: Guide, since: datetime) -> list[Sent]:
    """When she sent, and how many customers it reached; tasks for customer groups count groups, and are left out."""
    found = select(Task.confirmed_at, Task.reached).join(Campaign, col(Campaign.id) == col(Task.campaign_id))
    hers = found.where(
        Task.guide_id == guide.id,
        col(Task.confirmed_at) >= since,
        col(Campaign.channel).in_(reaching(CUSTOMERS)),
    )
    return [(at, reached) for at, reached in session.exec(hers) if at]


def _tasks(session: Session, guide: Guide, since: datetime) -> list[Task]:
    """Her tasks of this week of which the platform tells whether she sent them."""
    hers = (
        select(Task)
        .join(Campaign, col(Campaign.id) == col(Task.campaign_id))
        .where(
            Task.guide_id == guide.id,
            Task.skipped == "",
            col(Task.ready_at) >= since,
            col(Campaign.channel).in_(confirmed()),
        )
    )
    return list(session.exec(hers))


def _between(sent: Sequence[Sent], start: datetime, end: datetime) -> int:
    return sum(reached for at, reached in sent if start <= at < end)


def _day(sent: Sequence[Sent], monday: datetime, number: int, midnight: datetime, now: datetime) -> Weekday:
    start, end = monday + timedelta(days=number), monday + timedelta(days=number + 1)
    return Weekday(number, _between(sent, start, end) if start <= now else None, start == midnight)


def _usual(sent: Sequence[Sent], guide: Guide, monday: datetime, now: datetime) -> int | None:
    """The mean of the weeks before, each from Monday until the same hour."""
    starts = [monday - timedelta(weeks=number) for number in range(1, USUAL_WEEKS + 1)]
    hers = [start for start in starts if start >= guide.joined_at]
    if len(hers) < FEWEST_WEEKS:
        return None
    return round(sum(_between(sent, start, start + (now - monday)) for start in hers) / len(hers))
