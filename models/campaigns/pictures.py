"""Pictures that HQ uploaded (the truth is the row), what the platform knows them by, and what a guide's poster is made of."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import UniqueConstraint, delete
from sqlmodel import Field, Session, SQLModel, col, select

from models import preferences
from models.campaigns.attachments import ART_WORDS, Attachment
from models.db import insert_once, insert_or_change
from models.friends.entry_codes import PRINTABLE, EntryCode
from models.org import Guide, Store

MEDIA_LIFE = timedelta(days=3) - timedelta(hours=2)
"""The platform forgets a media_id after three days (contract 9); a task made now must still hold it when it is made."""


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


class PictureOwner(SQLModel, table=True):
    """Somebody who uploaded just these bytes: hers to look at and to use, in a campaign or not."""

    __tablename__ = "picture_owner"
    __table_args__ = (UniqueConstraint("picture_id", "account_id"),)

    id: int | None = Field(default=None, primary_key=True)
    picture_id: int = Field(foreign_key="picture.id")
    account_id: int = Field(foreign_key="account.id", index=True)


class Media(SQLModel, table=True):
    """What the platform calls some bytes that we uploaded; it lives for three days (contract 9)."""

    __table_args__ = (UniqueConstraint("sha256", "use"),)

    id: int | None = Field(default=None, primary_key=True)
    sha256: str = Field(max_length=64)
    use: str = Field(max_length=16)
    """What it was uploaded for: the ids of one use are strange to every other (image, video, file, address)."""
    media_id: str = Field(max_length=256)
    uploaded_at: datetime


def keep_picture(
    session: Session,
    *,
    sha256: str,
    name: str,
    width: int,
    height: int,
    content: bytes,
    now: datetime,
    account_id: int | None = None,
) -> Picture:
    """Store a cleaned picture once; the same bytes again give the same row, of one more owner."""
    picture = session.exec(select(Picture).where(Picture.sha256 == sha256)).one_or_none()
    if picture is None:
        picture = Picture(
            sha256=sha256, name=name, width=width, height=height, content=content, created_at=now
        )
        session.add(picture)
        session.flush()
    if account_id:
        owned = {"picture_id": picture.id, "account_id": account_id}
        insert_once(session, PictureOwner, owned, key=("picture_id", "account_id"))
    return picture


def known_media(session: Session, sha256: str, use: str, now: datetime) -> str:
    """The media_id under which the platform still holds these bytes; empty when they must be uploaded (again)."""
    found = session.exec(
        select(Media).where(Media.sha256 == sha256, Media.use == use, Media.uploaded_at > now - MEDIA_LIFE)
    ).one_or_none()
    return found.media_id if found else ""


def known_among(session: Session, digests: Sequence[str], use: str, now: datetime) -> dict[str, str]:
    """Digest → media_id, of those that the platform still holds."""
    kept = select(Media.sha256, Media.media_id).where(
        col(Media.sha256).in_(digests), Media.use == use, Media.uploaded_at > now - MEDIA_LIFE
    )
    return dict(session.exec(kept).all())


def remember_media(session: Session, made: Mapping[tuple[str, str], str], now: datetime) -> None:
    """(digest, use) → media_id. Two processes may have uploaded the same bytes: either id works."""
    rows = [
        {"sha256": sha256, "use": use, "media_id": media_id, "uploaded_at": now}
        for (sha256, use), media_id in sorted(made.items())
    ]
    insert_or_change(session, Media, rows, key=("sha256", "use"))


def forget_media(session: Session, now: datetime) -> None:
    """Drop what the platform has forgotten anyway; a poster's media is used once."""
    session.execute(delete(Media).where(col(Media.uploaded_at) <= now - MEDIA_LIFE))


@dataclass(frozen=True)
class PosterPlan:
    """What goes onto one guide's poster, as plain values: whoever draws puts them into posters.PosterFields."""

    art: dict[str, Any]
    """design, picture, headline, subline, price, note, points, occasion, brand"""
    person: dict[str, Any]
    """name, store, code, sentence"""
    key: str = field(init=False)
    """The same content gives the same key, so that nothing is drawn twice."""

    def __post_init__(self) -> None:
        plain = {**self.art, "picture": _digest(self.art["picture"])}
        content = json.dumps([plain, self.person], ensure_ascii=False, sort_keys=True)
        object.__setattr__(self, "key", hashlib.sha256(content.encode()).hexdigest())


@lru_cache(maxsize=8)
def _digest(picture: bytes) -> str:
    """A campaign's guides share one picture."""
    return hashlib.sha256(picture).hexdigest()


def poster_plan(session: Session, poster: Attachment, guide: Guide, store: Store | None) -> PosterPlan | None:
    """This guide's copy of a campaign's poster; None while her own entry code is not ready."""
    payload = codes_of(session, [guide.id or 0]).get(guide.id or 0)
    if not payload:
        return None
    brand = preferences.read(session).name
    return PosterPlan(art_of(session, poster, brand), person_of(poster, brand, guide, store, payload))


def codes_of(session: Session, guides: Sequence[int]) -> dict[int, str]:
    """Guide → what her own newest code says, of those who have one that can be printed."""
    printable = select(EntryCode.guide_id, EntryCode.payload).where(
        col(EntryCode.guide_id).in_(guides), *PRINTABLE
    )
    return {guide or 0: payload for guide, payload in session.exec(printable.order_by(col(EntryCode.id)))}


def person_of(poster: Attachment, brand: str, guide: Guide, store: Store | None, code: str) -> dict[str, Any]:
    """What is hers on it, by the names of posters.Person."""
    person: dict[str, Any] = {
        "name": guide.customer_name or (store.name if store else ""),
        "store": f"{brand} · {store.name}" if store and guide.customer_name else brand,
        "code": code,
    }
    if sentence := poster.words.get("sentence"):
        person["sentence"] = sentence
    return person


def art_of(session: Session, poster: Attachment, brand: str) -> dict[str, Any]:
    """The artwork, equal for all, by the names of posters.Art."""
    picture = session.get(Picture, poster.picture_id) if poster.picture_id else None
    return {
        "design": poster.design,
        "picture": picture.content if picture else b"",
        **{name: poster.words.get(name, "") for name in ART_WORDS},
        "brand": brand,
    }
