"""Programs under measurement: their last words, their environment, their end."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ops.bench.machine import family
from ops.bench.programs import BenchProgram, DidNotWork
from tests.waiting import PATIENCE, until

pytestmark = [pytest.mark.long, pytest.mark.timeout(240)]


def test_a_program_that_dies_is_told_with_its_last_words(tmp_path):
    program = BenchProgram("short", ["-c", "raise SystemExit('no such port')"], tmp_path)
    with pytest.raises(DidNotWork, match="short.*no such port"):
        program.until(lambda: False, PATIENCE, "回答")


def test_our_own_settings_do_not_reach_what_is_measured(tmp_path, monkeypatch):
    monkeypatch.setenv("ONETAP_DATABASE_URL", "postgresql://real")
    code = "import os; print([key for key in os.environ if key.startswith('ONETAP_')])"
    program = BenchProgram("looks", ["-c", code], tmp_path, {"ONETAP_DEMO": "true"})
    program.running.wait(PATIENCE)
    assert program.said().strip() == "['ONETAP_DEMO']"


def test_ctrl_c_leaves_no_process_and_no_folder(tmp_path):
    command = [sys.executable, "server.py", "bench", "start", "--quick"]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    # a background shell hands down an ignored one
    bench = subprocess.Popen(
        command,
        env=environment,
        cwd=Path(__file__).parents[3],
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    until(
        lambda: (
            list(tmp_path.glob("onetap-bench-*/start/var/demo/onetap.sqlite3")) or bench.poll() is not None
        )
    )
    started = family(bench.pid)
    assert len(started) >= 2
    bench.send_signal(2)
    assert bench.wait(PATIENCE) != 0
    assert list(tmp_path.glob("onetap-bench-*")) == []
    assert [pid for pid in started if Path(f"/proc/{pid}").exists()] == []
