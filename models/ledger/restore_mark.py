"""The moment of the last restore: what was due or could be told by then may have left already, so it waits for a person.

Nobody knows what happened between a backup and its restore. Whoever writes an intention says since when it could have
been told (`since` of `outbox.put`); where that is not after the restore, the row is born held.
"""

from datetime import datetime

from sqlmodel import Session

from models.preferences import Preference

KEY = "restored_at"


def restored(session: Session, now: datetime) -> None:
    """A backup was put in the database's place just now."""
    session.merge(Preference(key=KEY, value=now.isoformat()))


def may_have_left(session: Session, since: datetime) -> bool:
    """Could what was due at this moment have left before the last restore?"""
    mark = session.get(Preference, KEY)
    return mark is not None and since <= datetime.fromisoformat(mark.value)
