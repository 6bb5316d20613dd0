"""重复 in the form of a campaign: which rule was typed, and on which five days it comes next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session
from werkzeug.datastructures import MultiDict

from models.campaigns import repeat
from models.campaigns.repeat import Every, Repeat
from models.campaigns.series import Series
from models.public_holidays import workdays
from models.sentences import Sentence
from pages.web.formatting import local
from pages.web.i18n import _
from pages.web.site import site

PLAIN = ("repeat", "month_day", "until", "times", "workdays")
WEEKDAY = "weekday"
SHOWN = 5
"""So many next dates"""
CHOICES = (("", "不重复"), (Every.DAY, "每天"), (Every.WEEK, "每周"), (Every.MONTH, "每月"))


def read(source: "MultiDict[str, str]", faults: dict[str, str]) -> Repeat | None:
    """The rule; None where it does not come again."""
    every = next((one for one in Every if one == source.get("repeat")), None)
    if every is None:
        return None
    days = {int(one) for one in source.getlist(WEEKDAY) if one.isdecimal() and len(one) == 1}
    return Repeat(
        every=every,
        weekdays=sorted(days) if every == Every.WEEK else [],
        month_day=_number(source, "month_day", faults) if every == Every.MONTH else None,
        until=_day(source, faults),
        count=_number(source, "times", faults),
        workdays=bool(source.get("workdays")),
    )


def _number(source: "MultiDict[str, str]", name: str, faults: dict[str, str]) -> int | None:
    text = source.get(name, "").strip()
    if text and not text.isdecimal():
        faults["repeat.count" if name == "times" else f"repeat.{name}"] = Sentence("要写一个数")
        return None
    return int(text[:6]) if text else None


def _day(source: "MultiDict[str, str]", faults: dict[str, str]) -> date | None:
    text = source.get("until", "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        faults["repeat.until"] = Sentence("请填日期，例如 2026-12-31")
        return None


def typed(series: Series) -> "MultiDict[str, str]":
    """A rule, back in the form."""
    rule = series.rule
    found = MultiDict(
        {
            "repeat": str(rule.every),
            "month_day": str(rule.month_day or ""),
            "until": rule.until.isoformat() if rule.until else "",
            "times": str(rule.count or ""),
            "workdays": "1" if rule.workdays else "",
        }
    )
    found.setlist(WEEKDAY, [str(day) for day in rule.weekdays])
    return found


@dataclass(frozen=True)
class Dates:
    """The rule in words, and when it comes next."""

    words: str
    next: tuple[datetime, ...]


def dates(session: Session, rule: Repeat | None, first: datetime) -> Dates | None:
    """None where it does not come again, or cannot stay so."""
    zone = site().zone
    if rule is None or repeat.complaints(rule, first, zone, workdays(session)):
        return None
    return Dates(_(repeat.words(rule, first, zone)), next_of(session, rule, first, zone))


def next_of(session: Session, rule: Repeat, first: datetime, zone: ZoneInfo) -> tuple[datetime, ...]:
    """When it comes next, by the clock of whoever looks."""
    found = repeat.upcoming(rule, first, zone, workdays(session), site().clock(), SHOWN)
    return tuple(local(one) for one in found)


def section(raw: Mapping[str, str], weekdays: list[str], found: Dates | None) -> dict[str, Any]:
    """What the template of this part of the form needs."""
    return {
        "repeat_choices": CHOICES,
        "weekday_words": repeat.WEEKDAYS,
        "repeat_raw": raw,
        "repeat_weekdays": weekdays,
        "repeat_dates": found,
    }
