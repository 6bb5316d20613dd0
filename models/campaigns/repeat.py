"""By which rule a campaign comes again, and on which days that is: wall-clock time of the brand's zone, as UTC.

An hour that a change of clocks leaves out is one later, of one that comes twice the first counts (E04). A day that a month
does not have is its last (E05).
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Any, Literal
from zoneinfo import ZoneInfo

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, rrule
from pydantic import BaseModel, Field

from models.public_holidays import Workdays
from models.sentences import Sentence, together

MOST = 366
"""So often one series comes at most, when it is counted."""
HORIZON = timedelta(days=5 * 366)
"""Nobody plans further; without an end a rule is followed so far."""
SHORT_MONTH = 28
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


class Every(StrEnum):
    """How often."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


FREQUENCY: dict[Every, Literal[1, 2, 3]] = {Every.DAY: DAILY, Every.WEEK: WEEKLY, Every.MONTH: MONTHLY}


class Repeat(BaseModel):
    """The rule. The first time and its hour are those of the campaign that it repeats."""

    every: Every
    weekdays: list[int] = Field(default_factory=list)
    """Of a weekly one; 0 is Monday. Empty is the weekday of the first."""
    month_day: int | None = None
    """Of a monthly one; None is the day of the first."""
    until: date | None = None
    """The last day on which it may come"""
    count: int | None = None
    """How often in all"""
    workdays: bool = False
    """Days on which people do not work are left out."""


def moments(repeat: Repeat, first: datetime, zone: ZoneInfo, workdays: Workdays) -> Iterator[datetime]:
    """Every time it comes, oldest first, from the first on; `workdays` as models/public_holidays.py knows them."""
    start = first.astimezone(zone).replace(tzinfo=None)
    fraction = timedelta(microseconds=start.microsecond)  # which the rules of python-dateutil drop
    found = (at + fraction for at in _rule(repeat, start) if not repeat.workdays or at.date() in workdays)
    return (at.replace(tzinfo=zone).astimezone(UTC) for at in islice(found, repeat.count))


def _rule(repeat: Repeat, start: datetime) -> rrule:
    by: dict[str, Any] = {}
    if repeat.every == Every.WEEK and repeat.weekdays:
        by["byweekday"] = sorted(repeat.weekdays)
    if repeat.every == Every.MONTH:
        day = repeat.month_day or start.day
        by["bymonthday"] = list(range(min(day, SHORT_MONTH), day + 1))
        by["bysetpos"] = -1
    last = start + HORIZON
    if repeat.until:
        last = min(last, datetime.combine(repeat.until, datetime.max.time()))
    return rrule(FREQUENCY[repeat.every], dtstart=start, until=last, **by)


def upcoming(
    repeat: Repeat, first: datetime, zone: ZoneInfo, workdays: Workdays, after: datetime, most: int
) -> list[datetime]:
    """The next few times after that moment."""
    return list(islice((at for at in moments(repeat, first, zone, workdays) if at > after), most))


def complaints(repeat: Repeat, first: datetime, zone: ZoneInfo, workdays: Workdays) -> dict[str, str]:
    """What cannot stay so, by field, in words."""
    found: dict[str, str] = {}
    if any(not 0 <= day <= 6 for day in repeat.weekdays):
        found["repeat.weekdays"] = Sentence("星期要选周一到周日")
    if repeat.month_day is not None and not 1 <= repeat.month_day <= 31:
        found["repeat.month_day"] = Sentence("几号要在 1 到 31 之间")
    if repeat.until and repeat.count:
        found["repeat.until"] = Sentence("到哪天为止和一共几次，只写一样")
    if repeat.count is not None and not 2 <= repeat.count <= MOST:
        found["repeat.count"] = Sentence("一共几次要在 2 到 {n} 之间", n=MOST)
    if found:
        return found
    times = list(islice(moments(repeat, first, zone, workdays), 2))
    if first not in times[:1]:
        return {"launch_at": Sentence("第一次开始的那天不在重复的日子里。请改开始时间，或改哪几天")}
    if len(times) < 2:
        return {"repeat.until": Sentence("这样只有一次。请改到哪天为止，或者不重复")}
    return {}


def words(repeat: Repeat, first: datetime, zone: ZoneInfo) -> str:
    """The rule in one line."""
    start = first.astimezone(zone)
    clock = f"{start:%H:%M}"
    if repeat.every == Every.DAY:
        said = [Sentence("每天 {t}", t=clock)]
    elif repeat.every == Every.WEEK:
        days = [Sentence(WEEKDAYS[day]) for day in sorted(repeat.weekdays or [start.weekday()])]
        said = [Sentence("每{days} {t}", days=together(days, "、"), t=clock)]
    else:
        day = repeat.month_day or start.day
        said = [Sentence("每月 {day} 号 {t}", day=day, t=clock)]
        if day > SHORT_MONTH:
            said.append(Sentence("没有这一天的月份在月底"))
    if repeat.workdays:
        said.append(Sentence("只在工作日，放假那天跳过，调休上班那天照发"))
    if repeat.until:
        said.append(Sentence("到 {day} 为止", day=f"{repeat.until:%Y-%m-%d}"))
    elif repeat.count:
        said.append(Sentence("一共 {n} 次", n=repeat.count))
    else:
        said.append(Sentence("一直到有人停下"))
    return together(said, "，")
