"""What /readyz and /metrics say about this process."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from models import migrate
from models.job_runs import last_runs
from ops.wiring import Parts
from pages.web.health import Readiness

QUIET = timedelta(minutes=2)
"""Without any run for this long nobody leads the timetable."""


def asking(parts: Parts) -> Callable[[], list[Readiness]]:
    """The questions of /readyz, asked anew each time."""

    def ask() -> list[Readiness]:
        try:
            have, want = migrate.current(parts.db), migrate.newest()
        except SQLAlchemyError as error:
            return [Readiness("database", False, type(error).__name__)]
        found = [
            Readiness("database", True),
            Readiness("migrations", have == want, "" if have == want else f"{have or 'none'} → {want}"),
        ]
        return [*found, Readiness("queue", parts.queue.alive()), _timetable(parts)] if have == want else found

    return ask


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
