"""Accounts of the console, their sessions and the API's tokens; guides sign in through the messenger alone."""

from datetime import datetime, timedelta

from sqlmodel import Field, Session, SQLModel, col, delete, select

from models.db import insert_once
from models.seal import fingerprint

REPEAT_LIFE = timedelta(days=30)
HQ, BRANCH, MANAGER = "hq", "branch", "manager"
THROTTLE_WINDOW = timedelta(minutes=15)
TRIES = {"login": 10, "address": 40}
"""Wrong passwords per window before the door stays shut for the rest of it: of one login, from one address."""
SETUP_LINK_LIFE = timedelta(hours=24)


class User(SQLModel, table=True):
    """Somebody who plans or oversees: HQ by password, a branch or a store manager through the messenger."""

    __tablename__ = "account"

    id: int | None = Field(default=None, primary_key=True)
    role: str = Field(max_length=16)
    """hq, branch or manager"""
    name: str = Field(max_length=64)
    login: str | None = Field(default=None, max_length=64, unique=True)
    password_hash: str = Field(default="", max_length=200)
    userid: str | None = Field(default=None, max_length=64, unique=True)
    """The messenger's userid, for those who sign in through it."""
    branch_id: int | None = Field(default=None, foreign_key="branch.id")
    store_id: int | None = Field(default=None, foreign_key="store.id")
    active: bool = True
    language: str = Field(default="zh", max_length=8)
    created_at: datetime
    seen_at: datetime | None = None


class SignedIn(SQLModel, table=True):
    """A session. The cookie holds a random token; the row only its hash."""

    __tablename__ = "signed_in"

    id: int | None = Field(default=None, primary_key=True)
    realm: str = Field(max_length=8)
    """console or guide: separate cookies, so that both live in one browser"""
    token_hash: str = Field(max_length=64, unique=True)
    user_id: int | None = Field(default=None, foreign_key="account.id", index=True)
    guide_id: int | None = Field(default=None, foreign_key="guide.id", index=True)
    csrf: str = Field(max_length=64)
    created_at: datetime
    expires_at: datetime


class SetupLink(SQLModel, table=True):
    """A one-time link that makes the first HQ account; printed at the first start."""

    __tablename__ = "setup_link"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(max_length=64, unique=True)
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


class Throttle(SQLModel, table=True):
    """Failed sign-ins of one login or one address, counted per window."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=120, unique=True)
    failures: int = 0
    since: datetime
    blocked_until: datetime | None = None


class ApiToken(SQLModel, table=True):
    """A bearer token of the JSON API; shown once, stored as a hash."""

    __tablename__ = "api_token"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=64)
    token_hash: str = Field(max_length=64, unique=True)
    tail: str = Field(default="", max_length=4)
    writes: bool = False
    created_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None


class Repeat(SQLModel, table=True):
    """The answer once given to an Idempotency-Key, so that the same request again gives the same answer."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=200, unique=True)
    body_hash: str = Field(max_length=64)
    status: int
    answer: str
    created_at: datetime


class Audit(SQLModel, table=True):
    """Who did what; only ever added to."""

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(index=True)
    actor: str = Field(max_length=64)
    verb: str = Field(max_length=64)
    noun: str = Field(max_length=64)
    detail: str = Field(default="", max_length=500)


class Note(SQLModel, table=True):
    """A small lasting fact of this installation: that it is a demo, the welcome text, retention days."""

    key: str = Field(primary_key=True, max_length=64)
    value: str = Field(default="", max_length=4000)


def try_sign_in(session: Session, login: str, address: str, now: datetime) -> datetime | None:
    """Count one attempt before looking at the password; until when the door is shut, or None when it may be tried.

    Counted for unknown logins just the same, so that the answer tells nobody which logins exist.
    """
    shut = [_count(session, kind, value, now) for kind, value in (("login", login.lower()), ("address", address))]
    return max((until for until in shut if until), default=None)


def signed_in_well(session: Session, login: str) -> None:
    """The right password: this login's wrong ones are forgotten (those of the address are not)."""
    session.execute(delete(Throttle).where(col(Throttle.name) == _throttle_name("login", login.lower())))


def find_login(session: Session, login: str) -> User | None:
    """The active account with this login name."""
    return session.exec(select(User).where(User.login == login, User.active, User.password_hash != "")).one_or_none()


def needs_first_account(session: Session) -> bool:
    return session.exec(select(User.id).where(User.role == HQ, User.active).limit(1)).first() is None


def open_link(session: Session, token_hash: str, now: datetime) -> SetupLink | None:
    """The set-up link, while it is unused, fresh, and no HQ account exists."""
    link = session.exec(select(SetupLink).where(SetupLink.token_hash == token_hash)).one_or_none()
    if link is None or link.used_at or link.expires_at <= now or not needs_first_account(session):
        return None
    return link


def record(session: Session, actor: str, verb: str, noun: str, now: datetime, detail: str = "") -> None:
    """One line in the book of who did what."""
    session.add(Audit(at=now, actor=actor[:64], verb=verb[:64], noun=noun[:64], detail=detail[:500]))


def forget_old(session: Session, now: datetime) -> None:
    """Drop what nobody will ask for again: sessions that ended, remembered answers, wrong passwords of a past window."""
    session.execute(delete(SignedIn).where(col(SignedIn.expires_at) <= now))
    session.execute(delete(Repeat).where(col(Repeat.created_at) <= now - REPEAT_LIFE))
    session.execute(delete(Throttle).where(col(Throttle.since) <= now - THROTTLE_WINDOW))


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
