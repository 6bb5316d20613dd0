"""Public holidays and working weekends, from the library of them; HQ may add days of its own (E05)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

import holidays
from holidays import HolidayBase
from sqlmodel import Field, Session, SQLModel, col, select

from models.accounts import audit
from models.errors import Refused, refuse_faults
from models.names import line_fault
from models.sentences import Sentence

COUNTRY = "CN"
"""Where the stores are"""
LANGUAGES = {"zh": "zh_CN", "en": "en_US"}
WARNED_FROM = 11
"""The month from which a next year that nobody knows yet is told; the State Council announces it then."""
LONGEST_NAME = 12
SWAPPED = ("休息日", "Day off")
"""How the library begins the name of a day that was swapped with a weekend"""


class OwnDay(SQLModel, table=True):
    """A day that HQ added: a holiday that the library does not know, a working weekend, or a day with a name alone."""

    __tablename__ = "own_day"

    id: int | None = Field(default=None, primary_key=True)
    day: date = Field(unique=True)
    name: str = Field(max_length=LONGEST_NAME)
    rest: bool | None = None
    """Off, or worked although it is a weekend; None: as the library says, with a name"""
    added_by: str = Field(max_length=64)
    added_at: datetime


@dataclass(frozen=True)
class DayNote:
    """What a day of the calendar is called, and whether people rest."""

    name: str = ""
    rest: bool | None = None
    """True off, False worked although it is a weekend"""
    own_id: int | None = None
    """The row, where HQ added it"""


def notes(session: Session, first: date, last: date, language: str = "zh") -> dict[date, DayNote]:
    """The days from first to last of which there is something to say; what HQ wrote stands above the library."""
    found: dict[date, DayNote] = {}
    for year in range(first.year, last.year + 1):
        known = _library(year, LANGUAGES.get(language, LANGUAGES["zh"]))
        found |= {day: DayNote(rest=False) for day in known.weekend_workdays}
        found |= {day: DayNote("" if name.startswith(SWAPPED) else name, True) for day, name in known.items()}
    own = session.exec(select(OwnDay).where(col(OwnDay.day) >= first, col(OwnDay.day) <= last))
    for one in own:
        rest = one.rest if one.rest is not None else found.get(one.day, DayNote()).rest
        found[one.day] = DayNote(one.name, rest, one.id)
    return {day: note for day, note in found.items() if first <= day <= last}


@dataclass(frozen=True)
class Workdays:
    """The days on which people work: `day in workdays`."""

    own: Mapping[date, bool]
    """What HQ said of a day"""

    def __contains__(self, day: date) -> bool:
        return self.own.get(day, _library(day.year).is_working_day(day))


def workdays(session: Session) -> Workdays:
    """By the library, but where HQ knows better."""
    said = session.exec(select(OwnDay).where(col(OwnDay.rest).is_not(None)))
    return Workdays({one.day: not one.rest for one in said})


@cache
def _library(year: int, language: str = LANGUAGES["zh"]) -> HolidayBase:
    return holidays.country_holidays(COUNTRY, years=year, language=language, expand=False)


def unknown_year(session: Session, now: datetime, zone: ZoneInfo) -> int | None:
    """The year whose days off and working weekends nobody has announced: this one, or from November on the next.

    The library computes the holidays of any year; that a year was announced shows by its working weekends.
    """
    today = now.astimezone(zone).date()
    years = [today.year] + ([today.year + 1] if today.month >= WARNED_FROM else [])
    return next((year for year in years if not _announced(year) and not _own(session, year)), None)


def _announced(year: int) -> bool:
    return any(day.year == year for day in _library(year).weekend_workdays)


def _own(session: Session, year: int) -> list[OwnDay]:
    within = col(OwnDay.day).between(date(year, 1, 1), date(year, 12, 31))
    return list(session.exec(select(OwnDay).where(within).order_by(col(OwnDay.day))))


def own_days(session: Session, since: date) -> list[OwnDay]:
    """What HQ added, from a day on."""
    return list(session.exec(select(OwnDay).where(col(OwnDay.day) >= since).order_by(col(OwnDay.day))))


def add(session: Session, day: date, name: str, rest: bool | None, *, who: str, now: datetime) -> OwnDay:
    """Name a day, or say anew what it is."""
    name = name.strip()
    faults: dict[str, str] = {}
    if not name:
        faults["name"] = Sentence("请写这一天叫什么")
    elif len(name) > LONGEST_NAME:
        faults["name"] = Sentence("名称 {n} 个字，最多 {most} 个", n=len(name), most=LONGEST_NAME)
    elif fault := line_fault(name):
        faults["name"] = fault
    refuse_faults(faults)
    row = session.exec(select(OwnDay).where(OwnDay.day == day)).first()
    row = row or OwnDay(day=day, name=name, added_by=who[:64], added_at=now)
    row.name, row.rest = name, rest
    session.add(row)
    session.flush()
    words = Sentence("{day} 记为「{name}」", day=day.isoformat(), name=name)
    audit.note(session, who, "own_day.add", row.id, words, now)
    return row


def remove(session: Session, row_id: int, *, who: str, now: datetime) -> str:
    """The day is again what the library says."""
    row = session.get(OwnDay, row_id)
    if row is None:
        raise Refused(Sentence("这一天已经不在了"))
    session.delete(row)
    words = Sentence("去掉 {day}「{name}」", day=row.day.isoformat(), name=row.name)
    return audit.note(session, who, "own_day.remove", row_id, words, now)
