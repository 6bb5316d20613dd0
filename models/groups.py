"""Groups: internal ones, where robots live, and customer groups, which only their owner may write to."""

from datetime import datetime

from sqlmodel import Field, SQLModel

INTERNAL, CUSTOMER = "internal", "customer"


class Group(SQLModel, table=True):
    """A group chat of guides (internal) or of customers."""

    __tablename__ = "group_chat"

    id: int | None = Field(default=None, primary_key=True)
    chat_id: str = Field(max_length=64, unique=True)
    """The platform's id; for an internal group that only has a webhook robot, one of our own."""
    kind: str = Field(max_length=8, index=True)
    name: str = Field(default="", max_length=64)
    owner_id: int | None = Field(default=None, foreign_key="guide.id", index=True)
    store_id: int | None = Field(default=None, foreign_key="store.id", index=True)
    branch_id: int | None = Field(default=None, foreign_key="branch.id", index=True)
    members: int = 0
    status: str = Field(default="active", max_length=16, index=True)
    """active or dismissed"""
    member_version: str = Field(default="", max_length=64)
    created_at: datetime
    read_at: datetime | None = None
    """When its state was last read from the platform."""
    stale: bool = False
    """An event said that it changed; it is read again soon."""
