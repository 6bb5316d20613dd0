"""The older word never wins: a row remembers when it last heard of a matter, and whatever is older changes nothing."""

from datetime import UTC, datetime

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel


def is_news(at: datetime, heard_at: datetime | None) -> bool:
    """Whether a word of that time counts after one of `heard_at`.

    The platform counts whole seconds: of two in one second, the one that reaches us later counts.
    """
    return heard_at is None or at.replace(microsecond=0) >= heard_at.replace(microsecond=0)


class Hearing(SQLModel):
    """A row that hears of several matters, each in its own time: an update tells only what has changed."""

    heard: dict[str, int] = Field(default_factory=dict, sa_type=JSON)
    """Matter → the second of the newest word on it."""

    def heard_at(self, matter: str) -> datetime | None:
        second = self.heard.get(matter)
        return None if second is None else datetime.fromtimestamp(second, UTC)

    def hear(self, matter: str, at: datetime) -> None:
        """Remember the time of a word."""
        self.heard = {**self.heard, matter: int(at.timestamp())}
