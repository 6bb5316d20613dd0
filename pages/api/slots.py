"""/slots: the places that HQ opens to branches, what each put there, and HQ's yes or no to their variants."""

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from pydantic import Field
from sqlmodel import Session, col, select

from models.campaigns import slot_lines, slots, variant_decisions, variants
from models.campaigns.approval import LONGEST_REASON
from models.campaigns.slot_lines import SlotStanding
from models.campaigns.slots import LONGEST_NOTE, ReplacedPart, Slot, SlotFields
from models.campaigns.variants import Variant, VariantStatus
from models.kinds import MaterialKind
from models.org import Branch
from pages.api import endpoint
from pages.api.endpoint import ApiCall
from pages.api.pagination import NEWEST, between, piece
from pages.api.schemas import Body, Id, Line, Listing, Moment, One, OneOf, Output, PageOut, Text
from pages.web import campaign_check

if TYPE_CHECKING:
    Channel = str
else:
    from pages.api.campaign_schemas import Channel
TAG = "位置"


class SlotIn(Body):
    """开放给分公司的一个位置。"""

    begins_at: Moment = Field(description="从什么时候")
    ends_at: Moment = Field(description="到什么时候，最长 30 天")
    submit_by: Moment = Field(description="最晚什么时候提交，要在开始以前")
    branches: list[Id] = Field([], max_length=1000, description="给哪些分公司；空着就是全部")
    kinds: list[OneOf[MaterialKind]] = Field([], max_length=3, description="哪类内容；空着就是都行")
    channels: list[Channel] = Field([], max_length=20, description="哪些渠道；空着就是都行")
    campaign_id: Id | None = Field(None, description="能换总部哪个活动里的几样；空着就是放自己的活动")
    parts: list[OneOf[ReplacedPart]] = Field(
        [], max_length=3, description="能换哪几样：text 正文，headline 海报标题，picture 首图"
    )
    note: Line = Field("", max_length=LONGEST_NOTE, description="说明，分公司看得到")


class SlotOut(Output):
    """一个位置。"""

    id: int
    begins_at: datetime
    ends_at: datetime
    submit_by: datetime
    branches: list[int] = Field(description="空着就是全部分公司")
    kinds: list[str]
    channels: list[str]
    campaign_id: int | None
    parts: list[str]
    note: str
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None = Field(description="什么时候收回的")


class VariantOut(Output):
    """分公司换了什么；空着的照总部的。"""

    text: str
    headline: str
    picture_id: int | None
    status: OneOf[VariantStatus]
    by: str
    at: datetime
    decided_by: str
    decided_at: datetime | None
    reason: str = Field(description="为什么退回")


class SlotUseOut(Output):
    """一家分公司怎么用这个位置。"""

    branch_id: int
    standing: OneOf[SlotStanding] = Field(description="empty 空着，filled 放了没批，used 用了，over 过了")
    campaign_id: int | None = Field(description="放进来的活动")
    misfit: str = Field(description="放的哪里不合适")
    variant: VariantOut | None


class SlotUses(Output):
    """每家分公司怎么用这个位置。"""

    items: list[SlotUseOut]


class SlotList(Listing):
    """位置列表的筛选。"""

    begins_since: Moment | None = Field(None, description="从这时起开始的")
    begins_before: Moment | None = Field(None, description="在这时以前开始的")
    sort: Literal["id", "-id"] = NEWEST


class BranchIn(Body):
    """哪家分公司的版本。"""

    branch_id: Id


class VariantReturnIn(BranchIn):
    """退回哪家分公司的版本，为什么。"""

    reason: Text = Field(min_length=1, max_length=LONGEST_REASON, description="让写的人知道改哪里")


@endpoint.reads("/slots", PageOut[SlotOut], TAG)
def all_slots(call: ApiCall, query: SlotList) -> PageOut[SlotOut]:
    """总部开放的位置"""
    wanted = between(select(Slot), Slot.begins_at, query.begins_since, query.begins_before)
    rows, after = piece(call.session, wanted, Slot, query, query.sort)
    return PageOut[SlotOut](items=[_shown(row) for row in rows], next_cursor=after)


@endpoint.reads("/slots/<int:number>", SlotOut, TAG)
def slot(call: ApiCall, path: One) -> SlotOut:
    """一个位置"""
    return _shown(_find(call, path))


@endpoint.reads("/slots/<int:number>/uses", SlotUses, TAG)
def slot_uses(call: ApiCall, path: One) -> SlotUses:
    """每家分公司放了什么、换了什么"""
    row = _find(call, path)
    every = list(call.session.exec(select(Branch.id).order_by(col(Branch.id))))
    items = [_use(call.session, row, branch or 0, call.now) for branch in row.branches or every]
    return SlotUses(items=items)


@endpoint.changes("/slots", SlotOut, TAG, status=201)
def open_slot(call: ApiCall, body: SlotIn) -> SlotOut:
    """开放一个位置；分公司的日历里马上看得到"""
    fields = SlotFields.model_validate(body.model_dump())
    return _shown(slots.open_slot(call.session, fields, who=call.actor, now=call.now))


@endpoint.changes("/slots/<int:number>/close", SlotOut, TAG)
def close_slot(call: ApiCall, path: One) -> SlotOut:
    """收回：新的放不进来，已经放进来的不受影响"""
    row = _find(call, path)
    slots.close_slot(call.session, row, who=call.actor, now=call.now)
    return _shown(row)


@endpoint.changes("/slots/<int:number>/approve", SlotUseOut, TAG)
def approve_variant(call: ApiCall, path: One, body: BranchIn) -> SlotUseOut:
    """批准一家分公司的版本；到时间她们的导购发这一版"""
    return _decided(call, _find(call, path), body.branch_id, "")


@endpoint.changes("/slots/<int:number>/return", SlotUseOut, TAG)
def return_variant(call: ApiCall, path: One, body: VariantReturnIn) -> SlotUseOut:
    """退回一家分公司的版本"""
    return _decided(call, _find(call, path), body.branch_id, body.reason)


def _decided(call: ApiCall, row: Slot, branch_id: int, reason: str) -> SlotUseOut:
    number = row.id or 0
    variant: Variant = call.found(variants.of_branch(call.session, [number], branch_id).get(number))
    by = {"who": call.actor, "account_id": None, "now": call.now}
    if not reason:
        campaign_check.judge_variant(call.session, variant, call.now)
    variant_decisions.decide(call.session, variant, yes=not reason, reason=reason, **by)  # type: ignore[arg-type]
    return _use(call.session, row, branch_id, call.now)


def _find(call: ApiCall, path: One) -> Slot:
    row: Slot = call.found(call.session.get(Slot, path.number))
    return row


def _shown(row: Slot) -> SlotOut:
    return SlotOut(**row.model_dump(include=set(SlotOut.model_fields)))


def _use(session: Session, row: Slot, branch_id: int, now: datetime) -> SlotUseOut:
    session.flush()
    line = slot_lines.lines(session, [row], branch_id, now)[0]
    kept = line.variant
    return SlotUseOut(
        branch_id=branch_id,
        standing=line.standing,
        campaign_id=line.filling.id if line.filling else None,
        misfit=line.misfit,
        variant=VariantOut(**kept.model_dump(include=set(VariantOut.model_fields))) if kept else None,
    )
