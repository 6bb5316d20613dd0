"""How a campaign moves on after it was planned: pause, go on, stop, remind, end. Each verb answers with words for HQ."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, update
from sqlmodel import Session, col, func, select

from models.accounts import audit
from models.accounts.audit import Audit
from models.campaigns import STATUS_WORDS, Campaign, CampaignStatus, Task, moments
from models.campaigns.audience import whom
from models.campaigns.progress import how_many
from models.db import count, rows_changed
from models.errors import Refused
from models.ledger import outbox
from models.ledger.channels import MASS_CANCEL
from models.ledger.outbox import NEVER_LEFT, Outbox, OutboxStatus
from models.org import Guide, GuideStatus
from models.sentences import Sentence, first_of, together

PAUSED_WORDS = "活动已暂停，继续后自动发出"
"""Also the mark by which `resume` knows the rows that `pause` held, not a restore."""
PILOT_WORDS = "先试一小批，其余的等继续"
"""The mark of rows that wait for the first part of their campaign."""
BRANCH_WORDS = "这个分公司晚些开始，到时间自动发出"
"""The mark of rows that wait for the time of their branch."""
BY_PLAN = (PILOT_WORDS, BRANCH_WORDS)
"""Rows that wait so wait because HQ planned it: nobody is asked to let them go."""
REMINDERS_PER_DAY = 3
"""Of one campaign by HQ, and to one guide by whoever asks"""
REMINDER = "remind:"
"""How the keys of reminders begin"""
STOPPING = "{n} 位导购群发助手里还没发的正在撤下"
STOPPING_POSTS = "{n} 位导购还没发表的正在撤下"
STILL_STOPPING = "正在撤下"
"""By this `stopped` knows words that will not stay true."""
TOLD_FOR = timedelta(days=1)
"""So long after a stop its words follow what becomes known: who was quicker, what a frozen process had sent."""


def word_of(campaign: Campaign) -> Sentence:
    """How it stands, inside a complaint."""
    return Sentence(STATUS_WORDS[campaign.status])


def pause(session: Session, campaign: Campaign, who: str, now: datetime) -> str:
    """Hold what has not left; what waits in the 群发助手 stays there, guides may still send it."""
    session.refresh(campaign, with_for_update=True)
    if campaign.status == CampaignStatus.PAUSED:
        return campaign.status_words
    if campaign.status not in (CampaignStatus.SCHEDULED, CampaignStatus.RUNNING):
        raise Refused(Sentence("活动{status}，没有可以暂停的", status=word_of(campaign)))
    held = hold(session, campaign, "")
    campaign.status_words = Sentence("{who} 暂停，{held} 件还没发出的先留着", who=who, held=held)
    return audit.note(session, who, "campaign.pause", campaign.id, campaign.status_words, now)


def hold(session: Session, campaign: Campaign, words: str) -> int:
    """Nothing more leaves until somebody resumes it; how many calls are held."""
    statement = (
        update(Outbox)
        .where(col(Outbox.campaign_id) == campaign.id, col(Outbox.status) == OutboxStatus.QUEUED)
        .values(status=OutboxStatus.HELD, reason=PAUSED_WORDS)
    )
    held = rows_changed(session, statement)
    campaign.status, campaign.reminding, campaign.status_words = CampaignStatus.PAUSED, False, words
    return held


def resume(session: Session, campaign: Campaign, who: str, now: datetime) -> str:
    """Go on: a launch that was missed starts now, one that lies ahead waits for its time."""
    session.refresh(campaign, with_for_update=True)
    if campaign.status in (CampaignStatus.SCHEDULED, CampaignStatus.RUNNING):
        return campaign.status_words
    if campaign.status != CampaignStatus.PAUSED:
        raise Refused(Sentence("活动{status}，不能继续", status=word_of(campaign)))
    if now >= campaign.ends_at:
        raise Refused(Sentence("已过截止时间，不能继续。要再发，请新建一个活动"))
    if campaign.launched_at is None:
        campaign.launch_at, campaign.status = max(campaign.launch_at, now), CampaignStatus.SCHEDULED
        words = (
            Sentence("{who} 继续，马上开始", who=who)
            if campaign.launch_at == now
            else Sentence("{who} 继续，到时开始", who=who)
        )
    else:
        statement = (
            update(Outbox)
            .where(
                col(Outbox.campaign_id) == campaign.id,
                col(Outbox.status).in_(
                    [OutboxStatus.HELD, OutboxStatus.QUEUED]
                ),  # queued: was in a process's hands
                col(Outbox.reason) == PAUSED_WORDS,
            )
            .values(status=OutboxStatus.QUEUED, due_at=now, reason="")
        )
        campaign.status, campaign.resumed_at = CampaignStatus.RUNNING, now
        words = Sentence("{who} 继续，{n} 件接着发", who=who, n=rows_changed(session, statement))
    campaign.status_words = ""
    return audit.note(session, who, "campaign.resume", campaign.id, words, now)


def cancel(session: Session, campaign: Campaign, who: str, now: datetime) -> str:
    """Stop for good: what has not left is taken back; says how many customers already have it."""
    session.refresh(campaign, with_for_update=True)
    if campaign.status == CampaignStatus.CANCELLED:
        return campaign.status_words
    if campaign.status == CampaignStatus.FINISHED:
        raise Refused(Sentence("活动{status}，没有可以停止的", status=word_of(campaign)))
    taken = withdraw(session, campaign, now, Sentence("{who} 停止了活动", who=who))
    campaign.status, campaign.finished_at, campaign.reminding = CampaignStatus.CANCELLED, now, False
    said = [Sentence("{who} 停止。{taken} 件还没发出的已撤下", who=who, taken=taken)]
    if campaign.way.confirmed:
        waiting = count(session, Task, *_unsent(campaign)) + len(on_their_way(session, campaign))
        stopping = STOPPING_POSTS if campaign.way.together else STOPPING
        said += [Sentence(stopping, n=waiting), _sent(session, campaign)]
    campaign.status_words = together(said)
    return audit.note(session, who, "campaign.cancel", campaign.id, campaign.status_words, now)


def stopped(session: Session, now: datetime) -> list[Campaign]:
    """Stopped campaigns whose words may still have to change."""
    recent = col(Campaign.finished_at) > now - TOLD_FOR
    moving = recent | col(Campaign.status_words).contains(STILL_STOPPING)
    return list(session.exec(select(Campaign).where(Campaign.status == CampaignStatus.CANCELLED, moving)))


def words_of_stop(session: Session, campaign: Campaign) -> str:
    """After a stop: how many tasks are really taken back by now, how many are on their way, and who was quicker."""
    if not campaign.way.confirmed:
        return campaign.status_words
    if campaign.way.together:
        return _words_of_posts(session, campaign)
    taken_back = (col(Outbox.task_id) == col(Task.id)) & (col(Outbox.channel) == MASS_CANCEL)
    each = (  # a task may be several messages
        select(
            func.count(col(Outbox.id)).label("asked"),
            how_many(col(Outbox.status) == OutboxStatus.SENT).label("gone"),
            how_many(col(Outbox.status).in_(NEVER_LEFT)).label("kept"),
        )
        .select_from(Task)
        .outerjoin(Outbox, taken_back)
        .where(*_unsent(campaign))
        .group_by(col(Task.id))
        .subquery()
        .c
    )
    is_gone = (each.asked > 0) & (each.asked == each.gone)
    whole, gone, kept = session.exec(select(func.count(), how_many(is_gone), how_many(each.kept > 0))).one()
    waiting = whole - gone - kept + len(on_their_way(session, campaign))
    said = [
        first_of(campaign.status_words),
        Sentence(STOPPING, n=waiting) if waiting else "",
        Sentence("{gone} 位导购群发助手里还没发的已撤下", gone=gone),
        Sentence("{kept} 位的没撤下，她们还能发，原因见投递", kept=kept) if kept else "",
        _sent(session, campaign),
    ]
    return together(said)


def _words_of_posts(session: Session, campaign: Campaign) -> str:
    """One call takes a Moments post back from everybody."""
    left = count(session, Task, *_unsent(campaign))
    going = moments.being_taken_back(session, campaign)
    words = Sentence(STOPPING_POSTS if going else "{n} 位导购还没发表的已撤下", n=left)
    return together([first_of(campaign.status_words), words, _sent(session, campaign)])


def _unsent(campaign: Campaign) -> tuple[ColumnElement[bool], ...]:
    """Its tasks that wait in somebody's 群发助手, or in her 客户朋友圈."""
    made = col(Task.ready_at).is_not(None) if campaign.way.together else col(Task.msgid) != ""
    return col(Task.campaign_id) == campaign.id, made, col(Task.confirmed_at).is_(None)


