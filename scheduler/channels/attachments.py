"""Pictures on their way out: posters drawn in the pool and kept by content, bytes uploaded once in three days."""

import hashlib
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from models import pictures
from models.pictures import PosterPlan
from posters.fields import Art, Person, PosterFields, PosterRefused
from posters.pool import PoolBroken
from scheduler.channels.base import Refused
from scheduler.runtime import Runtime

DRAW_SECONDS = 40
"""The pool may have a queue; still well inside the lease."""

_turns = [threading.Lock() for _ in range(16)]


def poster(runtime: Runtime, plan: PosterPlan) -> bytes:
    """The guide's poster at the size for phones, from the cache or drawn now."""
    path = poster_path(runtime.data_dir, plan.key)
    with _turn(plan.key):
        if path.is_file():
            return path.read_bytes()
        try:
            full = runtime.posters.submit(fields(plan)).result(DRAW_SECONDS)
            small = runtime.posters.submit_shrink(full).result(DRAW_SECONDS)
        except PoolBroken:
            raise  # the program stops, or a drawing process died: tried again later
        except PosterRefused as no:
            raise Refused(str(no)) from None
        keep(path, small)
    return small


def fields(plan: PosterPlan) -> PosterFields:
    return PosterFields(Person(**plan.person), Art(**plan.art))


def poster_path(data_dir: Path, key: str) -> Path:
    return data_dir / "posters" / key[:2] / f"{key}.jpg"


def keep(path: Path, content: bytes) -> None:
    """Under its name there is a whole file or none, also when the process dies here."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    os.replace(temporary, path)


def media_id(runtime: Runtime, content: bytes, name: str, now: datetime, *, fresh: bool = False) -> str:
    """What the platform calls these bytes; uploaded when it does not hold them, or `fresh` after it refused the old id."""
    digest = hashlib.sha256(content).hexdigest()
    with _turn(digest):
        if not fresh:
            with runtime.db.read() as session:
                known = pictures.known_media(session, digest, now)
            if known:
                return known
        made = runtime.client.upload("image", content, name)
        runtime.db.run(lambda session: pictures.remember_media(session, digest, made, now))
    return made


@contextmanager
def _turn(key: str) -> Iterator[None]:
    """Threads that want the same picture wait for the first; others hardly ever meet."""
    with _turns[int(hashlib.sha256(key.encode()).hexdigest()[:4], 16) % len(_turns)]:
        yield
