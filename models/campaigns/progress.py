"""How far the tasks of a campaign are: counted, never guessed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, case
from sqlmodel import Session, col, func, select

from models.campaigns import Task


class Step(StrEnum):
    """The steps of a guide on her way, in order."""

    CARDED = "carded"
    OPENED = "opened"
    SAID = "said"
    CONFIRMED = "confirmed"


STEPS = {
    Step.CARDED: col(Task.card_sent_at),
    Step.OPENED: col(Task.opened_at),
    Step.SAID: col(Task.reported_at),
    Step.CONFIRMED: col(Task.confirmed_at),
}
"""The column that knows when she took each."""


@dataclass(frozen=True)
class Progress:
    """How far the tasks of one campaign (or of several) are."""

    targeted: int = 0
    carded: int = 0
    opened: int = 0
    said: int = 0
    confirmed: int = 0
    reached: int = 0
    customers: int = 0

    def __add__(self, other: "Progress") -> "Progress":
        return Progress(
            **{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(Progress)}
        )


def how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many of the rows that are summed over meet a condition."""
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


SUMS: tuple[Any, ...] = (
    func.count(),
    *(how_many(moment.is_not(None)) for moment in STEPS.values()),
    func.coalesce(func.sum(Task.reached), 0),
    func.coalesce(func.sum(Task.customer_count), 0),
)
"""The columns of a `Progress`, summed over tasks."""


def counted(sums: Iterable[Any]) -> dict[str, Any]:
    """What a query of `SUMS` found, by the names of a `Progress`."""
    return dict(zip((one.name for one in fields(Progress)), map(int, sums), strict=True))


def progress_of(
    session: Session, campaigns: Sequence[int], tasks: ColumnElement[bool]
) -> dict[int, Progress]:
    """The progress of each of these campaigns."""
    rows = session.execute(
        select(Task.campaign_id, *SUMS)
        .where(col(Task.campaign_id).in_(campaigns), tasks)
        .group_by(col(Task.campaign_id))
    )
    return {number: Progress(**counted(sums)) for number, *sums in rows}


def standing(step: str) -> ColumnElement[bool]:
    """Tasks that have reached a step (said), or that stopped before it (not_said)."""
    name = Step(step.removeprefix("not_"))
    return stopped_before(name) if name != step else STEPS[name].is_not(None)


def stopped_before(step: Step) -> ColumnElement[bool]:
    """Tasks that reached the step before and not this one; a confirmed task has stopped nowhere."""
    names = list(STEPS)
    place = names.index(step)
    missing = STEPS[step].is_(None)
    if step == Step.CARDED:
        return missing
    return missing & STEPS[names[place - 1]].is_not(None) & col(Task.confirmed_at).is_(None)
