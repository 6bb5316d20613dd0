"""Lists between the look at them and the yes: kept as they came, for a while, for whoever brought them."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Field, Session, SQLModel, col, select

UPLOAD_LIFE = timedelta(hours=2)
"""How long a list waits for the yes"""


class UploadedList(SQLModel, table=True):
    """The bytes of a list that somebody looks at before it is imported."""

    __tablename__ = "uploaded_list"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=32, unique=True)
    noun: str = Field(max_length=16)
    name: str = Field(default="", max_length=120)
    content: bytes
    account_id: int = Field(index=True)
    uploaded_at: datetime


def keep(session: Session, *, noun: str, name: str, content: bytes, account_id: int, now: datetime) -> str:
    """Keep a list for its yes, one for each account; its code."""
    drop(session, account_id)
    code = secrets.token_hex(16)
    session.add(
        UploadedList(
            code=code, noun=noun, name=name[:120], content=content, account_id=account_id, uploaded_at=now
        )
    )
    return code


def find(session: Session, code: str, account_id: int, now: datetime) -> UploadedList | None:
    """What this account looked at; None when that is too long ago, was imported, or was somebody else's."""
    query = select(UploadedList).where(UploadedList.code == code, UploadedList.account_id == account_id)
    return session.exec(query.where(col(UploadedList.uploaded_at) > now - UPLOAD_LIFE)).one_or_none()


def drop(session: Session, account_id: int) -> None:
    """This account's list is imported, or another one takes its place."""
    session.execute(delete(UploadedList).where(col(UploadedList.account_id) == account_id))


def forget_old(session: Session, now: datetime) -> None:
    """Drop what nobody said yes to."""
    session.execute(delete(UploadedList).where(col(UploadedList.uploaded_at) <= now - UPLOAD_LIFE))
