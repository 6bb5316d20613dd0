"""A store manager's day: how far each task is in her store, who is not done and why, and reminders to named guides."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models import preferences, quiet_hours
from models.accounts import audit
from models.campaigns import Campaign, CampaignStatus, Task, TaskState
from models.campaigns.lifecycle import REMINDER, REMINDERS_PER_DAY
from models.db import count
from models.errors import Refused
from models.ledger.outbox import Outbox
from models.org import Guide, GuideStatus, Store
from models.org.shifts import NextShift, next_shifts
from models.sentences import Sentence

AGAIN = timedelta(minutes=10)
"""Whoever was reminded within them is left alone: a second tap is no second reminder."""
DAY = timedelta(days=1)
LACKS = {
    TaskState.WAITING: "还没收到卡片",
    TaskState.CARDED: "收到卡片，还没打开",
    TaskState.OPENED: "打开了，还没发",
    TaskState.REPORTED: "说发了，平台没确认",
}


@dataclass(frozen=True)
class NotDone:
    """One guide who has not done one task."""

    task: Task
    guide: Guide
    why: str
    """What is missing, in words"""
    reminded: int
    """How often within 24 hours"""
    refusal: str
    """Why no reminder may go to her now, in words; empty when it may"""


@dataclass(frozen=True)
class StoreTask:
    """One campaign in one store."""

    campaign: Campaign
    guides: int
    """With a task to do"""
    done: int
    said: int
    """Done or said so"""
    missing: tuple[NotDone, ...]
    """Those who can be reminded first"""


@dataclass(frozen=True)
class StoreDay:
    store: Store
    guides: int
    tasks: tuple[StoreTask, ...]
    finished: tuple[StoreTask, ...]
    """Everybody has done these."""

    @property
    def to_remind(self) -> list[NotDone]:
        return [one for task in self.tasks for one in task.missing if not one.refusal]

    @property
    def guides_to_remind(self) -> int:
        return len({one.guide.id for one in self.to_remind})

    @property
    def until(self) -> datetime | None:
        """When the first of what is not done ends"""
        return min((one.campaign.ends_at for one in self.tasks if one.missing), default=None)


def store_day(
    session: Session, store: Store, now: datetime, zone: ZoneInfo, *, manager_id: int | None = None
) -> StoreDay:
    """Campaigns that run and have tasks in this store, as they were given out at their launch.

    manager_id: who looks; she need not be reminded of her own.
    """
    rows = session.exec(
        select(Task, Guide, Campaign)
        .join(Guide, col(Guide.id) == col(Task.guide_id))
        .join(Campaign, col(Campaign.id) == col(Task.campaign_id))
        .where(
            Task.store_id == store.id,
            Task.skipped == "",
            Campaign.status == CampaignStatus.RUNNING,
            Campaign.ends_at > now,
        )
        .order_by(col(Campaign.ends_at), col(Task.id))
    ).all()
    reminded = reminders(session, [task.id or 0 for task, _guide, _campaign in rows], now)
    resting = why_resting(session, {guide.id: guide for _task, guide, _campaign in rows}.values(), now, zone)
    tasks: dict[int, list[tuple[Task, Guide]]] = {}
    campaigns: dict[int, Campaign] = {}
    for task, guide, campaign in rows:
        campaigns[campaign.id or 0] = campaign
        tasks.setdefault(campaign.id or 0, []).append((task, guide))
    found = [
        _task(campaigns[number], some, reminded, resting, now, manager_id) for number, some in tasks.items()
    ]
    active = count(session, Guide, Guide.store_id == store.id, Guide.status == GuideStatus.ACTIVE)
    return StoreDay(
        store,
        active,
        tuple(one for one in found if one.missing),
        tuple(one for one in found if not one.missing),
    )


def why_resting(
    session: Session, guides: Collection[Guide], now: datetime, zone: ZoneInfo
) -> dict[int, Sentence]:
    """Guide → why she is not disturbed now, in words; who may be is not in it."""
    chosen = preferences.read(session)
    if quiet_hours.quiet_until(chosen, now, zone):
        words = Sentence("现在{words}，不打扰", words=quiet_hours.words(chosen))
        return {guide.id or 0: words for guide in guides}
    shifts = next_shifts(session, list(guides), now, zone)
    return {guide_id: _off_shift(shift, zone) for guide_id, shift in shifts.items() if shift.at > now}


def _off_shift(shift: NextShift, zone: ZoneInfo) -> Sentence:
    words = "她不当班，{time} 上班" if shift.own else "门店没开门，{time} 开门"
    return Sentence(words, time=f"{shift.at.astimezone(zone):%m-%d %H:%M}")


def reminders(session: Session, task_ids: Collection[int], now: datetime) -> dict[int, list[datetime]]:
    """When each was reminded within 24 hours, by HQ or by her manager."""
    found: dict[int, list[datetime]] = {}
    written = select(Outbox.task_id, Outbox.created_at).distinct()
    recent = written.where(
        col(Outbox.task_id).in_(task_ids),
        col(Outbox.key).startswith(REMINDER),
        Outbox.created_at > now - DAY,
    )
    for task_id, at in session.exec(recent.order_by(col(Outbox.created_at))):
        found.setdefault(task_id or 0, []).append(at)
    return found


def remind(
    session: Session, store: Store, code: str, *, manager: Guide, now: datetime, zone: ZoneInfo
) -> list[NotDone]:
    """Remind one guide of one task, or everybody who can be reminded (`code` empty); whom it will reach.

    Nothing is written to anybody here: the timetable's reminders do it within seconds.
    """
    day = store_day(session, store, now, zone, manager_id=manager.id)
    everybody = [one for task in day.tasks for one in task.missing]
    wanted = [one for one in everybody if one.task.code == code] if code else day.to_remind
    if code and not wanted:
        raise Refused(Sentence("她已经做完了，或者这件事已经结束，不用提醒"))
    if code and wanted[0].refusal:
        raise Refused(wanted[0].refusal)
    if not wanted:
        raise Refused(Sentence("现在没有可以提醒的"))
    for one in wanted:
        one.task.remind_at = now
        session.add(one.task)
    for campaign_id, names in _names(wanted).items():
        words = Sentence("{store}的店长提醒了 {guides}", store=store.name, guides="、".join(names))
        audit.note(session, manager.name, "campaign.remind_some", campaign_id, words, now)
    return wanted


def _names(wanted: Sequence[NotDone]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for one in wanted:
        found.setdefault(one.task.campaign_id, []).append(one.guide.name)
    return found


def _task(
    campaign: Campaign,
    rows: list[tuple[Task, Guide]],
    reminded: dict[int, list[datetime]],
    resting: dict[int, Sentence],
    now: datetime,
    manager_id: int | None,
) -> StoreTask:
    done = [task for task, _guide in rows if task.done_at(campaign)]
    said = [task for task, _guide in rows if task in done or task.reported_at]
    missing = [
        _not_done(
            task,
            guide,
            campaign,
            reminded.get(task.id or 0, []),
            resting.get(guide.id or 0, ""),
            now,
            own=guide.id == manager_id,
        )
        for task, guide in rows
        if task not in done
    ]
    missing.sort(key=lambda one: bool(one.refusal))
    return StoreTask(campaign, len(rows), len(done), len(said), tuple(missing))


def _not_done(
    task: Task,
    guide: Guide,
    campaign: Campaign,
    reminded: list[datetime],
    resting: str,
    now: datetime,
    *,
    own: bool,
) -> NotDone:
    left = guide.status == GuideStatus.LEFT
    lacks = LACKS if campaign.way.sends else LACKS | {TaskState.OPENED: "打开了，还没点知道了"}
    why = Sentence("已经离职") if left else Sentence(lacks[task.state])
    refusal = ""
    if own:
        refusal = Sentence("这是你自己的，在「今日」里")
    elif left or not task.card_sent_at:
        refusal = Sentence("提醒不到")
    elif resting:
        refusal = resting
    elif task.remind_at or (reminded and now - reminded[-1] < AGAIN):
        refusal = Sentence("刚提醒过")
    elif len(reminded) >= REMINDERS_PER_DAY:
        refusal = Sentence("今天提醒满了")
    return NotDone(task, guide, why, len(reminded) + bool(task.remind_at), refusal)
