"""The contact budget is measured where sets and rows give the same answer."""

from ops.bench import budget
from ops.bench.report import Report
from ops.bench.retailer import RetailerSize
from tests.ops.bench.said import lines


def test_sets_and_rows_find_the_same_people(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(budget, "FLOOR", 0)
    report = Report()
    budget.measure(report, tmp_path, RetailerSize(guides=10, friends=30))
    said = lines(capsys)[0]
    assert report.broken == 0 and "300 位客户、60 个活动" in said
