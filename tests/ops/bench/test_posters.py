"""Posters drawn with and without us, what they take on a disk, and their codes."""

from ops.bench import posters
from ops.bench.report import Report
from tests.ops.bench.said import lines


def test_posters_are_drawn_all_three_ways_kept_and_read(capsys):
    posters.measure(Report(), posters.PosterSize(rounds=1, kept=12, codes=3))
    drawn, kept, read = lines(capsys)
    assert "× 直接用 Pillow" in drawn and "× 底图留在内存里的 Pillow" in drawn
    assert "12 位导购" in kept and "认错或认不出 0 个" in read


def test_no_two_guides_of_the_measurement_are_alike():
    people = posters.guides()
    assert len({next(people) for _ in range(2000)}) == 2000
