"""Opening hours of stores: how they are written, and when a store is open next."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models.accounts import audit
from models.errors import Refused
from models.org import Store
from models.sentences import Sentence

CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)|24:00")
DAY = 24 * 60
"""Minutes"""


@dataclass(frozen=True)
class Hours:
    """From when to when, in minutes after midnight of the same day."""

    opens: int
    closes: int

    @property
    def opening(self) -> str:
        return _clock(self.opens)

    @property
    def closing(self) -> str:
        return _clock(self.closes)

    def open_at(self, at: datetime, zone: ZoneInfo) -> bool:
        return self.next_open(at, zone) == at

    def next_open(self, at: datetime, zone: ZoneInfo) -> datetime:
        """`at` itself while it is open, else the moment when it opens next."""
        today = at.astimezone(zone).date()
        return self.on(today, at, zone) or self._opening(today + timedelta(days=1), at, zone)

    def on(self, day: date, at: datetime, zone: ZoneInfo) -> datetime | None:
        """On this day, which is not over: `at` itself while it is open, or when it opens; None when it has closed."""
        local = at.astimezone(zone)
        if local.date() < day:
            return self._opening(day, at, zone)
        minute = local.hour * 60 + local.minute
        if minute >= self.closes:
            return None
        return at if minute >= self.opens else self._opening(day, at, zone)

    def _opening(self, day: date, at: datetime, zone: ZoneInfo) -> datetime:
        opening = time(self.opens // 60, self.opens % 60)
        return datetime.combine(day, opening, zone).astimezone(at.tzinfo)


def fault(opens: str, closes: str) -> str:
    """Why these cannot be the hours of a store; empty when they can. Both empty: as the brand has them."""
    if not opens and not closes:
        return ""
    if not (CLOCK.fullmatch(opens) and CLOCK.fullmatch(closes)):
        return Sentence("开门和关门都写成 10:00 这样，通宵写 0:00 到 24:00")
    if _minutes(closes) <= _minutes(opens):
        return Sentence("关门要晚于开门，过了半夜才关就写到 24:00")
    return ""


def spelled(clock: str) -> str:
    """9:00 as 09:00, so that one time has one spelling."""
    return clock.zfill(5) if CLOCK.fullmatch(clock) else clock


def hours(opens: str, closes: str) -> Hours:
    """Of two times that have no fault."""
    return Hours(_minutes(opens), _minutes(closes))


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def close_for_good(session: Session, store: Store, closed: bool, who: str, now: datetime) -> None:
    """Somebody says that this store is no more, or that it is there again: customers are led to it or not."""
    if store.closed != closed:
        store.closed = closed
        audit.note(session, who, "store.closed" if closed else "store.reopened", store.id, store.name, now)


def change(session: Session, store: Store, opens: str, closes: str, who: str, now: datetime) -> None:
    """Somebody says when this store is open; both empty: as the brand has it. Refused, by field, in words."""
    opens, closes = spelled(opens.strip()), spelled(closes.strip())
    if bad := fault(opens, closes):
        raise Refused(faults={"closes" if opens else "opens": bad})
    if (store.opens, store.closes) == (opens, closes):
        return
    store.opens, store.closes = opens, closes
    words = Sentence("{opens} – {closes}", opens=opens, closes=closes) if opens else Sentence("和品牌一样")
    audit.note(session, who, "store.hours", store.id, words, now)
