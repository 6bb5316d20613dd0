"""Wrong passwords are counted per login and per address; after too many, more tries are refused for a while."""

from datetime import datetime, timedelta

from sqlmodel import Field, Session, SQLModel, col, delete, select

from models.db import insert_once
from models.encryption import fingerprint

THROTTLE_WINDOW = timedelta(minutes=15)


TRIES = {"login": 10, "address": 40}
"""Wrong passwords per window before more tries are refused for the rest of it: of one login, from one address."""


class Throttle(SQLModel, table=True):
    """Failed sign-ins of one login or one address, counted per window."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=120, unique=True)
    failures: int = 0
    since: datetime
    blocked_until: datetime | None = None


def try_sign_in(session: Session, login: str, address: str, now: datetime) -> datetime | None:
    """Count one attempt before looking at the password; until when tries are refused, or None when it may be tried.

    Counted for unknown logins just the same, so that the answer tells nobody which logins exist.
    """
    shut = [
        _count(session, kind, value, now) for kind, value in (("login", login.lower()), ("address", address))
    ]
    return max((until for until in shut if until), default=None)


def signed_in_well(session: Session, login: str) -> None:
    """The right password: this login's wrong ones are forgotten (those of the address are not)."""
    session.execute(delete(Throttle).where(col(Throttle.name) == _throttle_name("login", login.lower())))


def _count(session: Session, kind: str, value: str, now: datetime) -> datetime | None:
    name = _throttle_name(kind, value)
    insert_once(session, Throttle, {"name": name, "since": now}, key="name")
    row = session.exec(select(Throttle).where(Throttle.name == name).with_for_update()).one()
    if row.since + THROTTLE_WINDOW <= now:
        row.failures, row.since, row.blocked_until = 0, now, None
    row.failures += 1
    if row.failures > TRIES[kind] and row.blocked_until is None:
        row.blocked_until = now + THROTTLE_WINDOW
        row.since = now
    return row.blocked_until


def _throttle_name(kind: str, value: str) -> str:
    return f"{kind}:{value}" if len(value) <= 100 else f"{kind}:{fingerprint(value)}"
