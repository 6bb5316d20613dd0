"""Wrong passwords make whoever sends them wait, longer each time; the person who knows the right one gets in elsewhere.

They are counted for one login from one address, and for each address and each login alone with far more room: forty
colleagues behind one proxy are not one attacker, and nobody shuts a login out from somewhere else. In a browser where
this login got in before, only its own tries count.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Field, Session, SQLModel, col, delete, select

from models.db import insert_once
from models.encryption import fingerprint

FORGIVEN_AFTER = timedelta(hours=1)
"""Without another wrong one"""


@dataclass(frozen=True)
class Rule:
    """So many wrong passwords are free, then each one doubles the wait."""

    free: int
    first: timedelta
    longest: timedelta

    def wait(self, failures: int) -> timedelta:
        doubled = min(failures - self.free, 20)
        return min(self.first * 2**doubled, self.longest) if doubled >= 0 else timedelta(0)


OWN = Rule(10, timedelta(minutes=1), timedelta(minutes=15))
RULES = {
    "browser": OWN,
    "pair": OWN,
    "address": Rule(200, timedelta(seconds=15), timedelta(minutes=5)),
    "login": Rule(100, timedelta(seconds=5), timedelta(minutes=1)),
}
"""One login in a browser that it knows; one login from one address; all from one address; one login from everywhere."""


class Throttle(SQLModel, table=True):
    """Failed sign-ins under one name, and until when the next one has to wait."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=120, unique=True)
    failures: int = 0
    since: datetime
    """Of the last one"""
    blocked_until: datetime | None = None


@dataclass(frozen=True)
class PasswordAttempt:
    """One try of a password. Counted for unknown logins just the same: the answer tells nobody which ones exist."""

    login: str
    address: str = ""
    browser: str = ""
    """The name of a browser in which this very login got in before"""

    @property
    def names(self) -> dict[str, str]:
        login = self.login.lower()
        if self.browser:
            return {"browser": f"{self.browser} {login}"}
        return {"address": self.address, "login": login, "pair": f"{self.address} {login}"}

    def begin(self, session: Session, now: datetime) -> datetime | None:
        """Count it before looking at the password; until when it is refused instead, or None when it may be tried."""
        rows = dict[str, Throttle]()
        for kind, value in self.names.items():
            rows[kind] = row = _row(session, kind, value, now)
            if row.blocked_until and row.blocked_until > now:
                return row.blocked_until
        for kind, row in rows.items():
            row.failures = 1 if row.since + FORGIVEN_AFTER <= now else row.failures + 1
            row.since, row.blocked_until = now, _until(kind, row.failures, now)
        return None

    def right(self, session: Session, now: datetime) -> None:
        """It was the right password: the wrong ones before are forgotten, elsewhere this one is not counted."""
        for kind, value in self.names.items():
            if kind in ("browser", "pair"):
                session.execute(delete(Throttle).where(col(Throttle.name) == _name(kind, value)))
                continue
            row = _row(session, kind, value, now)
            row.failures = max(0, row.failures - 1)
            row.blocked_until = _until(kind, row.failures, row.since)


def _row(session: Session, kind: str, value: str, now: datetime) -> Throttle:
    name = _name(kind, value)
    insert_once(session, Throttle, {"name": name, "since": now}, key="name")
    return session.exec(select(Throttle).where(Throttle.name == name).with_for_update()).one()


def _until(kind: str, failures: int, now: datetime) -> datetime | None:
    wait = RULES[kind].wait(failures)
    return now + wait if wait else None


def _name(kind: str, value: str) -> str:
    return f"{kind}:{value}" if len(value) <= 100 else f"{kind}:{fingerprint(value)}"
