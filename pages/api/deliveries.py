"""/deliveries and /callbacks: what left for the platform and what came from it; retried, decided and replayed here."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from pydantic import Field
from sqlmodel import select

from models import delivery_decisions
from models.errors import Refused
from models.ledger import inbox
from models.ledger.channels import CHANNELS
from models.ledger.inbox import Inbox, InboxSource, InboxStatus
from models.ledger.outbox import Outbox, OutboxStatus
from models.sentences import Sentence
from pages.api import endpoint
from pages.api.endpoint import ApiCall
from pages.api.pagination import NEWEST, between, like, piece
from pages.api.problems import refuse
from pages.api.schemas import Body, Id, Line, Listing, Moment, One, OneOf, Output, PageOut
from pages.web.i18n import _
from pages.web.site import site

DELIVERIES, CALLBACKS = "投递", "回调"


class DeliveryOut(Output):
    """对平台的一次调用。正文和凭证不在这里。"""

    id: int
    channel: str
    label: str = Field(description="它是什么，写给人看")
    status: OneOf[OutboxStatus]
    reason: str = Field(description="为什么在等、没送出、或者结果不明")
    errcode: int | None
    target: str
    why: str
    attempts: int
    guide_id: int | None
    friend_id: int | None
    task_id: int | None
    campaign_id: int | None
    group_id: int | None
    callback_id: int | None = Field(description="由哪个回调引起")
    created_at: datetime
    due_at: datetime
    deadline: datetime | None
    called_at: datetime | None
    done_at: datetime | None
    settled_by: str


class DeliveryList(Listing):
    """投递列表的筛选。"""

    status: OneOf[OutboxStatus] | None = None
    channel: Line | None = Field(None, max_length=16)
    guide_id: Id | None = None
    campaign_id: Id | None = None
    group_id: Id | None = None
    friend_id: Id | None = None
    created_since: Moment | None = None
    created_before: Moment | None = None
    sort: Literal["id", "-id", "created_at", "-created_at"] = NEWEST


class DeliveryDecision(Body):
    """到聊天里看过以后的结论。"""

    sent: bool = Field(description="true 已送达，false 没送达")


class DecidedOut(Output):
    """一次定下来的投递。"""

    count: int = Field(description="多少条；0 是没有在等放行的")


class CallbackOut(Output):
    """平台发来的一个事件。原文有个人信息和一次性凭证，不在这里。"""

    id: int
    source: OneOf[InboxSource]
    kind: str
    actor: str
    subject: str
    status: OneOf[InboxStatus]
    copies: int = Field(description="平台发了几次；只有第一次有作用")
    attempts: int
    decision: str = Field(description="处理时的决定")
    error: str
    event_at: datetime | None
    received_at: datetime
    next_at: datetime | None
    handled_at: datetime | None


class CallbackList(Listing):
    """回调列表的筛选。"""

    status: OneOf[InboxStatus] | None = None
    source: OneOf[InboxSource] | None = None
    kind: Line | None = Field(None, max_length=80)
    subject: Line | None = Field(None, max_length=128)
    received_since: Moment | None = None
    received_before: Moment | None = None
    sort: Literal["id", "-id", "received_at", "-received_at"] = NEWEST


@endpoint.reads("/deliveries", PageOut[DeliveryOut], DELIVERIES)
def deliveries(call: ApiCall, query: DeliveryList) -> PageOut[DeliveryOut]:
    """投递：对平台的每次调用和它的结果"""
    names = ("status", "channel", "guide_id", "campaign_id", "group_id", "friend_id")
    wanted = between(
        like(select(Outbox), Outbox, query, *names),
        Outbox.created_at,
        query.created_since,
        query.created_before,
    )
    rows, after = piece(call.session, wanted, Outbox, query, query.sort)
    return PageOut[DeliveryOut](items=[_delivery(row) for row in rows], next_cursor=after)


@endpoint.reads("/deliveries/<int:number>", DeliveryOut, DELIVERIES)
def delivery(call: ApiCall, path: One) -> DeliveryOut:
    """一次投递"""
    return _delivery(call.found(call.session.get(Outbox, path.number)))


@endpoint.changes("/deliveries/<int:number>/retry", DeliveryOut, DELIVERIES)
def retry(call: ApiCall, path: One) -> DeliveryOut:
    """再发一次；只有确定没送到、还要发的可以"""
    return _decided(
        call, path, lambda row: delivery_decisions.send_again(call.session, row, call.now, call.actor)
    )


@endpoint.changes("/deliveries/<int:number>/settle", DeliveryOut, DELIVERIES)
def settle(call: ApiCall, path: One, body: DeliveryDecision) -> DeliveryOut:
    """结果不明的一次，由人看过以后定下来"""
    return _decided(
        call, path, lambda row: site().decide(call.session, row, body.sent, call.actor, call.now, site().zone)
    )


@endpoint.changes("/deliveries/<int:number>/release", DeliveryOut, DELIVERIES)
def release(call: ApiCall, path: One) -> DeliveryOut:
    """放行从备份恢复后扣着的一条，马上发"""
    return _decided(
        call, path, lambda row: delivery_decisions.release_one(call.session, row, call.actor, call.now)
    )


@endpoint.changes("/deliveries/<int:number>/cancel", DeliveryOut, DELIVERIES)
def cancel(call: ApiCall, path: One) -> DeliveryOut:
    """撤下还没交给平台的一条，不发了"""
    return _decided(
        call, path, lambda row: delivery_decisions.take_back(call.session, row, call.now, call.actor)
    )


@endpoint.changes_many("/deliveries/release", DecidedOut, DELIVERIES)
def release_all(actor: str) -> DecidedOut:
    """放行从备份恢复后扣着的全部投递，按原来的先后发；停着的活动的不动"""
    return DecidedOut(count=delivery_decisions.release_all(site().db, actor, site().clock()))


@endpoint.changes_many("/deliveries/drop", DecidedOut, DELIVERIES)
def drop_all(actor: str) -> DecidedOut:
    """撤下从备份恢复后扣着的全部投递，一条都不发；停着的活动的不动"""
    return DecidedOut(count=delivery_decisions.drop_all(site().db, actor, site().clock()))


@endpoint.reads("/callbacks", PageOut[CallbackOut], CALLBACKS)
def callbacks(call: ApiCall, query: CallbackList) -> PageOut[CallbackOut]:
    """回调：平台发来的每个事件"""
    wanted = like(select(Inbox), Inbox, query, "status", "source", "kind", "subject")
    wanted = between(wanted, Inbox.received_at, query.received_since, query.received_before)
    rows, after = piece(call.session, wanted, Inbox, query, query.sort)
    return PageOut[CallbackOut](items=[_callback(row) for row in rows], next_cursor=after)


@endpoint.reads("/callbacks/<int:number>", CallbackOut, CALLBACKS)
def callback(call: ApiCall, path: One) -> CallbackOut:
    """一个回调"""
    return _callback(call.found(call.session.get(Inbox, path.number)))


@endpoint.changes("/callbacks/<int:number>/replay", CallbackOut, CALLBACKS)
def replay(call: ApiCall, path: One) -> CallbackOut:
    """再处理一次：停放的、失败的，或者当时还没有规则的"""
    row: Inbox = call.found(call.session.get(Inbox, path.number, with_for_update=True))
    inbox.replay(call.session, row, call.actor, call.now)
    call.session.flush()
    return _callback(row)


def _decided(call: ApiCall, path: One, decide: Callable[[Outbox], object]) -> DeliveryOut:
    """What became of a person's decision. A refusal names the state too, which a program does not see otherwise."""
    row = call.found(call.session.get(Outbox, path.number, with_for_update=True))
    try:
        decide(row)
    except Refused as no:
        refuse(409, Sentence("现在是「{status}」：{why}", status=row.status, why=no.words))
    call.session.flush()
    call.session.refresh(row)
    return _delivery(row)


def _delivery(row: Outbox) -> DeliveryOut:
    kept = set(DeliveryOut.model_fields) - {"label", "callback_id"}
    label = CHANNELS[row.channel].label if row.channel in CHANNELS else row.channel
    return DeliveryOut(**row.model_dump(include=kept), label=_(label), callback_id=row.inbox_id)


def _callback(row: Inbox) -> CallbackOut:
    return CallbackOut(**row.model_dump(include=set(CallbackOut.model_fields)))
