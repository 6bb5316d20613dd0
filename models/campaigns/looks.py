"""When the platform is asked what became of a task or an announcement: by a plan, since no callback tells of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, case, col, func, or_, select, update

from models.accounts import audit
from models.campaigns import Campaign, Task, moments
from models.campaigns.announcements import AnnouncementGroup
from models.db import rows_changed
from models.errors import Refused
from models.org import Guide
from models.sentences import Sentence

GIVE_UP = timedelta(hours=24)
"""Results that are still missing so long after her confirmation will not come."""
LAST_LOOK = timedelta(minutes=10)
"""A task that was taken back is read once more so much later: she may have been quicker."""
AGAIN = timedelta(minutes=1)
"""HQ may ask for a look out of turn so often."""
ANNOUNCED_FOR = timedelta(days=30)
"""So long an announcement's owner is waited for."""


@dataclass(frozen=True)
class LookPlan:
    """At which ages of what happened a task is read."""

    acted: tuple[timedelta, ...]
    """After she opened it, said that she sent it, or the platform confirmed it"""
    silent: tuple[timedelta, ...]
    """After the task was made, and after its confirmation while some customer's result is missing"""
    then: timedelta
    """And so on after the last of these, where a campaign is longer"""

    def planned(self, task: Task, campaign: Campaign, after: datetime) -> Iterator[datetime]:
        """The moments after `after` that speak for a look; there is always one."""
        acts = (one for one in (task.opened_at, task.reported_at, task.confirmed_at) if one)
        moments = [act + age for act in acts for age in self.acted]
        moments.append(self.next_of(task.confirmed_at or task.ready_at or task.created_at, after))
        if task.confirmed_at:
            moments.append(task.confirmed_at + GIVE_UP)
        else:
            moments.append(task.closed_at + LAST_LOOK if task.closed_at else campaign.ends_at)
        if campaign.look_wanted_at:
            moments.append(campaign.look_wanted_at)
        yield from (moment for moment in moments if moment > after)

    def next_of(self, since: datetime, after: datetime) -> datetime:
        """The first moment after `after` for who does nothing that we hear of."""
        for age in self.silent:
            if since + age > after:
                return since + age
        last = since + self.silent[-1]
        return last + ((after - last) // self.then + 1) * self.then


PRODUCTION = LookPlan(
    acted=(timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15)),
    silent=(timedelta(minutes=30), timedelta(hours=2), timedelta(hours=6), timedelta(hours=24)),
    then=timedelta(hours=24),
)
DEMO = LookPlan(
    acted=(timedelta(seconds=3),),
    silent=tuple(timedelta(seconds=age) for age in range(3, 600, 3)),
    then=timedelta(seconds=10),
)
"""Somebody sits before it and waits."""


@dataclass(frozen=True)
class Look:
    """What has to be read: whose task, under which message ids."""

    task_id: int
    userid: str
    msgids: tuple[str, ...]
    confirmed_at: datetime | None = None
    """Known already: only what became of her customers is read."""


def due(session: Session, now: datetime, plan: LookPlan, limit: int) -> list[Look]:
    """Tasks whose results should be read now: of guides who acted first, then those that waited longest.

    `poll_at` only says when to think of a task; whatever happens to it sets that to now. What the plan does not want
    yet gets the time at which it will.
    """
    acted = case((or_(col(Task.reported_at).is_not(None), col(Task.opened_at).is_not(None)), 0), else_=1)
    query = (
        select(Task, Campaign, Guide.userid)
        .join(Campaign, col(Campaign.id) == Task.campaign_id)
        .join(Guide, col(Guide.id) == Task.guide_id)
        .where(*_to_think_of(now))
        .order_by(acted, col(Task.poll_at), col(Task.id))
        .limit(limit)
    )
    found = []
    for task, campaign, userid in session.exec(query).all():
        first = next_look(plan, task, campaign, task.collected_at or task.ready_at or task.created_at)
        if first <= now:
            found.append(Look(task.id or 0, userid, tuple(task.msgids), task.confirmed_at))
        else:
            task.poll_at = first
    return found


def any_waits(session: Session, now: datetime) -> bool:
    """Whether `due` has anything to look at: who asks every few seconds asks this first, without a write lock."""
    return session.exec(select(Task.id).where(*_to_think_of(now)).limit(1)).first() is not None


def _to_think_of(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return col(Task.msgid) != "", col(Task.settled_at).is_(None), col(Task.poll_at) <= now


def next_look(plan: LookPlan, task: Task, campaign: Campaign, after: datetime) -> datetime:
    """When this task is read next, once it was read at `after`."""
    return min(plan.planned(task, campaign, after))


def later(session: Session, task_id: int, at: datetime) -> None:
    """Nothing could be read this time."""
    session.get_one(Task, task_id).poll_at = at


def want_now(session: Session, campaign: Campaign, who: str, now: datetime) -> str:
    """HQ does not want to wait for the plan: whatever is open of this campaign is read in the next run."""
    session.refresh(campaign, with_for_update=True)
    if campaign.look_wanted_at and now - campaign.look_wanted_at < AGAIN:
        raise Refused(Sentence("刚刷新过，1 分钟后可以再刷新"))
    open_ = (
        col(Task.campaign_id) == campaign.id,
        col(Task.msgid) != "",
        col(Task.settled_at).is_(None),
    )
    number = rows_changed(session, update(Task).where(*open_).values(poll_at=now))
    if campaign.way.together:
        number = moments.look_now(session, campaign, now)
    if not number:
        raise Refused(Sentence("没有要读的：每位客户的结果都已知道，或不会再变"))
    campaign.look_wanted_at = now
    words = Sentence("向平台重读 {number:,} 位导购的结果", number=number)
    return audit.note(session, who, "campaign.refresh", campaign.id, words, now)


def read_since(session: Session, since: datetime) -> list[datetime]:
    """When tasks were read lately: what the platform counted against the share of the rate that results may use."""
    query = select(Task.collected_at).where(col(Task.collected_at) > since)
    return [at for at in session.exec(query) if at]


# ---- announcements into customer groups


@dataclass(frozen=True)
class GroupLook:
    """One message into customer groups, waiting for its owner."""

    msgid: str
    userid: str


def groups_due(session: Session, now: datetime, plan: LookPlan, limit: int) -> list[GroupLook]:
    """Messages that should be read now, those that waited longest first."""
    new = and_(
        col(AnnouncementGroup.poll_at).is_(None), col(AnnouncementGroup.ready_at) <= now - plan.silent[0]
    )
    open_ = or_(col(AnnouncementGroup.confirmed_at).is_(None), col(AnnouncementGroup.result).is_(None))
    query = (
        select(AnnouncementGroup.msgid, Guide.userid)
        .join(Guide, col(Guide.id) == AnnouncementGroup.guide_id)
        .where(
            AnnouncementGroup.msgid != "",
            open_,
            col(AnnouncementGroup.ready_at) > now - ANNOUNCED_FOR,
            or_(new, col(AnnouncementGroup.poll_at) <= now),
        )
        .group_by(col(AnnouncementGroup.msgid), col(Guide.userid))
        .order_by(func.min(AnnouncementGroup.poll_at).asc().nulls_first(), col(AnnouncementGroup.msgid))
        .limit(limit)
    )
    return [GroupLook(msgid, userid) for msgid, userid in session.exec(query)]


def groups_later(session: Session, msgid: str, at: datetime) -> None:
    """Nothing could be read of this message this time."""
    session.execute(update(AnnouncementGroup).where(col(AnnouncementGroup.msgid) == msgid).values(poll_at=at))
