"""One process of the program at work: migrate, queue, web, timetable; and the reverse when it stops."""

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from flask import Flask
from waitress.server import BaseWSGIServer, MultiSocketServer, create_server

from ops import administration
from ops.sockets import address
from ops.wiring import Parts
from pages.web.input_limits import MOST_BYTES
from scheduler import JOBS, timetable
from settings import BadConfiguration, Settings
from wecom.limits import MB

STOP_SECONDS = 15.0
WEB_THREADS = 16
SWITCH_SECONDS = 0.001
"""So long a thread may compute while others wait. A callback waits several times; Python's own 5 ms add up."""


class Stopping(SystemExit):
    """SIGTERM or Ctrl-C arrived (a SystemExit, because the web server passes those on)."""


def serve(app: Flask, parts: Parts, listening: socket.socket) -> None:
    """All roles in this process until SIGTERM: the embedded mode."""
    sys.setswitchinterval(SWITCH_SECONDS)
    _stop_on_signal()
    server = web_server(app, listening)
    try:
        administration.upgrade(parts)
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


def web_server(app: Flask, listening: socket.socket) -> BaseWSGIServer | MultiSocketServer:
    """Waitress on our socket: bounded bodies, a deadline for slow senders, more threads than slow pages."""
    return create_server(
        app,
        sockets=[listening],
        threads=WEB_THREADS,
        ident=None,
        max_request_body_size=MOST_BYTES + 4 * MB,  # what is a little too large is told so by a page of ours
        channel_timeout=30,
        clear_untrusted_proxy_headers=False,  # believed by nobody but ONETAP_TRUSTED_PROXIES,
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


def become_gunicorn(root: Path, host: str, port: int, workers: int) -> None:
    """Turn this process into gunicorn; every worker builds its own application after the fork."""
    command = [
        "-m",
        "gunicorn",
        "server:create_app()",
        "--chdir",
        str(root),
        "--bind",
        f"{host}:{port}",
        "--workers",
        str(workers),
        "--worker-class",
        "gthread",
        "--threads",
        str(WEB_THREADS),
        "--no-control-socket",
        "--graceful-timeout",
        "20",
        "--timeout",
        "60",
    ]
    print(f"listening on http://{host}:{port}", flush=True)
    os.execv(sys.executable, [sys.executable, *command])


def _until_stopped(start: Callable[[], None], stop: Callable[[], None], parts: Parts) -> None:
    _stop_on_signal()
    try:
        start()
        threading.Event().wait()
    except Stopping:
        pass
    finally:
        _ignore_signals()
        stop()
        parts.runtime.posters.close()
        parts.db.close()


def _stop_on_signal() -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Stopping

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


def _ignore_signals() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
