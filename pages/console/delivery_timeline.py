"""The life of one delivery in four points: what caused it, what was decided, what was intended, what was answered."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from sqlmodel import Session, col, func, select

from models import delivery_decisions
from models.accounts import Role
from models.campaigns import Campaign, CampaignStatus, Task
from models.campaigns.lifecycle import BRANCH_WORDS, BY_PLAN, PAUSED_WORDS, PILOT_WORDS
from models.friends import Customer, Friend
from models.friends.entry_codes import EntryCode
from models.ledger.channels import (
    ASK,
    CHANNELS,
    CLOSE,
    CONTACT_WAY,
    CUSTOMERS,
    MOMENT,
    REPEAT,
    TEAM_GROUPS,
    WELCOME,
)
from models.ledger.inbox import Inbox
from models.ledger.outbox import NEVER_LEFT, Outbox, OutboxStatus
from models.org import Guide
from pages.web import access, formatting, redaction
from pages.web.i18n import _
from pages.web.labels import kind_word

LATE = "没有送到：{why}。平台只给 20 秒，现在再发它不收。可以请导购自己问个好"
ONCE = (
    "可能已送达，也可能没有。欢迎语只能发一次，平台也不给查，再发客户可能收到两遍，所以没有重发。"
    "请{guide}看一眼和{who}的聊天窗口，再选一个："
)
SAID = (
    "可能已发到群里，也可能没有。机器人说过的话平台不给查，再发群里可能有两遍，所以没有重发。"
    "请到「{group}」里看一眼，再选一个："
)
ASKING = "可能已送达，也可能没有，所以没有重发。系统正在向平台查实，查到会自己改。{asked}你已经看到结果的话，也可以先记下："
PAST = "可能已送达，也可能没有。平台去重复的时间已经过了，所以没有再发。请{who}看一眼应用里的消息，再选一个："
NAMED = 30
"""So many of the guides of one row are named."""
DONE, NOW, MISSING, FAILED = "done", "now", "missing", "failed"


@dataclass(frozen=True)
class Point:
    """One of the four points: how it is drawn, when it was, what happened."""

    icon: str
    tone: str
    """done, now, missing (nothing came) or failed"""
    title: str
    at: str
    words: str


@dataclass(frozen=True)
class Verb:
    """Something a person may do about this row."""

    name: str
    label: str
    consequence: str


@dataclass(frozen=True)
class DeliveryTimeline:
    """Everything that the open row shows."""

    points: tuple[Point, ...]
    guides: str
    """The names of those whom it is for together"""
    tone: str
    explained: str
    verbs: tuple[Verb, ...]
    mend: tuple[str, str] | None
    """(words, address) of the page where what kept it can be mended"""
    callback: str
    callback_id: int | None
    api: str
    request: str
    answer: str
    errcode: int | None


def life_of(session: Session, row: Outbox, role: Role, now: datetime) -> DeliveryTimeline:
    came = session.get(Inbox, row.inbox_id) if row.inbox_id else None
    points = (_cause(row, came), _decision(session, row, came), _intent(row), _answer(row, now))
    paused = _paused_campaign(session, row)
    return DeliveryTimeline(
        points,
        _guides(session, row),
        {
            OutboxStatus.UNKNOWN: "warn",
            OutboxStatus.HELD: "warn",
            OutboxStatus.NOT_SENT: "bad",
            OutboxStatus.EXPIRED: "bad",
        }.get(row.status, "quiet"),
        _explained(session, row, paused),
        _verbs(session, row, role, paused, now),
        _mend(session, row) if row.status == OutboxStatus.NOT_SENT else None,
        redaction.gist(redaction.masked(came.body)) if came and role == Role.HQ else "",
        came.id if came and role == Role.HQ else None,
        CHANNELS[row.channel].api_of(row.payload),
        redaction.pretty(row.request) if row.request else "",
        redaction.pretty(row.answer) if row.answer else "",
        row.errcode,
    )


def _cause(row: Outbox, came: Inbox | None) -> Point:
    if came is None:
        return Point(
            "calendar-event",
            DONE,
            _("起因"),
            _stamp(row.created_at),
            row.why or _(CHANNELS[row.channel].label),
        )
    copies = _("平台送来 {n} 次，只算第 1 次。", n=came.copies) if came.copies > 1 else _("第 1 次收到。")
    told = _("平台说：{what}。签名正确，已入账，{copies}", what=kind_word(came.kind), copies=copies)
    return Point("inbox", DONE, _("回调"), _stamp(came.received_at), told)


def _decision(session: Session, row: Outbox, came: Inbox | None) -> Point:
    friend = (
        session.get(Friend, row.friend_id)
        if row.friend_id and CHANNELS[row.channel].to == CUSTOMERS
        else None
    )
    decided = (came.decision if came else "") or (friend.reason if friend else "")
    if not decided:
        decided = _("要给{who}发{what}", who=row.target, what=_(CHANNELS[row.channel].label))
    return Point(
        "git-branch", DONE, _("决定"), _after(came.received_at if came else None, row.created_at), decided
    )


def _guides(session: Session, row: Outbox) -> str:
    """Of a row that is for many, whom: as many by name as are read at one look, of those within reach."""
    within: Any = row.payload.get("guides") or []
    whole = len(within)
    if row.channel == MOMENT and row.campaign_id:
        within = select(Task.guide_id).where(
            Task.campaign_id == row.campaign_id,
            Task.skipped == "",
            col(Task.id).between(row.payload.get("first", 0), row.payload.get("last", 0)),
        )
        whole = session.exec(select(func.count()).select_from(within.subquery())).one()
    if not whole:
        return ""
    query = select(Guide.name).where(col(Guide.id).in_(within), access.scope().guides())
    names = session.exec(query.order_by(col(Guide.id)).limit(NAMED)).all()
    if len(names) == whole:
        return _("发给：{names}", names=formatting.listed(names))
    return _(
        "发给：{names}，和另外 {n} 位", names=formatting.listed(names), n=formatting.count(whole - len(names))
    )


def _intent(row: Outbox) -> Point:
    label = _(CHANNELS[row.channel].label)
    until = _("，截止 {t}", t=formatting.clock_millis(row.deadline)) if row.deadline else ""
    if row.written_at:
        wrote = _("写下「发{what}」{until}，然后才发出请求。", what=label, until=until)
        return Point("pencil", DONE, _("意图"), _after(row.created_at, row.written_at), wrote)
    if row.status in NEVER_LEFT:
        return Point("pencil", MISSING, _("意图"), _("没有"), _("请求没有发出去，客户和导购那边什么都没有。"))
    return Point(
        "pencil", NOW, _("意图"), _("还没到"), _("已记账{until}。轮到它时先写下请求，再发出去。", until=until)
    )


def _answer(row: Outbox, now: datetime) -> Point:
    took = _after(row.called_at, row.done_at) if row.called_at and row.done_at else _stamp(row.done_at)
    if row.status == OutboxStatus.SENT:
        return Point("state-done", DONE, _("回答"), took, row.reason or _("平台收下了。"))
    if row.status == OutboxStatus.UNKNOWN:
        gave_up = _("{t} 不再等了。内容没丢，仍在下面。", t=formatting.clock_millis(row.done_at))
        return Point("state-unknown", MISSING, _("回答"), _("没有"), gave_up)
    if row.status in (OutboxStatus.NOT_SENT, OutboxStatus.EXPIRED):
        return Point("state-failed", FAILED, _("回答"), took, row.reason)
    if row.status in (OutboxStatus.CANCELLED, OutboxStatus.NEEDLESS):
        return Point(
            "state-ended", MISSING, _("回答"), _stamp(row.done_at), row.reason or _("没有发，已撤下。")
        )
    if row.status == OutboxStatus.CALLING:
        so_far = _("请求在路上，已等 {t}。", t=formatting.seconds(_gap(row.called_at, now)))
        return Point("state-calling", NOW, _("回答"), _("在等"), so_far)
    return Point(
        "state-waiting",
        NOW,
        _("回答"),
        _("还没到"),
        row.reason or _("{t} 发。", t=formatting.clock_seconds(row.due_at)),
    )


def _explained(session: Session, row: Outbox, paused: Campaign | None) -> str:
    """What the state means, and who can do something about it."""
    if row.status == OutboxStatus.UNKNOWN:
        return _unknown_words(session, row)
    if row.status == OutboxStatus.HELD and row.reason == PILOT_WORDS:
        return _("活动先试一小批，这一条跟着其余的走。在活动页上点「发其余」它自己会走")
    if row.status == OutboxStatus.HELD and row.reason == BRANCH_WORDS:
        return _("这个分公司比活动晚些开始，到时间它自己会走")
    if row.status == OutboxStatus.HELD and paused and row.reason != PAUSED_WORDS:
        return _(
            "从备份恢复后先停着，活动「{name}」也停着。先继续活动，核对过没有发，再放行这一条",
            name=paused.name,
        )
    if row.status == OutboxStatus.HELD and paused:
        return _("活动「{name}」停着，这一条跟着停。继续活动后它自己会走", name=paused.name)
    if row.status == OutboxStatus.HELD:
        return _("从备份恢复后先停着：恢复之前它可能已经发过。核对过没有发，再放行")
    if row.status == OutboxStatus.NOT_SENT:
        return _(
            "没有送到：{why}。解决以后可以再发一次", why=(row.reason or _("平台没有说原因")).rstrip("。")
        )
    if row.status == OutboxStatus.EXPIRED:
        return _(LATE, why=row.reason.rstrip("。")) if row.channel == WELCOME else row.reason
    return ""


def _unknown_words(session: Session, row: Outbox) -> str:
    channel, who = CHANNELS[row.channel], _name_of(session, row)
    if channel.on_unknown == CLOSE and channel.to == CUSTOMERS:
        return _(ONCE, guide=_guide_name(session, row) or _("导购"), who=who)
    if channel.on_unknown == CLOSE and channel.to == TEAM_GROUPS:
        return _(SAID, group=row.target)
    if channel.on_unknown == ASK:
        asked = _("上次查是 {t}。", t=formatting.moment(row.asked_at)) if row.asked_at else ""
        return _(ASKING, asked=asked)
    if channel.on_unknown == REPEAT:
        return _(PAST, who=who)
    return _("可能已送达，也可能没有，所以没有重发。请{who}看一眼手机，再选一个：", who=who)


def _verbs(
    session: Session, row: Outbox, role: Role, paused: Campaign | None, now: datetime
) -> tuple[Verb, ...]:
    if row.status == OutboxStatus.UNKNOWN:
        many = len(row.payload.get("guides") or [])
        all_of_them = _("她们 {n} 位都算收到", n=many) if many else ""
        return (Verb("delivered", _("记为已送达"), all_of_them), Verb("failed", _("记为没送达"), ""))
    if role == Role.MANAGER:
        return ()
    if not delivery_decisions.why_not_again(session, row, now):
        return (Verb("again", _("再发一次"), _("会排到最前，只发这一条")),)
    take_back = Verb("cancel", _("撤下这一条"), _("不发了，撤下以后不能再发"))
    if row.status == OutboxStatus.HELD and not paused and row.reason not in BY_PLAN:
        return (Verb("release", _("放行这一条"), ""), take_back)
    return (take_back,) if row.status == OutboxStatus.QUEUED else ()


def _mend(session: Session, row: Outbox) -> tuple[str, str] | None:
    """Its noun's page: a group has its robot and its owner there, a store and a guide their codes and whether they are here."""
    if row.group_id:
        return _("去这个群改"), url_for("groups.detail", group_id=row.group_id)
    code = session.get(EntryCode, row.subject_id) if row.channel == CONTACT_WAY and row.subject_id else None
    if code and code.store_id:
        return _("去门店的码那里改"), url_for("stores.detail", store_id=code.store_id)
    guide = code.guide_id if code else row.guide_id
    return (_("去看这位导购"), url_for("guides.detail", guide_id=guide)) if guide else None


