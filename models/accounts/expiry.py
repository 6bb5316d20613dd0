"""What accounts leave behind and nobody will ask for again."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, delete

from models.accounts import LoginSession
from models.accounts.idempotency import KEY_LIFE, IdempotencyKey
from models.accounts.throttle import FORGIVEN_AFTER, Throttle

RECOGNISED = timedelta(days=7)
"""So long after its end a session is still known, to keep what its owner had written"""


def forget_old(session: Session, now: datetime) -> None:
    """Drop what nobody will ask for again: sessions that ended, remembered answers, wrong passwords of a past window."""
    session.execute(delete(LoginSession).where(col(LoginSession.expires_at) <= now - RECOGNISED))
    session.execute(delete(IdempotencyKey).where(col(IdempotencyKey.created_at) <= now - KEY_LIFE))
    session.execute(delete(Throttle).where(col(Throttle.since) <= now - FORGIVEN_AFTER))
