"""Outbox rows that nobody settled: too late to leave, with a process that died, or left without an answer."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, update
from sqlmodel import Session, and_, col, or_, select

from models.db import PIECE, offer, rows_changed
from models.ledger.channels import CHANNELS, REPEAT
from models.ledger.lease import LEASE_SECONDS, NOTHING_LEFT, put_back, settle
from models.ledger.outbox import (
    DUPLICATE_SECONDS,
    NO_ANSWER,
    Outbox,
    OutboxStatus,
    born,
    too_late,
)
from models.sentences import Sentence

MOST_DEATHS = 3
"""A row that was in a process's hands each time that the process died is put aside after so many."""
ASK_FIRST_SECONDS = 10
ASK_HOURS = 24
RECONCILED = timedelta(minutes=10)
"""So long the platform may take to list a mass message that it has accepted. Before, nobody can know that it has not."""
LATE_ANSWER = Sentence("平台收下了，但程序停住过，过了很久才听到回答")


def expire(session: Session, now: datetime, limit: int = PIECE) -> list[Outbox]:
    """Rows whose deadline passed before they could leave; said so, with what they waited for.

    A stored request means that an earlier try may have arrived: what became of it is unknown, not expired.
    """
    late = (
        select(Outbox.id).where(Outbox.status == OutboxStatus.QUEUED, col(Outbox.deadline) < now).limit(limit)
    )
    tried = col(Outbox.written_at).is_not(None)
    statement = (
        update(Outbox)
        .where(col(Outbox.id).in_(late), col(Outbox.status) == OutboxStatus.QUEUED)
        .values(
            status=case((tried, OutboxStatus.UNKNOWN), else_=OutboxStatus.EXPIRED),
            reason=case((tried, NO_ANSWER), else_=col(Outbox.reason)),
            done_at=now,
        )
        .returning(col(Outbox.id))
    )
    found = list(session.execute(statement).scalars())
    rows = list(session.exec(select(Outbox).where(col(Outbox.id).in_(found)))) if found else []
    for row in rows:
        if row.status == OutboxStatus.EXPIRED:
            row.reason = too_late(row.reason)
    return rows


def lapsed(session: Session, now: datetime, limit: int = PIECE) -> list[Outbox]:
    """Calls whose lease ended without a result: their process died or hung.

    A lease that ends further ahead than any lease can was written before the clock was set back.
    """
    impossible = now + timedelta(seconds=2 * LEASE_SECONDS)
    over = or_(col(Outbox.lease_until) < now, col(Outbox.lease_until) > impossible)
    return list(session.exec(select(Outbox).where(Outbox.status == OutboxStatus.CALLING, over).limit(limit)))


def lapse(session: Session, row: Outbox, now: datetime) -> OutboxStatus | None:
    """Decide about a lapsed call as its channel declares; the new status, or None when its caller was quicker.

    Nothing that might have arrived is blindly sent again, and what killed its process three times is parked.
    """
    if not _as_read(session, row):
        return None
    if row.request is None and row.attempts >= MOST_DEATHS:
        words = Sentence(
            "准备这一条时程序中断了 {attempts} 次，已停下，请把这一行交给技术人员", attempts=row.attempts
        )
        return (
            OutboxStatus.NOT_SENT if settle(session, row, OutboxStatus.NOT_SENT, now, reason=words) else None
        )
    if row.request is None:  # it had not been written, so surely nothing left
        return (
            OutboxStatus.QUEUED if put_back(session, row, now, reason="上次没来得及发出，重新排队") else None
        )
    if CHANNELS[row.channel].on_unknown == REPEAT and repeatable(row, now) and row.attempts < MOST_DEATHS:
        words = Sentence("上次没等到回答，平台会去掉重复，所以原样再发")
        return OutboxStatus.QUEUED if put_back(session, row, now, reason=words, same_bytes=True) else None
    return OutboxStatus.UNKNOWN if settle(session, row, OutboxStatus.UNKNOWN, now, reason=NO_ANSWER) else None


def _as_read(session: Session, row: Outbox) -> bool:
    """Is it still the call that was found lapsed? One that was slow to prepare may have renewed its lease since, and left.

    From here to the end of the transaction it cannot do so any more.
    """
    read = (
        col(Outbox.id) == row.id,
        col(Outbox.status) == OutboxStatus.CALLING,
        col(Outbox.fence) == row.fence,
        col(Outbox.lease_until) == row.lease_until,
    )
    return rows_changed(session, update(Outbox).where(*read).values(lease_until=row.lease_until)) == 1


