"""/groups, /robots, /commands: where robots live, and which words they understand."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field
from sqlmodel import Session, select

from models import groups
from models.groups import Group, GroupKind, GroupStatus, robots
from models.groups.robots import Robot, RobotStatus
from models.org import Store
from models.sentences import Sentence
from pages.api import endpoint
from pages.api.endpoint import ApiCall
from pages.api.pagination import NEWEST, like, piece
from pages.api.problems import refuse_fields
from pages.api.schemas import Body, GuideRef, Id, Line, Listing, Names, One, OneOf, Output, PageOut, PlaceRef
from pages.web.site import site

TAG = "群与机器人"


class GroupIn(Body):
    """一个内部群：装了群机器人，我们才知道它。"""

    name: Line = Field(min_length=1, max_length=64)
    store: Line | None = Field(None, max_length=64, description="属于哪家门店（编号）")
    members: int = Field(0, ge=0, le=2000)


class GroupOut(Output):
    """群。"""

    id: int
    chat_id: str
    kind: OneOf[GroupKind]
    name: str
    owner: GuideRef | None
    store: PlaceRef | None
    branch: PlaceRef | None
    members: int
    status: OneOf[GroupStatus]
    created_at: datetime


class GroupList(Listing):
    """群列表的筛选。"""

    kind: OneOf[GroupKind] | None = None
    status: OneOf[GroupStatus] | None = None
    owner_id: Id | None = None
    store_id: Id | None = None
    branch_id: Id | None = None
    sort: Literal["id", "-id", "created_at", "-created_at"] = NEWEST


class RobotIn(Body):
    """把一个群机器人交给我们。它的地址只进不出，封好再存。"""

    group_id: Id
    name: Line = Field("", max_length=64, description="不填用群名")
    webhook: Line = Field(min_length=8, max_length=500, description="群里复制的 Webhook 地址，里面有 key=")


class RobotOut(Output):
    """群机器人。"""

    id: int
    group_id: int
    name: str
    key_tail: str = Field(description="地址最后四位，用来认是哪一个")
    status: OneOf[RobotStatus]
    reason: str
    created_at: datetime


class RobotList(Listing):
    """机器人列表的筛选。"""

    group_id: Id | None = None
    status: OneOf[RobotStatus] | None = None
    sort: Literal["id", "-id"] = NEWEST


class Command(Output):
    """机器人听得懂的一个词。"""

    words: list[str]
    help: str


class CommandList(Output):
    """机器人听得懂的词。"""

    items: list[Command]


@endpoint.reads("/groups", PageOut[GroupOut], TAG)
def all_groups(call: ApiCall, query: GroupList) -> PageOut[GroupOut]:
    """群"""
    rows, after = piece(
        call.session,
        like(select(Group), Group, query, "kind", "status", "owner_id", "store_id", "branch_id"),
        Group,
        query,
        query.sort,
    )
    return PageOut[GroupOut](items=_groups(call.session, rows), next_cursor=after)


@endpoint.reads("/groups/<int:number>", GroupOut, TAG)
def group(call: ApiCall, path: One) -> GroupOut:
    """一个群"""
    return _groups(call.session, [call.found(call.session.get(Group, path.number))])[0]


@endpoint.changes("/groups", GroupOut, TAG, status=201)
def add_group(call: ApiCall, body: GroupIn) -> GroupOut:
    """登记一个内部群，再用 POST /robots 交给它一个机器人"""
    store = (
        call.session.exec(select(Store).where(Store.code == body.store)).one_or_none() if body.store else None
    )
    if body.store and store is None:
        refuse_fields({"store": Sentence("没有编号是「{code}」的门店", code=body.store)})
    made = groups.add_internal(
        call.session, body.name, call.actor, call.now, store=store, members=body.members
    )
    return _groups(call.session, [made])[0]


@endpoint.reads("/robots", PageOut[RobotOut], TAG)
def all_robots(call: ApiCall, query: RobotList) -> PageOut[RobotOut]:
    """群机器人；地址不会给出来"""
    rows, after = piece(
        call.session, like(select(Robot), Robot, query, "group_id", "status"), Robot, query, query.sort
    )
    return PageOut[RobotOut](items=[_robot(row) for row in rows], next_cursor=after)


@endpoint.changes("/robots", RobotOut, TAG, status=201)
def add_robot(call: ApiCall, body: RobotIn) -> RobotOut:
    """给一个内部群一个机器人；客户群不行，这是平台的规定"""
    place = call.session.get(Group, body.group_id)
    if place is None:
        refuse_fields({"group_id": Sentence("没有编号是 {number} 的群", number=body.group_id)})
    made = robots.add(
        call.session,
        place,
        name=body.name,
        key=body.webhook,
        encryption=site().encryption,
        who=call.actor,
        now=call.now,
    )
    return _robot(made)


@endpoint.reads("/commands", CommandList, TAG)
def commands(call: ApiCall) -> CommandList:
    """机器人听得懂的词"""
    return CommandList(items=[Command(words=list(one.words), help=one.line) for one in site().commands])


def _groups(session: Session, rows: Any) -> list[GroupOut]:
    names = Names(
        session,
        guides=[row.owner_id for row in rows],
        stores=[row.store_id for row in rows],
        branches=[row.branch_id for row in rows],
    )
    kept = set(GroupOut.model_fields) - {"owner", "store", "branch"}
    return [
        GroupOut(
            **row.model_dump(include=kept),
            owner=names.guide(row.owner_id),
            store=names.store(row.store_id),
            branch=names.branch(row.branch_id),
        )
        for row in rows
    ]


def _robot(row: Robot) -> RobotOut:
    return RobotOut(**row.model_dump(include=set(RobotOut.model_fields)))
