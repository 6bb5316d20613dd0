"""Numbers for people: how fast welcomes were, how many friends came, how far the guides are; queries only."""

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from models.accounts import Note
from models.campaigns import RUNNING, Campaign
from models.inbox import PARKED, Inbox
from models.outbox import UNKNOWN, Outbox


def note(session: Session, key: str) -> str:
    """A lasting fact of this installation; empty when nobody wrote it."""
    found = session.get(Note, key)
    return found.value if found else ""


def badges(session: Session, campaigns: ColumnElement[bool], deliveries: ColumnElement[bool], callbacks: bool) -> dict[str, int]:
    """The counters in the sidebar: running campaigns, unknown results, parked callbacks."""
    return {
        "running": session.exec(select(func.count()).select_from(Campaign).where(Campaign.status == RUNNING, campaigns)).one(),
        "unknown": session.exec(select(func.count()).select_from(Outbox).where(Outbox.status == UNKNOWN, deliveries)).one(),
        "parked": session.exec(select(func.count(col(Inbox.id))).where(Inbox.status == PARKED)).one() if callbacks else 0,
    }
