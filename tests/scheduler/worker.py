"""A worker process for tests: the queue and, if asked, the timetable, until it is killed or told to stop.

Usage: python -m tests.scheduler.worker DATABASE_URL EMULATOR_URL [--redis URL] [--plan NAME] [--seconds N]
"""

import argparse
import signal
import sys
import threading
from datetime import UTC, datetime

from models.db import Database
from posters.pool import PosterPool
from scheduler import JOBS, timetable
from scheduler.queue import Queue
from tests.scheduler.conftest import runtime_on
from tests.wecom_world import corp
from wecom.windows import Windows


def main() -> int:
    asked = argparse.ArgumentParser()
    asked.add_argument("database")
    asked.add_argument("emulator")
    asked.add_argument("--redis", default="")
    asked.add_argument("--plan", default="")
    args = asked.parse_args()
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    database = Database(args.database)
    windows = Windows(args.redis or "memory://")
    runtime = runtime_on(
        database, args.emulator, corp(), lambda: datetime.now(UTC), PosterPool(1), windows=windows
    )
    queue = Queue(runtime, embedded=not args.redis, redis_url=args.redis)
    database.offer = queue.offer
    queue.start()
    plans = [plan for plan in JOBS if plan.name == args.plan]
    clockwork = timetable.start(runtime, queue, plans) if plans else None
    print("at work", flush=True)
    stopped.wait()
    if clockwork:
        clockwork.stop()
    queue.stop(20)
    runtime.posters.close()
    database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
