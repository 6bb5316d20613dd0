"""What the demo and failing jobs weigh."""

import pytest

from ops.bench import memory, start
from ops.bench.report import Report
from tests.ops.bench.said import lines

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(240)]


def test_a_demo_is_watched_and_started_twice(tmp_path, capsys):
    with memory.Demo(tmp_path / "demo") as running:
        first = running.until_it_serves()
        memory.demo(Report(), running, 5)
    start.again(Report(), tmp_path / "demo", first)
    watched, started = lines(capsys)
    assert "演示全部进程合计" in watched and "第二次启动" in started


def test_failing_jobs_are_compared_with_the_brokers_own_memory(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("ops.bench.memory.MOST_GROWTH", 10**12)
    memory.failing(Report(), tmp_path, memory.MemorySize(jobs=200, stub_jobs=100))
    assert lines(capsys)[0].startswith("✓ 200 个失败的任务后")
