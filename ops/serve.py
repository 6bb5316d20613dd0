"""One process of the program at work: migrate, queue, web, timetable; and the reverse when it stops."""

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from ops import administration, backup
from ops.sockets import address
from ops.web_server import web_server
from ops.wiring import Parts
from scheduler import JOBS, timetable
from settings import BadConfiguration, Settings

STOP_SECONDS = 15.0
NICE = -5
"""Where the system lets us: the platform gives up after 5 seconds, other programs of this machine can wait."""
SWITCH_SECONDS = 0.001
"""So long a thread may compute while others wait. A callback waits several times; Python's own 5 ms add up."""


class Stopping(SystemExit):
    """SIGTERM or Ctrl-C arrived (a SystemExit, because the web server passes those on)."""


def serve(app: Flask, parts: Parts, listening: socket.socket) -> None:
    """All roles in this process until SIGTERM: the embedded mode."""
    _go_first()
    _stop_on_signal()
    server = web_server(app, listening)
    try:
        administration.upgrade(parts)
        backup.finish_interrupted(parts.db, parts.runtime.clock())
        administration.invite(parts)
        parts.queue.start()
        clockwork = timetable.start(parts.runtime, parts.queue, JOBS)
        print(f"listening on {address(listening)}", flush=True)
        try:
            server.run()
        finally:
            clockwork.stop()
            server.close()
    except Stopping:
        pass
    finally:
        _ignore_signals()
        parts.queue.stop(STOP_SECONDS)
        parts.runtime.posters.close()
        parts.db.close()


def answer(app: Flask, parts: Parts, listening: socket.socket) -> None:
    """Pages and callbacks alone: one process of `web` of the distributed mode, on a socket that it shares with others."""
    _go_first()
    server = web_server(app, listening)
    _until_stopped(server.run, server.close, parts)


def work(parts: Parts) -> None:
    """The queue alone: `worker` of the distributed mode."""
    _until_stopped(parts.queue.start, lambda: parts.queue.stop(STOP_SECONDS), parts)


def run_timetable(parts: Parts) -> None:
    """The timetable alone: `scheduler` of the distributed mode."""
    started: list[timetable.Timetable] = []
    _until_stopped(
        lambda: started.append(timetable.start(parts.runtime, parts.queue, JOBS)),
        lambda: started[0].stop(),
        parts,
    )


def require_distributed(settings: Settings) -> None:
    """Separate processes need a queue and a database that they can share."""
    if not settings.distributed:
        raise BadConfiguration(
            "web、worker、scheduler 要分开跑，先配 ONETAP_REDIS_URL；单机请用 python server.py run"
        )
    if settings.database_url.startswith("sqlite"):
        raise BadConfiguration(
            "web、worker、scheduler 要分开跑，ONETAP_DATABASE_URL 得是 postgresql+psycopg://…"
        )


def _until_stopped(start: Callable[[], None], stop: Callable[[], None], parts: Parts) -> None:
    _stop_on_signal()
    try:
        with suppress(SQLAlchemyError):  # not there yet: nothing can leave either
            backup.finish_interrupted(parts.db, parts.runtime.clock())
        start()
        threading.Event().wait()
    except Stopping:
        pass
    finally:
        _ignore_signals()
        stop()
        parts.runtime.posters.close()
        parts.db.close()


def _go_first() -> None:
    """Threads that are started from here on inherit it; posters are drawn behind everything."""
    sys.setswitchinterval(SWITCH_SECONDS)
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, NICE)


def _stop_on_signal() -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Stopping

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


def _ignore_signals() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
