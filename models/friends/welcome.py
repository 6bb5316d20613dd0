"""The welcome: one text to a new friend, within 20 seconds of the platform's word, and how long it took."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from models import org, preferences
from models.friends import Friend
from models.ledger import outbox
from models.ledger.channels import WELCOME
from models.ledger.inbox import Inbox
from models.ledger.outbox import Outbox, OutboxStatus
from models.org import Guide
from models.sentences import Sentence

WELCOME_SECONDS = 20
"""So long after the platform told us a welcome code works, once (contract 5.4)."""


def welcomed_after(created_at: datetime, deadline: datetime | None, done_at: datetime) -> float:
    """Seconds that a sent welcome took, from its callback's arrival, as the platform counts them."""
    arrived = deadline - timedelta(seconds=WELCOME_SECONDS) if deadline else created_at
    return max(0.0, (done_at - arrived).total_seconds())


def welcome_seconds(row: Outbox) -> float | None:
    """How long a welcome took; None for one that was not sent."""
    sent = row.done_at if row.status == OutboxStatus.SENT else None
    return welcomed_after(row.created_at, row.deadline, sent) if sent else None


def put_welcome(
    session: Session,
    friend: Friend,
    owner: Guide,
    welcome_code: str,
    at: datetime,
    now: datetime,
    inbox_id: int | None,
) -> str:
    """Intend the welcome, unless the event was under way for longer than its code lives.

    When it was we who were late (a handler failed first), the row says so: it is a missed welcome.
    """
    row = session.get(Inbox, inbox_id) if inbox_id else None
    received = row.received_at if row else now
    if received - at > timedelta(seconds=WELCOME_SECONDS):
        return "late"
    deadline = received + timedelta(seconds=WELCOME_SECONDS)
    missed = now >= deadline
    ended: dict[str, Any] = {"status": OutboxStatus.EXPIRED, "done_at": now, "reason": outbox.TOO_LATE}
    store = org.store_of(session, owner)
    text = preferences.welcome_text(session, owner.customer_name, store.name if store else "")
    row_id = outbox.put(
        session,
        WELCOME,
        f"welcome:{hashlib.sha256(welcome_code.encode()).hexdigest()}",
        now=now,
        since=at,
        deadline=deadline,
        guide_id=owner.id,
        friend_id=friend.id,
        inbox_id=inbox_id,
        target=Sentence("{owner}的新好友", owner=owner.name),
        why="加好友",
        payload={"welcome_code": welcome_code, "friend_id": friend.id, "text": text},
        **(ended if missed else {}),
    )
    if row_id is None:
        return "used"
    friend.welcome_id = row_id
    return "missed" if missed else "queued"
