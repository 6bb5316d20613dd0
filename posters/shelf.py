"""Posters kept by content: drawn once, then read from the folder; losing the folder only costs drawing them again."""

import hashlib
import logging
import os
import tempfile
import threading
from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from posters.fields import PosterFields
from posters.pool import PosterPool

DRAW_SECONDS = 40.0
"""The pool may have a queue"""

log = logging.getLogger("onetap.posters")


class Shelf:
    """A folder of phone-sized posters. `key` names what is on the poster, so equal content is one file."""

    def __init__(self, folder: Path, pool: PosterPool) -> None:
        self.folder = folder
        self.pool = pool
        self._turns = [threading.Lock() for _ in range(16)]

    def path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.jpg"

    def poster(self, key: str, fields: PosterFields) -> bytes:
        """The poster, 750 pixels wide; raises PosterRefused in words. Threads that want the same one wait for the first."""
        path = self.path(key)
        with self._turns[int(hashlib.sha256(key.encode()).hexdigest()[:4], 16) % len(self._turns)]:
            with suppress(FileNotFoundError, NotADirectoryError):
                known = path.read_bytes()
                os.utime(path)  # it is still wanted
                return known
            small = _in_time(self.pool.submit_shrink(self.full(fields)))
            try:
                keep(path, small)
            except OSError as error:  # a full disk is no reason not to send it
                log.warning("a poster could not be kept and will be drawn again: %s", error)
        return small

    def full(self, fields: PosterFields) -> bytes:
        """The poster at its full size, drawn now."""
        return _in_time(self.pool.submit(fields))

    def sweep(self, before: datetime) -> int:
        """Take away what nobody has asked for since, and halves that a dead process left behind; how many files."""
        old = [path for path in self.folder.glob("*/*") if path.stat().st_mtime < before.timestamp()]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)


def _in_time(drawing: "Future[bytes]") -> bytes:
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
