"""Assignment is measured from several processes at once, and says how evenly friends are spread."""

from ops.bench import assignment
from ops.bench.report import Report
from tests.ops.bench.said import lines


def test_friends_of_four_processes_are_spread_evenly_and_counted(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(assignment, "FLOOR", 0)
    report = Report()
    assignment.measure(report, tmp_path, assignment.AssignmentSize(stores=3, guides=2, scans=24))
    even, fast = lines(capsys)
    assert report.broken == 0
    assert (
        "最多差 0 位" in even
        and "最多差 0 次" in even
        and "3 家店、各 24 次、4 个进程" in even
        and "每秒" in fast
    )
