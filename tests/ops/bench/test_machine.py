"""Processes are weighed with their children."""

import os

from ops.bench.machine import cpu_seconds, family, proportional_bytes
from ops.bench.programs import BenchProgram
from tests.waiting import PATIENCE


def test_processes_are_weighed_with_their_children(tmp_path):
    with BenchProgram("parent", ["-c", "import os, time; os.fork(); time.sleep(600)"], tmp_path) as program:
        program.until(lambda: len(family(program.pid)) == 2, PATIENCE, "孩子")
        assert family(program.pid)[0] == program.pid
        assert proportional_bytes(family(program.pid)) > proportional_bytes([program.pid]) > 100_000
        assert cpu_seconds(program.pid) >= 0
        for child in family(program.pid)[1:]:
            os.kill(child, 9)
