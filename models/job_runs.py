"""The timetable's memory: a run of a job is a row with a unique (plan, due_at), so a second scheduler does no harm."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint, and_, delete, or_, update
from sqlmodel import Field, Session, SQLModel, col, func, select

from models.accounts import audit
from models.db import insert_once, rows_changed
from models.db.sentence_column import sentence_column
from models.preferences import Preference

WISH = "run."
"""Notes under this name are runs that a person asked for."""


class JobRunState(StrEnum):
    NEVER = "never"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class JobRun(SQLModel, table=True):
    """One due run of one plan."""

    __tablename__ = "job_run"
    __table_args__ = (UniqueConstraint("plan", "due_at"),)

    id: int | None = Field(default=None, primary_key=True)
    plan: str = Field(max_length=64, index=True)
    due_at: datetime = Field(index=True)
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str = Field(default="", sa_column=sentence_column())
    """What it did, in words; an error's first line when it failed"""
    failed: bool = False


def start_run(session: Session, plan: str, due_at: datetime, now: datetime) -> int | None:
    """Claim a run; None when somebody else already has it."""
    values = {"plan": plan, "due_at": due_at, "started_at": now}
    return insert_once(session, JobRun, values, key=("plan", "due_at"))


def end_run(session: Session, run_id: int, now: datetime, outcome: str, *, failed: bool = False) -> None:
    """What it did. A run that outlived its own row (somebody pruned it) has nothing to say any more."""
    run = session.get(JobRun, run_id)
    if run is not None:
        run.ended_at, run.outcome, run.failed = now, outcome, failed


def take_over(session: Session, run_id: int, started_at: datetime, now: datetime) -> bool:
    """Claim a run whose process died in the middle; False when somebody else was quicker."""
    statement = (
        update(JobRun)
        .where(col(JobRun.id) == run_id, col(JobRun.ended_at).is_(None), col(JobRun.started_at) == started_at)
        .values(started_at=now)
    )
    return rows_changed(session, statement) == 1


def miss(session: Session, plan: str, due_at: datetime, now: datetime, words: str) -> None:
    """Nobody was there when it was due, and now it is too late: said so, never silent."""
    run_id = start_run(session, plan, due_at, now)
    if run_id is not None:
        end_run(session, run_id, now, words, failed=True)


def ask_for(session: Session, plan: str, now: datetime) -> None:
    """A person wants this plan to run now; asked twice before it began, it runs once."""
    if session.get(Preference, WISH + plan) is None:
        session.add(Preference(key=WISH + plan, value=now.isoformat()))


def ask_now(session: Session, plan: str, who: str, now: datetime) -> bool:
    """Somebody presses the button; written down once for each run. False when it is asked for already."""
    if plan in asked(session):
        return False
    ask_for(session, plan, now)
    audit.record(session, who, "timetable.run", f"plan:{plan}", now, "现在跑一次")
    return True


def asked(session: Session) -> dict[str, datetime]:
    """The runs that people asked for and that have not begun: plan and when it was asked."""
    notes = session.exec(select(Preference).where(col(Preference.key).startswith(WISH)))
    return {note.key.removeprefix(WISH): datetime.fromisoformat(note.value) for note in notes}


def start_asked(session: Session, plan: str, now: datetime) -> int | None:
    """Begin a run that was asked for; None when somebody else already has it."""
    note = session.get(Preference, WISH + plan, with_for_update=True)
    if note is None:
        return None
    session.delete(note)
    return start_run(session, plan, datetime.fromisoformat(note.value), now)


def last_runs(session: Session) -> dict[str, JobRun]:
    """The newest run of every plan."""
    newest = select(JobRun.plan, func.max(JobRun.due_at).label("due_at")).group_by(JobRun.plan).subquery()
    query = select(JobRun).join(
        newest, and_(col(JobRun.plan) == newest.c.plan, col(JobRun.due_at) == newest.c.due_at)
    )
    return {run.plan: run for run in session.exec(query)}


def prune(session: Session, idle_before: datetime, before: datetime, limit: int) -> int:
    """Forget runs: those that did nothing soon, the others with the ledger. How many in this piece."""
    idle = and_(col(JobRun.outcome) == "", col(JobRun.failed).is_(False), col(JobRun.due_at) < idle_before)
    old = select(JobRun.id).where(or_(idle, col(JobRun.due_at) < before)).limit(limit)
    return rows_changed(session, delete(JobRun).where(col(JobRun.id).in_(old)))
