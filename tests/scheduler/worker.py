"""Worker processes for tests: the queue and, if asked, the timetable, until they are killed or told to stop.

Run as a program it imports everything once and forks a worker for every line that asks for one, so that a test pays
milliseconds for a process of its own instead of seconds. `Crew` is the tests' end of it.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.db import Database
from posters.pool import PosterPool
from scheduler import JOBS, timetable
from scheduler.queue import Queue, crash_points
from tests.campaign_stage import runtime_on
from tests.waiting import PATIENCE
from tests.wecom_world import corp

ROOT = Path(__file__).parents[2]


# ---- the tests' end


class Crew:
    """Hires workers. One for a whole test run."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.scheduler.worker"]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def hire(self, database: str, emulator: str, *, crash_point: str = "", plan: str = "") -> "Worker":
        """A process that works off the queue, and kills itself at the fault point."""
        wanted = {"database": database, "emulator": emulator, "crash_point": crash_point, "plan": plan}
        return Worker(self, self.ask(hire=wanted))

    def ask(self, **wish: Any) -> Any:
        print(json.dumps(wish), file=self._process.stdin, flush=True)
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(PATIENCE)
        self._process.stdout.close()


@dataclass
class Worker:
    """A running process."""

    crew: Crew
    pid: int

    def wait(self, seconds: float = PATIENCE) -> int | None:
        """How it ended (a signal as a negative number); None while it lives."""
        return self.crew.ask(wait=self.pid, seconds=seconds)

    def tell(self, signal_number: int) -> None:
        os.kill(self.pid, signal_number)

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        if self.wait(0) is None:
            self.tell(signal.SIGKILL)
            self.wait()


# ---- the program's end


def main() -> None:
    ended: dict[int, int] = {}
    for line in sys.stdin:
        wish = json.loads(line)
        answer = _hire(**wish["hire"]) if "hire" in wish else _waited(ended, **wish)
        print(json.dumps(answer), flush=True)


def _hire(**wanted: str) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(nothing, 1)
        code = work(**wanted)
    finally:
        os._exit(code)


def _waited(ended: dict[int, int], wait: int, seconds: float) -> int | None:
    give_up = time.monotonic() + seconds
    while wait not in ended:
        pid, status = os.waitpid(wait, os.WNOHANG)
        if pid:
            ended[pid] = os.waitstatus_to_exitcode(status)
        elif time.monotonic() >= give_up:
            return None
        else:
            time.sleep(0.01)
    return ended[wait]


def work(database: str, emulator: str, crash_point: str, plan: str) -> int:
    """A worker's whole life."""
    os.environ["ONETAP_FAULTPOINT"] = crash_point
    importlib.reload(crash_points)  # it reads its wish when the program starts
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    db = Database(database)
    drawn = Path(tempfile.gettempdir(), "onetap-workers")
    runtime = runtime_on(db, emulator, corp(), lambda: datetime.now(UTC), PosterPool(1), drawn)
    queue = Queue(runtime)
    db.offer = queue.offer
    queue.start()
    plans = [one for one in JOBS if one.name == plan]
    clockwork = timetable.start(runtime, queue, plans) if plans else None
    while not stopped.wait(0.5):  # a signal right after SIGCONT may go to another thread, and wakes nobody
        pass
    if clockwork:
        clockwork.stop()
    queue.stop(20)
    runtime.posters.close()
    db.close()
    return 0


if __name__ == "__main__":
    main()
