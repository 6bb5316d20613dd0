"""Keeps the program's processes alive: starts them in order, restarts what dies, stops them in reverse.

Uses the standard library only, so that the parent of everything stays small: `python -P ops/supervisor.py DESCRIPTOR`.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

STOP_SECONDS = 20
"""How long a stopping process may take before it is killed."""
FIRST_WAIT, LONGEST_WAIT = 0.2, 10.0
"""Seconds before a restart; doubled while a process keeps dying within a minute."""
PR_SET_PDEATHSIG = 1


@dataclass
class Program:
    """One process to keep alive. `inherits` are file descriptors that it gets from us (the listening socket)."""

    name: str
    command: list[str]
    inherits: list[int] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)

    def start(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            self.command,
            env={**os.environ, **self.environment},
            pass_fds=self.inherits,
            preexec_fn=die_with_parent,
        )


def die_with_parent() -> None:
    """Linux: when the supervisor is killed outright, its children get a SIGTERM; own group, so that Ctrl-C reaches only us."""
    os.setpgid(0, 0)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


class Supervisor:
    """Runs programs until it is told to stop or one of them refuses its configuration (exit 2)."""

    def __init__(self, programs: list[Program]) -> None:
        self.programs = programs
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self._started: dict[str, float] = {}
        self._wait: dict[str, float] = {}
        self._stopping = False

    def run(self) -> int:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        code = 0
        for program in self.programs:
            self._start(program)
        while not self._stopping:
            time.sleep(0.1)
            for program in self.programs:
                ended = self.running[program.name].poll()
                if ended is None or self._stopping:
                    continue
                if ended == 2:
                    self._stopping, code = True, 2
                    break
                self._restart(program, ended)
        self._stop_all()
        return code

    def _start(self, program: Program) -> None:
        self._started[program.name] = time.monotonic()
        self.running[program.name] = program.start()

    def _restart(self, program: Program, ended: int) -> None:
        lived = time.monotonic() - self._started[program.name]
        wait = (
            FIRST_WAIT if lived > 60 else min(LONGEST_WAIT, self._wait.get(program.name, FIRST_WAIT / 2) * 2)
        )
        self._wait[program.name] = wait
        print(f"{program.name} 停了（{ended}），{wait:.1f} 秒后重启", file=sys.stderr, flush=True)
        time.sleep(wait)
        if not self._stopping:
            self._start(program)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _stop_all(self) -> None:
        deadline = time.monotonic() + STOP_SECONDS
        for program in reversed(self.programs):
            process = self.running.get(program.name)
            if process is None or process.poll() is not None:
                continue
            process.terminate()
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def replace_process(programs: list[Program]) -> None:
    """Turn this process into the supervisor of `programs`: same process id, a tenth of the memory."""
    for number in {number for program in programs for number in program.inherits}:
        os.set_inheritable(number, True)
    plan, writing = os.pipe()
    os.write(writing, json.dumps([vars(program) for program in programs]).encode())
    os.close(writing)
    os.set_inheritable(plan, True)
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-P", __file__, str(plan)])


def main(number: str) -> int:
    """`number` is the descriptor that holds the plan: it may name secrets, and everybody can read arguments."""
    with open(int(number), encoding="utf-8") as written:
        plan: list[dict[str, Any]] = json.load(written)
    return Supervisor([Program(**fields) for fields in plan]).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
