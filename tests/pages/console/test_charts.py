"""Charts: bars stand on one line, nothing above zero is invisible, nothing leaves the drawing."""

import pytest

from models.stats import HOURS, Arrivals, Welcomes
from pages.console.charts import HEIGHT, WIDTH, hour_axis, hour_bars, welcome_bars

DRAWN = 64
"""How high templates/console/charts.html draws."""


def arrivals(added: dict[int, int], lost: dict[int, int] | None = None) -> Arrivals:
    def hours(of: dict[int, int]) -> tuple[int, ...]:
        return tuple(of.get(hour, 0) for hour in range(HOURS))

    return Arrivals(hours(added), hours(lost or {}), week_ago=0)


def test_one_of_a_thousand_can_be_seen() -> None:
    chart = welcome_bars(Welcomes(tuple([0.5] * 1000 + [15.5])))
    many, one = chart.bars
    assert many.height == HEIGHT and one.height == 2.5
    assert [bar.y + bar.height for bar in chart.bars] == [HEIGHT, HEIGHT]
    assert (many.tone, one.tone) == ("strong", "")


def test_who_was_missed_stands_alone_behind_the_limit() -> None:
    in_time, missed = welcome_bars(Welcomes((19.9,), missed=3)).bars
    assert missed.tone == "bad" and missed.height == HEIGHT and in_time.height < HEIGHT
    assert in_time.x + in_time.width < missed.x and missed.x + missed.width <= WIDTH


def test_without_welcomes_there_are_no_bars_and_no_invented_seconds() -> None:
    chart = welcome_bars(Welcomes())
    assert chart.bars == () and "一半在 — 以内" in chart.label


@pytest.mark.parametrize(("added", "hour"), [({}, 0), ({}, 4), ({}, 10), ({2: 1}, 14), ({9: 5}, 23)])
def test_hours_run_from_the_first_friend_or_the_morning_to_now_at_the_right(
    added: dict[int, int], hour: int
) -> None:
    bars = hour_bars(arrivals(added), hour).bars
    assert len(bars) == hour + 1 - min([8, hour, *added])
    assert WIDTH - 6 < bars[-1].x + bars[-1].width <= WIDTH, "no hour that is still to come"
    assert max(bar.width for bar in bars) < WIDTH / 12 and min(bar.x for bar in bars) >= 0
    assert sum(bar.tone == "strong" for bar in bars) == len(added)
    marks = hour_axis(arrivals(added), hour)
    assert marks[-1] == (100.0, "现在", "end")
    assert [place for place, *_ in marks] == sorted(place for place, *_ in marks) and marks[0][0] >= 0


def test_lost_friends_hang_below_the_line_and_stay_in_the_drawing() -> None:
    chart = hour_bars(arrivals({9: 1}, {9: 400}), 12)
    [grey] = [bar for bar in chart.bars if bar.tone == "grey"]
    assert chart.base < grey.y and grey.y + grey.height <= DRAWN
