"""Memory of the nightly comparison: one account's whole list of friends, first all new and then all known.

As a program: `python -m ops.bench.sync FRIENDS FOLDER` prints the most that it held before and after.
"""

import json
import resource
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from models import migrate
from models.db import Database, count
from models.friends import Friend
from models.org import Branch, Guide, Store
from ops.bench.programs import BenchProgram
from ops.bench.report import Report, progress, times
from ops.sample_data import ZONE
from scheduler.jobs import sync_friends
from scheduler.runtime import Runtime
from wecom.rate_limits import RateLimits

MEGABYTE = 1_000_000
MOST_MEMORY = 300 * MEGABYTE
FRIENDS, FEW = 100_000, 10_000


def measure(report: Report, folder: Path, friends: int = FRIENDS) -> None:
    """The program with all friends against the same one with none."""
    progress(f"核对 {friends:,} 位好友")
    _, idle = _run(folder / "none", 0)
    _, most = _run(folder / "all", friends)
    report.claim(
        most < MOST_MEMORY,
        f"核对 {friends:,} 位好友，内存最多是没有好友时的 {times(most, idle):.2f} 倍",
        f"最多 {most // MEGABYTE} MB（要求 < {MOST_MEMORY // MEGABYTE} MB），没有好友时 {idle // MEGABYTE} MB",
    )


def _run(folder: Path, friends: int) -> tuple[int, int]:
    folder.mkdir(parents=True, exist_ok=True)
    program = BenchProgram(f"sync-{friends}", ["-m", "ops.bench.sync", str(friends), str(folder)], folder)
    try:
        program.running.wait(900)
    finally:
        program.stop()
    found: list[int] = json.loads(program.said().strip().splitlines()[-1])
    return found[0], found[1]


class _Listing:
    """A platform that has nothing but one list of friends."""

    def __init__(self, friends: int) -> None:
        self.names = [f"wmBENCH{number:024}" for number in range(friends)]

    def call(self, api: str, data: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return {"errcode": 0, "external_userid": list(self.names)}


def work(friends: int, folder: Path) -> list[int]:
    """The most memory before any list was read, and after the second comparison."""
    db = Database(f"sqlite:///{folder / 'sync.sqlite3'}")
    migrate.upgrade(db)
    now = datetime.now(UTC)
    with db.write() as session:
        branch = Branch(code="bench", name="bench")
        session.add(branch)
        session.flush()
        store = Store(code="bench", name="bench", branch_id=branch.id or 0)
        session.add(store)
        session.flush()
        session.add(Guide(userid="bench", userid_key="bench", store_id=store.id, joined_at=now))
    runtime = cast(
        Runtime,
        SimpleNamespace(
            db=db,
            client=_Listing(friends),
            rate_limits=RateLimits(),
            zone=ZONE,
            clock=lambda: datetime.now(UTC),
        ),
    )
    before = _most()
    for _ in range(2):
        sync_friends.friend_lists(runtime, datetime.now(UTC))
    with db.read() as session:
        assert count(session, Friend) == friends, "every friend of the list is known"
    db.close()
    return [before, _most()]


def _most() -> int:
    """The most that this process has held at once."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    print(json.dumps(work(int(sys.argv[1]), Path(sys.argv[2]))))
