"""The timetable's memory: every tick is a row with a unique (plan, due_at), so a second scheduler does no harm."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from models.db import insert_once


class Tick(SQLModel, table=True):
    """One due run of one plan."""

    __table_args__ = (UniqueConstraint("plan", "due_at"),)

    id: int | None = Field(default=None, primary_key=True)
    plan: str = Field(max_length=64, index=True)
    due_at: datetime = Field(index=True)
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str = Field(default="", max_length=300)
    """What it did, in words; an error's first line when it failed"""
    failed: bool = False


def start_tick(session: Session, plan: str, due_at: datetime, now: datetime) -> int | None:
    """Claim a run; None when somebody else already has it."""
    return insert_once(session, Tick, {"plan": plan, "due_at": due_at, "started_at": now}, key=("plan", "due_at"))


def end_tick(session: Session, tick_id: int, now: datetime, outcome: str, *, failed: bool = False) -> None:
    tick = session.get_one(Tick, tick_id)
    tick.ended_at, tick.outcome, tick.failed = now, outcome[:300], failed


def last_ticks(session: Session) -> dict[str, Tick]:
    """The newest run of every plan."""
    found: dict[str, Tick] = {}
    for tick in session.exec(select(Tick).order_by(col(Tick.due_at).desc()).limit(2000)):
        found.setdefault(tick.plan, tick)
    return found
