"""Entry codes follow their people: who is on shift now stands in the code, who rests does not."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from sqlmodel import Session

from models.db import pieces
from models.friends import entry_code_users
from scheduler.runtime import Runtime
from scheduler.timetable.plan import said

STORES_AT_ONCE = 25


def follow_shifts(runtime: Runtime, now: datetime) -> str:
    """Compare the codes of the stores where somebody began or ended her shift since the last look."""
    with runtime.db.read() as session:
        news = entry_code_users.resting_news(session, now, runtime.zone)
    for rests, guides in news.guides.items():
        for piece in pieces(guides):
            runtime.db.run(partial(entry_code_users.note_resting, guides=piece, rests=rests))
    changed = refresh_stores(runtime, news.stores, now, entry_code_users.SHIFT_CHANGED)
    return said(("换入口码后面的人", changed))


def refresh_stores(runtime: Runtime, stores: Sequence[int], now: datetime, why: str) -> int:
    """Let the codes of these stores point at who is there now, a few stores at a time; how many had to change."""

    def refresh(session: Session, some: Sequence[int]) -> int:
        return sum(len(entry_code_users.refresh_users(session, one, now, why)) for one in some)

    return sum(runtime.db.run(partial(refresh, some=piece)) for piece in pieces(stores, STORES_AT_ONCE))
