"""How numbers and times are said: in the shop's time, without an invented number."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from pages.web import formatting
from tests.pages.conftest import Console

EVENING = datetime(2026, 11, 19, 15, 50, tzinfo=UTC)
"""23:50 in Shanghai, where the next day begins before it does in London."""


@pytest.fixture
def asked(bare: Console) -> Iterator[Console]:
    bare.clock.now = EVENING
    with bare.app.test_request_context("/console/"):
        yield bare


def test_a_number_that_does_not_exist_is_a_dash_and_never_a_nought() -> None:
    dashes = [
        formatting.count(None),
        formatting.percent(0, 0),
        formatting.seconds(None),
        formatting.clock(None),
        formatting.moment(None),
    ]
    assert set(dashes) == {"—"}
    assert (formatting.count(0), formatting.percent(0, 3)) == ("0", "0.0%")
    assert (formatting.count(1248), formatting.count(-1248)) == ("1,248", "−1,248")


@pytest.mark.parametrize(
    ("value", "words"), [(0.804, "0.80 秒"), (1.0, "1.0 秒"), (59.94, "59.9 秒"), (74.6, "75 秒")]
)
def test_short_times_are_said_more_exactly(value: float, words: str) -> None:
    assert formatting.seconds(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (timedelta(seconds=59), "0 分钟"),
        (timedelta(hours=3, minutes=28), "3 小时 28 分"),
        (timedelta(days=2, hours=5, minutes=59), "2 天 5 小时"),
        (timedelta(minutes=-5), "0 分钟"),
    ],
)
def test_what_is_left_is_never_less_than_nothing(value: timedelta, words: str) -> None:
    assert formatting.duration(value) == words


@pytest.mark.parametrize(
    ("later", "words"),
    [
        (timedelta(0), "今天 23:50"),
        (timedelta(minutes=10), "明天 00:00"),
        (-timedelta(hours=24), "昨天 23:50"),
        (timedelta(days=2), "11 月 21 日 23:50"),
        (timedelta(days=50), "2027 年 1 月 8 日 23:50"),
    ],
)
def test_today_ends_at_the_shops_midnight(asked: Console, later: timedelta, words: str) -> None:
    assert formatting.moment(EVENING + later) == words


def test_a_time_of_a_row_without_a_zone_is_utc(asked: Console) -> None:
    assert formatting.clock_millis(EVENING.replace(tzinfo=None, microsecond=7000)) == "23:50:00.007"


def test_english_says_days_in_its_own_way(bare: Console) -> None:
    bare.clock.now = EVENING
    with bare.app.test_request_context("/console/", headers={"Cookie": "onetap_language=en"}):
        assert formatting.moment(EVENING + timedelta(days=50)) == "2027 Jan 8 23:50"
        assert formatting.weekday(EVENING) not in formatting.WEEKDAYS


def test_even_the_smallest_file_has_a_size() -> None:
    assert [formatting.size(n) for n in (0, 1500, 1_048_575, 1_572_864, 8_388_608)] == [
        "1 KB",
        "1 KB",
        "1024 KB",
        "1.5 MB",
        "8 MB",
    ]


def test_whoever_has_no_name_has_a_sign_all_the_same() -> None:
    assert [formatting.initial(name) for name in ("王芳", " anna", "", "  ")] == ["王", "A", "?", "?"]
