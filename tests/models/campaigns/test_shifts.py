"""When a guide is on shift, and which work period a moment belongs to."""

from datetime import timedelta

import pytest

from models import preferences
from models.campaigns import shifts
from models.org import opening
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


def test_she_is_on_shift_while_her_store_is_open_else_while_the_brand_is(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        preferences.change(session, "周岚", NOW, opens="10:30", closes="20:00")
        opening.change(session, session.merge(sqlite_people.zhongjie), "9:00", "21:00", "周岚", NOW)
        assert shifts.on_shift_from(session, sqlite_people.wang, NOW, ZONE) == NOW
        later = shifts.on_shift_from(session, sqlite_people.zhou, NOW, ZONE)
    assert later == NOW.replace(hour=2, minute=30)


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
