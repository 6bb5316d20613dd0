"""/friends and /assignments: who befriended whom, who serves whom and why; and how a rule would decide, tried out."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import Field
from sqlmodel import Session, col, select

from models.friends import Customer, Friend, FriendStatus, RuleOutcome, assignment, friendship
from models.friends.entry_codes import EntryCode
from models.friends.welcome import welcome_seconds
from models.ledger.outbox import Outbox
from models.org import Guide, renames
from models.sentences import Sentence
from pages.api import endpoint
from pages.api.endpoint import ApiCall
from pages.api.pagination import NEWEST, between, like, piece
from pages.api.problems import refuse_fields
from pages.api.schemas import (
    Body,
    GuideRef,
    Id,
    Line,
    Listing,
    Moment,
    Names,
    One,
    OneOf,
    Output,
    PageOut,
    PlaceRef,
)
from pages.web.site import site

TAG = "好友与归属"


class CustomerOut(Output):
    """客户。这里不存手机号。"""

    external_userid: str
    unionid: str
    name: str
    kind: int = Field(description="1 微信用户，2 企业微信用户")


class FriendOut(Output):
    """一位导购账号里的一位好友。"""

    id: int
    customer: CustomerOut
    owner: GuideRef | None = Field(description="好友在谁的账号里，由平台决定；消息都从这个账号发")
    guide: GuideRef | None = Field(description="归谁：任务和结果算给谁")
    store: PlaceRef | None
    branch: PlaceRef | None
    status: OneOf[FriendStatus]
    lost_how: str
    code_id: int | None = Field(description="从哪个入口码来")
    strange_state: bool = Field(description="带来的参数不是我们的码，要看一眼")
    rule: str
    reason: str = Field(description="为什么归她")
    times_added: int
    added_at: datetime
    lost_at: datetime | None


class ReasonStep(Output):
    """一条规则怎么回答的。"""

    rule: str
    question: str
    answer: str
    outcome: OneOf[RuleOutcome]


class WelcomeOut(Output):
    """这位好友的欢迎语。"""

    delivery_id: int
    status: str
    reason: str
    seconds: float | None = Field(description="从回调到平台收下用了几秒")


class FriendDetail(FriendOut):
    """一位好友，带每条规则的回答和欢迎语。"""

    steps: list[ReasonStep]
    welcome: WelcomeOut | None


class AssignmentOut(Output):
    """一次归属：谁的账号里、归谁、为什么。"""

    friend_id: int
    external_userid: str
    owner: GuideRef | None
    guide: GuideRef | None = Field(description="null 表示没有人，在待领")
    store: PlaceRef | None
    branch: PlaceRef | None
    rule: str
    reason: str
    steps: list[ReasonStep]
    rules_version: int = Field(description="哪一版规则定的；0 是一开始就有的规则")
    unclaimed_at: datetime | None = Field(description="从什么时候起待领；有人服务时是 null")
    added_at: datetime


class FriendList(Listing):
    """好友列表的筛选。"""

    status: OneOf[FriendStatus] | None = None
    owner_id: Id | None = None
    guide_id: Id | None = None
    store_id: Id | None = None
    branch_id: Id | None = None
    code_id: Id | None = None
    rule: Line | None = Field(None, max_length=32)
    unserved: bool | None = Field(None, description="true：只要没有人服务的")
    external_userid: Line | None = Field(None, max_length=64)
    added_since: Moment | None = None
    added_before: Moment | None = None
    sort: Literal["id", "-id", "added_at", "-added_at"] = NEWEST


class DryRunIn(Body):
    """假如平台把这位客户给了这位导购。"""

    userid: Line = Field(max_length=64, description="平台把好友给了谁的账号")
    code_id: Id | None = Field(None, description="客户扫的入口码；不填表示没有扫码")
    external_userid: Line | None = Field(None, max_length=64, description="哪位客户；不填表示第一次来的人")


class DryRunOut(Output):
    """会归谁，为什么；什么都没有写。"""

    guide: GuideRef | None
    store: PlaceRef | None
    branch: PlaceRef | None
    rule: str
    reason: str
    steps: list[ReasonStep]
    rules_version: int


@endpoint.reads("/friends", PageOut[FriendOut], TAG)
def all_friends(call: ApiCall, query: FriendList) -> PageOut[FriendOut]:
    """好友"""
    rows, after = piece(call.session, _wanted(query), Friend, query, query.sort)
    return PageOut[FriendOut](
        items=[FriendOut(**one) for one in _shown(call.session, rows)], next_cursor=after
    )


@endpoint.reads("/friends/<int:number>", FriendDetail, TAG)
def friend(call: ApiCall, path: One) -> FriendDetail:
    """一位好友，带归属的每一步"""
    row = call.found(call.session.get(Friend, path.number))
    customer = call.session.get_one(Customer, row.customer_id)
    plain = _shown(call.session, [(row, customer)])[0]
    welcome = call.session.get(Outbox, row.welcome_id) if row.welcome_id else None
    return FriendDetail(**plain, steps=_steps(row.steps), welcome=_welcome(welcome))


@endpoint.reads("/assignments", PageOut[AssignmentOut], TAG)
def assignments(call: ApiCall, query: FriendList) -> PageOut[AssignmentOut]:
    """归属和理由"""
    rows, after = piece(call.session, _wanted(query), Friend, query, query.sort)
    names = _names(call.session, [row for row, _ in rows])
    items = [
        AssignmentOut(
            friend_id=row.id or 0,
            external_userid=customer.external_userid,
            owner=names.guide(row.owner_id),
            guide=names.guide(row.guide_id),
            store=names.store(row.store_id),
            branch=names.branch(row.branch_id),
            rule=row.rule,
            reason=row.reason,
            steps=_steps(row.steps),
            rules_version=row.rules_version,
            unclaimed_at=row.unclaimed_at,
            added_at=row.added_at,
        )
        for row, customer in rows
    ]
    return PageOut[AssignmentOut](items=items, next_cursor=after)


@endpoint.changes("/assignments/dry-run", DryRunOut, TAG, writes=False)
def dry_run(call: ApiCall, body: DryRunIn) -> DryRunOut:
    """试一试规则：会归谁、为什么；什么都不写，能读的令牌就可以"""
    owner = renames.guide_called(call.session, body.userid, call.now)
    if owner is None:
        refuse_fields({"userid": Sentence("没有账号是「{userid}」的导购", userid=body.userid)})
    code = call.session.get(EntryCode, body.code_id) if body.code_id else None
    if body.code_id and code is None:
        refuse_fields({"code_id": Sentence("没有编号是 {number} 的入口码", number=body.code_id)})
    who = _imagined(call.session, owner, body.external_userid, call.now) if body.external_userid else None
    picked = assignment.pick(call.session, code, owner, call.now, site().zone, friend=who)
    guide, store = (one.id if one else None for one in (picked.guide, picked.store))
    names = Names(call.session, guides=[guide], stores=[store], branches=[picked.branch_id])
    return DryRunOut(
        guide=names.guide(guide),
        store=names.store(store),
        branch=names.branch(picked.branch_id),
        rule=picked.rule,
        reason=picked.reason,
        steps=_steps(picked.steps),
        rules_version=picked.version,
    )


def _steps(steps: Iterable[Mapping[str, Any]]) -> list[ReasonStep]:
    return [ReasonStep.model_validate(step) for step in steps]


def _imagined(session: Session, owner: Guide, external_userid: str, now: datetime) -> Friend | None:
    """The friendship as it would be if this customer came (back) now; never added to the session."""
    customer = session.exec(select(Customer).where(Customer.external_userid == external_userid)).one_or_none()
    if customer is None:
        return None
    known = friendship.find(session, owner.userid, external_userid)
    return Friend(
        customer_id=customer.id or 0,
        owner_id=owner.id or 0,
        guide_id=known.guide_id if known else None,
        status=FriendStatus.LOST,
        added_at=now,
        changed_at=now,
        times_added=known.times_added + 1 if known else 1,
    )


def _wanted(query: FriendList) -> Any:
    wanted = select(Friend, Customer).join(Customer, col(Customer.id) == Friend.customer_id)
    wanted = like(
        wanted, Friend, query, "status", "owner_id", "guide_id", "store_id", "branch_id", "code_id", "rule"
    )
    if query.unserved is not None:
        wanted = wanted.where(
            col(Friend.guide_id).is_(None) if query.unserved else col(Friend.guide_id).is_not(None)
        )
    if query.external_userid is not None:
        wanted = wanted.where(Customer.external_userid == query.external_userid)
    return between(wanted, Friend.added_at, query.added_since, query.added_before)


def _names(session: Session, rows: list[Friend]) -> Names:
    people = [row.owner_id for row in rows] + [row.guide_id for row in rows if row.guide_id]
    return Names(
        session,
        guides=people,
        stores=[row.store_id for row in rows],
        branches=[row.branch_id for row in rows],
    )


def _shown(session: Session, rows: Any) -> list[dict[str, Any]]:
    names = _names(session, [row for row, _ in rows])
    kept = set(FriendOut.model_fields) - {"customer", "owner", "guide", "store", "branch", "strange_state"}
    return [
        {
            **row.model_dump(include=kept),
            "strange_state": row.strange_state,
            "customer": CustomerOut(
                external_userid=customer.external_userid,
                unionid=customer.unionid,
                name=customer.name,
                kind=customer.kind,
            ),
            "owner": names.guide(row.owner_id),
            "guide": names.guide(row.guide_id),
            "store": names.store(row.store_id),
            "branch": names.branch(row.branch_id),
        }
        for row, customer in rows
    ]


def _welcome(row: Outbox | None) -> WelcomeOut | None:
    if row is None:
        return None
    return WelcomeOut(
        delivery_id=row.id or 0, status=row.status, reason=row.reason, seconds=welcome_seconds(row)
    )
