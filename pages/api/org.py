"""/branches, /stores, /guides: who works where; written in bulk by the retailer's own codes."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from sqlmodel import Session, col, select

from models.org import Branch, Guide, GuideStatus, Store, renames
from models.sentences import Sentence
from pages.api import bulk, endpoint
from pages.api.endpoint import ApiCall
from pages.api.pagination import NEWEST, like, piece
from pages.api.schemas import Id, Line, Listing, Names, One, OneOf, Output, PageOut, PlaceRef

TAG = "门店与导购"


def _coordinate(value: object) -> object:
    """A number, also where a table program wrote it as text; empty text means nothing."""
    return None if isinstance(value, str) and not value.strip() else value


def _no_truth(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError(Sentence("这一格要是文字"))
    return value


Cell = Annotated[Line, BeforeValidator(_no_truth)]
Degrees = Annotated[float | None, BeforeValidator(_no_truth), BeforeValidator(_coordinate)]


def _filled(value: str) -> str:
    if not value.strip():
        raise ValueError(Sentence("这一格不能空着"))
    if not value.isprintable():
        raise ValueError(Sentence("里面有看不见的字符"))
    return value


Key = Annotated[Cell, AfterValidator(_filled)]


class Row(BaseModel):
    """One row of a bulk upsert: what it leaves out stays as it is."""

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)


class BranchRow(Row):
    """一家分公司，按自己的编号。"""

    code: Key = Field(max_length=64, description="你们自己的编号")
    name: Cell | None = Field(None, max_length=64, description="新增时必填")


class StoreRow(Row):
    """一家门店，按自己的编号。"""

    code: Key = Field(max_length=64, description="你们自己的编号")
    name: Cell | None = Field(None, max_length=64, description="新增时必填")
    branch: Cell | None = Field(None, max_length=64, description="所属分公司的编号，新增时必填")
    city: Cell | None = Field(
        None, max_length=32, description="城市，顾客没给位置时按它找店；沈阳市和沈阳是一个"
    )
    address: Cell | None = Field(None, max_length=200)
    latitude: Degrees = Field(None, ge=-90, le=90, description="纬度，和经度一起填")
    longitude: Degrees = Field(None, ge=-180, le=180, description="经度")
    opens: Cell | None = Field(
        None, max_length=8, description="几点开门，10:00 这样，和关门一起填；不填用品牌的"
    )
    closes: Cell | None = Field(None, max_length=8, description="几点关门，最晚 24:00")
    department: Cell | None = Field(None, max_length=9, description="企业微信里的部门编号")
    closed: bool | None = Field(None, description="这家店关了，不再让顾客去")


class GuideRow(Row):
    """一位导购，按企业微信账号。"""

    userid: Key = Field(max_length=64, description="企业微信账号，不分大小写")
    name: Cell | None = Field(None, max_length=64, description="新增时必填")
    store: Cell | None = Field(None, max_length=64, description="所在门店的编号，新增时必填")
    manager: bool | None = Field(None, description="是不是店长")


class BranchOut(Output):
    """分公司。"""

    id: int
    code: str
    name: str


class StoreOut(Output):
    """门店。"""

    id: int
    code: str
    name: str
    branch: PlaceRef | None
    city: str
    address: str
    latitude: float | None
    longitude: float | None
    opens: str = Field(description="几点开门；空着是和品牌一样")
    closes: str
    department_id: int | None
    closed: bool = Field(description="关了的店，找店页不再给顾客看")


class GuideOut(Output):
    """导购。"""

    id: int
    userid: str
    name: str
    store: PlaceRef | None
    status: OneOf[GuideStatus]
    is_manager: bool
    joined_at: datetime
    left_at: datetime | None
    left_how: str = Field(
        description="最先从哪里得知离职：change_contact、unsubscribe、platform_60111、sync；renamed 是改过账号后合并了的"
    )


class BranchList(Listing):
    """分公司列表的筛选。"""

    code: Line | None = Field(None, max_length=64)
    sort: Literal["id", "-id"] = NEWEST


class StoreList(BranchList):
    """门店列表的筛选。"""

    branch_id: Id | None = None


class GuideList(Listing):
    """导购列表的筛选。"""

    userid: Line | None = Field(None, max_length=64)
    store_id: Id | None = None
    branch_id: Id | None = None
    status: OneOf[GuideStatus] | None = None
    is_manager: bool | None = None
    sort: Literal["id", "-id", "joined_at", "-joined_at"] = NEWEST


bulk.accepts("branches", BranchRow, TAG, "按编号新增或更新分公司，一次最多 10,000 行，JSON 数组、CSV 或 XLSX")
bulk.accepts("stores", StoreRow, TAG, "按编号新增或更新门店，一次最多 10,000 行，JSON 数组、CSV 或 XLSX")
bulk.accepts(
    "guides", GuideRow, TAG, "按企业微信账号新增或更新导购，一次最多 10,000 行，JSON 数组、CSV 或 XLSX"
)


@endpoint.reads("/branches", PageOut[BranchOut], TAG)
def branches(call: ApiCall, query: BranchList) -> PageOut[BranchOut]:
    """分公司"""
    rows, after = piece(call.session, like(select(Branch), Branch, query, "code"), Branch, query, query.sort)
    return PageOut[BranchOut](items=[_branch(row) for row in rows], next_cursor=after)


@endpoint.reads("/branches/<int:number>", BranchOut, TAG)
def branch(call: ApiCall, path: One) -> BranchOut:
    """一家分公司"""
    return _branch(call.found(call.session.get(Branch, path.number)))


@endpoint.reads("/stores", PageOut[StoreOut], TAG)
def stores(call: ApiCall, query: StoreList) -> PageOut[StoreOut]:
    """门店"""
    rows, after = piece(
        call.session, like(select(Store), Store, query, "code", "branch_id"), Store, query, query.sort
    )
    return PageOut[StoreOut](items=_stores(call.session, rows), next_cursor=after)


@endpoint.reads("/stores/<int:number>", StoreOut, TAG)
def store(call: ApiCall, path: One) -> StoreOut:
    """一家门店"""
    return _stores(call.session, [call.found(call.session.get(Store, path.number))])[0]


@endpoint.reads("/guides", PageOut[GuideOut], TAG)
def guides(call: ApiCall, query: GuideList) -> PageOut[GuideOut]:
    """导购"""
    wanted = like(select(Guide), Guide, query, "store_id", "status", "is_manager")
    if query.userid is not None:
        wanted = wanted.where(
            Guide.userid_key == renames.current(call.session, query.userid, call.now).lower()
        )
    if query.branch_id is not None:
        wanted = wanted.where(
            col(Guide.store_id).in_(select(Store.id).where(Store.branch_id == query.branch_id))
        )
    rows, after = piece(call.session, wanted, Guide, query, query.sort)
    return PageOut[GuideOut](items=_guides(call.session, rows), next_cursor=after)


@endpoint.reads("/guides/<int:number>", GuideOut, TAG)
def guide(call: ApiCall, path: One) -> GuideOut:
    """一位导购"""
    return _guides(call.session, [call.found(call.session.get(Guide, path.number))])[0]


def _branch(row: Branch) -> BranchOut:
    return BranchOut(id=row.id or 0, code=row.code, name=row.name)


def _stores(session: Session, rows: Any) -> list[StoreOut]:
    names = Names(session, branches=[row.branch_id for row in rows])
    return [
        StoreOut(**row.model_dump(exclude={"branch_id"}), branch=names.branch(row.branch_id)) for row in rows
    ]


def _guides(session: Session, rows: Any) -> list[GuideOut]:
    names = Names(session, stores=[row.store_id for row in rows])
    kept = set(GuideOut.model_fields) - {"store"}
    return [GuideOut(**row.model_dump(include=kept), store=names.store(row.store_id)) for row in rows]
