"""Closed windows: which API or secret must not be called, until when, and the platform's reason."""

from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, delete, select, update

from models.db import insert_once
from models.db.sentence_column import sentence_column


class ClosedWindow(SQLModel, table=True):
    """The platform closed an API (45009) or refused a secret (40001); every process waits together."""

    __tablename__ = "closed_window"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=120, unique=True)
    """api:externalcontact/add_msg_template, or secret:HASH"""
    until: datetime
    words: str = Field(default="", sa_column=sentence_column())
    closed_at: datetime


def close_window(session: Session, name: str, until: datetime, words: str, now: datetime) -> None:
    """Several calls that were out at the same moment may all be told; the latest end counts."""
    values = {"until": until, "words": words, "closed_at": now}
    if insert_once(session, ClosedWindow, {"name": name, **values}, key="name") is None:
        shorter = (col(ClosedWindow.name) == name, col(ClosedWindow.until) < until)
        session.execute(update(ClosedWindow).where(*shorter).values(**values))


def open_windows(session: Session, now: datetime) -> list[ClosedWindow]:
    """The windows still closed at `now`, soonest first; those that ended are forgotten by `forget_windows`."""
    return list(
        session.exec(select(ClosedWindow).where(ClosedWindow.until > now).order_by(col(ClosedWindow.until)))
    )


def forget_windows(session: Session, now: datetime) -> None:
    session.execute(delete(ClosedWindow).where(col(ClosedWindow.until) <= now))