def heard_late(session: Session, row: Outbox, answer: dict[str, Any], now: datetime) -> bool:
    """The platform accepted a call whose caller had lost its lease meanwhile: that is so, whatever was decided since.

    False when another copy is under way or has arrived, or a person decided: then this one is one too many.
    """
    statement = (
        update(Outbox)
        .where(*_overtaken(row))
        .values(status=OutboxStatus.SENT, done_at=now, lease_until=None, reason=LATE_ANSWER, answer=answer)
    )
    return rows_changed(session, statement) == 1


def _overtaken(row: Outbox) -> tuple[ColumnElement[bool], ...]:
    """Something was decided of this call while its caller stood still: by the program, and it can be undone."""
    return (
        col(Outbox.id) == row.id,
        col(Outbox.status).not_in((OutboxStatus.CALLING, OutboxStatus.SENT)),
        col(Outbox.settled_by) == "",
    )


def doubted_late(session: Session, row: Outbox, words: str, now: datetime) -> None:
    """A call left after its caller had lost its lease, and nobody knows what came of it: the platform is asked anew."""
    statement = (
        update(Outbox)
        .where(*_overtaken(row))
        .values(
            status=OutboxStatus.UNKNOWN,
            reason=words,
            done_at=now,
            written_at=now,
            asked_at=None,
            request=row.request,
            notes=row.notes,
        )
    )
    session.execute(statement)


def repeatable(row: Outbox, now: datetime) -> bool:
    """May the stored bytes leave again? Only while the platform still remembers them and drops the second copy."""
    if not row.request or not row.request.get("enable_duplicate_check") or row.written_at is None:
        return False
    interval = int(row.request.get("duplicate_check_interval", DUPLICATE_SECONDS))
    return now < row.written_at + timedelta(seconds=interval - LEASE_SECONDS)


def to_ask(session: Session, channels: Iterable[str], now: datetime, limit: int) -> list[Outbox]:
    """Unknown rows to ask the platform about: soon, then after twice the age each time, for a day.

    Also those that a person noted as sent: what the platform calls them is known to it alone.
    """
    unknown = and_(col(Outbox.status) == OutboxStatus.UNKNOWN, col(Outbox.settled_by) == "")
    noted = and_(col(Outbox.status) == OutboxStatus.SENT, col(Outbox.settled_by) != "")
    waiting = (
        select(Outbox)
        .where(
            or_(unknown, noted),
            col(Outbox.channel).in_(list(channels)),
            col(Outbox.done_at) > now - timedelta(hours=ASK_HOURS),
        )
        .order_by(col(Outbox.asked_at).asc().nulls_first())
    )
    rows = session.exec(waiting.limit(PIECE))
    return [row for row in rows if row.answer is None and _ask_at(row) <= now][:limit]


def _ask_at(row: Outbox) -> datetime:
    since = row.done_at or row.created_at
    if row.asked_at is None:
        return since + timedelta(seconds=ASK_FIRST_SECONDS)
    return row.asked_at + max(timedelta(seconds=ASK_FIRST_SECONDS), row.asked_at - since)


def found_out(
    session: Session,
    row: Outbox,
    status: OutboxStatus,
    now: datetime,
    *,
    reason: str,
    answer: dict[str, Any] | None = None,
) -> bool:
    """The platform's state told what became of an unknown call. False when a person decided meanwhile.

    One that surely did not arrive leaves once more, from the beginning: a person's yes first, where a restore lies between.
    """
    values: dict[str, Any] = {"status": status, "reason": reason, "asked_at": now}
    if status == OutboxStatus.QUEUED:
        values |= {"due_at": now, "done_at": None, **NOTHING_LEFT, **born(session, row.due_at, now)}
    elif status != OutboxStatus.UNKNOWN:
        values |= {"done_at": now, "answer": answer}
    statement = (
        update(Outbox)
        .where(
            col(Outbox.id) == row.id, col(Outbox.status) == OutboxStatus.UNKNOWN, col(Outbox.settled_by) == ""
        )
        .values(**values)
    )
    done = rows_changed(session, statement) == 1
    if done and values["status"] == OutboxStatus.QUEUED:
        offer(session, "outbox", row.id or 0, row.lane)
    return done
