"""What the platform says became of a task: confirmed or not, and what happened to each of its customers."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pyroaring import FrozenBitMap
from sqlmodel import Session, col, select

from models.campaigns import (
    RESULTS,
    Campaign,
    CampaignAudience,
    Result,
    Task,
    TaskAudience,
    cards,
    recipients,
)
from models.campaigns.announcements import AnnouncementGroup
from models.campaigns.looks import GIVE_UP, LAST_LOOK, LookPlan, next_look
from models.db.sets import union
from models.friends import LostHow, friendship
from models.groups import Group
from models.ledger.channels import CUSTOMERS
from models.org import Guide

NOT_REACHED = {
    Result.NOT_FRIEND: "已不是好友",
    Result.LIMITED: "本月群发已收满",
    Result.REFUSED: "平台建任务时就没有收",
}
"""Why a customer did not get it"""


@dataclass(frozen=True)
class Reading:
    """One look at a task on the platform."""

    confirmed_at: datetime | None = None
    results: Mapping[str, int] = field(default_factory=dict)
    over: bool = False
    """The platform has stopped it and gives no more results."""


def learn(session: Session, task_id: int, reading: Reading, now: datetime, plan: LookPlan) -> bool:
    """Write down what was read. True when the confirmation is news; the same reading again changes nothing."""
    task = session.get_one(Task, task_id)
    news = reading.confirmed_at is not None and cards.confirm(session, task, reading.confirmed_at, now)
    share = _share(session, task_id)
    campaign = session.get_one(Campaign, task.campaign_id)
    lost_before = share.not_friend
    told = {name: RESULTS[status] for name, status in reading.results.items() if status in RESULTS}
    known_as = recipients.ids_of(session, campaign.channel, list(told))
    _note(task, share, {number: told[name] for name, number in known_as.items()})
    if campaign.way.to == CUSTOMERS:
        gone = share.not_friend - lost_before
        _lose(session, task, [name for name, customer in known_as.items() if customer in gone], now)
    task.collected_at, task.poll_at = now, next_look(plan, task, campaign, now)
    if _settled(task, share, reading, now):
        task.settled_at = now
    session.add(task)
    return news


def refuse(session: Session, task: Task, external_names: Sequence[str]) -> None:
    """The platform made the task, but without these."""
    channel = session.get_one(Campaign, task.campaign_id).channel
    refused = recipients.ids_of(session, channel, external_names).values()
    _note(task, _share(session, task.id or 0), dict.fromkeys(refused, Result.REFUSED))


def _share(session: Session, task_id: int) -> TaskAudience:
    return session.exec(select(TaskAudience).where(TaskAudience.task_id == task_id).with_for_update()).one()


def _note(task: Task, share: TaskAudience, results: Mapping[int, Result]) -> None:
    """The newest word about a member counts; whoever else the platform names is no business of this task.

    Totals are always a recount, so that reading twice counts once.
    """
    told = {
        kind: FrozenBitMap(one for one, result in results.items() if result == kind) & share.members
        for kind in Result
    }
    anew = union(told.values())
    for kind, found in told.items():
        before = getattr(share, kind)
        if (after := (before - anew) | found) != before:
            setattr(share, kind, after)
            share.fresh = True
    task.reached, task.not_friend = len(share.reached), len(share.not_friend)
    task.limited, task.refused_count = len(share.limited), len(share.refused)


def _lose(session: Session, task: Task, customers: Sequence[str], now: datetime) -> None:
    """They were no friends any more when she sent it: the next campaign does not choose who has not come back since."""
    for customer in customers:
        guide = session.get_one(Guide, task.guide_id)
        friendship.lost(session, guide.userid, customer, LostHow.CUSTOMER, task.confirmed_at or now, now)


def gather(session: Session, limit: int) -> int:
    """Bring what the guides' shares have learnt into the sets of their campaigns; how many shares.

    One write of the large sets for many small ones. A campaign that is still being launched is left for later.
    """
    query = (
        select(Task.campaign_id, TaskAudience)
        .join(TaskAudience, col(TaskAudience.task_id) == col(Task.id))
        .where(
            col(TaskAudience.fresh).is_(True), col(Task.campaign_id).in_(select(CampaignAudience.campaign_id))
        )
        .order_by(col(TaskAudience.id))
        .limit(limit)
        .with_for_update(of=TaskAudience)
    )
    shares = defaultdict(list)
    for campaign_id, share in session.exec(query).all():
        shares[campaign_id].append(share)
        share.fresh = False
    for campaign_id, learnt in shares.items():
        whole = session.exec(
            select(CampaignAudience).where(CampaignAudience.campaign_id == campaign_id).with_for_update()
        ).one()
        for kind in Result:
            setattr(whole, kind, union(getattr(one, kind) for one in [whole, *learnt]))
        for kind in NOT_REACHED:
            setattr(whole, kind, getattr(whole, kind) - whole.reached)
    return sum(map(len, shares.values()))


def _settled(task: Task, share: TaskAudience, reading: Reading, now: datetime) -> bool:
    if task.confirmed_at:
        known = share.members == union(getattr(share, kind) for kind in Result)
        return known or now - task.confirmed_at >= GIVE_UP
    return reading.over or (task.closed_at is not None and now - task.closed_at >= LAST_LOOK)


# ---- announcements into customer groups


def learn_groups(session: Session, msgid: str, reading: Reading, now: datetime, plan: LookPlan) -> int:
    """Write down what became of each group of one message; how many confirmations are news."""
    news = 0
    rows = session.exec(
        select(AnnouncementGroup, Group.chat_id)
        .join(Group, col(Group.id) == AnnouncementGroup.group_id)
        .where(AnnouncementGroup.msgid == msgid)
    )
    for share, chat_id in rows.all():
        if reading.confirmed_at and share.confirmed_at is None:
            share.confirmed_at, news = reading.confirmed_at, news + 1
        status = reading.results.get(chat_id)
        share.result = status if status in RESULTS else share.result
        share.poll_at = plan.next_of(share.ready_at or now, now)
    return news
