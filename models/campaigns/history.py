"""The 经过 of a campaign: who did what when, and what the platform said, newest first."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from models.accounts.audit import SYSTEM, Audit
from models.campaigns import Campaign, Task
from models.campaigns.audience import whom
from models.ledger.outbox import Outbox, OutboxStatus
from models.sentences import Sentence, together

TITLES = {
    "campaign.create": "新建",
    "campaign.edit": "修改",
    "campaign.submit": "提交审批",
    "campaign.approve": "审批通过",
    "campaign.return": "退回",
    "campaign.submitted": "没有开始，要重新审批",
    "campaign.schedule": "排期",
    "campaign.unschedule": "撤回",
    "campaign.rules": "改了怎么开始和停下",
    "campaign.start": "开始",
    "campaign.quiet": "免打扰，改到早上",
    "campaign.pilot": "先试一小批",
    "campaign.pilot_asks": "试点没有自动继续",
    "campaign.go_on": "其余的开始发",
    "campaign.auto_pause": "没送出的太多，自动暂停",
    "campaign.branch": "分公司开始",
    "campaign.rehearse": "先发测试",
    "campaign.unrehearse": "撤回测试",
    "campaign.repeat": "设了重复",
    "campaign.coalesce": "和后一次并成一次",
    "campaign.freeze": "人群冻结",
    "campaign.pause": "暂停",
    "campaign.paused": "没有按时开始，等总部决定",
    "campaign.resume": "继续",
    "campaign.cancel": "停止",
    "campaign.finish": "结束",
    "campaign.finished": "没有发出",
    "campaign.remind": "提醒",
    "campaign.remind_some": "店长提醒",
    "campaign.renew": "换成素材的新版",
    "campaign.refresh": "重读结果",
    "campaign.export": "导出名单",
    "campaign.discard": "删掉草稿",
}
MOST = 50
MANY_REASONS = 5


@dataclass(frozen=True)
class Moment:
    """One line of the timeline."""

    at: datetime
    title: str
    words: str = ""
    kind: str = "step"
    """step, news (a number that moved) or trouble (the platform made us wait or refused)"""


def history(session: Session, campaign_id: int) -> list[Moment]:
    """What happened to a campaign, newest first."""
    campaign = session.get_one(Campaign, campaign_id)
    found = [
        *_decisions(session, campaign),
        *_cards(session, campaign),
        *_confirmed(session, campaign),
        *_troubles(session, campaign),
    ]
    return sorted(found, key=lambda moment: moment.at, reverse=True)[:MOST]


def _decisions(session: Session, campaign: Campaign) -> list[Moment]:
    """What people and the clock decided, from the audit."""
    rows = list(
        session.exec(
            select(Audit)
            .where(Audit.noun == f"campaign:{campaign.id}")
            .order_by(col(Audit.id).desc())
            .limit(MOST)
        )
    )
    made = []
    for row in rows:
        title = Sentence(TITLES.get(row.verb, row.verb))
        who = "" if row.actor == SYSTEM or row.detail.startswith(row.actor) else row.actor
        words = together([who, row.detail], "：")
        if row.verb == "campaign.remind":
            reminders = [one.at for one in rows if one.verb == row.verb]
            words = together([words, _after_reminder(session, campaign, row.at, reminders)], "，")
        made.append(Moment(row.at, title, words))
    return made


def _after_reminder(session: Session, campaign: Campaign, at: datetime, reminders: list[datetime]) -> str:
    """How many confirmed between this reminder and the next."""
    until = min((other for other in reminders if other > at), default=None)
    confirmed = select(func.count(), func.max(Task.confirmed_at)).where(
        Task.campaign_id == campaign.id, col(Task.confirmed_at) > at
    )
    if until:
        confirmed = confirmed.where(col(Task.confirmed_at) <= until)
    count, last = session.exec(confirmed).one()
    if not count or not last:
        return ""
    return Sentence("{span}内多确认 {count:,} 人", span=_span((last - at).total_seconds()), count=count)


def _cards(session: Session, campaign: Campaign) -> list[Moment]:
    count, first, last = session.exec(
        select(func.count(), func.min(Task.card_sent_at), func.max(Task.card_sent_at)).where(
            Task.campaign_id == campaign.id, col(Task.card_sent_at).is_not(None)
        )
    ).one()
    if not count or not first or not last:
        return []
    taken = (last - (campaign.launched_at or first)).total_seconds()
    return [
        Moment(
            last,
            Sentence("{count:,} 张卡片送达", count=count),
            Sentence("用时 {span}", span=_span(taken)),
            "news",
        )
    ]


def _confirmed(session: Session, campaign: Campaign) -> list[Moment]:
    count, last, reached = session.exec(
        select(func.count(), func.max(Task.confirmed_at), func.coalesce(func.sum(Task.reached), 0)).where(
            Task.campaign_id == campaign.id, col(Task.confirmed_at).is_not(None)
        )
    ).one()
    return (
        [
            Moment(
                last,
                Sentence("{count:,} 人已确认", count=count),
                Sentence("触达 {whom}", whom=whom(campaign, reached)),
                "news",
            )
        ]
        if count and last
        else []
    )


def _troubles(session: Session, campaign: Campaign) -> list[Moment]:
    """What the platform refused or made us wait for: once per reason, with how many it met."""
    rows = session.exec(
        select(
            Outbox.reason,
            func.count(),
            func.max(func.coalesce(Outbox.done_at, Outbox.called_at, Outbox.created_at)),
        )
        .where(
            Outbox.campaign_id == campaign.id,
            col(Outbox.errcode).is_not(None),
            Outbox.errcode != 0,
            Outbox.status != OutboxStatus.SENT,
        )
        .group_by(col(Outbox.reason))
        .order_by(func.count().desc())
        .limit(MANY_REASONS)
    )
    return [
        Moment(at, words, Sentence("{count:,} 件", count=count), "trouble")
        for words, count, at in rows
        if at and words
    ]


def _span(seconds: float) -> str:
    whole = max(0, round(seconds))
    if whole < 60:
        return Sentence("{seconds} 秒", seconds=whole)
    if whole < 3600:
        return (
            Sentence("{minutes} 分 {seconds} 秒", minutes=whole // 60, seconds=whole % 60)
            if whole % 60 and whole < 600
            else Sentence("{minutes} 分钟", minutes=whole // 60)
        )
    return Sentence("{hours} 小时 {minutes} 分钟", hours=whole // 3600, minutes=whole % 3600 // 60)
