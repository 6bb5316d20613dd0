"""A guide's day: what she has to do, what is done, and what yesterday brought; only ever her own numbers."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from models import stats
from models.campaigns import Campaign, CampaignStatus, Task
from models.db import count
from models.friends import Friend
from models.friends.attribution import counted_for
from models.ledger.channels import CUSTOMERS, reaching
from models.org import Guide, Store, in_scope

MINUTES_PER_TASK = 2
SHOWN_DONE = timedelta(hours=20)
"""A finished task stays on the page so long, as one line."""
TODAY = "/g/"
"""The path of her Today page, for what is written where no page is asked for: cards, reminders, the robot's answer."""


@dataclass(frozen=True)
class Todo:
    """One task with its campaign."""

    task: Task
    campaign: Campaign

    @property
    def done_at(self) -> datetime | None:
        return self.task.done_at(self.campaign)

    def open(self, now: datetime) -> bool:
        """Is there something left to do?"""
        return not self.task.ended(self.campaign) and self.campaign.ends_at > now


def task_path(task: Task) -> str:
    """The path of her page for one task."""
    return f"{TODAY}tasks/{task.code}"


def own_task_path(campaign: Campaign) -> str:
    """The same path for all guides of a campaign: whoever opens it gets her own task (J01)."""
    return f"{TODAY}campaigns/{campaign.id}"


@dataclass(frozen=True)
class Day:
    """Everything that the Today page shows."""

    todo: tuple[Todo, ...]
    done: tuple[Todo, ...]
    friends_today: int
    friends_yesterday: int
    reached_yesterday: int
    next_launch: datetime | None

    @property
    def minutes(self) -> int:
        return len(self.todo) * MINUTES_PER_TASK


def day_of(session: Session, guide_id: int, now: datetime, zone: ZoneInfo) -> Day:
    """Unfinished tasks first, on top the most urgent one that waits for her; finished ones of today after them."""
    rows = _shown(session, guide_id, now)
    done = [row for row in rows if row.done_at and now - row.done_at < SHOWN_DONE]
    midnight = stats.day_start(now, zone)
    yesterday = midnight - timedelta(days=1)
    return Day(
        _in_order(rows, now),
        tuple(done),
        friends_today=_friends(session, guide_id, midnight, now),
        friends_yesterday=_friends(session, guide_id, yesterday, midnight),
        reached_yesterday=_reached(session, guide_id, yesterday, midnight),
        next_launch=_next_launch(session, guide_id, now),
    )


def todo_of(session: Session, guide_id: int, now: datetime) -> tuple[Todo, ...]:
    """What this guide has to do now; the most urgent first, what waits for the platform alone last."""
    return _in_order(_shown(session, guide_id, now), now)


def _shown(session: Session, guide_id: int, now: datetime) -> list[Todo]:
    """What the platform has accepted of campaigns that go on or are just over."""
    found = (
        select(Task, Campaign)
        .join(Campaign, col(Campaign.id) == col(Task.campaign_id))
        .where(
            Task.guide_id == guide_id,
            Task.skipped == "",
            col(Task.ready_at).is_not(None),
            Campaign.status != CampaignStatus.CANCELLED,
            Campaign.ends_at > now - SHOWN_DONE,
        )
        .order_by(col(Campaign.ends_at), col(Task.id))
    )
    return [Todo(task, campaign) for task, campaign in session.exec(found)]


def _in_order(rows: list[Todo], now: datetime) -> tuple[Todo, ...]:
    still = (row for row in rows if row.open(now))
    return tuple(sorted(still, key=lambda row: (bool(row.task.reported_at), not row.campaign.urgent)))


def _friends(session: Session, guide_id: int, start: datetime, end: datetime) -> int:
    return count(session, Friend, counted_for(guide_id), Friend.added_at >= start, Friend.added_at < end)


def _reached(session: Session, guide_id: int, start: datetime, end: datetime) -> int:
    """Customers; tasks for customer groups count groups instead."""
    customers = select(func.coalesce(func.sum(Task.reached), 0)).join(
        Campaign, col(Campaign.id) == col(Task.campaign_id)
    )
    return session.exec(
        customers.where(
            Task.guide_id == guide_id,
            col(Campaign.channel).in_(reaching(CUSTOMERS)),
            col(Task.confirmed_at) >= start,
            col(Task.confirmed_at) < end,
        )
    ).one()


def _next_launch(session: Session, guide_id: int, now: datetime) -> datetime | None:
    """When the next campaign begins that she is in."""
    planned = session.exec(
        select(Campaign.launch_at, Campaign.scope)
        .where(Campaign.status == CampaignStatus.SCHEDULED, Campaign.launch_at > now)
        .order_by(col(Campaign.launch_at))
    ).all()
    herself = (
        select(Guide.id).outerjoin(Store, col(Store.id) == col(Guide.store_id)).where(Guide.id == guide_id)
    )
    return next((at for at, scope in planned if session.exec(herself.where(in_scope(scope))).first()), None)
