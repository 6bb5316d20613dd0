"""A restore that is killed at any of its steps leaves the old database whole, its log included, or the new one, all held.

The steps are what Python itself sees of it: each file that it opens, makes, moves or takes away, each database.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlmodel import select

from models.db import Database
from models.ledger import outbox
from models.ledger.outbox import Outbox, OutboxStatus
from ops import backup
from tests.cast import NOW
from tests.waiting import PATIENCE

ACTIONS = ("before the backup", "in the log alone")
KILLED_AT_EACH_STEP = """
import json, os, shutil, signal, sys
from datetime import datetime
from pathlib import Path
from models import migrate
from ops import backup
from tests.cast import NOW

folder, wanted = Path(sys.argv[1]), ("open", "os.", "shutil.", "sqlite3.", "fcntl.")
steps = []

def restore(place):
    backup.restore(f"sqlite:///{place / 'onetap.sqlite3'}", folder / "night.backup", NOW)

def counting(stop):
    seen = 0
    def look(event, arguments):
        nonlocal seen
        inside = [str(one) for one in arguments if str(folder) in str(one)]
        if event.startswith(wanted) and (inside or event.startswith("fcntl.")):
            seen += 1
            if seen == stop:
                os.write(report, f"{event} {' '.join(inside)}".encode())
                os.kill(os.getpid(), signal.SIGKILL)
    return look

stop = 0
while True:
    stop += 1
    place = folder / str(stop)
    shutil.copytree(folder / "old", place)
    read, report = os.pipe()
    child = os.fork()
    if not child:
        sys.addaudithook(counting(stop))
        restore(place)
        os._exit(0)
    os.close(report)
    _, ended = os.waitpid(child, 0)
    steps.append(os.read(read, 9999).decode().replace(str(folder), ""))
    os.close(read)
    if ended == 0:
        break
print(json.dumps(steps))
"""


@pytest.fixture
def folder(sqlite_database: Database, tmp_path: Path) -> Path:
    """A backup, and beside it a database whose newest row stands in its log alone: its program was killed."""
    url, files = sqlite_database.url, tmp_path / "work"
    with sqlite_database.write() as session:
        outbox.put(session, "notice", ACTIONS[0], now=NOW)
    files.mkdir()
    backup.backup(url, files / "night.backup")
    with sqlite_database.write() as session:
        outbox.put(session, "notice", ACTIONS[1], now=NOW)
    old = files / "old"
    old.mkdir()
    for suffix in ("", "-wal", "-shm"):
        (old / f"onetap.sqlite3{suffix}").write_bytes(Path(f"{tmp_path}/onetap.sqlite3{suffix}").read_bytes())
    assert (old / "onetap.sqlite3-wal").stat().st_size
    return files


def what_stands_in(file: Path) -> list[tuple[str, OutboxStatus]]:
    opened = Database(f"sqlite:///{file}")
    try:
        with opened.read() as session:
            assert session.connection().exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
            return [(row.key, row.status) for row in session.exec(select(Outbox).order_by(Outbox.id))]
    finally:
        opened.close()


def test_a_restore_killed_at_any_step_leaves_the_old_database_whole_its_log_included(folder: Path):
    done = subprocess.run(
        [sys.executable, "-c", KILLED_AT_EACH_STEP, str(folder)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=10 * PATIENCE,
        check=True,
    )
    steps = json.loads(done.stdout)
    old = [(key, OutboxStatus.QUEUED) for key in ACTIONS]
    new = [(ACTIONS[0], OutboxStatus.HELD)]
    found = [what_stands_in(folder / str(number) / "onetap.sqlite3") for number, _ in enumerate(steps, 1)]
    changed = found.index(new)
    assert found == [old] * changed + [new] * (len(found) - changed), steps
    assert changed > 10 and "os.rename" in steps[changed - 1], steps


def test_the_next_restore_does_not_mind_what_a_killed_one_left(folder: Path, tmp_path: Path):
    old = folder / "old"
    (old / "onetap.sqlite3.part").write_bytes(b"half of it")
    (old / "onetap.sqlite3.part-wal").write_bytes(b"and a log")
    assert backup.restore(f"sqlite:///{old / 'onetap.sqlite3'}", folder / "night.backup", NOW) == 1
    assert sorted(one.name for one in old.iterdir()) == ["onetap.sqlite3"]
