"""Which work period a moment belongs to, and how many cards a day brings. When a guide is on shift: models/org/shifts.py."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from models.preferences import AT_ONCE, BY_DAY, HALF_DAYS

NOON_HOUR = 14
"""Before it is the first half of the working day, from it on the second."""


def period(at: datetime, zone: ZoneInfo, rhythm: str) -> str:
    """The work period of a moment: 2026-11-19.a before 14:00, .b from then on; .d the whole day; .1008 this minute."""
    local = at.astimezone(zone)
    if rhythm == AT_ONCE:
        return f"{local:%Y-%m-%d.%H%M}"
    part = "d" if rhythm == BY_DAY else "a" if local.hour < NOON_HOUR else "b"
    return f"{local:%Y-%m-%d}.{part}"


def next_period(at: datetime, zone: ZoneInfo, rhythm: str) -> datetime:
    """When the work period after that of `at` begins."""
    local = at.astimezone(zone)
    if rhythm == AT_ONCE:
        return at.replace(second=0, microsecond=0) + timedelta(minutes=1)
    if rhythm != BY_DAY and local.hour < NOON_HOUR:
        begins = datetime.combine(local.date(), time(NOON_HOUR), zone)
    else:
        begins = datetime.combine(local.date() + timedelta(days=1), time(), zone)
    return begins.astimezone(at.tzinfo)


def cards_of_a_day(tasks: int, rhythm: str, *, urgent: bool) -> int:
    """At most so many cards bring a guide the tasks of one day; an urgent one may bring an extra card."""
    periods = {HALF_DAYS: 2, BY_DAY: 1}.get(rhythm, tasks)
    return min(tasks, periods + urgent)
