"""The supervisor keeps processes alive, gives them the socket, and goes down in order."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ops import supervisor
from tests.waiting import PATIENCE, until

SCRIPT = supervisor.__file__
SERVE = (
    "import os, socket, sys\n"
    "listening = socket.socket(fileno=int(sys.argv[1]))\n"
    "while True:\n"
    "    line, _ = listening.accept()\n"
    "    said = line.recv(100)\n"
    "    os._exit(9) if said == b'die' else line.sendall(str(os.getpid()).encode())\n"
    "    line.close()\n"
)


@pytest.fixture
def listening():
    made = socket.create_server(("127.0.0.1", 0))
    made.set_inheritable(True)
    yield made
    made.close()


def start(programs: list[dict], listening: socket.socket) -> subprocess.Popen:
    plan, writing = os.pipe()
    os.write(writing, json.dumps(programs).encode())
    os.close(writing)
    command, passed = [sys.executable, "-P", SCRIPT, str(plan)], [listening.fileno(), plan]
    try:
        return subprocess.Popen(command, pass_fds=passed, stderr=subprocess.PIPE, text=True)
    finally:
        os.close(plan)


def server(listening: socket.socket) -> dict:
    number = listening.fileno()
    return {
        "name": "web",
        "command": [sys.executable, "-c", SERVE, str(number)],
        "inherits": [number],
        "environment": {},
    }


def ask(listening: socket.socket, words: bytes = b"who") -> str:
    with socket.create_connection(listening.getsockname(), timeout=PATIENCE) as line:
        line.sendall(words)
        return line.recv(100).decode()


def test_a_killed_process_comes_back_on_the_same_socket_and_nobody_is_refused(listening: socket.socket):
    running = start([server(listening)], listening)
    first = ask(listening)
    ask(listening, b"die")
    second = ask(listening)  # waits in the socket's queue until the next process takes it
    assert first != second
    running.terminate()
    assert running.wait(PATIENCE) == 0
    assert "重启" in running.stderr.read()
    running.stderr.close()


def test_a_refused_configuration_ends_everything_with_2(listening: socket.socket):
    refuses = {
        "name": "bad",
        "command": [sys.executable, "-c", "raise SystemExit(2)"],
        "inherits": [],
        "environment": {},
    }
    running = start([server(listening), refuses], listening)
    assert running.wait(PATIENCE) == 2
    running.stderr.close()


def test_children_end_with_their_supervisor(listening: socket.socket):
    running = start([server(listening)], listening)
    child = int(ask(listening))
    os.kill(running.pid, signal.SIGKILL)
    running.wait(PATIENCE)
    cmdline = Path(f"/proc/{child}/cmdline")
    until(lambda: not cmdline.exists() or not cmdline.read_bytes())
    running.stderr.close()


def test_ctrl_c_stops_the_processes_in_reverse_order(tmp_path: Path, listening: socket.socket):
    wait = (
        "import signal, sys, time\n"
        "def leave(*_):\n    open(sys.argv[1], 'a').write(sys.argv[2]); sys.exit()\n"
        "signal.signal(signal.SIGTERM, leave); open(sys.argv[1] + sys.argv[2], 'w').close(); time.sleep(600)\n"
    )
    book = str(tmp_path / "book")
    commands = {name: [sys.executable, "-c", wait, book, name] for name in "ab"}
    programs = [
        {"name": name, "command": command, "inherits": [], "environment": {}}
        for name, command in commands.items()
    ]
    running = start(programs, listening)
    until(lambda: all(Path(book + name).exists() for name in "ab"))
    running.send_signal(signal.SIGINT)
    assert running.wait(PATIENCE) == 0
    assert Path(book).read_text() == "ba"
    running.stderr.close()


def test_what_a_program_is_told_stands_in_no_argument(listening: socket.socket):
    """Everybody on the machine can read those."""
    telling = {**server(listening), "environment": {"ONETAP_SECRET_KEY": "hush"}}
    running = start([telling], listening)
    ask(listening)
    shown = Path(f"/proc/{running.pid}/cmdline").read_bytes()
    running.terminate()
    running.wait(PATIENCE)
    running.stderr.close()
    assert b"supervisor.py" in shown and b"hush" not in shown
