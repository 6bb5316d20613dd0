"""Bearer tokens of the API: random, shown once, stored as a hash, with the day they were last used."""

import secrets
from datetime import datetime, timedelta

from sqlmodel import Field, Session, SQLModel, select

from models.encryption import fingerprint

PREFIX = "onetap_"
USED_STEP = timedelta(minutes=10)
"""The last use is written at most this often, so that reading does not write all day."""


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


def is_name(name: str) -> bool:
    """Does this say for whom a token is, within its column?"""
    return 1 <= len(name) <= 64


def create(session: Session, name: str, *, writes: bool, now: datetime) -> str:
    """A new token; its text exists only in this answer."""
    token = PREFIX + secrets.token_urlsafe(32)
    session.add(
        ApiToken(name=name, token_hash=fingerprint(token), tail=token[-4:], writes=writes, created_at=now)
    )
    return token


def find(session: Session, token: str) -> ApiToken | None:
    """The row of a token that is still good."""
    if not token.startswith(PREFIX):
        return None
    row = session.exec(select(ApiToken).where(ApiToken.token_hash == fingerprint(token))).one_or_none()
    return None if row is None or row.revoked_at else row


def used(row: ApiToken, now: datetime) -> bool:
    """Note that it was used; True when the row needs to be written."""
    if row.used_at and now - row.used_at < USED_STEP:
        return False
    row.used_at = now
    return True
