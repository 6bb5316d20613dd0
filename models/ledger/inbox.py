"""The inbox: every callback, stored before it is answered, handled once, shown and replayable when it failed."""

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Index, bindparam, delete, text, update
from sqlalchemy.sql.dml import UpdateBase
from sqlmodel import Field, Session, SQLModel, col, func, or_, select

from models.accounts import audit
from models.db import PIECE, Database, count_by, insert_once, offer, rows_changed
from models.db.sentence_column import sentence_column
from models.db.word_column import word_column
from models.errors import Refused
from models.names import line_fault
from models.sentences import Sentence

RETRY_SECONDS = (1, 10, 60)
"""Waits before the tries after a failure; when they are used up the event is parked for a person."""
LEASE_SECONDS = 60
REPLAYED_AT_ONCE = 200
LEAST_REASON, MOST_REASON = 2, 100
"""Letters of the reason for which HQ reads what somebody wrote"""
WITH_BODY = text("body != ''")
"""Written out, here and in the index: neither database takes a value given apart for the one that the index names."""


class InboxSource(StrEnum):
    """Which of the platform's ways in: the app, the customer contacts, a smart robot."""

    APP = "app"
    CONTACTS = "contacts"
    ROBOT = "robot"


class InboxStatus(StrEnum):
    STORED = "stored"
    HANDLED = "handled"
    FAILED = "failed"
    """Tried again soon."""
    PARKED = "parked"
    """Tried often enough: a person has to look."""
    UNKNOWN_KIND = "unknown_kind"
    """No handler knows this kind; kept for one that will."""


UNHANDLED = (InboxStatus.STORED, InboxStatus.FAILED)
"""It is still to be handled, without anybody's doing."""


class Inbox(SQLModel, table=True):
    """One event or message from the platform, decrypted."""

    __table_args__ = (
        Index("ix_inbox_bodies", "received_at", sqlite_where=WITH_BODY, postgresql_where=WITH_BODY),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=64, unique=True)
    """Hash of the decrypted body: a retry is encrypted anew but is the same inside (robots: hash of msgid)."""
    source: InboxSource = Field(sa_column=word_column(InboxSource, 16))
    kind: str = Field(default="", max_length=80, index=True)
    actor: str = Field(default="", max_length=64)
    """FromUserName: the member, or sys"""
    subject: str = Field(default="", max_length=128)
    """Whom it is about, for people who search: UserID / ExternalUserID / ChatId"""
    body: str = ""
    event_at: datetime | None = None
    received_at: datetime = Field(index=True)
    lane: str = Field(default="inbox", max_length=16, sa_column_kwargs={"server_default": "inbox"})
    """Where the queue looks for it first: `friend` when it brought a welcome code."""
    copies: int = 1
    """How often the platform sent it; only the first had an effect."""
    status: InboxStatus = Field(
        default=InboxStatus.STORED, sa_column=word_column(InboxStatus, 16, index=True)
    )
    attempts: int = 0
    next_at: datetime | None = Field(default=None, index=True)
    lease_until: datetime | None = None
    handled_at: datetime | None = None
    decision: str = Field(default="", sa_column=sentence_column())
    """What the handler decided, in words, for the page and the timeline."""
    error: str = Field(default="", sa_column=sentence_column())
    trace: str = ""
    reply: str = ""
    """The passive reply that was given; a duplicate gets the same again."""