def _sent(session: Session, campaign: Campaign) -> Sentence:
    """What no stop takes back."""
    sums = how_many(col(Task.confirmed_at).is_not(None)), func.coalesce(func.sum(Task.reached), 0)
    guides, reached = session.exec(select(*sums).where(Task.campaign_id == campaign.id)).one()
    sent = (
        "{n} 位导购已发表，{whom}看得到，收不回来"
        if campaign.way.together
        else "{n} 位导购已发给 {whom}，收不回来"
    )
    return Sentence(sent, n=guides, whom=whom(campaign, reached))


def on_their_way(session: Session, campaign: Campaign) -> list[int]:
    """Ids of tasks that are being made at this moment, or of which nobody knows yet whether they were."""
    unsure = (OutboxStatus.CALLING, OutboxStatus.UNKNOWN)
    calls = select(Outbox.task_id).where(
        Outbox.campaign_id == campaign.id,
        Outbox.channel == campaign.channel,
        col(Outbox.status).in_(unsure),
        Outbox.settled_by == "",
    )
    return [one for one in session.exec(calls) if one]


def take_back_message(
    session: Session, msgid: str, guide: Guide, now: datetime, *, since: datetime, task_id: int | None = None
) -> None:
    """Take one mass message out of a guide's 群发助手; again is harmless."""
    outbox.put(
        session,
        MASS_CANCEL,
        f"mass_cancel:{msgid}",
        now=now,
        since=since,
        guide_id=guide.id,
        task_id=task_id,
        target=guide.name,
        why="活动结束，撤下没发的",
        payload={"msgid": msgid},
    )


