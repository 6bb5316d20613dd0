"""/shifts: days on which a guide is off or has hours of her own; written in bulk, by userid and day."""

from datetime import date

from pydantic import Field
from sqlmodel import col, select

from models.org import Guide, Store, renames
from models.org.shifts import LONGEST_NOTE, Shift
from pages.api import bulk, endpoint
from pages.api.endpoint import ApiCall
from pages.api.org import TAG, Cell, Key, Row
from pages.api.pagination import NEWEST, like, piece
from pages.api.schemas import Day, GuideRef, Id, Line, Listing, Names, Output, PageOut


class ShiftRow(Row):
    """一位导购的一天：休息，或者自己的上下班时间；都不写就和门店一样，原来写过的去掉。"""

    userid: Key = Field(max_length=64, description="企业微信账号，不分大小写")
    day: Key = Field(max_length=20, description="哪一天，例如 2026-11-19，按分公司的时区")
    off: bool | None = Field(None, description="true 是休息，就不写上下班时间")
    opens: Cell | None = Field(None, max_length=8, description="几点上班，10:00 这样，和下班一起填")
    closes: Cell | None = Field(None, max_length=8, description="几点下班，最晚 24:00")
    note: Cell | None = Field(None, max_length=LONGEST_NOTE, description="例如：晚班")


class ShiftOut(Output):
    """一位导购和门店营业时间不一样的一天。"""

    id: int
    guide: GuideRef | None
    day: date
    off: bool
    opens: str
    closes: str
    note: str


class ShiftList(Listing):
    """排班的筛选。"""

    guide_id: Id | None = None
    userid: Line | None = Field(None, max_length=64)
    store_id: Id | None = None
    branch_id: Id | None = None
    since: Day | None = Field(None, description="从这一天起，含这一天")
    until: Day | None = Field(None, description="到这一天为止，含这一天")


bulk.accepts(
    "shifts",
    ShiftRow,
    TAG,
    "按企业微信账号和日期写排班，一次最多 10,000 行，JSON 数组、CSV 或 XLSX；没写的那天照门店的营业时间",
)


@endpoint.reads("/shifts", PageOut[ShiftOut], TAG)
def shifts(call: ApiCall, query: ShiftList) -> PageOut[ShiftOut]:
    """排班：和门店营业时间不一样的那些天"""
    wanted = like(select(Shift), Shift, query, "guide_id")
    if query.userid is not None:
        key = renames.current(call.session, query.userid, call.now).lower()
        wanted = wanted.where(col(Shift.guide_id).in_(select(Guide.id).where(Guide.userid_key == key)))
    if query.store_id is not None:
        wanted = wanted.where(
            col(Shift.guide_id).in_(select(Guide.id).where(Guide.store_id == query.store_id))
        )
    if query.branch_id is not None:
        of_branch = select(Guide.id).join(Store, col(Store.id) == col(Guide.store_id))
        wanted = wanted.where(col(Shift.guide_id).in_(of_branch.where(Store.branch_id == query.branch_id)))
    wanted = wanted.where(Shift.day >= query.since) if query.since else wanted
    wanted = wanted.where(Shift.day <= query.until) if query.until else wanted
    rows, after = piece(call.session, wanted, Shift, query, NEWEST)
    names = Names(call.session, guides=[row.guide_id for row in rows])
    items = [
        ShiftOut(**row.model_dump(exclude={"guide_id"}), guide=names.guide(row.guide_id)) for row in rows
    ]
    return PageOut[ShiftOut](items=items, next_cursor=after)
