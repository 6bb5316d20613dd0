"""/handovers: what leavers' friends and groups go through, and the verbs of those who decide."""

from datetime import datetime
from typing import Literal

from pydantic import Field
from sqlmodel import col, select

from models.friends import Customer, handover_drafts, handover_lines, handover_plan
from models.friends.handover import (
    MESSAGE_LETTERS,
    Handover,
    HandoverKind,
    HandoverStatus,
    SixNumbers,
    SuccessorRule,
    TransferredFriend,
    TransferState,
)
from models.friends.handover_lines import HandoverStanding
from models.org import Guide, find_guide
from pages.api import endpoint
from pages.api.endpoint import ApiCall
from pages.api.pagination import NEWEST, like, piece
from pages.api.problems import refuse_fields
from pages.api.schemas import Body, Id, Line, Listing, One, OneOf, Output, PageOut, Text

TAG = "交接"


class SixNumbersOut(Output):
    """六个数，加起来总是她的全部好友。"""

    done: int = Field(description="接好了")
    waiting: int = Field(description="等客户 24 小时，或正要通知")
    manager: int = Field(description="等店长确认")
    successor: int = Field(description="等人选接手的")
    refused: int = Field(description="客户不同意")
    gone: int = Field(description="已不是好友")
    all: int


class HandoverShareOut(Output):
    """一位接手的人。"""

    id: int
    guide_id: int
    userid: str
    name: str
    weight: int
    blocked: str = Field(description="她现在接不了的原因；会自动再试")
    numbers: SixNumbersOut


class HandoverStoryOut(Output):
    """经过里的一行。"""

    at: datetime
    words: str
    more: str
    mark: Literal["done", "step", "care"]


class HandoverOut(Output):
    """一份交接。"""

    id: int
    guide_id: int
    userid: str
    name: str
    kind: OneOf[HandoverKind] = Field(description="left 离职，on_job 在职换人")
    status: OneOf[HandoverStatus]
    standing: OneOf[HandoverStanding] = Field(description="现在等什么")
    rule: OneOf[SuccessorRule]
    message: str
    store_id: int | None
    branch_id: int | None
    left_at: datetime
    planned_at: datetime | None
    confirmed_at: datetime | None
    confirmed_by: str
    finished_at: datetime | None
    numbers: SixNumbersOut
    shares: list[HandoverShareOut]
    story: list[HandoverStoryOut]


class HandoverList(Listing):
    """交接列表的筛选。"""

    status: OneOf[HandoverStatus] | None = None
    kind: OneOf[HandoverKind] | None = None
    guide_id: Id | None = None
    store_id: Id | None = None
    branch_id: Id | None = None
    sort: Literal["id", "-id"] = NEWEST


class HandoverIn(Body):
    """给一位导购的客户换人，或说她已离职。"""

    userid: Line = Field(min_length=1, max_length=64)
    left: bool = Field(False, description="true：她已经离职，通讯录还没有说；方案几秒后自己出现")
    message: Text = Field(
        "", max_length=MESSAGE_LETTERS, description="换好以后客户读到的话；只在在职换人时有"
    )
    groups: bool = Field(False, description="她的客户群也换群主；只在在职换人时算")


class HandoverBegunOut(Output):
    """记下了没有。"""

    id: int | None = Field(description="在职换人的交接编号；离职的几秒后才有")


class SuccessorIn(Body):
    """一位接手的人。"""

    userid: Line = Field(min_length=1, max_length=64)
    parts: int = Field(1, ge=1, le=100, description="份数，只在 rule=share 时算")


class SuccessorsIn(Body):
    """怎么分，给谁。"""

    rule: OneOf[SuccessorRule] = Field(
        description="store 平分，least 好友少的多接，share 按份数，one 都给一位"
    )
    successors: list[SuccessorIn] = Field([], max_length=50, description="空着就是同店在岗的导购")


class AgainIn(Body):
    """换一位再问。"""

    friends: list[Id] = Field(min_length=1, max_length=100, description="/friends 里那一行的 id")
    userid: Line = Field(min_length=1, max_length=64, description="换谁接手")


class AgainOut(Output):
    """再问了几位。"""

    asked: int


class TransferredFriendOut(Output):
    """交接里的一位好友。"""

    id: int
    friend_id: int
    external_userid: str
    name: str
    share_id: int | None
    state: OneOf[TransferState]
    words: str = Field(description="为什么是这样")
    asked_at: datetime | None
    due_at: datetime | None = Field(description="24 小时到什么时候")
    ended_at: datetime | None


class TransferredFriendList(Listing):
    """交接里好友的筛选。"""

    state: OneOf[TransferState] | None = None
    sort: Literal["id", "-id"] = "id"


@endpoint.reads("/handovers", PageOut[HandoverOut], TAG)
def all_handovers(call: ApiCall, query: HandoverList) -> PageOut[HandoverOut]:
    """离职交接和在职换人"""
    wanted = like(select(Handover), Handover, query, "status", "kind", "guide_id", "store_id", "branch_id")
    rows, after = piece(call.session, wanted, Handover, query, query.sort)
    return PageOut[HandoverOut](items=[_shown(call, row) for row in rows], next_cursor=after)


