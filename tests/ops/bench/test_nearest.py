"""The nearest store is measured where the map and the loop give the same answers."""

from ops.bench import nearest
from ops.bench.report import Report
from tests.ops.bench.said import lines


def test_map_and_loop_find_the_same_stores(capsys, monkeypatch):
    monkeypatch.setattr(nearest, "FLOOR", 0)
    monkeypatch.setattr(nearest, "STORES", 500)
    report = Report()
    nearest.measure(report, 60)
    assert report.broken == 0 and "答案不同 0 次" in lines(capsys)[0]
