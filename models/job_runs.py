"""The timetable's memory: a tick is a row with a unique (plan, due_at), so a second scheduler does no harm."""

from datetime import datetime

from sqlalchemy import UniqueConstraint, and_, delete, or_, update
from sqlmodel import Field, Session, SQLModel, col, func, select

from models.db import insert_once, rows_changed
from models.preferences import Note

WISH = "run."
"""Notes under this name are runs that a person asked for."""


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
    values = {"plan": plan, "due_at": due_at, "started_at": now}
    return insert_once(session, Tick, values, key=("plan", "due_at"))


def end_tick(session: Session, tick_id: int, now: datetime, outcome: str, *, failed: bool = False) -> None:
    """What it did. A run that outlived its own row (somebody pruned it) has nothing to say any more."""
    tick = session.get(Tick, tick_id)
    if tick is not None:
        tick.ended_at, tick.outcome, tick.failed = now, outcome[:300], failed


def take_over(session: Session, tick_id: int, started_at: datetime, now: datetime) -> bool:
    """Claim a run whose process died in the middle; False when somebody else was quicker."""
    statement = (
        update(Tick)
        .where(col(Tick.id) == tick_id, col(Tick.ended_at).is_(None), col(Tick.started_at) == started_at)
        .values(started_at=now)
    )
    return rows_changed(session, statement) == 1


def miss(session: Session, plan: str, due_at: datetime, now: datetime, words: str) -> None:
    """Nobody was there when it was due, and now it is too late: said so, never silent."""
    tick_id = start_tick(session, plan, due_at, now)
    if tick_id is not None:
        end_tick(session, tick_id, now, words, failed=True)


def ask_for(session: Session, plan: str, now: datetime) -> None:
    """A person wants this plan to run now; asked twice before it began, it runs once."""
    if session.get(Note, WISH + plan) is None:
        session.add(Note(key=WISH + plan, value=now.isoformat()))


def asked(session: Session) -> dict[str, datetime]:
    """The runs that people asked for and that have not begun: plan and when it was asked."""
    notes = session.exec(select(Note).where(col(Note.key).startswith(WISH)))
    return {note.key.removeprefix(WISH): datetime.fromisoformat(note.value) for note in notes}


def start_asked(session: Session, plan: str, now: datetime) -> int | None:
    """Begin a run that was asked for; None when somebody else already has it."""
    note = session.get(Note, WISH + plan, with_for_update=True)
    if note is None:
        return None
    session.delete(note)
    return start_tick(session, plan, datetime.fromisoformat(note.value), now)


def last_ticks(session: Session) -> dict[str, Tick]:
    """The newest run of every plan."""
    newest = select(Tick.plan, func.max(Tick.due_at).label("due_at")).group_by(Tick.plan).subquery()
    query = select(Tick).join(
        newest, and_(col(Tick.plan) == newest.c.plan, col(Tick.due_at) == newest.c.due_at)
    )
    return {tick.plan: tick for tick in session.exec(query)}


def prune(session: Session, idle_before: datetime, before: datetime, limit: int) -> int:
    """Forget runs: those that did nothing soon, the others with the ledger. How many in this piece."""
    idle = and_(col(Tick.outcome) == "", col(Tick.failed).is_(False), col(Tick.due_at) < idle_before)
    old = select(Tick.id).where(or_(idle, col(Tick.due_at) < before)).limit(limit)
    return rows_changed(session, delete(Tick).where(col(Tick.id).in_(old)))
