"""Closed windows kept in memory, for tests of the wire; the program keeps them in a database row."""

from datetime import datetime


class MemoryClosedWindows:
    """Until when nothing may be called under a name, and why. A shorter word does not reopen a longer one."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple[datetime, str]] = {}

    def until(self, name: str) -> datetime | None:
        return self.rows[name][0] if name in self.rows else None

    def close(self, name: str, until: datetime, words: str) -> None:
        self.rows[name] = max(self.rows.get(name, (until, words)), (until, words))


class Unwritable(MemoryClosedWindows):
    """The database is away just then."""

    def close(self, name: str, until: datetime, words: str) -> None:
        raise ConnectionError("the database is away")
