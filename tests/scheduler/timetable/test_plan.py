"""When a plan is due, by the local clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.timetable.plan import Plan
from tests.cast import ZONE
from tests.scheduler.plans import (
    SHANGHAI_10,
    Notebook,
    daily,
)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        # 02:30 exists twice on 25 October 2026: the first counts, once
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (datetime(2026, 10, 25, 1, 45, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        # and never on 29 March 2026: it runs when the clock has gone on to 03:30
        (datetime(2026, 3, 29, 12, 0, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
    ],
)
def test_a_zone_with_summer_time_E04(now, due):
    found = Plan("night", "夜里的事", Notebook(), daily="02:30").last_due(now, ZoneInfo("Europe/Berlin"))
    assert found == due


def test_shanghai_has_one_ten_oclock_a_day_E04():
    plan = daily(Notebook())
    assert plan.last_due(SHANGHAI_10, ZONE) == SHANGHAI_10
    assert plan.last_due(SHANGHAI_10 - timedelta(seconds=1), ZONE) == SHANGHAI_10 - timedelta(days=1)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (datetime(2028, 2, 29, 4, 0, tzinfo=UTC), datetime(2028, 2, 29, 2, 0, tzinfo=UTC)),
        (datetime(2027, 3, 1, 1, 59, tzinfo=UTC), datetime(2027, 2, 28, 2, 0, tzinfo=UTC)),
        (datetime(2027, 1, 1, 1, 59, tzinfo=UTC), datetime(2026, 12, 31, 2, 0, tzinfo=UTC)),
        (datetime(2027, 1, 1, 2, 0, tzinfo=UTC), datetime(2027, 1, 1, 2, 0, tzinfo=UTC)),
    ],
)
def test_the_leap_day_the_end_of_february_and_new_year_are_days_like_others_E05(now, due):
    assert daily(Notebook()).last_due(now, ZONE) == due
