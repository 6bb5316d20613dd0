"""Bearer tokens of the API: random, shown once, stored as a hash, with the day they were last used."""

import secrets
from datetime import datetime, timedelta

from sqlmodel import Field, Session, SQLModel, select

from models.accounts import audit
from models.encryption import fingerprint
from models.errors import Refused
from models.names import line_fault
from models.sentences import Sentence

PREFIX = "onetap_"
ACTOR_LETTERS = 64
"""What a column for whoever did it holds"""
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

    @property
    def words(self) -> str:
        """Which one it is, for people; nobody can use it."""
        return f"{self.name} …{self.tail}"


def actor_of(token: ApiToken) -> str:
    """Who it was, as rows and the audit keep it; a name may fill its own column to the last letter."""
    return f"api:{token.name}"[:ACTOR_LETTERS]


def create(session: Session, name: str, *, writes: bool, who: str, now: datetime) -> str:
    """A new token, or Refused without the name of whoever uses it; its text exists only in this answer."""
    name, token = name.strip(), PREFIX + secrets.token_urlsafe(32)
    if not 1 <= len(name) <= 64:
        raise Refused(faults={"name": Sentence("请写给谁用，1 到 64 个字")})
    if fault := line_fault(name):
        raise Refused(faults={"name": fault})
    row = ApiToken(name=name, token_hash=fingerprint(token), tail=token[-4:], writes=writes, created_at=now)
    session.add(row)
    session.flush()
    audit.note(session, who, "token.add", row.id, row.words, now)
    return token


def revoke(session: Session, row: ApiToken, who: str, now: datetime) -> bool:
    """Whoever holds it is shut out from now on. False when it was revoked before."""
    if row.revoked_at is not None:
        return False
    row.revoked_at = now
    audit.note(session, who, "token.revoke", row.id, row.words, now)
    return True


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