@endpoint.reads("/handovers/<int:number>", HandoverOut, TAG)
def handover(call: ApiCall, path: One) -> HandoverOut:
    """一份交接"""
    return _shown(call, _find(call, path))


@endpoint.reads("/handovers/<int:number>/friends", PageOut[TransferredFriendOut], TAG)
def handover_friends(call: ApiCall, path: One, query: TransferredFriendList) -> PageOut[TransferredFriendOut]:
    """一份交接里的每位好友"""
    _find(call, path)
    wanted = select(TransferredFriend).where(TransferredFriend.handover_id == path.number)
    if query.state is not None:
        wanted = wanted.where(TransferredFriend.state == query.state)
    rows, after = piece(call.session, wanted, TransferredFriend, query, query.sort)
    ids = [row.customer_id for row in rows]
    people = {one.id: one for one in call.session.exec(select(Customer).where(col(Customer.id).in_(ids)))}
    items = [
        TransferredFriendOut(
            **row.model_dump(include=set(TransferredFriendOut.model_fields)),
            external_userid=people[row.customer_id].external_userid,
            name=people[row.customer_id].name,
        )
        for row in rows
    ]
    return PageOut[TransferredFriendOut](items=items, next_cursor=after)


@endpoint.changes("/handovers", HandoverBegunOut, TAG, status=201)
def begin_handover(call: ApiCall, body: HandoverIn) -> HandoverBegunOut:
    """列一份在职换人的草稿，或说一位导购已经离职"""
    guide = _guide(call, body.userid)
    if body.left:
        handover_drafts.she_left(call.session, guide, call.actor, call.now)
        return HandoverBegunOut(id=None)
    made = handover_drafts.begin_on_job(
        call.session, guide, call.actor, call.now, message=body.message, groups=body.groups
    )
    return HandoverBegunOut(id=made.id)


@endpoint.changes("/handovers/<int:number>/successors", HandoverOut, TAG)
def choose_successors(call: ApiCall, path: One, body: SuccessorsIn) -> HandoverOut:
    """选接手的人；已经通知过的客户不动"""
    _find(call, path)
    weights = {_guide(call, one.userid).id or 0: one.parts for one in body.successors}
    rule = SuccessorRule(body.rule)
    return _shown(call, handover_plan.choose(call.session, path.number, rule, weights, call.actor, call.now))


@endpoint.changes("/handovers/<int:number>/confirm", HandoverOut, TAG)
def confirm_handover(call: ApiCall, path: One) -> HandoverOut:
    """确认：客户从这时起收到通知，收不回来"""
    row = _find(call, path)
    handover_plan.confirm(call.session, path.number, call.actor, call.now)
    return _shown(call, row)


@endpoint.changes("/handovers/<int:number>/stop", HandoverOut, TAG)
def stop_handover(call: ApiCall, path: One) -> HandoverOut:
    """不办了；只有在职换人的草稿能停"""
    row = _find(call, path)
    handover_plan.stop(call.session, path.number, call.actor, call.now)
    return _shown(call, row)


@endpoint.changes("/handovers/<int:number>/again", AgainOut, TAG)
def ask_again(call: ApiCall, path: One, body: AgainIn) -> AgainOut:
    """换一位再问：客户再收到一次通知，再等 24 小时"""
    _find(call, path)
    successor = _guide(call, body.userid)
    asked = handover_plan.ask_again(
        call.session, path.number, body.friends, successor.id or 0, call.actor, call.now
    )
    return AgainOut(asked=asked)


def _find(call: ApiCall, path: One) -> Handover:
    row: Handover = call.found(call.session.get(Handover, path.number))
    return row


def _guide(call: ApiCall, userid: str) -> Guide:
    guide = find_guide(call.session, userid)
    if guide is None:
        refuse_fields({"userid": "没有这位导购"})
    return guide


def _shown(call: ApiCall, row: Handover) -> HandoverOut:
    call.session.flush()
    one = handover_lines.line(call.session, row)
    return HandoverOut(
        **row.model_dump(include=set(HandoverOut.model_fields) - {"numbers", "shares", "story", "standing"}),
        userid=one.guide.userid,
        name=one.guide.name,
        standing=one.standing,
        numbers=_numbers(one.numbers),
        shares=[
            HandoverShareOut(
                id=line.share.id or 0,
                guide_id=line.guide.id or 0,
                userid=line.guide.userid,
                name=line.guide.name,
                weight=line.share.weight,
                blocked=line.share.blocked,
                numbers=_numbers(line.numbers),
            )
            for line in handover_lines.share_lines(call.session, row)
        ],
        story=[HandoverStoryOut(**line) for line in row.story],
    )


def _numbers(numbers: SixNumbers) -> SixNumbersOut:
    return SixNumbersOut(**{name: getattr(numbers, name) for name in SixNumbersOut.model_fields})
