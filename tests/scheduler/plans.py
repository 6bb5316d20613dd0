"""Jobs, clocks and plans that the tests of the timetable share."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlmodel import select

from models.job_runs import JobRun, last_runs, start_run
from scheduler.timetable import Timetable
from scheduler.timetable.leader import OnlyOne
from scheduler.timetable.plan import Plan

SHANGHAI_10 = datetime(2026, 11, 19, 2, 0, tzinfo=UTC)
"""10:00 in Shanghai."""


class Notebook:
    """A job that writes down when it ran."""

    def __init__(self, words: str = "做了") -> None:
        self.runs: list[datetime] = []
        self.words = words

    def __call__(self, runtime, now: datetime) -> str:
        self.runs.append(now)
        return self.words


class Wall:
    """A clock that stands where a test puts it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class BelievesToLead:
    """A scheduler among others, each of which thinks that it leads."""

    alone = False

    def leads(self) -> bool:
        return True

    def resign(self) -> None: ...


def daily(job: Callable, at: str = "10:00", grace: int = 3600) -> Plan:
    return Plan("daily", "每天的事", job, daily=at, grace=grace)


def clockwork(stage, *plans: Plan, leader=None) -> Timetable:
    return Timetable(stage.runtime, plans, leader or OnlyOne())


def ticks(stage) -> list[JobRun]:
    with stage.db.read() as session:
        return list(session.exec(select(JobRun).order_by(JobRun.due_at)))


def first_run(stage, plan: Plan, due: datetime) -> None:
    """The plan has run before, at this time."""
    stage.db.run(lambda session: start_run(session, plan.name, due, due))
    with stage.db.write() as session:
        last_runs(session)[plan.name].ended_at = due
