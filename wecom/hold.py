"""Calls that wait: a secret that was refused, or an API whose window the platform closed."""

import threading
from datetime import datetime
from typing import Protocol


class Hold(Protocol):
    """Until when nothing may be called under a name. The program keeps it in a database row."""

    def until(self, name: str) -> datetime | None: ...

    def close(self, name: str, until: datetime, words: str) -> None: ...


class MemoryHold:
    """The same in one process, for tests and for tools that keep nothing."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[datetime, str]] = {}
        self._lock = threading.Lock()

    def until(self, name: str) -> datetime | None:
        with self._lock:
            row = self._rows.get(name)
        return row[0] if row else None

    def close(self, name: str, until: datetime, words: str) -> None:
        with self._lock:
            row = self._rows.get(name)
            # a shorter window must not reopen a longer one
            if row is None or row[0] < until:
                self._rows[name] = (until, words)

    def rows(self) -> dict[str, tuple[datetime, str]]:
        with self._lock:
            return dict(self._rows)
