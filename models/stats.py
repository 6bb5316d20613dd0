"""Numbers for people: how fast welcomes were, how many friends came, how far the guides are; queries only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from models import preferences
from models.campaigns import UNDER_WAY, Campaign, CampaignStatus
from models.campaigns.progress import Progress, progress_of
from models.db import count, count_by
from models.friends import Friend
from models.friends.welcome import WELCOME_SECONDS, welcomed_after
from models.ledger.channels import WELCOME
from models.ledger.closed_windows import ClosedWindow, open_windows
from models.ledger.inbox import UNHANDLED, Inbox, InboxStatus
from models.ledger.outbox import Outbox, OutboxStatus
from models.org import Branch, Guide, GuideStatus, Store

HOURS = 24
BACKLOG_AFTER = timedelta(seconds=60)
TRIES_WITHOUT_ANSWER = 2
"""One lost answer happens; the second time somebody should know"""
WEEK = timedelta(days=7)


def brand_name(session: Session) -> str:
    return preferences.read(session).name


def badges(
    session: Session, campaigns: ColumnElement[bool], deliveries: ColumnElement[bool], callbacks: bool
) -> dict[str, int]:
    """The counters in the sidebar: campaigns under way, unknown results, parked callbacks."""
    return {
        "running": count(session, Campaign, col(Campaign.status).in_(UNDER_WAY), campaigns),
        "unknown": count(session, Outbox, Outbox.status == OutboxStatus.UNKNOWN, deliveries),
        "parked": count(session, Inbox, Inbox.status == InboxStatus.PARKED) if callbacks else 0,
    }


def day_start(now: datetime, zone: ZoneInfo) -> datetime:
    """Local midnight."""
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


@dataclass(frozen=True)
class Welcomes:
    """Today's welcomes: seconds from the callback's arrival to the platform's yes."""

    taken: tuple[float, ...] = ()
    """Sorted"""
    missed: int = 0

    @property
    def share(self) -> float | None:
        """Per cent that were in time."""
        whole = len(self.taken) + self.missed
        return 100 * len(self.taken) / whole if whole else None

    def quantile(self, part: float) -> float | None:
        return self.taken[min(len(self.taken) - 1, int(part * len(self.taken)))] if self.taken else None

    def bins(self) -> list[int]:
        """How many took 0–1 s, 1–2 s … 19–20 s."""
        counted = [0] * WELCOME_SECONDS
        for one in self.taken:
            counted[min(WELCOME_SECONDS - 1, max(0, int(one)))] += 1
        return counted


def welcomes(session: Session, since: datetime, deliveries: ColumnElement[bool]) -> Welcomes:
    rows = session.exec(
        select(Outbox.status, Outbox.created_at, Outbox.deadline, Outbox.done_at).where(
            Outbox.channel == WELCOME,
            Outbox.created_at >= since,
            col(Outbox.status).in_([OutboxStatus.SENT, OutboxStatus.NOT_SENT, OutboxStatus.EXPIRED]),
            deliveries,
        )
    )
    taken, missed = [], 0
    for status, created, deadline, done in rows:
        if status == OutboxStatus.SENT and done:
            taken.append(welcomed_after(created, deadline, done))
        else:
            missed += 1
    return Welcomes(tuple(sorted(taken)), missed)


@dataclass(frozen=True)
class Arrivals:
    """Friends per local hour of today, up to now."""

    added: tuple[int, ...]
    lost: tuple[int, ...]
    week_ago: int
    """Added on the same day last week up to the same time"""

    @property
    def change(self) -> float | None:
        """Per cent against a week ago."""
        return 100 * (sum(self.added) - self.week_ago) / self.week_ago if self.week_ago else None


def arrivals(
    session: Session, since: datetime, now: datetime, zone: ZoneInfo, friends: ColumnElement[bool]
) -> Arrivals:
    added = session.exec(
        select(Friend.added_at).where(Friend.added_at >= since, Friend.added_at <= now, friends)
    )
    lost = session.exec(
        select(Friend.lost_at).where(col(Friend.lost_at) >= since, col(Friend.lost_at) <= now, friends)
    )
    before = count(session, Friend, Friend.added_at >= since - WEEK, Friend.added_at <= now - WEEK, friends)
    return Arrivals(_by_hour(added, zone), _by_hour(lost, zone), before)


def _by_hour(moments: Iterable[datetime | None], zone: ZoneInfo) -> tuple[int, ...]:
    counted = [0] * HOURS
    for moment in moments:
        if moment:
            counted[moment.astimezone(zone).hour] += 1
    return tuple(counted)


@dataclass(frozen=True)
class CampaignLine:
    """A campaign as a line of a list, counted for whoever looks."""

    campaign: Campaign
    progress: Progress


def campaign_lines(
    session: Session,
    statuses: Sequence[CampaignStatus],
    campaigns: ColumnElement[bool],
    tasks: ColumnElement[bool],
    *,
    limit: int = 50,
    offset: int = 0,
) -> list[CampaignLine]:
    """Campaigns in these states, soonest end first for those that run, newest first for the rest."""
    order = col(Campaign.ends_at) if set(statuses) <= set(UNDER_WAY) else col(Campaign.launch_at).desc()
    found = list(
        session.exec(
            select(Campaign)
            .where(col(Campaign.status).in_(statuses), campaigns)
            .order_by(order, col(Campaign.id))
            .limit(limit)
            .offset(offset)
        )
    )
    counted = progress_of(session, [one.id or 0 for one in found], tasks)
    return [CampaignLine(one, counted.get(one.id or 0, Progress())) for one in found]


def campaign_counts(session: Session, campaigns: ColumnElement[bool]) -> dict[str, int]:
    return count_by(session, Campaign.status, campaigns)


@dataclass(frozen=True)
class People:
    """How many there are."""

    guides: int
    stores: int
    branches: int


def people(
    session: Session, guides: ColumnElement[bool], stores: ColumnElement[bool], branches: ColumnElement[bool]
) -> People:
    return People(
        count(session, Guide, Guide.status == GuideStatus.ACTIVE, guides),
        count(session, Store, stores),
        count(session, Branch, branches),
    )


@dataclass(frozen=True)
class Health:
    """Whether the platform lets us work and whether we keep up."""

    windows: tuple[ClosedWindow, ...]
    backlog: int
    """Callbacks that have been waiting for more than a minute"""
    unanswered: int


def health(session: Session, now: datetime) -> Health:
    backlog = count(
        session,
        Inbox,
        col(Inbox.status).in_(UNHANDLED),
        Inbox.received_at < now - BACKLOG_AFTER,
    )
    return Health(tuple(open_windows(session, now)), backlog, count(session, Outbox, unanswered(now)))


def unanswered(now: datetime) -> ColumnElement[bool]:
    """Calls that nothing has answered more than once, or for more than a minute."""
    again = (col(Outbox.status) == OutboxStatus.QUEUED) & (col(Outbox.attempts) >= TRIES_WITHOUT_ANSWER)
    hanging = (col(Outbox.status) == OutboxStatus.CALLING) & (col(Outbox.called_at) < now - BACKLOG_AFTER)
    return or_(again & col(Outbox.errcode).is_(None) & (col(Outbox.reason) != ""), hanging)
