"""What the platform closed, kept in the database, so that every process and the next start wait for it too."""

import threading
from collections.abc import Callable
from datetime import datetime

from models.db import Database
from models.ledger.closed_windows import close_window, open_windows

FRESH_SECONDS = 2.0
"""A window that another process closed is seen after so long; each call of the platform asks three times."""


class StoredClosedWindows:
    """`wecom.closed_windows.ClosedWindows` on the table closed_window."""

    def __init__(self, db: Database, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[str, datetime] = {}
        self._read_at: datetime | None = None

    def until(self, name: str) -> datetime | None:
        now = self._clock()
        with self._lock:
            stale = self._read_at is None or abs((now - self._read_at).total_seconds()) > FRESH_SECONDS
            if not stale:
                return self._seen.get(name)
            self._read_at = now  # the others go on with what was seen last while this thread reads
        with self._db.read() as session:
            seen = {row.name: row.until for row in open_windows(session, now)}
        with self._lock:
            self._seen = seen
        return seen.get(name)

    def close(self, name: str, until: datetime, words: str) -> None:
        now = self._clock()
        self._db.run(lambda session: close_window(session, name, until, words, now))
        with self._lock:
            self._seen[name] = max(until, self._seen.get(name, until))
