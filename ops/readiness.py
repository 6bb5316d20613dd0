"""What /readyz and /metrics say about this process."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from models import migrate
from models.job_runs import last_runs
from ops.wiring import Parts
from pages.web.health import Readiness

ANSWER_SECONDS = 0.8
"""Monitors give up early, and a second is what we promise."""
QUIET = timedelta(minutes=2)
"""Without any run for this long nobody leads the timetable."""


def asking(parts: Parts) -> Callable[[], list[Readiness]]:
    """The questions of /readyz, asked anew each time."""
    return Bounded(lambda: _answers(parts))


class Bounded:
    """An answer in time, whatever is locked: the questions are asked in a thread of their own, one at a time."""

    def __init__(self, ask: Callable[[], list[Readiness]]) -> None:
        self._ask, self._lock = ask, threading.Lock()
        self._asked: Future[list[Readiness]] | None = None

    def __call__(self) -> list[Readiness]:
        with self._lock:
            if self._asked is None or self._asked.done():
                self._asked = Future()
                threading.Thread(
                    target=self._answer, args=(self._asked,), name="readiness", daemon=True
                ).start()
            asked = self._asked
        try:
            return asked.result(ANSWER_SECONDS)
        except TimeoutError:
            return [Readiness("database", False, "no answer")]

    def _answer(self, asked: "Future[list[Readiness]]") -> None:
        try:
            asked.set_result(self._ask())
        except Exception as error:  # whoever waits must hear something
            asked.set_result([Readiness("database", False, type(error).__name__)])


def _answers(parts: Parts) -> list[Readiness]:
    try:
        have, want = migrate.current(parts.db), migrate.newest()
    except SQLAlchemyError as error:
        return [Readiness("database", False, type(error).__name__)]
    unwritable = parts.db.unwritable()
    found = [
        Readiness("database", True),
        Readiness("disk", unwritable is None, unwritable or ""),
        Readiness("migrations", have == want, "" if have == want else f"{have or 'none'} → {want}"),
    ]
    return [*found, Readiness("queue", parts.queue.alive()), _timetable(parts)] if have == want else found


def counting(parts: Parts) -> Callable[[], Mapping[str, float]]:
    """This process's own counters for /metrics."""

    def count() -> dict[str, float]:
        refused = {
            f"callbacks_refused_{why}": float(number) for why, number in list(parts.receiver.refused.items())
        }
        return {**refused, **{name: float(number) for name, number in parts.queue.counters().items()}}

    return count


def _timetable(parts: Parts) -> Readiness:
    with parts.db.read() as session:
        newest = max((run.due_at for run in last_runs(session).values()), default=None)
    leads = newest is not None and parts.runtime.clock() - newest < QUIET
    return Readiness("timetable", leads, "" if leads else "nobody leads")
