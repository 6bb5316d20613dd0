"""Attachments on their way out: posters drawn once by content, bytes uploaded once in three days."""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlmodel import select

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


def attach(runtime: Runtime, row: Outbox, draft: Draft, now: datetime) -> Draft:
    """Draw, upload, attach: slow work, outside any transaction. After a 40007 everything is uploaded anew."""
    if not draft.parts:
        return draft
    fresh = row.errcode in DEAD_MEDIA
    notes: Json = {}
    attachments = []
    for part in draft.parts:
        card = dict(part.card)
        if part.media is not None:
            use, name = (USE_OF_MOMENTS if row.channel == MOMENT else USE_OF)[part.msgtype]
            if isinstance(part.media, PosterPlan):
                content = poster(runtime, part.media)
                media = media_of_drawing(runtime, content, now, fresh=fresh)
                notes = {"poster": part.media.key, "media_id": media}
            else:
                media = media_of_bytes(runtime, part.media, use, now, fresh=fresh)
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


def media_of_drawing(runtime: Runtime, content: bytes, now: datetime, *, fresh: bool) -> str:
    """What the platform calls a poster that we have just drawn."""
    digest = hashlib.sha256(content).hexdigest()
    return _media(runtime, "image", digest, len(content), lambda: (content, "poster.jpg"), now, fresh)


def media_of_bytes(runtime: Runtime, what: Bytes, use: str, now: datetime, *, fresh: bool) -> str:
    """What the platform calls bytes that HQ uploaded; they are read only when they must travel."""

    def read() -> tuple[bytes, str]:
        with runtime.db.read() as session:
            return session.exec(
                select(what.model.content).where(what.model.id == what.row_id)
            ).one(), what.name

    return _media(runtime, use, what.sha256, what.size, read, now, fresh)


def _media(
    runtime: Runtime,
    use: str,
    digest: str,
    size: int,
    read: Callable[[], tuple[bytes, str]],
    now: datetime,
    fresh: bool,
) -> str:
    """Uploaded when the platform does not hold it for this use, or `fresh` after it refused the id.

    Threads that want the same one wait for the first.
    """
    entry = LIMITS_OF[use.removeprefix(FOR_MOMENTS)]
    check(entry, {entry: size})
    turn = _turns[int(digest[:4], 16) % len(_turns)]
    if not turn.acquire(timeout=TURN_SECONDS):
        raise NotYet(5, UPLOADING)
    try:
        if not fresh:
            with runtime.db.read() as session:
                known = pictures.known_media(session, digest, use, now)
            if known:
                return known
        content, name = read()
        made = _upload(runtime, use, content, name)
        runtime.db.run(lambda session: pictures.remember_media(session, digest, use, made, now))
    finally:
        turn.release()
    return made


def _upload(runtime: Runtime, use: str, content: bytes, name: str) -> str:
    if use == ADDRESS:
        return runtime.client.upload_picture(shrink(content), name)
    if use.startswith(FOR_MOMENTS):
        return runtime.client.upload_for_moments(use.removeprefix(FOR_MOMENTS), content, name)
    return runtime.client.upload(use, content, name)