def body_key(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


def store(
    session: Session,
    *,
    source: InboxSource,
    key: str,
    kind: str,
    actor: str,
    subject: str,
    body: str,
    event_at: datetime | None,
    now: datetime,
    lane: str = "inbox",
) -> tuple[int, bool]:
    """Put an event into the inbox: (row id, is it new). A duplicate is counted on the first row.

    The caller's commit is what "success" promises to the platform. `lane` is where the queue finds it.
    """
    row_id = insert_once(
        session,
        Inbox,
        {
            "key": key,
            "source": source,
            "kind": kind[:80],
            "actor": actor[:64],
            "subject": subject[:128],
            "body": body,
            "event_at": event_at,
            "received_at": now,
            "next_at": now,
            "lane": lane,
        },
    )
    if row_id is not None:
        offer(session, "inbox", row_id, lane)
        return row_id, True
    session.execute(update(Inbox).where(col(Inbox.key) == key).values(copies=Inbox.copies + 1))
    return session.exec(select(Inbox.id).where(Inbox.key == key)).one() or 0, False


def claim(session: Session, row_id: int, now: datetime) -> int:
    """Take a due event for handling: which try this is, or 0 when somebody else has it or it is done."""
    lease = timedelta(seconds=LEASE_SECONDS)
    times = {"now": now, "lease": now + lease, "impossible": now + 2 * lease}
    return session.execute(_claiming(), {"row_id": row_id, **times}).scalar_one_or_none() or 0


@cache
def _claiming() -> UpdateBase:
    """Made once: it is run for every event, and building it takes longer than running it."""
    table = Inbox.__table__  # type: ignore[attr-defined]
    due = (
        table.c.id == bindparam("row_id"),
        table.c.status.in_(UNHANDLED),
        table.c.next_at <= bindparam("now"),
    )
    return (
        update(table)
        .where(*due, _free(bindparam("now"), bindparam("impossible")))
        .values(attempts=table.c.attempts + 1, lease_until=bindparam("lease"))
        .returning(table.c.attempts)
    )


def claim_newest(session: Session, lane: str, since: datetime, now: datetime) -> int:
    """Take the newest event of this lane that came after `since` and that nobody has tried: its id, or 0.

    Where more come than can be handled, some are in time so; in the order of their coming all would be late.
    """
    newest = (
        select(Inbox.id)
        .where(
            Inbox.status == InboxStatus.STORED,
            Inbox.lane == lane,
            Inbox.attempts == 0,
            col(Inbox.received_at) > since,
        )
        .order_by(col(Inbox.id).desc())
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row_id = session.exec(newest).one_or_none()
    return row_id if row_id and claim(session, row_id, now) else 0


def _free(now: Any, impossible: Any) -> ColumnElement[bool]:
    """Nobody holds it: no lease, one that ended, or one from before the clock was set back."""
    until = col(Inbox.lease_until)
    return or_(until.is_(None), until < now, until > impossible)


def settle(row: Inbox, now: datetime, *, decision: str, reply: str = "", known: bool = True) -> None:
    """The handler is done; call it in the handler's own transaction."""
    row.status, row.handled_at, row.lease_until, row.next_at = (
        (InboxStatus.HANDLED if known else InboxStatus.UNKNOWN_KIND),
        now,
        None,
        None,
    )
    row.decision, row.reply, row.error, row.trace = decision, reply, "", ""


def fail(session: Session, row_id: int, now: datetime, error: str, trace: str) -> str:
    """The handler raised: wait and try again, or park. Returns the new status."""
    row = session.get_one(Inbox, row_id)
    row.lease_until, row.error, row.trace = None, error, trace[-8000:]
    if row.attempts > len(RETRY_SECONDS):  # the first try and its three repeats
        return park(row, error)
    row.status, row.next_at = InboxStatus.FAILED, now + timedelta(seconds=RETRY_SECONDS[row.attempts - 1])
    return row.status


def park(row: Inbox, error: str) -> str:
    """No further try would do better: the event waits for a person. Returns the new status."""
    row.lease_until, row.error = None, error
    row.status, row.next_at = InboxStatus.PARKED, None
    return row.status


def replay(session: Session, row: Inbox, who: str, now: datetime) -> None:
    """A person asks to handle a parked, failed or unknown event again (the code may know it by now); else Refused."""
    if words := why_not_replay(row):
        raise Refused(words)
    _begin_again(session, row, now)
    audit.note(session, who, "callback.replay", row.id, row.kind, now)


def why_not_replay(row: Inbox) -> str:
    """Why this one cannot be handled again; empty when it can."""
    if row.status == InboxStatus.HANDLED:
        return Sentence("已经处理好了，再来一次什么也不会变")
    if row.status == InboxStatus.STORED:
        return Sentence("还在排队，马上就处理")
    return "" if row.body else Sentence("原文已过保留期，处理不了了")


def read_aloud(session: Session, row: Inbox, reason: str, who: str, now: datetime) -> None:
    """HQ looks at what somebody wrote; the audit keeps who did, and why."""
    reason = reason.strip()
    if not LEAST_REASON <= len(reason) <= MOST_REASON or line_fault(reason):
        words = Sentence("请用 {least} 到 {most} 个字写为什么要看", least=LEAST_REASON, most=MOST_REASON)
        raise Refused(faults={"reason": words})
    audit.note(session, who, "callback.read", row.id, reason, now)


def replay_parked(db: Database, who: str, now: datetime) -> int:
    """A person asks to handle everything that is parked again, oldest first, in short transactions; how many."""
    total = db.run_in_pieces(lambda session: _replay_piece(session, now))
    if total:
        words = Sentence("重放 {total:,} 个停放的回调", total=total)
        db.run(lambda session: audit.record(session, who, "callback.replay", "callbacks", now, words))
    return total


def _replay_piece(session: Session, now: datetime) -> int:
    parked = (
        select(Inbox)
        .where(Inbox.status == InboxStatus.PARKED)
        .order_by(col(Inbox.id))
        .limit(REPLAYED_AT_ONCE)
    )
    rows = list(session.exec(parked.with_for_update(skip_locked=True)))
    for row in rows:
        _begin_again(session, row, now)
    return len(rows)


def _begin_again(session: Session, row: Inbox, now: datetime) -> None:
    row.status, row.attempts, row.next_at, row.lease_until = InboxStatus.STORED, 0, now, None
    offer(session, "inbox", row.id or 0, "inbox")


def due(session: Session, now: datetime, limit: int) -> list[int]:
    """Ids of events that wait to be handled, oldest first."""
    impossible = now + timedelta(seconds=2 * LEASE_SECONDS)
    query = (
        select(Inbox.id)
        .where(
            col(Inbox.status).in_(UNHANDLED),
            col(Inbox.next_at) <= now,
            _free(now, impossible),
        )
        .order_by(col(Inbox.next_at))
        .limit(limit)
    )
    return [row_id for row_id in session.exec(query) if row_id is not None]


def waiting(session: Session, most: int) -> int:
    """How many new events nobody has handled yet, counted up to `most`."""
    some = select(Inbox.id).where(Inbox.status == InboxStatus.STORED).limit(most).subquery()
    return session.exec(select(func.count()).select_from(some)).one()


def counts(session: Session) -> dict[str, int]:
    """Rows per status, and `copies`: how often the platform sent them in all."""
    rows: dict[str, int] = count_by(session, Inbox.status)
    rows["copies"] = session.exec(select(func.coalesce(func.sum(Inbox.copies), 0))).one()
    return rows


def forget_bodies(session: Session, before: datetime, limit: int = PIECE) -> int:
    """Empty the bodies of old events, which hold personal data; the rows stay, so a late copy is still known."""
    old = (
        select(Inbox.id)
        .where(Inbox.received_at < before, WITH_BODY, Inbox.status != InboxStatus.PARKED)
        .limit(limit)
    )
    return rows_changed(
        session, update(Inbox).where(col(Inbox.id).in_(old)).values(body="", trace="", reply="")
    )


def prune(session: Session, before: datetime, limit: int = PIECE) -> int:
    """Forget events of long ago altogether; how many in this piece."""
    old = select(Inbox.id).where(Inbox.received_at < before).limit(limit)
    return rows_changed(session, delete(Inbox).where(col(Inbox.id).in_(old)))
