"""What accounts leave behind and nobody will ask for again."""

from datetime import datetime

from sqlmodel import Session, col, delete

from models.accounts import SignedIn
from models.accounts.idempotency import REPEAT_LIFE, Repeat
from models.accounts.throttle import THROTTLE_WINDOW, Throttle


def forget_old(session: Session, now: datetime) -> None:
    """Drop what nobody will ask for again: sessions that ended, remembered answers, wrong passwords of a past window."""
    session.execute(delete(SignedIn).where(col(SignedIn.expires_at) <= now))
    session.execute(delete(Repeat).where(col(Repeat.created_at) <= now - REPEAT_LIFE))
    session.execute(delete(Throttle).where(col(Throttle.since) <= now - THROTTLE_WINDOW))
