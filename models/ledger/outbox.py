"""The outbox: one row per platform call that has an effect, written before the call and settled after it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import JSON, ColumnElement, Index, delete, or_, update
from sqlalchemy import Column as SqlColumn
from sqlalchemy.orm import load_only
from sqlmodel import Field, Session, SQLModel, col, select

from models.db import PIECE, count_by, insert_once, offer, rows_changed
from models.db.sentence_column import sentence_column
from models.db.word_column import word_column
from models.ledger import restore_mark
from models.ledger.channels import CHANNELS, PER_API, PER_MEMBER, PER_MOMENT, PER_ROBOT
from models.sentences import Sentence


class OutboxStatus(StrEnum):
    QUEUED = "queued"
    CALLING = "calling"
    SENT = "sent"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"
    """Called, and no answer came: it may have arrived."""
    HELD = "held"
    """Waits for a person: after a restore, or while its campaign is paused."""
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    NEEDLESS = "needless"
    """The platform did not take it, and nobody has to care: what it was to bring came otherwise, or is no loss."""


OPEN = (OutboxStatus.QUEUED, OutboxStatus.CALLING, OutboxStatus.HELD)
TO_CARE = (OutboxStatus.NOT_SENT, OutboxStatus.UNKNOWN, OutboxStatus.EXPIRED)
"""Ended in a way that somebody must care about."""
NEVER_LEFT = (OutboxStatus.NOT_SENT, OutboxStatus.EXPIRED, OutboxStatus.CANCELLED, OutboxStatus.NEEDLESS)
"""Ended without having arrived."""
DUPLICATE_SECONDS = 1800
"""How long the platform remembers a message for its duplicate check, when the request does not say."""
TOO_LATE = Sentence("过了时限还没轮到，所以没有再发")
NO_ANSWER = "请求发出后没有回答，可能已送达，也可能没有，所以没有重发"
FROM_BACKUP = "从备份恢复，可能已经发过，等人放行"
LANES = ("welcome", "friend", "inbox", "quick", "robot", "bulk")
"""The most urgent first. The lanes `friend` and `inbox` hold events: those with a welcome code, and all others.
A welcome that is ready goes before the next friend's event, so that under a rush some are in time rather than none.
"""
BULK_LANES = ("robot", "bulk")


class Outbox(SQLModel, table=True):
    """One call to the platform: intended, tried, and how it ended."""

    __table_args__ = (
        Index("ix_outbox_feed", "lane", "status", "priority", "due_at"),
        Index("ix_outbox_called", "channel", "called_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=160, unique=True)
    """What, to whom, why: the same intention twice is one row."""
    channel: str = Field(max_length=16)
    lane: str = Field(max_length=16)
    priority: int = 50
    status: OutboxStatus = Field(
        default=OutboxStatus.QUEUED, sa_column=word_column(OutboxStatus, 16, index=True)
    )
    due_at: datetime = Field(index=True)
    deadline: datetime | None = None
    guide_id: int | None = Field(default=None, index=True)
    friend_id: int | None = Field(default=None, index=True)
    task_id: int | None = Field(default=None, index=True)
    campaign_id: int | None = Field(default=None, index=True)
    group_id: int | None = Field(default=None, index=True)
    subject_id: int | None = Field(default=None, index=True)
    """The channel's own noun: the card, the entry code, the announcement's group."""
    target: str = Field(default="", sa_column=sentence_column())
    """To whom, in words HQ knows"""
    why: str = Field(default="", sa_column=sentence_column())
    inbox_id: int | None = Field(default=None, index=True)
    """The callback that caused it, if one did"""
    payload: dict[str, Any] = Field(default_factory=dict, sa_column=SqlColumn(JSON, nullable=False))
    request: dict[str, Any] | None = Field(default=None, sa_column=SqlColumn(JSON))
    """The body as it goes out: stored before the call, so that a repeat is the same bytes. Empty again
    once it is sure that nothing left."""
    notes: dict[str, Any] = Field(
        default_factory=dict, sa_column=SqlColumn(JSON, nullable=False, server_default="{}")
    )
    """What we keep of this call for its nouns (which card, which picture): stored with the body, and never sent."""
    written_at: datetime | None = None
    """When that body was stored for the first time."""
    attempts: int = 0
    fence: int = 0
    lease_until: datetime | None = Field(default=None, index=True)
    created_at: datetime = Field(index=True)
    called_at: datetime | None = None
    done_at: datetime | None = None
    errcode: int | None = None
    reason: str = Field(default="", sa_column=sentence_column())
    """Why it waits, was not sent, or is unknown: words that HQ can act on"""
    answer: dict[str, Any] | None = Field(default=None, sa_column=SqlColumn(JSON))
    asked_at: datetime | None = None
    settled_by: str = Field(default="", max_length=64)
    """Who decided an unknown result by hand"""


def put(
    session: Session,
    channel: str,
    key: str,
    *,
    now: datetime,
    due_at: datetime | None = None,
    since: datetime | None = None,
    **fields: Any,
) -> int | None:
    """Write the intention to call; None when the same intention is in the ledger already.

    since: when it could first be told, where that is earlier than now; after a restore it may have been, and is held.
    fields: deadline, guide_id, friend_id, task_id, campaign_id, group_id, subject_id, target, why, inbox_id, payload, status.
    """
    way = CHANNELS[channel]
    fields = {**born(session, since, now), **fields}
    row_id = insert_once(
        session,
        Outbox,
        {
            "key": key,
            "channel": channel,
            "lane": way.lane,
            "priority": way.priority,
            "created_at": now,
            "due_at": due_at or now,
            **fields,
        },
    )
    if (
        row_id is not None
        and (due_at or now) <= now
        and fields.get("status", OutboxStatus.QUEUED) == OutboxStatus.QUEUED
    ):
        offer(session, "outbox", row_id, way.lane)
    return row_id


def born(session: Session, since: datetime | None, now: datetime) -> dict[str, Any]:
    """How a row starts that could be told since then: held where it may have left before a restore."""
    if since is None or since >= now or not restore_mark.may_have_left(session, since):
        return {}
    return {"status": OutboxStatus.HELD, "reason": FROM_BACKUP}


def due(session: Session, lane: str, now: datetime, limit: int, *, skip: Iterable[int] = ()) -> list[int]:
    """Ids of rows that may leave now, by (priority, deadline, age)."""
    query = (
        select(Outbox.id)
        .where(
            Outbox.status == OutboxStatus.QUEUED,
            Outbox.lane == lane,
            Outbox.due_at <= now,
            col(Outbox.id).not_in(list(skip)),
        )
        .order_by(
            col(Outbox.priority), col(Outbox.deadline).asc().nulls_last(), col(Outbox.due_at), col(Outbox.id)
        )
        .limit(limit)
    )
    return [row_id for row_id in session.exec(query) if row_id is not None]


def postpone(
    session: Session, channels: Iterable[str], until: datetime, reason: str, limit: int = PIECE
) -> int:
    """Let every queued row of these channels wait for a closed window together; how many in this piece."""
    waiting = (
        select(Outbox.id)
        .where(
            Outbox.status == OutboxStatus.QUEUED,
            col(Outbox.channel).in_(list(channels)),
            Outbox.due_at < until,
        )
        .limit(limit)
    )
    statement = (
        update(Outbox)
        .where(col(Outbox.id).in_(waiting), col(Outbox.status) == OutboxStatus.QUEUED)
        .values(due_at=until, reason=reason)
    )
    return rows_changed(session, statement)


def cancel(session: Session, rows: Sequence[int], now: datetime, reason: str) -> int:
    """Take back rows that have not left yet; those being called or done stay as they are."""
    statement = (
        update(Outbox)
        .where(col(Outbox.id).in_(rows), col(Outbox.status).in_([OutboxStatus.QUEUED, OutboxStatus.HELD]))
        .values(status=OutboxStatus.CANCELLED, done_at=now, reason=reason)
    )
    return rows_changed(session, statement)


def too_late(waited_for: str) -> Sentence:
    """Why a row that waited for this was not sent."""
    if not waited_for:
        return TOO_LATE
    return Sentence("过了时限还没轮到，所以没有再发。它等的是：{why}", why=waited_for)


def counts(session: Session, *, since: datetime | None = None) -> dict[str, int]:
    """Rows per status."""
    return count_by(session, Outbox.status, *([Outbox.created_at >= since] if since else []))


class ApiUse(NamedTuple):
    channel: str
    status: OutboxStatus
    done_at: datetime | None


def called_since(session: Session, since: datetime) -> list[Outbox]:
    """Calls that left or may have left after `since`: what the platform may have counted against our rates.

    Also what is being called: its caller has its place already, and may live. An hour may hold a hundred thousand: only
    what tells whose rate it was is read of each.
    """
    whose: tuple[Any, ...] = (
        Outbox.channel,
        Outbox.guide_id,
        Outbox.group_id,
        Outbox.payload,
        Outbox.notes,
        Outbox.status,
        Outbox.done_at,
    )
    return list(
        session.exec(select(Outbox).options(load_only(*whose)).where(*_left(since, PER_MEMBER, PER_ROBOT)))
    )


def apis_called_since(session: Session, since: datetime) -> list[ApiUse]:
    """The same for what spends the rate of its API: neither whom nor what it was about counts."""
    of_each = select(Outbox.channel, Outbox.status, Outbox.done_at)
    return [ApiUse(*row) for row in session.exec(of_each.where(*_left(since, PER_API, PER_MOMENT)))]


def _left(since: datetime, *rates: str) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Outbox.channel).in_([one.name for one in CHANNELS.values() if one.rate in rates]),
        col(Outbox.called_at) > since,
        or_(col(Outbox.written_at).is_not(None), col(Outbox.status) == OutboxStatus.CALLING),
    )


def prune(session: Session, before: datetime, limit: int = PIECE) -> int:
    """Forget calls that ended long ago; how many in this piece."""
    ended = [OutboxStatus.SENT, OutboxStatus.UNKNOWN, *NEVER_LEFT]
    old = select(Outbox.id).where(Outbox.created_at < before, col(Outbox.status).in_(ended)).limit(limit)
    return rows_changed(session, delete(Outbox).where(col(Outbox.id).in_(old)))
