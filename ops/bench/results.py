"""Recording what became of one guide's customers, beside a row for each of them; in one process, on SQLite."""

import statistics
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from pyroaring import FrozenBitMap
from sqlalchemy import Index, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlmodel import Session

from models import migrate
from models.campaigns import Campaign, Task, TaskAudience, results
from models.campaigns.looks import PRODUCTION
from models.campaigns.results import Reading
from models.db import Database, pieces
from models.friends import Customer
from models.org import Guide
from ops import wiring
from ops.bench.report import Report, ms, progress, times
from scheduler.jobs.results import TOGETHER

LEAST = 10
CUSTOMERS = 200
"""Of one guide"""
REACHED, LIMITED = 1, 3
"""The platform's words"""
LIMITED_EACH = 20
"""One customer of so many had got enough this month."""


class Own(DeclarativeBase):
    """Apart from our tables: no migration knows this one."""


class RecipientRow(Own):
    """What anybody would begin with: one row per customer of a task."""

    __tablename__ = "bench_recipient"
    __table_args__ = (Index("bench_one", "task_id", "external_userid"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int]
    external_userid: Mapped[str]
    status: Mapped[int] = mapped_column(default=0)


def measure(report: Report, folder: Path, *, guides: int) -> None:
    """Interleaved: the same readings of the same guides' customers, written down by both, so many in one transaction."""
    progress("记一位导购的 200 个结果")
    db = Database(f"sqlite:///{folder}/results.sqlite3")
    migrate.upgrade(db)
    now = wiring.clock()
    readings = {task_id: _reading(names, now) for task_id, names in _plant(db, guides).items()}
    ours, sets, objects, statements = list[float](), list[float](), list[float](), list[float]()
    for tasks in pieces(list(readings), TOGETHER):
        portion = {task_id: readings[task_id] for task_id in tasks}
        ours.append(_cpu(db, partial(results.learn_all, readings=portion, now=now, plan=PRODUCTION), tasks))
        sets.append(_cpu(db, partial(_each, write=_set, readings=portion), tasks))
        objects.append(_cpu(db, partial(_each, write=_rows, readings=portion), tasks))
        statements.append(_cpu(db, partial(_each, write=_updates, readings=portion), tasks))
    db.close()
    own, by_sets, by_objects, by_statements = map(statistics.median, (ours, sets, objects, statements))
    report.claim(
        by_objects >= LEAST * own,
        f"记一位导购的 {CUSTOMERS} 个结果 {times(by_objects, own):.1f} × 每位客户一行",
        f"要 {LEAST} ×",
        f"CPU {ms(own)} 对 {ms(by_objects)}，不经过对象直接写 {ms(by_statements)}",
        f"{guides} 位导购，每 {TOGETHER} 位一个事务，中位数，从平台的编号到提交",
    )
    report.tell(
        f"只写下来 {times(by_objects, by_sets):.1f} × 每位客户一行，{times(by_statements, by_sets):.1f} × 直接写",
        f"CPU {ms(by_sets)}，一位导购的集合一次写完",
    )


def _reading(names: list[str], now: datetime) -> Reading:
    told = {name: LIMITED if place % LIMITED_EACH == 0 else REACHED for place, name in enumerate(names)}
    return Reading(now, told)


def _each(
    session: Session, write: Callable[[Session, int, Reading], None], readings: dict[int, Reading]
) -> None:
    for task_id, reading in readings.items():
        write(session, task_id, reading)


def _plant(db: Database, guides: int) -> dict[int, list[str]]:
    """Task → its customers, as the platform names them."""
    now, found = wiring.clock(), dict[int, list[str]]()
    with db.write() as session:
        Own.metadata.create_all(session.connection())
        campaign = Campaign(
            name="量", text="量", launch_at=now, ends_at=now + timedelta(days=1), created_at=now
        )
        session.add(campaign)
        for number in range(guides):
            known_as = [f"wm{number:05}{place:05}abcdefghijklmnopqrst" for place in range(CUSTOMERS)]
            guide = Guide(userid=f"g{number}", userid_key=f"g{number}", joined_at=now)
            people = [Customer(external_userid=one, seen_at=now) for one in known_as]
            session.add_all([guide, *people])
            session.flush()
            task = Task(
                code=f"c{number}", campaign_id=campaign.id or 0, guide_id=guide.id or 0, created_at=now,
                ready_at=now, msgid=f"m{number}", customer_count=CUSTOMERS,
            )  # fmt: skip
            session.add(task)
            session.flush()
            session.add(
                TaskAudience(task_id=task.id or 0, members=FrozenBitMap(one.id or 0 for one in people))
            )
            session.add_all(RecipientRow(task_id=task.id or 0, external_userid=one) for one in known_as)
            found[task.id or 0] = known_as
    return found


def _set(session: Session, task_id: int, reading: Reading) -> None:
    """Her share alone, her customers known by their numbers."""
    members = session.execute(
        text("SELECT members FROM task_audience WHERE task_id = :t"), {"t": task_id}
    ).scalar_one()
    everybody = FrozenBitMap.deserialize(members)
    limited = FrozenBitMap(list(everybody)[::LIMITED_EACH])
    session.execute(
        text("UPDATE task_audience SET reached = :r, limited = :l WHERE task_id = :t"),
        {"r": (everybody - limited).serialize(), "l": limited.serialize(), "t": task_id},
    )


def _rows(session: Session, task_id: int, reading: Reading) -> None:
    for row in session.execute(select(RecipientRow).where(RecipientRow.task_id == task_id)).scalars():
        row.status = reading.results[row.external_userid]


def _updates(session: Session, task_id: int, reading: Reading) -> None:
    session.execute(
        text("UPDATE bench_recipient SET status = :status WHERE task_id = :task AND external_userid = :name"),
        [{"status": status + 3, "task": task_id, "name": name} for name, status in reading.results.items()],
    )


def _cpu(db: Database, work: Callable[[Session], object], tasks: Sequence[int]) -> float:
    """Processor seconds for one guide."""
    began = time.process_time()
    db.run(work)
    return (time.process_time() - began) / len(tasks)
