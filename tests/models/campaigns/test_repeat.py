"""On which days a campaign comes again: zones that change their clocks, short months, workdays."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from models.campaigns import repeat
from models.campaigns.repeat import Every, Repeat
from models.public_holidays import Workdays

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
PUBLIC = Workdays({})
"""As the library knows them, where HQ added none"""


def at(text, zone=SHANGHAI):
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def days(rule, first, zone=SHANGHAI, most=5, workdays=PUBLIC):
    found = repeat.upcoming(rule, at(first, zone), zone, workdays, at("2000-01-01"), most)
    return [f"{one.astimezone(zone):%Y-%m-%d %H:%M}" for one in found]


def test_daily_and_weekly_keep_the_hour():
    assert days(Repeat(every=Every.DAY), "2026-12-30 10:00", most=3) == [
        "2026-12-30 10:00", "2026-12-31 10:00", "2027-01-01 10:00",
    ]  # fmt: skip
    assert days(Repeat(every=Every.WEEK, weekdays=[0, 3]), "2026-11-19 10:00", most=3) == [
        "2026-11-19 10:00", "2026-11-23 10:00", "2026-11-26 10:00",
    ]  # fmt: skip


def test_a_program_may_begin_between_two_seconds():
    first = at("2026-12-30 10:00:00.250000")
    assert repeat.complaints(Repeat(every=Every.DAY), first, SHANGHAI, PUBLIC) == {}


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ("2027-12-31 10:00", ["12-31", "01-31", "02-29", "03-31", "04-30"]),
        ("2026-12-29 10:00", ["12-29", "01-29", "02-28", "03-29", "04-29"]),
        ("2026-12-15 00:00", ["12-15", "01-15", "02-15", "03-15", "04-15"]),
    ],
    ids=["the 31st in a leap year", "the 29th", "midnight"],
)
def test_a_month_without_that_day_has_it_at_its_end_E05(first, expected):
    assert [one[5:10] for one in days(Repeat(every=Every.MONTH), first)] == expected


def test_an_hour_that_is_left_out_is_one_later_and_of_one_that_comes_twice_the_first_counts_E04():
    spring = repeat.upcoming(
        Repeat(every=Every.DAY), at("2027-03-27 02:30", BERLIN), BERLIN, PUBLIC, at("2000-01-01"), 3
    )
    assert [one.isoformat()[5:16] for one in spring] == ["03-27T01:30", "03-28T01:30", "03-29T00:30"]
    autumn = repeat.upcoming(
        Repeat(every=Every.DAY), at("2026-10-24 02:30", BERLIN), BERLIN, PUBLIC, at("2000-01-01"), 3
    )
    assert [one.isoformat()[5:16] for one in autumn] == ["10-24T00:30", "10-25T00:30", "10-26T01:30"]


def test_only_workdays_leaves_holidays_and_hq_s_days_off_out_and_takes_the_saturday_that_makes_up_E05():
    assert [one[5:10] for one in days(Repeat(every=Every.DAY, workdays=True), "2026-09-30 10:00")] == [
        "09-30", "10-08", "10-09", "10-10", "10-12",
    ]  # fmt: skip
    inventory = Workdays({date(2026, 10, 9): False})
    daily = Repeat(every=Every.DAY, workdays=True)
    assert [one[5:10] for one in days(daily, "2026-10-08 10:00", most=2, workdays=inventory)] == [
        "10-08", "10-10",
    ]  # fmt: skip


def test_it_ends_by_day_or_by_number():
    assert len(days(Repeat(every=Every.DAY, until=date(2026, 12, 3)), "2026-12-01 10:00", most=9)) == 3
    assert len(days(Repeat(every=Every.DAY, count=4), "2026-12-01 10:00", most=9)) == 4


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (Repeat(every=Every.WEEK, weekdays=[7]), "repeat.weekdays"),
        (Repeat(every=Every.MONTH, month_day=32), "repeat.month_day"),
        (Repeat(every=Every.DAY, until=date(2026, 12, 9), count=3), "repeat.until"),
        (Repeat(every=Every.DAY, count=1), "repeat.count"),
        (Repeat(every=Every.WEEK, weekdays=[0]), "launch_at"),
        (Repeat(every=Every.DAY, until=date(2026, 11, 19)), "repeat.until"),
    ],
    ids=["eighth weekday", "the 32nd", "two ends", "once", "first on another day", "over at once"],
)
def test_what_makes_no_sense_is_refused_by_field(rule, field):
    assert list(repeat.complaints(rule, at("2026-11-19 10:00"), SHANGHAI, PUBLIC)) == [field]


def test_the_rule_is_said_in_words():
    rule = Repeat(every=Every.WEEK, weekdays=[3, 0], workdays=True, until=date(2026, 12, 31))
    assert repeat.words(rule, at("2026-11-19 10:00"), SHANGHAI) == (
        "每周一、周四 10:00，只在工作日，放假那天跳过，调休上班那天照发，到 2026-12-31 为止"
    )
