"""Pictures on their way out: posters drawn once by content, bytes uploaded once in three days."""

import hashlib
import threading
from dataclasses import replace
from datetime import datetime

from models.campaigns import pictures
from models.campaigns.pictures import PosterPlan
from models.ledger.outbox import Outbox
from posters.drawing import Size
from posters.fields import Art, Person, PosterFields, PosterRefused
from posters.pool import PoolBroken
from scheduler.channels.base import Draft, NotDeliverable, NotYet, check
from scheduler.runtime import Runtime

TURN_SECONDS = 15.0
"""So long a thread waits for the one that uploads the same picture; then its row waits, and its lease is not used up."""
DEAD_MEDIA = (40007, 41072)
"""The platform does not know the media_id any more."""
UPLOADING = "同一张图片正在上传，传好就发"
DRAWING = "这台机器很忙，海报还没画好，画好就发"
DRAWN_LATER_SECONDS = 10.0

_turns = [threading.Lock() for _ in range(16)]


def attach(runtime: Runtime, row: Outbox, draft: Draft, now: datetime) -> Draft:
    """Draw, upload, attach: slow work, outside any transaction. After a 40007 the picture is uploaded anew."""
    if draft.picture is None:
        return draft
    if isinstance(draft.picture, PosterPlan):
        content, name, notes = poster(runtime, draft.picture), "poster.jpg", {"poster": draft.picture.key}
    else:
        content, name, notes = draft.picture.content, draft.picture.name, {}
    check("picture", {"picture": len(content)})
    media = media_id(runtime, content, name, now, fresh=row.errcode in DEAD_MEDIA)
    request = {**draft.request, "attachments": [{"msgtype": "image", "image": {"media_id": media}}]}
    return replace(draft, request=request, notes={**draft.notes, **notes, "media_id": media})


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


def media_id(runtime: Runtime, content: bytes, name: str, now: datetime, *, fresh: bool = False) -> str:
    """What the platform calls these bytes; uploaded when it does not hold them, or `fresh` after it refused the id.

    Threads that want the same picture wait for the first.
    """
    digest = hashlib.sha256(content).hexdigest()
    turn = _turns[int(digest[:4], 16) % len(_turns)]
    if not turn.acquire(timeout=TURN_SECONDS):
        raise NotYet(5, UPLOADING)
    try:
        if not fresh:
            with runtime.db.read() as session:
                known = pictures.known_media(session, digest, now)
            if known:
                return known
        made = runtime.client.upload("image", content, name)
        runtime.db.run(lambda session: pictures.remember_media(session, digest, made, now))
    finally:
        turn.release()
    return made
