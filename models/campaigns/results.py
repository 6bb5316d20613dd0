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
    Card,
    Result,
    Task,
    TaskAudience,
    cards,
    recipients,
)
from models.campaigns.announcements import AnnouncementGroup
from models.campaigns.looks import GIVE_UP, LAST_LOOK, LookPlan, next_look
from models.db.sets import NOBODY, union
from models.friends import LostHow, friendship
from models.groups import Group
from models.ledger.channels import CUSTOMERS
from models.org import Guide

TOTALS = {
    Result.REACHED: "reached",
    Result.NOT_FRIEND: "not_friend",
    Result.LIMITED: "limited",
    Result.REFUSED: "refused_count",
}
"""The set of a share → its size, as the task says it"""
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
    """The same for one task. True when the confirmation is news."""
    return bool(learn_all(session, {task_id: reading}, now, plan))


def learn_all(session: Session, readings: Mapping[int, Reading], now: datetime, plan: LookPlan) -> int:
    """Write down what was read of each task; how many confirmations are news.

    The same readings again change nothing. Queries are made for all tasks together: one by one they take longer than
    everything else. As everywhere cards are locked first, then tasks, then shares.
    """
    tasks = _locked(session, list(readings))
    shares = _shares(session, list(readings))
    campaigns = {task.campaign_id: session.get_one(Campaign, task.campaign_id) for task in tasks}
    numbers = _numbers(session, campaigns, tasks, shares)
    news = 0
    for task in tasks:
        confirmed_at = readings[task.id or 0].confirmed_at
        if confirmed_at and task.confirm(confirmed_at):
            news += 1
            cards.changed(session, task, now, since=confirmed_at)
    for task in tasks:
        reading, share, campaign = readings[task.id or 0], shares[task.id or 0], campaigns[task.campaign_id]
        lost_before = share.not_friend
        _note(task, share, _told(reading, numbers[campaign.channel]))
        if campaign.way.to == CUSTOMERS and (gone := share.not_friend - lost_before):
            _lose(session, task, gone, now)
        task.collected_at, task.poll_at = now, next_look(plan, task, campaign, now)
        if _settled(task, share, reading, now):
            task.settled_at = now
    session.flush()
    return news


def refuse(session: Session, task: Task, external_names: Sequence[str]) -> None:
    """The platform made the task, but without these."""
    channel = session.get_one(Campaign, task.campaign_id).channel
    refused = FrozenBitMap(recipients.ids_of(session, channel, external_names).values())
    share = _shares(session, [task.id or 0])[task.id or 0]
    _note(task, share, {Result.REFUSED: refused})


def _locked(session: Session, tasks: Sequence[int]) -> list[Task]:
    """These tasks as they are now, and nobody else changes them or their cards before this transaction ends."""
    wanted = col(Task.id).in_(tasks)
    theirs = select(Task.card_id).where(wanted, col(Task.card_id).is_not(None))
    session.exec(select(Card.id).where(col(Card.id).in_(theirs)).order_by(col(Card.id)).with_for_update())
    now = select(Task).where(wanted).order_by(col(Task.id)).with_for_update()
    return list(session.exec(now.execution_options(populate_existing=True)))


def _shares(session: Session, tasks: Sequence[int]) -> dict[int, TaskAudience]:
    query = select(TaskAudience).where(col(TaskAudience.task_id).in_(tasks)).with_for_update()
    return {share.task_id: share for share in session.exec(query.order_by(col(TaskAudience.task_id)))}


def _numbers(
    session: Session,
    campaigns: Mapping[int, Campaign],
    tasks: Sequence[Task],
    shares: Mapping[int, TaskAudience],
) -> dict[str, dict[str, int]]:
    """Channel → the platform's name → id, of everybody who is in one of the shares."""
    members = defaultdict[str, list[FrozenBitMap]](list)
    for task in tasks:
        members[campaigns[task.campaign_id].channel].append(shares[task.id or 0].members)
    return {channel: recipients.ids_among(session, channel, union(sets)) for channel, sets in members.items()}


def _told(reading: Reading, numbers: Mapping[str, int]) -> dict[Result, FrozenBitMap]:
    """Of whom the platform has said a last word."""
    found: dict[int, list[int]] = {status: [] for status in RESULTS}
    for name, status in reading.results.items():
        if status in found and (one := numbers.get(name)):
            found[status].append(one)
    return {result: FrozenBitMap(found[status]) for status, result in RESULTS.items()}


def _note(task: Task, share: TaskAudience, told: Mapping[Result, FrozenBitMap]) -> None:
    """The newest word about a member counts; whoever else the platform names is no business of this task.

    Totals are always a recount, so that reading twice counts once. Only what is new is assigned: that costs most.
    """
    hers = {kind: found & share.members for kind, found in told.items()}
    anew = union(hers.values())
    fresh = False
    for kind in Result:
        before = getattr(share, kind)
        if (after := (before - anew) | hers.get(kind, NOBODY)) != before:
            setattr(share, kind, after)
            setattr(task, TOTALS[kind], len(after))
            fresh = True
    if fresh:
        share.fresh = True


def _lose(session: Session, task: Task, customers: FrozenBitMap, now: datetime) -> None:
    """They were no friends any more when she sent it: the next campaign does not choose who has not come back since."""
    guide = session.get_one(Guide, task.guide_id)
    friendship.lost_together(
        session, guide.userid, customers, LostHow.CUSTOMER, task.confirmed_at or now, now
    )


def anything_fresh(session: Session) -> bool:
    """Whether `gather` may find something, asked without a write lock."""
    return (
        session.exec(select(TaskAudience.id).where(col(TaskAudience.fresh).is_(True)).limit(1)).first()
        is not None
    )


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
