"""Pictures that HQ uploaded (the truth is the row) and what the platform knows them by."""

from datetime import datetime

from sqlmodel import Field, Session, SQLModel, select


class Picture(SQLModel, table=True):
    """A picture after safe decoding, without its metadata."""

    id: int | None = Field(default=None, primary_key=True)
    sha256: str = Field(max_length=64, unique=True)
    name: str = Field(default="", max_length=120)
    mime: str = Field(default="image/jpeg", max_length=32)
    width: int
    height: int
    content: bytes
    created_at: datetime


class Media(SQLModel, table=True):
    """A platform media_id of a picture's bytes; it lives for three days (contract 9)."""

    id: int | None = Field(default=None, primary_key=True)
    sha256: str = Field(max_length=64, unique=True)
    media_id: str = Field(max_length=256)
    uploaded_at: datetime


def keep_picture(session: Session, *, sha256: str, name: str, width: int, height: int, content: bytes, now: datetime) -> Picture:
    """Store a cleaned picture once; the same bytes again give the same row."""
    found = session.exec(select(Picture).where(Picture.sha256 == sha256)).one_or_none()
    if found:
        return found
    picture = Picture(sha256=sha256, name=name, width=width, height=height, content=content, created_at=now)
    session.add(picture)
    session.flush()
    return picture
