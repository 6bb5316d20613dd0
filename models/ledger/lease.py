"""A row on its way out belongs to whoever claimed it: a lease that ends, and a fence that refuses a late word."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Update, bindparam, update
from sqlalchemy.sql.dml import ReturningUpdate
from sqlmodel import Session, col, select

from models.db import rows_changed
from models.ledger.outbox import Outbox, OutboxStatus

LEASE_SECONDS = 60
"""At least twice the longest timeout of a call."""
NOTHING_LEFT: dict[str, Any] = {"request": None, "notes": {}, "written_at": None}
"""What a row forgets once it is sure that nothing of it left: it is built anew."""


def claim(session: Session, row_id: int, now: datetime) -> Outbox | None:
    """Take a queued, due row: sets lease, attempt and fence. None when somebody else has it or it may not go yet.

    What comes back is a copy: whatever is decided about it goes through the fenced verbs below.
    """
    times = {"now": now, "lease": now + timedelta(seconds=LEASE_SECONDS)}
    row = session.execute(_claiming(), {"row_id": row_id, **times}).scalar_one_or_none()
    if row is not None:
        session.expunge(row)
    return row


@cache
def _claiming(*, several: bool = False) -> ReturningUpdate[Outbox]:
    """Made once: it is run for every call, and building it takes longer than running it."""
    due = (
        col(Outbox.id).in_(bindparam("row_ids", expanding=True))
        if several
        else col(Outbox.id) == bindparam("row_id"),
        col(Outbox.status) == OutboxStatus.QUEUED,
        col(Outbox.due_at) <= bindparam("now"),
    )
    return (
        update(Outbox)
        .where(*due)
        .values(
            status=OutboxStatus.CALLING,
            attempts=Outbox.attempts + 1,
            fence=Outbox.fence + 1,
            called_at=bindparam("now"),
            lease_until=bindparam("lease"),
        )
        .returning(Outbox)
        .execution_options(synchronize_session=False)
    )


def claim_alike(
    session: Session, row: Outbox, most: int, now: datetime, *, skip: Collection[int] = ()
) -> list[Outbox]:
    """Take what stands next to a claimed row in the same way: the same channel and campaign, due, never tried before.

    What was tried goes by itself: something of it may have arrived, or it is what kills its process (C14).
    """
    alike = (
        select(Outbox.id)
        .where(
            Outbox.lane == row.lane,
            Outbox.status == OutboxStatus.QUEUED,
            Outbox.priority == row.priority,
            Outbox.due_at <= now,
            Outbox.channel == row.channel,
            col(Outbox.campaign_id).is_not_distinct_from(row.campaign_id),
            Outbox.attempts == 0,
            col(Outbox.written_at).is_(None),
            col(Outbox.id).not_in(list(skip)),
        )
        .order_by(col(Outbox.due_at), col(Outbox.id))  # as the index has them
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    found = list(session.exec(alike))
    if not found:
        return []
    times = {"now": now, "lease": now + timedelta(seconds=LEASE_SECONDS)}
    taken = {
        one.id: one for one in session.execute(_claiming(several=True), {"row_ids": found, **times}).scalars()
    }
    for one in taken.values():
        session.expunge(one)
    return [taken[number] for number in found if number in taken]


def settle(
    session: Session,
    row: Outbox,
    status: OutboxStatus,
    now: datetime,
    *,
    reason: str = "",
    errcode: int | None = None,
    answer: dict[str, Any] | None = None,
) -> bool:
    """End a call. False when the lease was lost meanwhile (a zombie's late word is refused by the fence)."""
    ended: dict[str, Any] = {"status": status, "reason": reason, "errcode": errcode, "answer": answer}
    if not fenced(session, row, done_at=now, lease_until=None, **ended):
        return False
    for name, value in ended.items():
        setattr(row, name, value)
    return True


def put_back(
    session: Session,
    row: Outbox,
    due_at: datetime,
    *,
    reason: str,
    errcode: int | None = None,
    counted: bool = True,
    same_bytes: bool = False,
) -> bool:
    """Wait until `due_at`. `counted=False` gives the attempt back (a closed window is nobody's fault).

    The stored request is forgotten, because surely nothing left; `same_bytes` keeps it where something may have.
    """
    values: dict[str, Any] = {} if same_bytes else NOTHING_LEFT
    attempts = row.attempts if counted else row.attempts - 1
    return fenced(
        session,
        row,
        status=OutboxStatus.QUEUED,
        due_at=due_at,
        lease_until=None,
        reason=reason,
        errcode=errcode,
        attempts=attempts,
        **values,
    )


def write_request(
    session: Session, row: Outbox, request: dict[str, Any], now: datetime, notes: dict[str, Any] | None = None
) -> bool:
    """Store the bytes that will leave, and renew the lease: drawing and uploading may have eaten most of it."""
    written: dict[str, Any] = {
        "request": request,
        "notes": notes or {},
        "written_at": row.written_at or now,
        "lease_until": now + timedelta(seconds=LEASE_SECONDS),
    }
    if not fenced(session, row, **written):
        return False
    for name, value in written.items():
        setattr(row, name, value)
    return True


class Overtaken(Exception):
    """Somebody else has one of these rows by now: nothing of the transaction may stay, each is written by itself."""


def write_requests(
    session: Session,
    drafts: Sequence[tuple[Outbox, dict[str, Any], dict[str, Any]]],
    now: datetime,
) -> None:
    """The same as `write_request` for several rows, each with its request and its notes; raises Overtaken."""
    lease_until = now + timedelta(seconds=LEASE_SECONDS)
    written = [
        {
            "request": request,
            "notes": notes,
            "written_at": row.written_at or now,
            "lease_until": lease_until,
        }
        for row, request, notes in drafts
    ]
    _change_all(session, [row for row, _, _ in drafts], written)


def settle_sent(session: Session, answers: Sequence[tuple[Outbox, dict[str, Any]]], now: datetime) -> None:
    """The same as `settle` for several rows that the platform has accepted; raises Overtaken."""
    ended = [
        {
            "status": OutboxStatus.SENT,
            "reason": "",
            "errcode": None,
            "answer": answer,
            "done_at": now,
            "lease_until": None,
        }
        for _, answer in answers
    ]
    _change_all(session, [row for row, _ in answers], ended)


def _change_all(session: Session, rows: Sequence[Outbox], values: Sequence[dict[str, Any]]) -> None:
    whose = [
        {"row_id": row.id, "row_fence": row.fence, **changed}
        for row, changed in zip(rows, values, strict=True)
    ]
    if rows_changed(session, _changing(tuple(values[0])), whose) != len(rows):
        raise Overtaken
    for row, changed in zip(rows, values, strict=True):
        for name, value in changed.items():
            setattr(row, name, value)


def fenced(session: Session, row: Outbox, **values: Any) -> bool:
    """Change a row that is being called, unless somebody else has it by now."""
    return (
        rows_changed(session, _changing(tuple(values)), {"row_id": row.id, "row_fence": row.fence, **values})
        == 1
    )


@cache
def _changing(names: tuple[str, ...]) -> Update:
    table = Outbox.__table__  # type: ignore[attr-defined]
    ours = (
        table.c.id == bindparam("row_id"),
        table.c.status == OutboxStatus.CALLING,
        table.c.fence == bindparam("row_fence"),
    )
    return update(table).where(*ours).values({name: bindparam(name) for name in names})
