"""The built-in WeCom's clock: real time plus an offset that tests can move."""

import time
from datetime import UTC, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))
"""The platform counts days and months in Chinese time, wherever it runs."""


class Clock:
    """Says what time the platform believes it is."""

    def __init__(self, offset: float = 0.0) -> None:
        self.offset = offset

    def now(self) -> float:
        return time.time() + self.offset


def month_of(moment: float) -> tuple[float, float, int]:
    """First second, first second after, and number of days of the Chinese month that holds this moment."""
    day = datetime.fromtimestamp(moment, CHINA)
    first = day.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    after = (first + timedelta(days=32)).replace(day=1)
    return first.timestamp(), after.timestamp(), (after - first).days


def day_of(moment: float) -> tuple[float, float]:
    """First second, and first second after, of the Chinese day that holds this moment."""
    first = datetime.fromtimestamp(moment, CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    return first.timestamp(), (first + timedelta(days=1)).timestamp()


def week_of(moment: float) -> tuple[float, float]:
    """First second (Monday), and first second after, of the Chinese week that holds this moment."""
    first = datetime.fromtimestamp(day_of(moment)[0], CHINA)
    monday = first - timedelta(days=first.weekday())
    return monday.timestamp(), (monday + timedelta(days=7)).timestamp()


def iso(moment: float) -> str:
    """A moment as people and JSON read it: aware, UTC, milliseconds."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
