"""How far the tasks of a campaign are: counted, never guessed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, case
from sqlmodel import Session, col, func, select

from models.campaigns import Task


class Step(StrEnum):
    """The steps of a guide on her way, in order."""

    CARDED = "carded"
    OPENED = "opened"
    SAID = "said"
    CONFIRMED = "confirmed"


_SAID = col(Task.reported_at).is_not(None)
_OPENED = col(Task.opened_at).is_not(None) | _SAID
STEPS: dict[Step, ColumnElement[bool]] = {
    Step.CARDED: col(Task.card_sent_at).is_not(None) | _OPENED,
    Step.OPENED: _OPENED,
    Step.SAID: _SAID,
    Step.CONFIRMED: col(Task.confirmed_at).is_not(None),
}
"""Who has come so far. Whoever took one of her own steps has taken those before it; the platform may say the last
of anybody: she needs no card to send what waits in her 群发助手.
"""


@dataclass(frozen=True)
class Progress:
    """How far the tasks of one campaign (or of several) are."""

    targeted: int = 0
    carded: int = 0
    opened: int = 0
    said: int = 0
    confirmed: int = 0
    straight: int = 0
    """Of the confirmed, those who never said so: they went straight to their 群发助手."""
    reached: int = 0
    customers: int = 0
    limited: int = 0
    """Customers who had got enough this month"""
    not_friend: int = 0

    def __add__(self, other: "Progress") -> "Progress":
        return Progress(
            **{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(Progress)}
        )


def how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many of the rows that are summed over meet a condition."""
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


SUMS: tuple[Any, ...] = (
    func.count(),
    *map(how_many, STEPS.values()),
    how_many(STEPS[Step.CONFIRMED] & ~_SAID),
    func.coalesce(func.sum(Task.reached), 0),
    func.coalesce(func.sum(Task.customer_count), 0),
    func.coalesce(func.sum(Task.limited), 0),
    func.coalesce(func.sum(Task.not_friend), 0),
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


def left_out() -> ColumnElement[bool]:
    """Tasks that never came to the guide, each with the reason in its row."""
    return (col(Task.skipped) != "") & ~STEPS[Step.CONFIRMED]


def standing(step: str) -> ColumnElement[bool]:
    """Tasks that have reached a step (said), or that stopped before it (not_said)."""
    name = Step(step.removeprefix("not_"))
    return stopped_before(name) if name != step else STEPS[name]


def stopped_before(step: Step) -> ColumnElement[bool]:
    """Tasks that reached the step before and not this one; a confirmed task has stopped nowhere."""
    return _missed(step) & ~STEPS[Step.CONFIRMED]


def went_past(step: Step) -> ColumnElement[bool]:
    """Tasks that the platform confirmed although this step and all of her own after it are missing."""
    return _missed(step) & STEPS[Step.CONFIRMED]


def _missed(step: Step) -> ColumnElement[bool]:
    names = list(STEPS)
    before = [STEPS[one] for one in names[: names.index(step)]][-1:]
    return and_(*before, ~STEPS[step])
