"""Pictures that HQ uploaded (the truth is the row), what the platform knows them by, and what a guide's poster is made of."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import UniqueConstraint, delete, update
from sqlmodel import Field, Session, SQLModel, col, select

from models import preferences
from models.campaigns import Campaign, Task
from models.db import insert_once
from models.friends.entry_codes import PRINTABLE, EntryCode
from models.org import Guide, Store

MEDIA_LIFE = timedelta(days=3) - timedelta(hours=2)
"""The platform forgets a media_id after three days (contract 9); a task made now must still hold it when it is made."""
ART_WORDS = ("headline", "subline", "price", "note", "occasion")


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
    """A platform media_id of a picture's bytes; it lives for three days (contract 9)."""

    id: int | None = Field(default=None, primary_key=True)
    sha256: str = Field(max_length=64, unique=True)
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


def known_media(session: Session, sha256: str, now: datetime) -> str:
    """The media_id under which the platform still holds these bytes; empty when it must be uploaded (again)."""
    found = session.exec(
        select(Media).where(Media.sha256 == sha256, Media.uploaded_at > now - MEDIA_LIFE)
    ).one_or_none()
    return found.media_id if found else ""


def remember_media(session: Session, sha256: str, media_id: str, now: datetime) -> None:
    """Two processes may have uploaded the same bytes: either id works."""
    values = {"media_id": media_id, "uploaded_at": now}
    if insert_once(session, Media, {"sha256": sha256, **values}, key="sha256") is None:
        session.execute(update(Media).where(col(Media.sha256) == sha256).values(**values))


def forget_media(session: Session, now: datetime) -> None:
    """Drop what the platform has forgotten anyway; a poster's media is used once."""
    session.execute(delete(Media).where(col(Media.uploaded_at) <= now - MEDIA_LIFE))


@dataclass(frozen=True)
class PosterPlan:
    """What goes onto one guide's poster, as plain values: whoever draws puts them into posters.PosterFields."""

    art: dict[str, Any]
    """design, picture, headline, subline, price, note, occasion, brand"""
    person: dict[str, Any]
    """name, store, code, sentence"""
    key: str = field(init=False)
    """The same content gives the same key, so that nothing is drawn twice."""

    def __post_init__(self) -> None:
        plain = {**self.art, "picture": hashlib.sha256(self.art["picture"]).hexdigest()}
        content = json.dumps([plain, self.person], ensure_ascii=False, sort_keys=True)
        object.__setattr__(self, "key", hashlib.sha256(content.encode()).hexdigest())


def poster_plan(session: Session, campaign: Campaign, guide: Guide, store: Store | None) -> PosterPlan | None:
    """This guide's poster for this campaign; None while her own entry code is not ready."""
    payload = session.exec(
        select(EntryCode.payload)
        .where(EntryCode.guide_id == guide.id, *PRINTABLE)
        .order_by(col(EntryCode.id).desc())
        .limit(1)
    ).first()
    if not payload:
        return None
    picture = session.get(Picture, campaign.picture_id) if campaign.picture_id else None
    words = {name: str(campaign.poster.get(name) or "") for name in ART_WORDS}
    name = preferences.read(session).name
    art = {
        "design": campaign.design,
        "picture": picture.content if picture else b"",
        **words,
        "brand": str(campaign.poster.get("brand") or name),
    }
    place = f"{name} · {store.name}" if store and guide.customer_name else name
    person: dict[str, Any] = {
        "name": guide.customer_name or (store.name if store else ""),
        "store": place,
        "code": payload,
    }
    if sentence := str(campaign.poster.get("sentence") or ""):
        person["sentence"] = sentence
    return PosterPlan(art, person)


def poster_of(session: Session, task: Task) -> PosterPlan | None:
    """What a task's poster shows, for whoever has to draw it again."""
    guide = session.get_one(Guide, task.guide_id)
    store = session.get(Store, task.store_id) if task.store_id else None
    return poster_plan(session, session.get_one(Campaign, task.campaign_id), guide, store)
