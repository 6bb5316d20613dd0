"""Servers that the tests start for themselves, each private and on a free port, and where Chromium is."""

import getpass
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import NoReturn

import psycopg
import pytest
import redis

from tests.waiting import PATIENCE

PORTS = range(20_000, 32_768)
"""Below those that Linux gives to whoever connects without asking for one."""
MEMORY_BYTES = 4 * 1024**3
"""So much must be free before temporary files are kept in memory."""
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=zh-CN",
]
"""Chromium of its own accord asks for updates and certificates: none of that in a test."""
POSTGRES_SETTINGS = [
    "--listen_addresses=127.0.0.1",
    "--unix_socket_directories=",
    "--max_connections=200",
    "--fsync=off",
    "--synchronous_commit=off",
    "--full_page_writes=off",
    "--autovacuum=off",
]
"""The cluster is thrown away at the end: it need not survive a power cut."""


def prefer_memory() -> None:
    """Temporary files in memory, where there is plenty of it: on a disk SQLite waits for every commit."""
    memory = Path("/dev/shm")
    if "TMPDIR" in os.environ or not os.access(memory, os.W_OK):
        return
    room = os.statvfs(memory)
    if room.f_bavail * room.f_frsize >= MEMORY_BYTES and not room.f_flag & os.ST_NOEXEC:
        os.environ["TMPDIR"] = tempfile.tempdir = str(memory)


def missing(what: str) -> NoReturn:
    """Skip with the reason; on CI nothing may be skipped, so there it fails."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing, and CI may skip nothing (see tests/setup.sh)")
    pytest.skip(f"{what} is not on this machine")


def free_port() -> int:
    """Nobody listens there, and none of the many outgoing connections gets it before it is used, or after a restart."""
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def find_chromium() -> str:
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if name and (path := shutil.which(name))), "")


def find_postgres() -> Path | None:
    """The folder of initdb and postgres: Debian keeps it off the path."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda each: -int(each.parent.name))
    found = shutil.which("initdb")
    candidates = [*([Path(found).resolve().parent] if found else []), *debian]
    return next((folder for folder in candidates if (folder / "postgres").exists()), None)


@contextmanager
def postgres_server() -> Iterator[str]:
    """A cluster in a temporary folder, without fsync, on loopback only; yields its URL."""
    folder = find_postgres() or missing("a PostgreSQL server")
    # PostgreSQL refuses to run as root: then it runs as the user that its package made.
    user = "postgres" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="onetap-postgres-", ignore_cleanup_errors=True) as place:
        if user:
            shutil.chown(place, user)
        data, port = f"{place}/data", free_port()
        made = subprocess.run(
            [folder / "initdb", "-D", data, "-U", "onetap", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
            user=user,
            extra_groups=[] if user else None,
            cwd=place,
            capture_output=True,
            text=True,
        )
        assert made.returncode == 0, made.stderr
        settings = [f"--port={port}", *POSTGRES_SETTINGS]
        with open(f"{place}/log", "wb") as log:
            server = subprocess.Popen(
                [folder / "postgres", "-D", data, *settings],
                user=user,
                extra_groups=[] if user else None,
                cwd=place,
                stdout=log,
                stderr=log,
            )
        with stopping(server, signal.SIGQUIT):
            address = f"onetap@127.0.0.1:{port}/postgres"
            connect = partial(psycopg.connect, f"postgresql://{address}")
            wait_for(server, lambda: connect().close(), psycopg.OperationalError)
            yield f"postgresql+psycopg://{address}"


@contextmanager
def redis_server() -> Iterator[str]:
    """A Redis that writes nothing to disk; yields its URL."""
    program = shutil.which("redis-server") or missing("a Redis server")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="onetap-redis-") as place:
        server = subprocess.Popen(
            [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", place],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        with stopping(server, signal.SIGTERM):
            url = f"redis://127.0.0.1:{port}/0"
            wait_for(server, lambda: empty_redis(url), redis.exceptions.ConnectionError)
            yield url


def empty_redis(url: str) -> None:
    with redis.Redis.from_url(url) as connection:
        connection.flushall()


@contextmanager
def stopping(server: subprocess.Popen[bytes], by: signal.Signals) -> Iterator[None]:
    try:
        yield
    finally:
        server.send_signal(by)
        server.wait(PATIENCE)


def wait_for(server: subprocess.Popen[bytes], ready: Callable[[], object], not_yet: type[Exception]) -> None:
    """Until ready() no longer raises; a server that died or needs too long ends the test with its name."""
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            ready()
            return
        except not_yet:
            program = Path(str(server.args[0])).name  # type: ignore[index]
            assert server.poll() is None, f"{program} stopped with {server.returncode} ({getpass.getuser()})"
            assert time.monotonic() < give_up, f"{program} did not answer within {PATIENCE:.0f} s"
            time.sleep(0.05)
