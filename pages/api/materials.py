"""/materials: pieces of the library, their versions, and the goods that are left."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field
from sqlmodel import Session, select

from models.campaigns.attachments import Attachment
from models.kinds import MaterialKind
from models.materials import LONGEST_NAME, Material, MaterialStatus, Stock, library
from models.materials.library import MOST_STOCK, MaterialFields
from pages.api import endpoint
from pages.api.campaign_schemas import AttachmentIn, AttachmentOut, ReturnIn
from pages.api.endpoint import ApiCall
from pages.api.pagination import NEWEST, like, piece
from pages.api.problems import refuse_fields
from pages.api.schemas import Body, Id, Line, Listing, Moment, One, OneOf, Output, PageOut, Text
from pages.web import campaign_check

TAG = "素材"


class MaterialEdit(Body):
    """要改的地方；没写的不变。客户看得到的改了，就是新的一版。"""

    name: Line = Field("", max_length=LONGEST_NAME, description="只有内部看得到")
    kind: OneOf[MaterialKind] = Field(
        MaterialKind.CONTENT, description="content 内容，brand 品牌，deal 销售；写了价格或券就是 deal"
    )
    text: Text = Field("", max_length=4000, description="最多 4,000 字节；有附件时可以空着")
    attachments: list[AttachmentIn] = Field([], max_length=20, description="平台最多收 9 个")
    regions: list[Id] = Field([], max_length=1000, description="能用的分公司编号；空着就是全国")
    valid_from: Moment | None = Field(None, description="从什么时候起能用；空着就是一直")
    valid_until: Moment | None = Field(None, description="到什么时候为止；空着就是一直")
    stock: OneOf[Stock] = Field(Stock.NONE, description="none 不用货，in 有货，out 没货了")
    stock_left: int | None = Field(None, ge=0, le=MOST_STOCK, description="还剩几件；不数就空着")
    stock_floor: int = Field(0, ge=0, le=MOST_STOCK, description="剩几件时，用它的活动自动暂停")


class MaterialIn(MaterialEdit):
    """一件新素材，先是草稿。"""

    name: Line = Field(min_length=1, max_length=LONGEST_NAME, description="只有内部看得到")


class StockIn(Body):
    """还剩几件。"""

    left: int = Field(ge=0, le=MOST_STOCK)


class MaterialOut(Output):
    """素材最新的一版。"""

    id: int
    name: str
    kind: OneOf[MaterialKind]
    status: OneOf[MaterialStatus]
    text: str
    attachments: list[AttachmentOut]
    branch_id: int | None = Field(description="哪家分公司做的；空着就是总部")
    regions: list[int]
    valid_from: datetime | None
    valid_until: datetime | None
    stock: OneOf[Stock]
    stock_left: int | None
    stock_floor: int
    version: int
    approved_version: int | None = Field(description="活动里用的是这一版")
    created_at: datetime
    changed_at: datetime


class MaterialList(Listing):
    """素材列表的筛选。"""

    kind: OneOf[MaterialKind] | None = None
    status: OneOf[MaterialStatus] | None = None
    sort: Literal["id", "-id"] = NEWEST


@endpoint.reads("/materials", PageOut[MaterialOut], TAG)
def all_materials(call: ApiCall, query: MaterialList) -> PageOut[MaterialOut]:
    """素材"""
    wanted = like(select(Material), Material, query, "kind", "status")
    rows, after = piece(call.session, wanted, Material, query, query.sort)
    return PageOut[MaterialOut](items=[_shown(call.session, row) for row in rows], next_cursor=after)


@endpoint.reads("/materials/<int:number>", MaterialOut, TAG)
def material(call: ApiCall, path: One) -> MaterialOut:
    """一件素材"""
    return _shown(call.session, _find(call, path))


@endpoint.changes("/materials", MaterialOut, TAG, status=201)
def create_material(call: ApiCall, body: MaterialIn) -> MaterialOut:
    """新建一件素材，先是草稿；提交并批准以后活动里才能用"""
    fields = _holding(call, MaterialFields.model_validate(body.model_dump()))
    by: dict[str, Any] = {"who": call.actor, "account_id": None, "now": call.now}
    return _shown(call.session, library.create(call.session, fields, branch_id=None, **by))


@endpoint.changes("/materials/<int:number>", MaterialOut, TAG, method="patch")
def edit_material(call: ApiCall, path: One, body: MaterialEdit) -> MaterialOut:
    """改一件素材；没写的字段不变"""
    row = _find(call, path)
    kept = library.fields_of(row, library.newest(call.session, row)).model_dump()
    given = {name: value for name, value in body.model_dump().items() if name in body.model_fields_set}
    fields = _holding(call, MaterialFields.model_validate(kept | given))
    library.revise(call.session, row, fields, who=call.actor, account_id=None, now=call.now)
    return _shown(call.session, row)


@endpoint.changes("/materials/<int:number>/submit", MaterialOut, TAG)
def submit_material(call: ApiCall, path: One) -> MaterialOut:
    """提交；没有第二个人能批时直接批准"""
    row = _find(call, path)
    library.submit(call.session, row, who=call.actor, account_id=None, now=call.now)
    return _shown(call.session, row)


@endpoint.changes("/materials/<int:number>/approve", MaterialOut, TAG)
def approve_material(call: ApiCall, path: One) -> MaterialOut:
    """批准等着的那一版；写的人不能自己批"""
    row = _find(call, path)
    library.approve(call.session, row, who=call.actor, account_id=None, now=call.now)
    return _shown(call.session, row)


@endpoint.changes("/materials/<int:number>/return", MaterialOut, TAG)
def return_material(call: ApiCall, path: One, body: ReturnIn) -> MaterialOut:
    """退回，写原因"""
    row = _find(call, path)
    library.give_back(call.session, row, who=call.actor, account_id=None, reason=body.reason, now=call.now)
    return _shown(call.session, row)


@endpoint.changes("/materials/<int:number>/retire", MaterialOut, TAG)
def retire_material(call: ApiCall, path: One) -> MaterialOut:
    """停用：新的活动不能再选，已经用上的不受影响"""
    row = _find(call, path)
    library.retire(call.session, row, who=call.actor, now=call.now)
    return _shown(call.session, row)


@endpoint.changes("/materials/<int:number>/stock", MaterialOut, TAG)
def count_material_stock(call: ApiCall, path: One, body: StockIn) -> MaterialOut:
    """还剩几件；到了 stock_floor，用它的活动自动暂停"""
    row = _find(call, path)
    library.count_stock(call.session, row, body.left, who=call.actor, now=call.now)
    return _shown(call.session, row)


def _holding(call: ApiCall, fields: MaterialFields) -> MaterialFields:
    """The piece, or 422 where a poster does not hold its words, with everything else that cannot stay so."""
    faults = library.complaints(call.session, fields)
    if faults := faults | campaign_check.of_posters(call.session, fields.attachments, faults):
        refuse_fields(faults)
    return fields


def _find(call: ApiCall, path: One) -> Material:
    row: Material = call.found(call.session.get(Material, path.number))
    return row


def _shown(session: Session, row: Material) -> MaterialOut:
    session.flush()
    version = library.newest(session, row)
    return MaterialOut(
        **row.model_dump(include=set(MaterialOut.model_fields)),
        text=version.text,
        attachments=[
            AttachmentOut.model_validate(Attachment.model_validate(one).model_dump())
            for one in version.attachments
        ],
    )
