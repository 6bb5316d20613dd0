"""Which work period a moment belongs to, and how many cards a day brings."""

from datetime import timedelta

import pytest

from models.campaigns import shifts
from models.preferences import AT_ONCE, BY_DAY, HALF_DAYS
from tests.cast import NOW, ZONE

NOON = NOW.replace(hour=5, minute=59, second=59)


def test_half_days_part_at_two_in_the_afternoon_local_time():
    seconds = (timedelta(), timedelta(seconds=1), timedelta(hours=11))
    assert [shifts.period(NOON + one, ZONE, HALF_DAYS) for one in seconds] == [
        "2026-11-19.a",
        "2026-11-19.b",
        "2026-11-20.a",
    ]


@pytest.mark.parametrize("rhythm", [HALF_DAYS, BY_DAY, AT_ONCE])
@pytest.mark.parametrize("hours", [0, 3, 5, 13])
def test_the_next_period_is_another_one_and_begins_at_once_after_this(rhythm, hours):
    at = NOW + timedelta(hours=hours)
    begins = shifts.next_period(at, ZONE, rhythm)
    before = begins - timedelta(seconds=1)
    assert shifts.period(before, ZONE, rhythm) == shifts.period(at, ZONE, rhythm)
    assert shifts.period(begins, ZONE, rhythm) != shifts.period(at, ZONE, rhythm)


@pytest.mark.parametrize(
    ("rhythm", "urgent", "cards"),
    [
        (HALF_DAYS, False, [1, 2, 2]),
        (BY_DAY, False, [1, 1, 1]),
        (BY_DAY, True, [1, 2, 2]),
        (AT_ONCE, False, [1, 2, 3]),
    ],
)
def test_one_card_per_period_and_one_more_at_most_for_what_is_urgent(rhythm, urgent, cards):
    assert [shifts.cards_of_a_day(tasks, rhythm, urgent=urgent) for tasks in (1, 2, 3)] == cards
