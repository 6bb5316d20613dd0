"""The two parts of posters kept by content: drawn once, then read from the folder and joined for whoever asks.

Losing the folder only costs drawing them again, by any process.
"""

import hashlib
import json
import logging
import os
import tempfile
import threading
import zlib
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from posters.drawing import Size, Upper
from posters.fields import Art, PosterFields
from posters.pool import PosterPool

DRAW_SECONDS = 40.0
"""The pool may have a queue"""
FAST = 1
"""How hard parts are squeezed: the white of a strip is a fifth of it, harder gains nothing"""
MOST_UPPERS = 4
"""Kept in memory, some 400 KB each"""
DRAWN_AS = 1
"""Counts changes of how posters are drawn, after which no kept part fits any more."""

Drawn = TypeVar("Drawn")
log = logging.getLogger("onetap.posters")


class Shelf:
    """A folder of parts: one for each campaign's art, one for each person's strip, in each size that was asked for."""

    def __init__(self, folder: Path, pool: PosterPool) -> None:
        self.folder = folder
        self.pool = pool
        self._uppers: dict[str, Upper] = {}
        self._turns = [threading.Lock() for _ in range(16)]

    def poster(self, fields: PosterFields, size: Size) -> bytes:
        """The whole file; raises PosterRefused in words."""
        upper = self._upper(fields.art, size)
        key = _key(asdict(fields.person), size, upper.quality)
        return upper.poster(
            self._part(key, lambda: _in_time(self.pool.submit_strip(fields.person, size, upper.quality)))
        )

    def _upper(self, art: Art, size: Size) -> Upper:
        """What a campaign's posters share, read once for the many that follow each other, while its file is there."""
        key = _art_key(art, size)
        if (known := self._uppers.get(key)) is not None:
            with suppress(OSError):
                os.utime(self.path(key))  # it is still wanted
                return known
        kept = self._part(key, lambda: _drawn_upper(self.pool, art, size))
        if len(self._uppers) >= MOST_UPPERS:
            self._uppers.clear()
        self._uppers[key] = upper = Upper(kept[1:], kept[0])
        return upper

    def path(self, key: str) -> Path:
        return self.folder / key[:2] / key

    def _part(self, key: str, draw: Callable[[], bytes]) -> bytes:
        """One part, from the folder or drawn now. Threads that want the same one wait for the first."""
        path = self.path(key)
        with self._turns[int(key[:4], 16) % len(self._turns)]:
            with suppress(FileNotFoundError, NotADirectoryError):
                known = zlib.decompress(path.read_bytes())
                os.utime(path)  # it is still wanted
                return known
            drawn = draw()
            try:
                keep(path, zlib.compress(drawn, FAST))
            except OSError as error:  # a full disk is no reason not to send it
                log.warning("a poster could not be kept and will be drawn again: %s", error)
        return drawn

    def sweep(self, before: datetime) -> int:
        """Take away what nobody has asked for since, and halves that a dead process left behind; how many files."""
        old = [path for path in self.folder.glob("*/*") if path.stat().st_mtime < before.timestamp()]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)


def _drawn_upper(pool: PosterPool, art: Art, size: Size) -> bytes:
    """As it is kept: its quality in one byte, then the beginning of the file."""
    upper = _in_time(pool.submit_upper(art, size))
    return bytes([upper.quality]) + upper.jpeg


@lru_cache(maxsize=8)
def _art_key(art: Art, size: Size) -> str:
    return _key(asdict(art), size)


def _key(content: dict[str, object], *how: object) -> str:
    """A name that says what is on the part: equal content is one file."""
    plain = {name: _digest(value) if isinstance(value, bytes) else value for name, value in content.items()}
    words = json.dumps([DRAWN_AS, plain, *how], ensure_ascii=False, sort_keys=True)
    return _digest(words.encode())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _in_time(drawing: "Future[Drawn]") -> Drawn:
    """What was drawn; what nobody waits for any longer is not drawn, or it would keep the next ones waiting."""
    try:
        return drawing.result(DRAW_SECONDS)
    except TimeoutError:
        drawing.cancel()
        raise


def keep(path: Path, content: bytes) -> None:
    """Under its name there is a whole file or none, also when the process dies here."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    os.replace(temporary, path)
