"""Days, weeks and months of the platform are Chinese ones."""

from datetime import UTC, datetime

import pytest

from emulator.clock import day_of, iso, month_of, week_of


def at(*when: int) -> float:
    return datetime(*when, tzinfo=UTC).timestamp()


@pytest.mark.parametrize("now", [at(2026, 11, 30, 16), at(2026, 12, 31, 15, 59, 59)])
def test_december_begins_at_midnight_in_china(now):
    assert month_of(now) == (at(2026, 11, 30, 16), at(2026, 12, 31, 16), 31)


@pytest.mark.parametrize(("year", "days"), [(2027, 28), (2028, 29)])
def test_february_is_as_long_as_its_year_wants(year, days):
    first, after, length = month_of(at(year, 2, 10))
    assert (length, (after - first) / 86_400) == (days, days)


def test_a_day_and_a_week_hold_their_first_second_and_not_their_last():
    sunday = at(2026, 11, 22, 15, 59, 59)
    assert day_of(sunday) == (at(2026, 11, 21, 16), at(2026, 11, 22, 16))
    assert week_of(sunday) == (at(2026, 11, 15, 16), at(2026, 11, 22, 16))
    assert week_of(sunday + 1)[0] == at(2026, 11, 22, 16)


def test_a_moment_is_written_down_with_its_zone():
    assert iso(at(2026, 11, 19, 2, 8)) == "2026-11-19T02:08:00.000+00:00"