def finish(session: Session, campaign: Campaign, now: datetime) -> str:
    """The end of its time."""
    if campaign.status not in (CampaignStatus.RUNNING, CampaignStatus.PAUSED):
        return campaign.status_words
    never = campaign.launched_at is None
    taken = withdraw(session, campaign, now, "活动已到截止时间，所以没有再发")
    campaign.status, campaign.finished_at, campaign.reminding = CampaignStatus.FINISHED, now, False
    unsent = Sentence("到截止时间，{taken} 件没来得及发出", taken=taken) if taken else ""
    campaign.status_words = "到截止时间仍没有人决定，没有发出" if never else unsent
    return audit.note(
        session, audit.SYSTEM, "campaign.finish", campaign.id, campaign.status_words or "到截止时间", now
    )


def remind(session: Session, campaign: Campaign, who: str, now: datetime) -> str:
    """Remind those whom it can reach and whom the platform has not confirmed; at most three times in 24 hours."""
    session.refresh(campaign, with_for_update=True)
    if campaign.status != CampaignStatus.RUNNING:
        raise Refused(Sentence("活动{status}，现在不提醒", status=word_of(campaign)))
    if refusal := reminder_refusal(session, campaign, now):
        raise Refused(refusal)
    number = len(to_remind(session, campaign, now))
    if not number:
        raise Refused(Sentence("没有要提醒的：收到卡片的导购都已由平台确认"))
    campaign.reminders, campaign.reminding = campaign.reminders + 1, True
    return audit.note(
        session, who, "campaign.remind", campaign.id, Sentence("提醒 {number:,} 位导购", number=number), now
    )


def reminder_refusal(session: Session, campaign: Campaign, now: datetime) -> str:
    """Why no reminder may go now, for the greyed button; empty when it may."""
    if campaign.reminding:
        return Sentence("上一次提醒正在发出")
    recent = _reminders_of_a_day(session, campaign, now)
    if len(recent) < REMINDERS_PER_DAY:
        return ""
    wait = recent[0] + timedelta(days=1) - now
    hours, minutes = divmod(max(1, int(wait.total_seconds() // 60)), 60)
    left = Sentence("{h} 小时 {m} 分钟", h=hours, m=minutes) if hours else Sentence("{m} 分钟", m=minutes)
    return Sentence(
        "24 小时内已提醒 {n} 次，最多 {most} 次。{left}后可以再提醒",
        n=len(recent),
        most=REMINDERS_PER_DAY,
        left=left,
    )


def reminders_left(session: Session, campaign: Campaign, now: datetime) -> int:
    return max(0, REMINDERS_PER_DAY - len(_reminders_of_a_day(session, campaign, now)))


def _reminders_of_a_day(session: Session, campaign: Campaign, now: datetime) -> list[datetime]:
    """When HQ reminded within the last 24 hours, oldest first."""
    asked = select(Audit.at).where(
        Audit.noun == f"campaign:{campaign.id}",
        Audit.verb == "campaign.remind",
        Audit.at > now - timedelta(days=1),
    )
    return list(session.exec(asked.order_by(col(Audit.at))))


def to_remind(session: Session, campaign: Campaign, now: datetime) -> list[int]:
    """Ids of the tasks whose guides a reminder really reaches: still here, with a card, not confirmed, and not reminded
    as often as may be within 24 hours."""
    tired = (
        select(Outbox.task_id)
        .where(
            Outbox.campaign_id == campaign.id,
            col(Outbox.key).startswith(REMINDER),
            Outbox.created_at > now - timedelta(days=1),
            col(Outbox.task_id).is_not(None),
        )
        .group_by(col(Outbox.task_id))
        .having(func.count(func.distinct(Outbox.created_at)) >= REMINDERS_PER_DAY)
    )
    found = (
        select(Task.id)
        .join(Guide, col(Guide.id) == Task.guide_id)
        .where(
            Task.campaign_id == campaign.id,
            col(Task.card_sent_at).is_not(None),
            col(Task.confirmed_at).is_(None),
            Task.skipped == "",
            Guide.status == GuideStatus.ACTIVE,
            col(Task.id).not_in(tired),
        )
        .order_by(col(Task.id))
    )
    if not campaign.way.confirmed:
        found = found.where(col(Task.reported_at).is_(None))
    return [one for one in session.exec(found) if one]


def withdraw(session: Session, campaign: Campaign, now: datetime, words: str) -> int:
    """Take back every call of this campaign that has not left."""
    statement = (
        update(Outbox)
        .where(
            col(Outbox.campaign_id) == campaign.id,
            col(Outbox.status).in_([OutboxStatus.QUEUED, OutboxStatus.HELD]),
        )
        .values(status=OutboxStatus.CANCELLED, done_at=now, reason=words)
    )
    return rows_changed(session, statement)
