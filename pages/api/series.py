"""/series: campaigns that come again by a rule; /campaigns/{number}/repeat makes one."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field
from sqlmodel import Session, select

from models.campaigns import repeat, series
from models.campaigns.repeat import Every, Repeat
from models.campaigns.series import Series
from models.public_holidays import workdays
from pages.api import endpoint
from pages.api.campaigns import TAG, find
from pages.api.endpoint import ApiCall
from pages.api.pagination import NEWEST, piece
from pages.api.schemas import Body, Day, Id, Listing, One, OneOf, Output, PageOut
from pages.web.site import site

NEXT = 5


class RepeatIn(Body):
    """怎么重复。第一次是活动自己的开始时间。"""

    every: OneOf[Every] = Field(description="day 每天，week 每周，month 每月")
    weekdays: list[int] = Field([], max_length=7, description="每周哪几天，0 是周一；不写就是第一次那天")
    month_day: int | None = Field(None, description="每月几号；没有这一天的月份在月底")
    until: Day | None = Field(None, description="到哪天为止；和 count 只写一样")
    count: int | None = Field(None, description="一共几次")
    workdays: bool = Field(False, description="只在工作日：放假跳过，调休上班那天照发")


class RepeatOut(Output):
    """怎么重复。"""

    every: OneOf[Every]
    weekdays: list[int]
    month_day: int | None
    until: date | None
    count: int | None
    workdays: bool


class OccurrenceOut(Output):
    """其中一次。"""

    due_at: datetime
    campaign_id: int | None
    words: str = Field(description="没有建活动的，为什么")


class SeriesOut(Output):
    """一个重复的活动。"""

    id: int
    name: str
    repeat: RepeatOut
    words: str
    zone: str
    first_at: datetime
    stopped_at: datetime | None
    next: list[datetime] = Field(description="接下来五次")
    made: list[OccurrenceOut] = Field(description="已经建好的和没有建的，新的在前")


class SeriesList(Listing):
    """重复的活动的列表。"""

    sort: Literal["id", "-id"] = NEWEST


class PatternIn(Body):
    """以后的照哪一次。"""

    campaign_id: Id = Field(description="这个重复里的一次")


@endpoint.changes("/campaigns/<int:number>/repeat", SeriesOut, TAG, status=201)
def repeat_campaign(call: ApiCall, path: One, body: RepeatIn) -> SeriesOut:
    """让一个还没开始的活动重复；它自己是第一次，以后的提前 7 天建好"""
    row = find(call, path, change=True)
    rule = Repeat.model_validate(body.model_dump())
    made = series.begin(
        call.session, row, rule, who=call.actor, account_id=None, now=call.now, zone=site().zone
    )
    return _shown(call.session, made, call.now)


@endpoint.reads("/series", PageOut[SeriesOut], TAG)
def all_series(call: ApiCall, query: SeriesList) -> PageOut[SeriesOut]:
    """重复的活动"""
    rows, after = piece(call.session, select(Series), Series, query, query.sort)
    return PageOut[SeriesOut](items=[_shown(call.session, one, call.now) for one in rows], next_cursor=after)


@endpoint.reads("/series/<int:number>", SeriesOut, TAG)
def one_series(call: ApiCall, path: One) -> SeriesOut:
    """一个重复的活动"""
    return _shown(call.session, _find(call, path), call.now)


@endpoint.changes("/series/<int:number>/rule", SeriesOut, TAG)
def change_series(call: ApiCall, path: One, body: RepeatIn) -> SeriesOut:
    """改怎么重复；已经建好的不变"""
    row = _find(call, path, change=True)
    series.change(call.session, row, Repeat.model_validate(body.model_dump()), call.actor, call.now)
    return _shown(call.session, row, call.now)


@endpoint.changes("/series/<int:number>/pattern", SeriesOut, TAG)
def change_pattern(call: ApiCall, path: One, body: PatternIn) -> SeriesOut:
    """以后新建的内容都照这一次"""
    row = _find(call, path, change=True)
    campaign = find(call, One(number=body.campaign_id))
    if series.of_campaign(call.session, campaign) is not row:
        call.found(None)
    series.take_over(call.session, row, campaign, call.actor, call.now)
    return _shown(call.session, row, call.now)


@endpoint.changes("/series/<int:number>/stop", SeriesOut, TAG)
def stop_series(call: ApiCall, path: One) -> SeriesOut:
    """停下：不再建，建好还没开始的也不发"""
    row = _find(call, path, change=True)
    series.stop(call.session, row, call.actor, call.now)
    return _shown(call.session, row, call.now)


def _find(call: ApiCall, path: One, *, change: bool = False) -> Series:
    row: Series = call.found(call.session.get(Series, path.number, with_for_update=True if change else None))
    return row


def _shown(session: Session, row: Series, now: datetime) -> SeriesOut:
    rule = row.rule
    coming = (
        [] if row.stopped_at else repeat.upcoming(rule, row.first_at, row.where, workdays(session), now, NEXT)
    )
    return SeriesOut(
        id=row.id or 0,
        name=row.name,
        repeat=RepeatOut.model_validate(rule.model_dump()),
        words=repeat.words(rule, row.first_at, row.where),
        zone=row.zone,
        first_at=row.first_at,
        stopped_at=row.stopped_at,
        next=coming,
        made=[
            OccurrenceOut(due_at=one.due_at, campaign_id=one.campaign_id, words=one.words)
            for one, _ in series.occurrences(session, row)
        ],
    )
