"""Launch: who gets it is decided and frozen for 10,000 guides with 2,000,000 customers, beside a row for each of them."""

import resource
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from pyroaring import FrozenBitMap
from sqlalchemy import Column, Integer, MetaData, String, Table, insert

from models.campaigns import Campaign, Task, launch
from models.campaigns.selection import select_audience
from models.db import PIECE, Database, count, pieces
from models.db.sets import IdSetColumn
from ops.bench.report import Report, ms, progress, times
from ops.bench.retailer import NOW, RetailerSize, planned, plant
from ops.sample_data import ZONE

T = TypeVar("T")
MEGABYTE = 1_000_000
MOST_MEMORY = 512 * MEGABYTE
FLOOR = {"sqlite": 20, "postgresql": 10}
"""So many times a row for each recipient: by INSERT on SQLite, by COPY on PostgreSQL"""
TABLES = MetaData()
SHARES = Table("bench_share", TABLES, Column("id", Integer, primary_key=True), Column("members", IdSetColumn))
RECIPIENTS = Table(
    "bench_recipient",
    TABLES,
    Column("id", Integer, primary_key=True),
    Column("task_id", Integer),
    Column("external_userid", String(64)),
)


def measure(report: Report, folder: Path, size: RetailerSize, url: str = "") -> None:
    """The same recipients three times: selected, launched as a campaign, written as rows."""
    folder.mkdir(parents=True, exist_ok=True)
    db = Database(url or f"sqlite:///{folder / 'launch.sqlite3'}")
    try:
        progress(f"{size.customers:,} 位好友")
        plant(db, size)
        campaign = planned(db)
        selecting, shares = timed(db, lambda: _select(db, campaign))
        launching, _ = timed(db, lambda: launch.launch_due(db, NOW, ZONE))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        with db.read() as session:
            tasks = count(session, Task, Task.campaign_id == campaign, Task.customer_count == size.friends)
        progress("每位收件人一行")
        with db.write() as session:
            TABLES.create_all(session.connection())
        freezing, _ = timed(db, lambda: _freeze(db, shares))
        rows, _ = timed(db, lambda: (_insert if db.is_sqlite else _copy)(db, shares))
    finally:
        db.close()
    floor = FLOOR["sqlite" if db.is_sqlite else "postgresql"]
    right = tasks == size.guides and sum(map(len, shares.values())) == size.customers
    report.claim(
        right and times(rows, freezing) >= floor,
        f"写下收件人 {times(rows, freezing):.0f} × 每人一行（要求 ≥ {floor}）",
        f"{size.customers:,} 位：{ms(freezing)} 对 {ms(rows)}",
    )
    report.tell(
        f"选出并写下 {times(rows, selecting + freezing):.1f} × 只写每人一行",
        f"选 {size.guides:,} 位导购的客户 {ms(selecting)}",
        f"整个开始（{tasks:,} 件任务和调用）{ms(launching)}",
    )
    report.claim(
        memory < MOST_MEMORY,
        f"内存最多是上限的 {memory / MOST_MEMORY:.2f}（{MOST_MEMORY // MEGABYTE} MB）",
        f"{memory // MEGABYTE} MB",
    )


def timed(db: Database, work: Callable[[], T]) -> tuple[float, T]:
    """Processor time where the database works in this process, which others cannot disturb; else by the clock."""
    clock = time.process_time if db.is_sqlite else time.monotonic
    began = clock()
    done = work()
    return clock() - began, done


def _select(db: Database, campaign: int) -> Mapping[int, FrozenBitMap]:
    with db.read() as session:
        row = session.get_one(Campaign, campaign)
        return select_audience(session, row, NOW, ZONE, number=campaign).shares


def _freeze(db: Database, shares: Mapping[int, FrozenBitMap]) -> None:
    rows = [{"id": guide, "members": members} for guide, members in shares.items()]
    for piece in pieces(rows, PIECE):
        with db.write() as session:
            session.execute(insert(SHARES), list(piece))


def _insert(db: Database, shares: Mapping[int, FrozenBitMap]) -> None:
    for piece in pieces(list(shares.items()), PIECE // 10):
        rows = [
            {"task_id": guide, "external_userid": f"wm{one}"} for guide, members in piece for one in members
        ]
        with db.write() as session:
            session.execute(insert(RECIPIENTS), rows)


def _copy(db: Database, shares: Mapping[int, FrozenBitMap]) -> None:
    with db.write() as session:
        cursor = session.connection().connection.cursor()
        with cursor.copy("COPY bench_recipient (id, task_id, external_userid) FROM STDIN") as copy:
            for guide, members in shares.items():
                for one in members:
                    copy.write_row((one, guide, f"wm{one}"))
