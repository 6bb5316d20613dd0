"""Whose code a visitor of /near was shown, before any scan, and why. Nobody knows who she is; where she stood is never kept.

Whoever was shown and not scanned yet counts as given, or all of a rush would get one guide.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Index, bindparam, delete, update
from sqlmodel import Field, Session, SQLModel, col, func, select

from models.db import rows_changed
from models.db.sentence_column import sentence_column
from models.db.word_column import word_column
from models.friends.rule_sets import KNOWN, RulePart
from models.org import Guide

FRESH = timedelta(minutes=10)
"""So long a customer may still scan the code that she was shown."""


class FoundBy(StrEnum):
    """How a visitor came to her store."""

    POSITION = "position"
    CITY = "city"
    """She chose it in the list of a city, or by its name"""
    CODE = "code"
    """The code that she scanned hangs in it"""
    AGAIN = "again"
    """Her browser had been here before"""


class ShownCode(SQLModel, table=True):
    """The rules chose a guide before a scan, and her code was shown."""

    __tablename__ = "shown_code"
    __table_args__ = (Index("ix_shown_code_waiting", "guide_id", "taken_at", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    guide_id: int = Field(foreign_key="guide.id")
    code_id: int | None = Field(default=None, foreign_key="entry_code.id")
    """The code that led to the page"""
    store_id: int | None = Field(default=None, foreign_key="store.id")
    found_by: FoundBy = Field(default=FoundBy.CODE, sa_column=word_column(FoundBy, 16))
    reason: str = Field(default="", sa_column=sentence_column())
    """Why she was shown and nobody else, in words"""
    counts: bool = True
    """A rule chose her among several: until somebody scans it counts as her newest friend."""
    at: datetime
    taken_at: datetime | None = None
    """When somebody scanned her code: one of those to whom it was shown"""


def show(session: Session, guide: Guide | None, rule: str, now: datetime, **page: Any) -> bool:
    """Keep what `assignment.choose` decided, in its transaction; True where it counts, since a rule chose among several.

    page: how the visitor came to it, as columns of the row.
    """
    if guide is None:
        return False
    known = KNOWN.get(rule)
    counts = known is not None and known.part == RulePart.CHOOSE
    session.add(ShownCode(guide_id=guide.id or 0, counts=counts, at=now, **page))
    session.flush()
    return counts


def take(session: Session, guide_id: int, now: datetime) -> bool:
    """Somebody scanned her own code: the oldest to whom it was shown. False when it was shown to nobody lately."""
    return rows_changed(session, TAKE, {"hers": guide_id, "begin": now - FRESH, "now": now}) > 0


def waiting(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Shown, not scanned, and not so long ago that nobody will scan it any more"""
    return _since(now - FRESH)


def _since(begin: Any) -> tuple[ColumnElement[bool], ...]:
    return col(ShownCode.taken_at).is_(None), col(ShownCode.at) > begin, col(ShownCode.counts).is_(True)


OLDEST = select(ShownCode.id).where(*_since(bindparam("begin")), col(ShownCode.guide_id) == bindparam("hers"))
TAKE = (
    update(SQLModel.metadata.tables["shown_code"])
    .where(col(ShownCode.id) == OLDEST.order_by(col(ShownCode.id)).limit(1).scalar_subquery())
    .values(taken_at=bindparam("now"))
)
"""Made once: it runs for every scan of a guide's code"""


def number_of(guide_id: Any, begin: Any) -> Any:
    """How many wait for this guide since then (`now - FRESH`), as a part of a query"""
    return (
        select(func.count(col(ShownCode.id)))
        .where(*_since(begin), col(ShownCode.guide_id) == guide_id)
        .scalar_subquery()
    )


def prune(session: Session, before: datetime, limit: int) -> int:
    """Forget those of long ago; how many."""
    old = select(ShownCode.id).where(col(ShownCode.at) < before).order_by(col(ShownCode.id)).limit(limit)
    return rows_changed(session, delete(ShownCode).where(col(ShownCode.id).in_(old)))
