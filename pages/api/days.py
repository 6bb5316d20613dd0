"""/days: what HQ added to the holidays and working weekends that the library of them knows."""

from datetime import date, datetime

from pydantic import Field
from sqlmodel import select

from models import public_holidays
from models.public_holidays import LONGEST_NAME, OwnDay
from pages.api import endpoint
from pages.api.endpoint import ApiCall
from pages.api.pagination import NEWEST, piece
from pages.api.schemas import Body, Day, Line, Listing, One, Output, PageOut

TAG = "节假日"


class DayIn(Body):
    """总部加的一天；同一天再写一次，就是改。"""

    day: Day = Field(description="哪一天，例如 2026-12-31")
    name: Line = Field(min_length=1, max_length=LONGEST_NAME, description="这一天叫什么，日历里看得到")
    rest: bool | None = Field(None, description="true 放假，false 周末也上班；不写就和平常一样，只是有个名字")


class DayOut(Output):
    """总部加的一天。"""

    id: int
    day: date
    name: str
    rest: bool | None
    added_by: str
    added_at: datetime


class DayList(Listing):
    """总部加的日子的筛选。"""

    since: Day | None = Field(None, description="从这一天起的")


@endpoint.reads("/days", PageOut[DayOut], TAG)
def own_days(call: ApiCall, query: DayList) -> PageOut[DayOut]:
    """总部自己加的节假日和调休；库里本来就有的不在这里"""
    wanted = select(OwnDay).where(OwnDay.day >= query.since) if query.since else select(OwnDay)
    rows, after = piece(call.session, wanted, OwnDay, query, NEWEST)
    return PageOut[DayOut](items=[_shown(row) for row in rows], next_cursor=after)


@endpoint.changes("/days", DayOut, TAG, status=201)
def add_day(call: ApiCall, body: DayIn) -> DayOut:
    """加一天：重复的活动和日历马上照它"""
    row = public_holidays.add(call.session, body.day, body.name, body.rest, who=call.actor, now=call.now)
    return _shown(row)


@endpoint.changes("/days/<int:number>", DayOut, TAG, method="delete")
def remove_day(call: ApiCall, path: One) -> DayOut:
    """去掉：那一天又照库里的；回答是它最后的样子"""
    row: OwnDay = call.found(call.session.get(OwnDay, path.number, with_for_update=True))
    last = _shown(row)
    public_holidays.remove(call.session, path.number, who=call.actor, now=call.now)
    return last


def _shown(row: OwnDay) -> DayOut:
    return DayOut(**row.model_dump(include=set(DayOut.model_fields)))
