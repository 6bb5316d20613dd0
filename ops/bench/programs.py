"""Starts the programs that are measured, with what they print kept in a file, and ends them whatever happens."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

import requests

from ops.supervisor import die_with_parent
from settings import PREFIX

ROOT = Path(__file__).resolve().parents[2]
SERVER = str(ROOT / "server.py")
STOP_SECONDS = 20


class DidNotWork(Exception):
    """A program that was to be measured did not start or not finish; the text says what it printed last."""


class BenchProgram:
    """One running process in `folder`. Our own ONETAP_ variables never reach it: it gets exactly `settings`."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        folder: Path,
        settings: dict[str, str] | None = None,
        inherits: Sequence[int] = (),
    ) -> None:
        self.name, self.printed = name, folder / f"{name}.log"
        clean = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
        with self.printed.open("wb") as out:
            self.running = subprocess.Popen(
                [sys.executable, *command],
                cwd=folder,
                env={**clean, **(settings or {}), "PYTHONPATH": str(ROOT)},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                pass_fds=tuple(inherits),
                preexec_fn=die_with_parent,
            )

    @property
    def pid(self) -> int:
        return self.running.pid

    def said(self) -> str:
        return self.printed.read_text(encoding="utf-8", errors="replace")

    def until(self, ready: Callable[[], bool], seconds: float, what: str) -> None:
        """Wait for something that this program has to bring about."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self.running.poll() is not None:
                raise DidNotWork(f"{self.name} 停了（{self.running.returncode}）：{self.said()[-2000:]}")
            if time.monotonic() > deadline:
                raise DidNotWork(f"{self.name} 等了 {seconds:.0f} 秒还没有{what}：{self.said()[-2000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """As an operator would; killed when it does not listen."""
        if self.running.poll() is None:
            self.running.send_signal(signal.SIGTERM)
        try:
            self.running.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.running.kill()
            self.running.wait()

    def __enter__(self) -> "BenchProgram":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def answers(url: str, status: int = 200) -> bool:
    """Does somebody give this answer there?"""
    try:
        return requests.get(url, timeout=2).status_code == status
    except requests.RequestException:
        return False
