"""The launch is measured on what it really froze, beside the same recipients as rows."""

from ops.bench import launch
from ops.bench.report import Report
from ops.bench.retailer import RetailerSize
from tests.ops.bench.said import lines


def test_recipients_are_compared_with_the_same_number_of_rows(capsys, tmp_path, database, monkeypatch):
    monkeypatch.setattr(launch, "FLOOR", {"sqlite": 0, "postgresql": 0})
    report = Report()
    launch.measure(report, tmp_path, RetailerSize(guides=7, friends=5), database.url)
    said = lines(capsys)
    assert "35 位" in said[0] and "7 件任务" in said[1] and "内存" in said[2]
