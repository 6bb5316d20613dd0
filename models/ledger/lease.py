"""A row on its way out belongs to whoever claimed it: a lease that ends, and a fence that refuses a late word."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Update, bindparam, update
from sqlalchemy.sql.dml import ReturningUpdate
from sqlmodel import Session, col

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
def _claiming() -> ReturningUpdate[Outbox]:
    """Made once: it is run for every call, and building it takes longer than running it."""
    due = (
        col(Outbox.id) == bindparam("row_id"),
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
