"""How far the tasks of a campaign are: counted, never guessed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import ColumnElement, case
from sqlmodel import Session, col, func, select

from models.campaigns import Task


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


def _has(moment: object) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((col(moment).is_not(None), 1), else_=0)), 0)


SUMS: tuple[Any, ...] = (
    func.count(),
    _has(Task.card_sent_at),
    _has(Task.opened_at),
    _has(Task.reported_at),
    _has(Task.confirmed_at),
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
