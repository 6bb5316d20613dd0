"""The removal guard of comparisons with the platform: what waits because too many would go, and a person's yes to just that.

A yes counts for the very people who were missing when it was given, and for one run.
"""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from models import job_runs
from models.accounts.audit import record
from models.encryption import fingerprint
from models.errors import Complaint, Refused
from models.preferences import Preference

HELD = "held."
"""Notes under this name are what a comparison held."""
FEW = 3
"""So many missing are believed at once, whatever share of a short list they are."""
SOME = 20
"""How many of the missing are kept by name, for the person who decides."""


@dataclass(frozen=True)
class PendingRemoval:
    """What one comparison did not do: who is missing, and since when that waits."""

    plan: str
    whose: str
    """The guide (her id) whose list it is; empty where there is only one list"""
    words: str
    number: int
    some: tuple[str, ...]
    mark: str
    """Of exactly these people"""
    at: datetime
    by: str = ""
    """Who said yes; empty while it waits"""

    def allows(self, missing: Collection[str]) -> bool:
        """Whether this is a yes to exactly these people."""
        return bool(self.by) and self.mark == _mark(missing)


def too_many(missing: int, known: int, percent: int) -> bool:
    """Whether so many missing of so many known wait for a person's yes."""
    return missing >= FEW and missing * 100 > known * percent


def waiting(session: Session, plan: str = "") -> list[PendingRemoval]:
    """What is held, of one comparison or of all."""
    return [_read(note) for note in _notes(session, plan)]


def mark_of(held: Collection[PendingRemoval]) -> str:
    """What a page shows of it, in short: a yes names it, so that it is a yes to what was shown."""
    return _mark([f"{one.whose}:{one.mark}" for one in held])


def confirm(session: Session, plan: str, mark: str, who: str, now: datetime) -> bool:
    """Somebody says yes to what was shown: written down, and the comparison runs. False when somebody already did.

    Refused when something else is held by now.
    """
    notes = _notes(session, plan, lock=True)
    held = [_read(note) for note in notes]
    if not held or mark != mark_of(held):
        raise Refused(Complaint("等确认的名单刚才变了，什么都没有改。下面是现在的，请再看一眼"))
    if all(one.by for one in held):
        return False
    for note, one in zip(notes, held, strict=True):
        note.value = _written(replace(one, by=who))
    record(session, who, "removal_guard.confirm", f"plan:{plan}", now, "。".join(one.words for one in held))
    job_runs.ask_for(session, plan, now)
    return True


def begin(session: Session, plan: str, whose: Collection[str]) -> dict[str, PendingRemoval]:
    """The yeses that count for the run that begins, by list; for a later one they have to be said again.

    What is held of a list that is not compared any more is forgotten.
    """
    found = {}
    for note in _notes(session, plan, lock=True):
        held = _read(note)
        if held.whose not in whose:
            session.delete(note)
        elif held.by:
            found[held.whose] = held
            note.value = _written(replace(held, by=""))
    return found


def keep(
    session: Session, plan: str, whose: str, words: str, missing: Collection[str], now: datetime
) -> None:
    """Remember whom a comparison held; with nobody missing, that nothing waits any more."""
    note = session.get(Preference, _key(plan, whose), with_for_update=True)
    if not missing:
        if note is not None:
            session.delete(note)
    elif note is None or _read(note).mark != _mark(missing):
        held = PendingRemoval(
            plan, whose, words, len(missing), tuple(sorted(missing)[:SOME]), _mark(missing), now
        )
        session.merge(Preference(key=_key(plan, whose), value=_written(held)))


def _notes(session: Session, plan: str, *, lock: bool = False) -> list[Preference]:
    query = select(Preference).where(
        col(Preference.key).startswith(f"{HELD}{plan}." if plan else HELD, autoescape=True)
    )
    return list(session.exec((query.with_for_update() if lock else query).order_by(col(Preference.key))))


def _key(plan: str, whose: str) -> str:
    return f"{HELD}{plan}.{whose}"


def _mark(missing: Collection[str]) -> str:
    return fingerprint("\n".join(sorted(missing)))


def _written(held: PendingRemoval) -> str:
    return json.dumps(asdict(held) | {"at": held.at.isoformat()}, ensure_ascii=False)


def _read(note: Preference) -> PendingRemoval:
    kept: dict[str, Any] = json.loads(note.value)
    return PendingRemoval(**kept | {"at": datetime.fromisoformat(kept["at"]), "some": tuple(kept["some"])})
