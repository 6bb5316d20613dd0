"""Attachments on their way out: posters drawn once by content, bytes uploaded once in three days."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlmodel import Session, select

from models.campaigns import pictures
from models.campaigns.pictures import PosterPlan
from models.ledger.channels import MOMENT
from models.ledger.outbox import Outbox
from posters.drawing import Size
from posters.fields import Art, Person, PosterFields, PosterRefused
from posters.pictures import shrink
from posters.pool import PoolBroken
from scheduler.channels.base import Bytes, Draft, Json, NotDeliverable, NotYet, check
from scheduler.runtime import Runtime

TURN_SECONDS = 15.0
"""So long a thread waits for the one that uploads the same picture; then its row waits, and its lease is not used up."""
DEAD_MEDIA = (40007, 41072)
"""The platform does not know the media_id any more."""
ADDRESS = "address"
"""A picture that is named by an address of its own, not by a media_id: the cover of a link (contract 6.1)"""
USE_OF = {
    "image": ("image", "media_id"),
    "link": (ADDRESS, "picurl"),
    "miniprogram": ("image", "pic_media_id"),
    "video": ("video", "media_id"),
    "file": ("file", "media_id"),
}
"""Kind of attachment → (what it is uploaded as, the field that names the upload)"""
FOR_MOMENTS = "moment_"
"""Before the use of what is uploaded for Moments: its ids are strange to messages, and theirs to Moments (contract 9)"""
USE_OF_MOMENTS = {
    "image": ("moment_image", "media_id"),
    "link": ("moment_image", "media_id"),
    "video": ("moment_video", "media_id"),
}
LIMITS_OF = {"image": "picture", ADDRESS: "picture", "video": "video", "file": "file"}
"""What is uploaded → whose limits in wecom/limits.py"""
UPLOADING = "同一张图片正在上传，传好就发"
DRAWING = "这台机器很忙，海报还没画好，画好就发"
DRAWN_LATER_SECONDS = 10.0

_turns = [threading.Lock() for _ in range(16)]


@dataclass
class Held:
    """What the platform holds of us, as far as the rows of one portion are concerned: looked up once for all of them."""

    ids: dict[tuple[str, str], str] = field(default_factory=dict)
    """(digest, use) → media_id; empty where it is known that it must be uploaded"""
    made: dict[tuple[str, str], str] = field(default_factory=dict)
    """Uploaded now; written down together with the intents of its rows"""

    @classmethod
    def of_posters(cls, session: Session, drafts: Iterable[Draft], now: datetime) -> Held:
        keys = [
            part.media.key for draft in drafts for part in draft.parts if isinstance(part.media, PosterPlan)
        ]
        known = pictures.known_among(session, keys, "image", now) if keys else {}
        return cls({(key, "image"): known.get(key, "") for key in keys})

    def keep(self, session: Session, now: datetime) -> None:
        pictures.remember_media(session, self.made, now)


def attach(runtime: Runtime, row: Outbox, draft: Draft, now: datetime, held: Held | None = None) -> Draft:
    """Draw, upload, attach: slow work, outside any transaction. After a 40007 everything is uploaded anew.

    Whoever gives `held` writes down what it made.
    """
    if not draft.parts:
        return draft
    fresh = row.errcode in DEAD_MEDIA
    notes: Json = {}
    attachments = []
    for part in draft.parts:
        card = dict(part.card)
        if part.media is not None:
            use, name = (USE_OF_MOMENTS if row.channel == MOMENT else USE_OF)[part.msgtype]
            desk = Upload(runtime, now, fresh=fresh, held=held)
            if isinstance(part.media, PosterPlan):
                media = desk.drawing(part.media)
                notes = {"poster": part.media.key, "media_id": media}
            else:
                media = desk.bytes_(part.media, use)
            card[name] = media
        attachments.append({"msgtype": part.msgtype, part.msgtype: card})
    return replace(draft, request={**draft.request, "attachments": attachments}, notes=draft.notes | notes)


def poster(runtime: Runtime, plan: PosterPlan) -> bytes:
    """The guide's poster in full size, joined from what the shelf holds of it or is drawn now."""
    try:
        return runtime.shelf.poster(PosterFields(Person(**plan.person), Art(**plan.art)), Size.FULL)
    except PoolBroken:
        raise  # the program stops, or a drawing process died: tried again later
    except TimeoutError:  # other programs have the processor: nobody's fault, and no try is used up
        raise NotYet(DRAWN_LATER_SECONDS, DRAWING) from None
    except PosterRefused as no:
        raise NotDeliverable(str(no)) from None


@dataclass(frozen=True)
class Upload:
    """How what one row carries gets to the platform: not at all where it is there already.

    fresh: the platform has refused the id that we knew.
    """

    runtime: Runtime
    now: datetime
    fresh: bool
    held: Held | None

    def drawing(self, plan: PosterPlan) -> str:
        """What the platform calls a poster: known by what is on it, so that one that is there need not be drawn."""

        def draw() -> tuple[bytes, str]:
            content = poster(self.runtime, plan)
            check("picture", {"picture": len(content)})
            return content, "poster.jpg"

        return self._media("image", plan.key, draw)

    def bytes_(self, what: Bytes, use: str) -> str:
        """What the platform calls bytes that HQ uploaded; they are read only when they must travel."""
        entry = LIMITS_OF[use.removeprefix(FOR_MOMENTS)]
        check(entry, {entry: what.size})

        def read() -> tuple[bytes, str]:
            with self.runtime.db.read() as session:
                return session.exec(
                    select(what.model.content).where(what.model.id == what.row_id)
                ).one(), what.name

        return self._media(use, what.sha256, read)

    def _media(self, use: str, digest: str, read: Callable[[], tuple[bytes, str]]) -> str:
        """Threads that want the same one wait for the first."""
        turn = _turns[int(digest[:4], 16) % len(_turns)]
        if not turn.acquire(timeout=TURN_SECONDS):
            raise NotYet(5, UPLOADING)
        try:
            if not self.fresh and (known := self._known(digest, use)):
                return known
            content, name = read()
            made = _upload(self.runtime, use, content, name)
            self._remember(digest, use, made)
        finally:
            turn.release()
        return made

    def _known(self, digest: str, use: str) -> str:
        if self.held and (digest, use) in self.held.ids:
            return self.held.ids[digest, use]
        with self.runtime.db.read() as session:
            known = pictures.known_media(session, digest, use, self.now)
        if known and self.held:
            self.held.ids[digest, use] = known
        return known

    def _remember(self, digest: str, use: str, made: str) -> None:
        """What many rows share is written down at once, since other portions wait for it."""
        if self.held and (digest, use) in self.held.ids:
            self.held.ids[digest, use] = self.held.made[digest, use] = made
            return
        named = {(digest, use): made}
        self.runtime.db.run(lambda session: pictures.remember_media(session, named, self.now))
        if self.held:
            self.held.ids[digest, use] = made


def _upload(runtime: Runtime, use: str, content: bytes, name: str) -> str:
    if use == ADDRESS:
        return runtime.client.upload_picture(shrink(content), name)
    if use.startswith(FOR_MOMENTS):
        return runtime.client.upload_for_moments(use.removeprefix(FOR_MOMENTS), content, name)
    return runtime.client.upload(use, content, name)
