"""The rows of customers and friendships; their verbs live in the files beside this one."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from sqlalchemy import Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.db.sentence_column import SentencesInJson, sentence_column
from models.db.word_column import word_column


class FriendStatus(StrEnum):
    FRIEND = "friend"
    HALF = "half"
    """The customer has not accepted yet."""
    LOST = "lost"


PRESENT = (FriendStatus.FRIEND, FriendStatus.HALF)
"""Not lost"""


class LostHow(StrEnum):
    """Who ended a friendship."""

    CUSTOMER = "customer"
    GUIDE = "guide"
    TRANSFER = "transfer"


LOST_WORDS = {
    LostHow.CUSTOMER: "{name}删除了{guide}",
    LostHow.GUIDE: "{guide}删除了{name}",
    LostHow.TRANSFER: "转接给了同事，不再在{guide}的账号里",
}
"""How it ended, of the customer `name`"""


class RuleOutcome(StrEnum):
    """What one rule said when it was asked who serves a friend."""

    HIT = "hit"
    MISSED = "missed"
    NARROWED = "narrowed"
    """It found a store, or left some of the store's guides."""
    UNSEEN = "unseen"
    """An earlier one had decided."""


class Customer(SQLModel, table=True):
    """A person outside the company. No phone number is stored here, so no page can show one."""

    id: int | None = Field(default=None, primary_key=True)
    external_userid: str = Field(max_length=64, unique=True)
    name: str = Field(default="", max_length=128)
    avatar_url: str = Field(default="", max_length=500)
    kind: int = 1
    """1 a WeChat user, 2 a WeCom user"""
    unionid: str = Field(default="", max_length=64)
    own_guide_id: int | None = Field(default=None, foreign_key="guide.id", index=True)
    """Who serves her by the member system, as far as it has told us"""
    seen_at: datetime


class Friend(SQLModel, table=True):
    """One friendship between a guide's account and a customer; its row survives deletion."""

    __table_args__ = (
        UniqueConstraint("owner_id", "customer_id"),
        Index("ix_friend_to_describe", "detailed_at", "added_at"),
        Index("ix_friend_sets", "owner_id", "status", "customer_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    owner_id: int = Field(foreign_key="guide.id")
    """The account that the platform gave the friend to: every message goes through it."""
    guide_id: int | None = Field(default=None, foreign_key="guide.id", index=True)
    """The attributed guide: tasks and results count for her."""
    store_id: int | None = Field(default=None, foreign_key="store.id", index=True)
    branch_id: int | None = Field(default=None, foreign_key="branch.id", index=True)
    rule: str = Field(default="", max_length=32)
    reason: str = Field(default="", sa_column=sentence_column())
    steps: list[dict[str, Any]] = Field(
        default_factory=list, sa_column=Column(SentencesInJson(), nullable=False)
    )
    """The rules in order: [{"rule", "question", "answer", "outcome": hit | narrowed | missed | unseen}]."""
    rules_version: int = 0
    """Which rules decided; 0 are those that were there before anybody published an order."""
    unclaimed_at: datetime | None = Field(default=None, index=True)
    """Since when she waits in the queue; None while somebody serves her"""
    code_id: int | None = Field(default=None, foreign_key="entry_code.id", index=True)
    state: str = Field(default="", max_length=64)
    """What the event carried; an unknown one is kept and flagged, never trusted."""
    status: FriendStatus = Field(
        default=FriendStatus.FRIEND, sa_column=word_column(FriendStatus, 8, index=True)
    )
    lost_how: LostHow | Literal[""] = Field(default="", sa_column=word_column(LostHow, 16))
    added_at: datetime = Field(index=True)
    lost_at: datetime | None = Field(default=None, index=True)
    changed_at: datetime
    """CreateTime of the newest event applied: an older one that arrives late changes nothing."""
    welcome_id: int | None = Field(default=None, index=True)
    """The outbox row of the welcome, when the platform gave us a code."""
    times_added: int = 1
    detailed_at: datetime | None = None
    """When name and picture were last read from the platform."""

    @property
    def strange_state(self) -> bool:
        """It came with a state that is none of our codes: a foreign or tampered picture; somebody should look."""
        return bool(self.state) and self.code_id is None
