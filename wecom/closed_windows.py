"""Calls that wait: a secret that was refused, or an API whose window the platform closed."""

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

log = logging.getLogger(__name__)


class ClosedWindows(Protocol):
    """Until when nothing may be called under a name. The program keeps it in a database row."""

    def until(self, name: str) -> datetime | None: ...

    def close(self, name: str, until: datetime, words: str) -> None: ...


def seconds_closed(closed_windows: ClosedWindows, names: Iterable[str], now: datetime) -> float:
    """How long calls under these names must wait, all of them; 0 where none is closed."""
    ends = [until for name in names if (until := closed_windows.until(name)) and until > now]
    return (max(ends) - now).total_seconds() if ends else 0.0


def note_closed(closed_windows: ClosedWindows, name: str, until: datetime, words: str) -> None:
    """Close it for everybody. What the platform said is more than a note that could not be written: the caller
    hears it either way, and the next call is told again.
    """
    try:
        closed_windows.close(name, until, words)
    except Exception as error:
        log.exception("%s is closed, and could not be noted: %s", name, type(error).__name__)
