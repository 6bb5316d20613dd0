"""Entry codes: the platform's contact ways, one per guide or per store, with the payload that posters redraw."""

from datetime import datetime

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

WAITING, READY, FAILED = "waiting", "ready", "failed"
MAX_USERS = 100
"""Members that one contact way may hold (contract 5.2, 41041)."""


class EntryCode(SQLModel, table=True):
    """A code that customers scan. `state` is an opaque random key and is never parsed for meaning."""

    __tablename__ = "entry_code"

    id: int | None = Field(default=None, primary_key=True)
    state: str = Field(max_length=30, unique=True)
    kind: str = Field(max_length=8)
    """guide or store"""
    guide_id: int | None = Field(default=None, foreign_key="guide.id", index=True)
    store_id: int | None = Field(default=None, foreign_key="store.id", index=True)
    name: str = Field(default="", max_length=30)
    userids: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    status: str = Field(default=WAITING, max_length=16, index=True)
    reason: str = Field(default="", max_length=300)
    config_id: str = Field(default="", max_length=64, index=True)
    picture_url: str = Field(default="", max_length=500)
    payload: str = Field(default="", max_length=500)
    """What the platform's picture says when decoded; posters redraw this."""
    created_at: datetime
    ready_at: datetime | None = None