def _paused_campaign(session: Session, row: Outbox) -> Campaign | None:
    found = session.get(Campaign, row.campaign_id) if row.campaign_id else None
    return found if found and found.status == CampaignStatus.PAUSED else None


def _name_of(session: Session, row: Outbox) -> str:
    friend = session.get(Friend, row.friend_id) if row.friend_id else None
    customer = session.get(Customer, friend.customer_id) if friend else None
    return customer.name if customer and customer.name else row.target


def _guide_name(session: Session, row: Outbox) -> str:
    guide = session.get(Guide, row.guide_id) if row.guide_id else None
    return guide.name if guide else ""


def _stamp(at: datetime | None) -> str:
    return formatting.clock_millis(at)


def _gap(first: datetime | None, second: datetime | None) -> float | None:
    return (second - first).total_seconds() if first and second else None


def _after(first: datetime | None, second: datetime | None) -> str:
    """+0.06 秒, once both are known and near each other."""
    gap = _gap(first, second)
    return f"+{formatting.seconds(gap)}" if gap is not None and 0 <= gap < 600 else _stamp(second)


def said_of(row: Outbox, task: Task | None, now: datetime) -> str:
    """The grey words behind the state in the list."""
    if row.status == OutboxStatus.CALLING and row.deadline:
        return _("还剩 {t}", t=formatting.seconds(max(0.0, (row.deadline - now).total_seconds())))
    if row.status == OutboxStatus.SENT and task is not None:
        use = CHANNELS[row.channel].campaign
        return (
            _("平台已确认")
            if task.confirmed_at
            else _("等她在{place}里确认", place=_(use.place if use else ""))
        )
    if row.status == OutboxStatus.SENT and row.attempts > 1:
        return row.reason or _("第 {n} 次成功", n=row.attempts)
    if row.status == OutboxStatus.QUEUED and row.due_at > now:
        return (
            _("{why}，{t} 发", why=row.reason, t=formatting.clock_seconds(row.due_at))
            if row.reason
            else _("{t} 发", t=formatting.moment(row.due_at))
        )
    return row.reason


def took(row: Outbox, now: datetime) -> float | None:
    """How long the call took, or has taken so far."""
    end: Any = now if row.status == OutboxStatus.CALLING else row.done_at
    return _gap(row.called_at, end) if row.called_at and row.status != OutboxStatus.QUEUED else None
