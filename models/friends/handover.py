"""The rows of a handover: one leaver's plan, who takes how much, each friend and group on its way, and what it adds up to.

Its verbs live in the files beside this one that begin with its name.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, ColumnElement, Index, UniqueConstraint, and_, case, or_
from sqlalchemy.orm import Mapped
from sqlmodel import Field, Session, SQLModel, col, func, select

from models.db.sentence_column import SentencesInJson, sentence_column
from models.db.word_column import word_column
from models.org import Guide

MESSAGE_LETTERS = 200
"""What a customer reads when a colleague has taken over; on the job only (contract 5.5)."""


class HandoverKind(StrEnum):
    LEFT = "left"
    ON_JOB = "on_job"
    """She goes on working, and somebody else serves these customers."""


class HandoverStatus(StrEnum):
    DRAFT = "draft"
    """A store manager has not confirmed it yet."""
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    """A person gave the draft up: nobody was asked."""


OPEN_HANDOVERS = (HandoverStatus.DRAFT, HandoverStatus.RUNNING)
"""Something is left to do"""


class SuccessorRule(StrEnum):
    """How successors are found, and how much each takes."""

    STORE = "store"
    LEAST = "least"
    SHARE = "share"
    ONE = "one"


RULE_WORDS = {
    SuccessorRule.STORE: "同店平分",
    SuccessorRule.LEAST: "同店里好友少的多接",
    SuccessorRule.SHARE: "按份数分",
    SuccessorRule.ONE: "都给一位",
}


class TransferState(StrEnum):
    """How far one friend is."""

    GIVEN = "given"
    """Planned: the platform has not been asked, or not with success."""
    WAITING = "waiting"
    """She was told, and has 24 hours to refuse."""
    DONE = "done"
    REFUSED = "refused"
    NOT_FRIEND = "not_friend"
    LIMITED = "limited"
    """The platform does not allow it now, or not to this successor: a person decides."""


class Handover(SQLModel, table=True):
    """Everything that one guide leaves to her colleagues: drafted when she leaves, confirmed by her store manager."""

    __table_args__ = (Index("ix_handover_open", "status", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    guide_id: int = Field(foreign_key="guide.id", index=True)
    kind: HandoverKind = Field(sa_column=word_column(HandoverKind, 8))
    status: HandoverStatus = Field(default=HandoverStatus.DRAFT, sa_column=word_column(HandoverStatus, 8))
    rule: SuccessorRule = Field(default=SuccessorRule.STORE, sa_column=word_column(SuccessorRule, 8))
    message: str = Field(default="", max_length=MESSAGE_LETTERS)
    store_id: int | None = Field(default=None, foreign_key="store.id", index=True)
    branch_id: int | None = Field(default=None, foreign_key="branch.id", index=True)
    """Where she worked when it was drafted"""
    left_at: datetime
    """When she left; on the job, when somebody asked for it"""
    drafted_at: datetime
    planned_at: datetime | None = None
    """When every friend of hers stood in it; empty while they are still written down."""
    confirmed_at: datetime | None = None
    confirmed_by: str = Field(default="", max_length=64)
    finished_at: datetime | None = None
    told: int = 0
    """How often the store manager was told that it waits for her"""
    told_at: datetime | None = None
    story: list[dict[str, Any]] = Field(
        default_factory=list, sa_column=Column(SentencesInJson(), nullable=False)
    )
    """What happened, oldest first: [{"at": ISO time, "words", "more", "mark": done | step | care}]"""

    @property
    def open(self) -> bool:
        return self.status in OPEN_HANDOVERS

    def tell(self, now: datetime, words: str, more: str = "", mark: str = "step") -> None:
        """One more line of what happened."""
        line = {"at": now.isoformat(), "words": words, "more": more, "mark": mark}
        self.story = [*self.story, line]


class HandoverShare(SQLModel, table=True):
    """A 接手的人: one successor, and her part."""

    __tablename__ = "handover_share"
    __table_args__ = (UniqueConstraint("handover_id", "guide_id"),)

    id: int | None = Field(default=None, primary_key=True)
    handover_id: int = Field(foreign_key="handover.id", index=True)
    guide_id: int = Field(foreign_key="guide.id", index=True)
    weight: int = 1
    """How many parts are hers, where a person shares it out"""
    blocked: str = Field(default="", sa_column=sentence_column())
    """Why the platform does not let her take over just now, in words; it is tried again."""
    retry_at: datetime | None = None
    look_at: datetime | None = Field(default=None, index=True)
    """When to ask the platform what became of hers; empty while nobody waits"""


class TransferredFriend(SQLModel, table=True):
    """One friend of a handover, from the plan to her new guide."""

    __tablename__ = "transferred_friend"
    __table_args__ = (
        UniqueConstraint("handover_id", "friend_id"),
        Index("ix_transferred_friend_turn", "handover_id", "state", "place"),
        Index("ix_transferred_friend_share", "share_id", "state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    handover_id: int = Field(foreign_key="handover.id")
    friend_id: int = Field(foreign_key="friend.id")
    customer_id: int = Field(foreign_key="customer.id", index=True)
    place: int
    """Her turn: successors get runs of places"""
    share_id: int | None = Field(default=None, foreign_key="handover_share.id")
    """Whose she is to be; empty while somebody has to be chosen"""
    state: TransferState = Field(default=TransferState.GIVEN, sa_column=word_column(TransferState, 12))
    words: str = Field(default="", sa_column=sentence_column())
    """Why it is so, where the state alone does not say it"""
    outbox_id: int | None = Field(default=None, index=True)
    """The call that asks her, while it is on its way"""
    asked: int = 0
    """In how many calls of this handover she was named"""
    asked_at: datetime | None = None
    due_at: datetime | None = None
    """When her 24 hours are over"""
    ended_at: datetime | None = None


class HandedGroup(SQLModel, table=True):
    """One customer group of a handover, whose owner changes at once."""

    __tablename__ = "handed_group"
    __table_args__ = (UniqueConstraint("handover_id", "group_id"),)

    id: int | None = Field(default=None, primary_key=True)
    handover_id: int = Field(foreign_key="handover.id")
    group_id: int = Field(foreign_key="group_chat.id", index=True)
    guide_id: int | None = Field(default=None, foreign_key="guide.id")
    """Who owns it next"""
    done_at: datetime | None = None
    words: str = Field(default="", sa_column=sentence_column())
    outbox_id: int | None = Field(default=None, index=True)


@dataclass(frozen=True)
class SixNumbers:
    """What a handover adds up to: always all friends that she had."""

    done: int = 0
    waiting: int = 0
    """The platform has asked them, or is about to"""
    manager: int = 0
    successor: int = 0
    """Nobody is there to take them, or nobody may just now"""
    refused: int = 0
    gone: int = 0
    """No friends of hers any more"""

    @property
    def all(self) -> int:
        return self.done + self.waiting + self.manager + self.successor + self.refused + self.gone


def _number() -> ColumnElement[str]:
    """In which of the six a friend stands."""
    state, confirmed = col(TransferredFriend.state), col(Handover.confirmed_at)
    return case(
        (state == TransferState.DONE, "done"),
        (state == TransferState.WAITING, "waiting"),
        (state == TransferState.REFUSED, "refused"),
        (state == TransferState.NOT_FRIEND, "gone"),
        (or_(state == TransferState.LIMITED, col(TransferredFriend.share_id).is_(None)), "successor"),
        (confirmed.is_(None), "manager"),
        else_="waiting",
    )


def numbers_of(session: Session, *which: ColumnElement[bool]) -> dict[int, SixNumbers]:
    """The six numbers of each handover that `which` (conditions on Handover) means."""
    return _counted(session, col(Handover.id), *which)


def share_numbers(session: Session, handover_id: int) -> dict[int, SixNumbers]:
    """The same of each successor, by the id of her share."""
    share = col(TransferredFriend.share_id)
    return _counted(session, share, col(Handover.id) == handover_id, share.is_not(None))


def _counted(
    session: Session, column: Mapped[int | None], *which: ColumnElement[bool]
) -> dict[int, SixNumbers]:
    """By a column. Sorted into the six first and counted then: PostgreSQL takes one expression with values, named
    twice, for two."""
    sorted_ = (
        select(column.label("whose"), _number().label("number"))
        .select_from(TransferredFriend)
        .join(Handover, col(TransferredFriend.handover_id) == col(Handover.id))
        .where(*which)
        .subquery()
    )
    whose, number = sorted_.c.whose, sorted_.c.number
    found: dict[int, dict[str, int]] = {}
    for one, name, count in session.execute(select(whose, number, func.count()).group_by(whose, number)):
        found.setdefault(one, {})[name] = count
    return {one: SixNumbers(**counts) for one, counts in found.items()}


def together_of(numbers: dict[int, SixNumbers]) -> SixNumbers:
    """All of them as one."""
    names = ("done", "waiting", "manager", "successor", "refused", "gone")
    return SixNumbers(**{name: sum(getattr(one, name) for one in numbers.values()) for name in names})


def shares_of(session: Session, handover_id: int) -> list[tuple[HandoverShare, Guide]]:
    """The successors in the order in which they were chosen."""
    query = select(HandoverShare, Guide).join(Guide, col(Guide.id) == col(HandoverShare.guide_id))
    return list(
        session.exec(
            query.where(HandoverShare.handover_id == handover_id).order_by(col(HandoverShare.id))
        ).all()
    )


def undecided() -> ColumnElement[bool]:
    """Friends for whom somebody may still choose a successor."""
    state = col(TransferredFriend.state)
    return or_(
        state == TransferState.LIMITED,
        and_(state == TransferState.GIVEN, col(TransferredFriend.outbox_id).is_(None)),
    )


def open_of(session: Session, guide_id: int, *, lock: bool = False) -> Handover | None:
    """Her handover that is not over."""
    query = select(Handover).where(Handover.guide_id == guide_id, col(Handover.status).in_(OPEN_HANDOVERS))
    return session.exec(query.with_for_update() if lock else query).first()
