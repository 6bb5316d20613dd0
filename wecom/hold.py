"""Calls that wait: a secret that was refused, or an API whose window the platform closed."""

from datetime import datetime
from typing import Protocol


class Hold(Protocol):
    """Until when nothing may be called under a name. The program keeps it in a database row."""

    def until(self, name: str) -> datetime | None: ...

    def close(self, name: str, until: datetime, words: str) -> None: ...
