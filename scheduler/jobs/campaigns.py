"""Campaigns and time, after their launch: remind, end, and take back what was not sent."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from sqlmodel import Session, col, select, update

from models.campaigns import (
    ENDED,
    Campaign,
    CampaignStatus,
    Task,
    card_messages,
    cards,
    lifecycle,
    moments,
    pictures,
)
from models.campaigns.guide_day import task_path
from models.campaigns.lifecycle import finish
from models.db import pieces
from models.ledger import outbox
from models.ledger.channels import MASS_REMIND, NOTICE
from models.org import Guide
from models.org.shifts import next_shifts
from models.sentences import Sentence
from scheduler.channels.card import address
from scheduler.runtime import Runtime
from scheduler.timetable.plan import said

TASKS_AT_ONCE = 25
REMINDERS_AT_ONCE = 100
WANTED = select(Task).where(col(Task.remind_at).is_not(None))
"""Tasks of which a store manager wants the guide reminded"""


# ---- the end


def finish_due(runtime: Runtime, now: datetime) -> str:
    """End what has reached its time, and take back from the 群发助手 what was not sent by then."""
    over = select(Campaign.id).where(
        col(Campaign.status).in_([CampaignStatus.RUNNING, CampaignStatus.PAUSED]), Campaign.ends_at <= now
    )
    with runtime.db.read() as session:
        ended = [one for one in session.exec(over) if one]
    for campaign_id in ended:
        runtime.db.run(partial(_finish, campaign_id=campaign_id, now=now))
    taken = take_back(runtime, now)
    _say_what_stopped(runtime, now)
    return said(("结束活动", len(ended)), ("撤下任务", taken))


def _say_what_stopped(runtime: Runtime, now: datetime) -> None:
    """HQ reads how many were really taken back, as far as it is known; written only where that has changed."""
    with runtime.db.read() as session:
        told = [(one, lifecycle.words_of_stop(session, one)) for one in lifecycle.stopped(session, now)]
    for campaign, words in told:
        if words != campaign.status_words:
            runtime.db.run(partial(_tell, campaign_id=campaign.id or 0, words=words))


def _tell(session: Session, campaign_id: int, words: str) -> None:
    session.get_one(Campaign, campaign_id).status_words = words


def _finish(session: Session, campaign_id: int, now: datetime) -> None:
    finish(session, session.get_one(Campaign, campaign_id, with_for_update=True), now)


def take_back(runtime: Runtime, now: datetime) -> int:
    """Close the unsent tasks of ended campaigns, some at a time; how many."""
    ended = select(Campaign.id).where(
        col(Campaign.status).in_(ENDED),
        col(Campaign.closed_at).is_(None),
    )
    with runtime.db.read() as session:
        waiting = [one for one in session.exec(ended) if one]
    return sum(
        runtime.db.run_in_pieces(partial(_close_some, campaign_id=campaign_id, now=now))
        for campaign_id in waiting
    )


def _close_some(session: Session, campaign_id: int, now: datetime) -> int:
    """What is being made at this moment is waited for: only then is there something to take back."""
    campaign = session.get_one(Campaign, campaign_id)
    under_way = lifecycle.on_their_way(session, campaign)
    tasks = list(
        session.exec(
            select(Task)
            .where(
                Task.campaign_id == campaign_id,
                col(Task.closed_at).is_(None),
                col(Task.confirmed_at).is_(None),
                col(Task.id).not_in(under_way),
            )
            .order_by(col(Task.id))
            .limit(TASKS_AT_ONCE)
        )
    )
    ended_at = min(campaign.ends_at, campaign.finished_at or campaign.ends_at)
    if not tasks and not under_way:
        campaign.closed_at = now
        if campaign.status == CampaignStatus.CANCELLED:
            card_messages.tell_stopped(session, campaign, now, ended_at)
    if campaign.way.together:
        moments.take_back(session, campaign, now)
    for task in tasks:
        task.closed_at = task.poll_at = now
        guide = session.get_one(Guide, task.guide_id)
        for msgid in task.msgids:
            lifecycle.take_back_message(session, msgid, guide, now, since=ended_at, task_id=task.id)
        cards.changed(session, task, now, since=ended_at)
    return len(tasks)


# ---- reminders


def send_reminders(runtime: Runtime, now: datetime) -> str:
    """Write the reminders that HQ asked for, one line to each guide whom it concerns."""
    with runtime.db.read() as session:
        asked = list(
            session.exec(
                select(Campaign).where(
                    col(Campaign.reminding).is_(True), Campaign.status == CampaignStatus.RUNNING
                )
            )
        )
        by_managers = session.exec(WANTED.limit(1)).first() is not None
    written = 0
    for campaign in asked:
        with runtime.db.read() as session:
            tasks = lifecycle.to_remind(session, campaign, now)
        for piece in pieces(tasks, REMINDERS_AT_ONCE):
            written += runtime.db.run(
                partial(_remind, runtime=runtime, campaign=campaign, tasks=piece, now=now)
            )
        runtime.db.run(partial(_reminded, campaign_id=campaign.id or 0))
    if by_managers:
        written += runtime.db.run_in_pieces(partial(_remind_some, runtime=runtime, now=now))
    return said(("提醒", written))


def _remind_some(session: Session, runtime: Runtime, now: datetime) -> int:
    """Guides of one campaign whom their manager wants reminded; how many, 0 when nobody waits."""
    first = session.exec(WANTED.limit(1)).first()
    if first is None:
        return 0
    wanted = WANTED.where(Task.campaign_id == first.campaign_id).order_by(col(Task.id))
    tasks = list(session.exec(wanted.limit(REMINDERS_AT_ONCE)))
    campaign = session.get_one(Campaign, first.campaign_id)
    if campaign.status == CampaignStatus.RUNNING:
        _remind(session, runtime, campaign, [one.id or 0 for one in tasks], now)
    for task in tasks:
        task.remind_at = None
    return len(tasks)


def _remind(
    session: Session, runtime: Runtime, campaign: Campaign, tasks: Sequence[int], now: datetime
) -> int:
    """The key makes a second run after a crash harmless."""
    written = 0
    open_tasks = select(Task, Guide).join(Guide, col(Guide.id) == col(Task.guide_id))
    some = session.exec(open_tasks.where(col(Task.id).in_(tasks), col(Task.confirmed_at).is_(None))).all()
    shifts = next_shifts(
        session, list({guide.id: guide for _task, guide in some}.values()), now, runtime.zone
    )
    for task, guide in some:
        channel, payloads = (
            (MASS_REMIND, [{"msgid": msgid} for msgid in task.msgids])
            if by_platform(task)
            else (NOTICE, [{"text": _reminder(runtime, campaign, task)}])
        )
        for number, payload in enumerate(payloads):
            row_id = outbox.put(
                session,
                channel,
                f"{lifecycle.REMINDER}{task.id}:{_mark(campaign, task)}" + (f":{number}" if number else ""),
                now=now,
                due_at=shifts[task.guide_id].at,
                deadline=campaign.ends_at,
                guide_id=guide.id,
                task_id=task.id,
                campaign_id=campaign.id,
                target=guide.name,
                why=Sentence("提醒「{campaign}」", campaign=campaign.name),
                payload=payload,
            )
            written += row_id is not None
    return written


def _mark(campaign: Campaign, task: Task) -> str:
    """Which of her reminders it is: a manager's by its moment, HQ's by its number."""
    return f"{task.remind_at:%m%d%H%M%S}" if task.remind_at else str(campaign.reminders)


def by_platform(task: Task) -> bool:
    """The messenger's own reminder leads straight to the tap that is missing; where one message could not hold all of
    her customers, each of them is one. Who believes that she has sent it needs words, and so does whoever has nothing
    in her 群发助手."""
    return bool(task.msgids) and task.reported_at is None


def _reminded(session: Session, campaign_id: int) -> None:
    session.execute(update(Campaign).where(col(Campaign.id) == campaign_id).values(reminding=False))


def _reminder(runtime: Runtime, campaign: Campaign, task: Task) -> str:
    name, until = campaign.card_title or campaign.name, campaign.ends_at.astimezone(runtime.zone)
    link = f'<a href="{address(runtime, task_path(task))}">打开任务</a>'
    if not campaign.way.sends:
        return f"「{name}」还没看，{until:%m-%d %H:%M} 前。{link}"
    use = campaign.way.campaign
    place, deed = (use.place, use.deed) if use else ("", "")
    if task.reported_at:
        return f"「{name}」你说已发，平台还没确认，多半没点最后一下。打开{place}看一眼。{link}"
    return f"「{name}」还差一步：打开{place}，点一次{deed}，{until:%m-%d %H:%M} 前。{link}"


def forget_media(runtime: Runtime, now: datetime) -> str:
    """Forget media ids that the platform has forgotten."""
    runtime.db.run(partial(pictures.forget_media, now=now))
    return ""
