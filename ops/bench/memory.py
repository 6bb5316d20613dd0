"""Memory: all processes of the demo while its campaign leaves, and what failing jobs leave behind."""

import json
import re
import time
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import col

from models.campaigns import Campaign, Task
from models.db import Database, count
from models.friends.entry_codes import EntryCode, EntryCodeKind, EntryCodeStatus
from models.org import Guide, GuideStatus
from ops.bench.machine import family, proportional_bytes
from ops.bench.programs import SERVER, BenchProgram, answers
from ops.bench.report import Report, progress, times
from ops.bench.stage import delivered, start_campaign

MEGABYTE = 1_000_000
MOST_MEMORY = 400 * MEGABYTE
MOST_GROWTH = 8 * MEGABYTE
"""From a tenth of the failing jobs to all of them."""
LISTENING = re.compile(r"^listening on (http://127\.0\.0\.1:\d+)$", re.M)


@dataclass(frozen=True)
class MemorySize:
    """How much fails."""

    jobs: int = 50_000
    stub_jobs: int = 5_000
    seconds: float = 60.0
    """The longest that we watch the campaign."""


QUICK = MemorySize(jobs=10_000, stub_jobs=2_000, seconds=20)


class Demo:
    """`server.py demo` in a folder, as a newcomer starts it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.began = time.monotonic()
        self.program = BenchProgram("demo", [SERVER, "demo", "--port", "0", "--no-input"], folder)
        self.database = f"sqlite:///{folder / 'var/demo/onetap.sqlite3'}"

    def __enter__(self) -> "Demo":
        return self

    def __exit__(self, *failure: object) -> None:
        self.program.stop()

    def until_it_serves(self, seconds: float = 120) -> float:
        """Seconds until /demo answers."""
        self.program.until(lambda: bool(LISTENING.search(self.program.said())), seconds, "开始监听")
        self.url = LISTENING.findall(self.program.said())[-1]
        self.program.until(lambda: answers(f"{self.url}/demo"), seconds, "给出演示页")
        return time.monotonic() - self.began


def measure(report: Report, folder: Path, size: MemorySize) -> None:
    with Demo(folder / "demo") as running:
        running.until_it_serves()
        demo(report, running, size.seconds)


def demo(report: Report, running: Demo, seconds: float) -> None:
    """The most that all processes together take while posters are drawn and delivered to every guide."""
    db = Database(running.database)
    try:
        progress("演示的入口码")
        running.program.until(lambda: _coded(db), 120, "建好入口码")
        idle = proportional_bytes(family(running.program.pid))
        campaign, most, shares = start_campaign(db, "初雪"), 0, ""
        began, planned, done = time.monotonic(), 0, 0
        progress("演示的活动")
        while time.monotonic() - began < seconds and not (planned and done >= planned):
            pids = family(running.program.pid)
            each = {pid: proportional_bytes([pid]) for pid in pids}
            if sum(each.values()) > most:
                most, shares = sum(each.values()), " + ".join(f"{size // MEGABYTE}" for size in each.values())
            planned, done = _planned(db, campaign), delivered(db, campaign)
            time.sleep(0.3)
    finally:
        db.close()
    report.claim(
        most < MOST_MEMORY and done > 0,
        f"内存最多 {times(most, idle):.2f} × 空闲时，是上限的 {most / MOST_MEMORY:.2f}（{MOST_MEMORY // MEGABYTE} MB）",
        f"演示全部进程合计 {most // MEGABYTE} MB（PSS，各进程 {shares}）",
        f"同时投递了 {done} 位导购的海报",
    )


def failing(report: Report, folder: Path, size: MemorySize) -> None:
    """Ours after all the failures against ours after a tenth; Dramatiq's own broker beside it."""
    progress(f"{size.jobs:,} 个失败的任务")
    ours, stub = _kept(folder, size.jobs, "ours"), _kept(folder, size.stub_jobs, "stub")
    grown, theirs = ours[-1] - ours[0], stub[-1] - stub[0]
    report.claim(
        grown < MOST_GROWTH,
        f"{size.jobs:,} 个失败的任务后内存是原来的 {ours[-1] / ours[0]:.2f} 倍",
        f"多了 {grown / MEGABYTE:.1f} MB（要求 < {MOST_GROWTH // MEGABYTE} MB）",
        f"Dramatiq 自带的进程内队列 {size.stub_jobs:,} 个就多了 {theirs / MEGABYTE:.1f} MB",
    )


def _kept(folder: Path, jobs: int, broker: str) -> list[int]:
    program = BenchProgram(f"failing-{broker}", ["-m", "ops.bench.failing", str(jobs), broker], folder)
    try:
        program.running.wait(300)
    finally:
        program.stop()
    kept: list[int] = json.loads(program.said().strip().splitlines()[-1])
    return kept


def _coded(db: Database) -> bool:
    with db.read() as session:
        ready = count(
            session,
            EntryCode,
            EntryCode.status == EntryCodeStatus.READY,
            col(EntryCode.guide_id).is_not(None),
            EntryCode.kind == EntryCodeKind.GUIDE,
        )
        return ready >= count(session, Guide, Guide.status == GuideStatus.ACTIVE)


def _planned(db: Database, campaign_id: int) -> int:
    """How many guides get a task, once all of them have one."""
    with db.read() as session:
        if session.get_one(Campaign, campaign_id).planned_at is None:
            return 0
        return count(session, Task, Task.campaign_id == campaign_id, Task.skipped == "")
