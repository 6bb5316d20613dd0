"""One line of the timetable: what runs, how often, and how late it may still run."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from models.sentences import Sentence, together
from scheduler.runtime import Runtime

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
LOOK_BACK = timedelta(hours=50)
"""A daily plan was last due within this, also across a change of summer time."""


def said(*counts: tuple[str, int]) -> str:
    """What a run did, in words; what it did not do is not mentioned."""
    return together(
        [Sentence("{what} {n}", what=Sentence(words), n=number) for words, number in counts if number], "，"
    )


@dataclass(frozen=True)
class Plan:
    """A job on the timetable: either every so many seconds, or daily at a local time of day."""

    name: str
    label: str
    """What it does, for HQ"""
    run: Callable[[Runtime, datetime], str]
    """Does it and says in words what it did; empty when there was nothing to do."""
    every: int = 0
    daily: str = ""
    grace: int = 60
    """Seconds that a run may come late, after a stop of the program; a later one is written down as missed."""

    def trigger(self, zone: ZoneInfo) -> BaseTrigger:
        if self.every:
            return IntervalTrigger(seconds=self.every, start_date=EPOCH, timezone=zone)
        hour, minute = self.daily.split(":")
        return CronTrigger(hour=int(hour), minute=int(minute), timezone=zone)

    def last_due(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The newest time at or before `now` at which it was due: the same in every process."""
        if self.every:
            return EPOCH + timedelta(seconds=(now - EPOCH).total_seconds() // self.every * self.every)
        trigger, due = self.trigger(zone), now - LOOK_BACK
        found = trigger.get_next_fire_time(None, due)
        while found is not None and found <= now:
            due = found
            found = trigger.get_next_fire_time(due, due)
        return due.astimezone(UTC)
