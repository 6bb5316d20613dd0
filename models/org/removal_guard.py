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
from models.errors import Refused
from models.preferences import Preference
from models.sentences import Sentence

PREFIX = "held."
"""Preferences under this name are what a comparison left for a person's yes."""
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
    """What waits, of one comparison or of all."""
    return [_read(row) for row in _rows(session, plan)]


def mark_of(pending: Collection[PendingRemoval]) -> str:
    """What a page shows of it, in short: a yes names it, so that it is a yes to what was shown."""
    return _mark([f"{one.whose}:{one.mark}" for one in pending])


def confirm(session: Session, plan: str, mark: str, who: str, now: datetime) -> bool:
    """Somebody says yes to what was shown: written down, and the comparison runs. False when somebody already did.

    Refused when something else waits by now.
    """
    rows = _rows(session, plan, lock=True)
    pending = [_read(row) for row in rows]
    if not pending or mark != mark_of(pending):
        raise Refused(Sentence("等确认的名单刚才变了，什么都没有改。下面是现在的，请再看一眼"))
    if all(one.by for one in pending):
        return False
    for row, one in zip(rows, pending, strict=True):
        row.value = _written(replace(one, by=who))
    record(
        session, who, "removal_guard.confirm", f"plan:{plan}", now, "。".join(one.words for one in pending)
    )
    job_runs.ask_for(session, plan, now)
    return True


def begin(session: Session, plan: str, whose: Collection[str]) -> dict[str, PendingRemoval]:
    """The yeses that count for the run that begins, by list; for a later one they have to be said again.

    What waits of a list that is not compared any more is forgotten.
    """
    found = {}
    for row in _rows(session, plan, lock=True):
        pending = _read(row)
        if pending.whose not in whose:
            session.delete(row)
        elif pending.by:
            found[pending.whose] = pending
            row.value = _written(replace(pending, by=""))
    return found


def keep(
    session: Session, plan: str, whose: str, words: str, missing: Collection[str], now: datetime
) -> None:
    """Remember who is missing from a comparison; with nobody missing, that nothing waits any more."""
    row = session.get(Preference, _key(plan, whose), with_for_update=True)
    if not missing:
        if row is not None:
            session.delete(row)
    elif row is None or _read(row).mark != _mark(missing):
        pending = PendingRemoval(
            plan, whose, words, len(missing), tuple(sorted(missing)[:SOME]), _mark(missing), now
        )
        session.merge(Preference(key=_key(plan, whose), value=_written(pending)))


def _rows(session: Session, plan: str, *, lock: bool = False) -> list[Preference]:
    query = select(Preference).where(
        col(Preference.key).startswith(f"{PREFIX}{plan}." if plan else PREFIX, autoescape=True)
    )
    return list(session.exec((query.with_for_update() if lock else query).order_by(col(Preference.key))))


def _key(plan: str, whose: str) -> str:
    return f"{PREFIX}{plan}.{whose}"


def _mark(missing: Collection[str]) -> str:
    return fingerprint("\n".join(sorted(missing)))


def _written(pending: PendingRemoval) -> str:
    return json.dumps(asdict(pending) | {"at": pending.at.isoformat()}, ensure_ascii=False)


def _read(row: Preference) -> PendingRemoval:
    kept: dict[str, Any] = json.loads(row.value)
    return PendingRemoval(**kept | {"at": datetime.fromisoformat(kept["at"]), "some": tuple(kept["some"])})
