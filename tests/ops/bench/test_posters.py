"""Posters drawn with and without us."""

from ops.bench import posters
from ops.bench.report import Report
from tests.ops.bench.said import lines


def test_posters_are_drawn_both_ways(capsys):
    posters.measure(Report(), rounds=1)
    assert "× 直接用 Pillow" in lines(capsys)[0]
