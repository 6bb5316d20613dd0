"""Accounts of the console, their sessions and the API's tokens; guides sign in through the platform alone."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Field, Session, SQLModel, select

from models.db.word_column import word_column

SETUP_LINK_LIFE = timedelta(hours=24)


class Role(StrEnum):
    HQ = "hq"
    BRANCH = "branch"
    MANAGER = "manager"
    """Of one store."""


ROLE_WORDS = {Role.HQ: "总部", Role.BRANCH: "分公司", Role.MANAGER: "门店"}


class Account(SQLModel, table=True):
    """Somebody who plans or oversees: HQ by password, a branch or a store manager through the platform."""

    __tablename__ = "account"

    id: int | None = Field(default=None, primary_key=True)
    role: Role = Field(sa_column=word_column(Role, 16))
    name: str = Field(max_length=64)
    login: str | None = Field(default=None, max_length=64, unique=True)
    password_hash: str = Field(default="", max_length=200)
    userid: str | None = Field(default=None, max_length=64, unique=True)
    """The platform's userid, for those who sign in through it; compared without regard to case (`leaving.by_userid`)."""
    branch_id: int | None = Field(default=None, foreign_key="branch.id")
    store_id: int | None = Field(default=None, foreign_key="store.id")
    active: bool = True
    language: str = Field(default="zh", max_length=8)
    created_at: datetime
    seen_at: datetime | None = None


class LoginSession(SQLModel, table=True):
    """A session. The cookie holds a random token; the row only its hash."""

    __tablename__ = "login_session"

    id: int | None = Field(default=None, primary_key=True)
    realm: str = Field(max_length=8)
    """console or guide: separate cookies, so that both live in one browser"""
    token_hash: str = Field(max_length=64, unique=True)
    account_id: int | None = Field(default=None, foreign_key="account.id", index=True)
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


def find_login(session: Session, login: str) -> Account | None:
    """The active account with this login name."""
    return session.exec(
        select(Account).where(Account.login == login, Account.active, Account.password_hash != "")
    ).one_or_none()


def needs_first_account(session: Session) -> bool:
    return (
        session.exec(select(Account.id).where(Account.role == Role.HQ, Account.active).limit(1)).first()
        is None
    )


def open_link(session: Session, token_hash: str, now: datetime, *, to_use: bool = False) -> SetupLink | None:
    """The set-up link, while it is unused, fresh, and no HQ account exists; `to_use` in a transaction that uses it up."""
    found = select(SetupLink).where(SetupLink.token_hash == token_hash)
    link = session.exec(found.with_for_update() if to_use else found).one_or_none()
    if link is None or link.used_at or link.expires_at <= now or not needs_first_account(session):
        return None
    return link
