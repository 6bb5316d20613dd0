"""Accounts of the console, their sessions and the API's tokens; guides sign in through the messenger alone."""

from datetime import datetime

from sqlmodel import Field, SQLModel

HQ, BRANCH, MANAGER = "hq", "branch", "manager"


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
