"""Rates as moving windows: the same promises in this process and in Redis."""

import threading
from datetime import timedelta

import pytest

from models.ledger.channels import CHANNELS
from wecom.rate_limits import NOT_FILLED_SECONDS, RATES, RateLimits

WINDOW = 61
"""The platform's minute and our second of slack"""


@pytest.fixture(params=["memory", "redis"])
def new_windows(request):
    url = "memory://" if request.param == "memory" else request.getfixturevalue("redis_url")
    made = []

    def make():
        made.append(RateLimits(url))
        return made[-1]

    yield make
    for windows in made:
        windows.close()


@pytest.fixture
def windows(new_windows):
    made = new_windows()
    made.refilled()
    return made


def test_a_robot_sends_twenty_and_then_waits_until_the_first_is_a_minute_old(windows, clock):
    start = clock.now
    for _ in range(20):
        assert windows.take("robot", "key-1", clock.now) == 0.0
        clock.move(seconds=1)
    assert windows.take("robot", "key-1", clock.now) == pytest.approx(WINDOW - 20, abs=0.01)
    assert windows.take("robot", "key-2", clock.now) == 0.0
    clock.now = start + timedelta(seconds=WINDOW + 0.5)
    assert windows.take("robot", "key-1", clock.now) == 0.0
    assert windows.take("robot", "key-1", clock.now) == pytest.approx(0.5, abs=0.01)


def test_waiting_as_long_as_told_is_enough(windows, clock):
    for _ in range(45):
        wait = windows.take("robot", "k", clock.now)
        if wait:
            clock.move(seconds=wait + 0.001)
            assert windows.take("robot", "k", clock.now) == 0.0


def test_a_refused_take_costs_nothing(windows, clock):
    for _ in range(20):
        windows.take("robot", "k", clock.now)
    first = windows.take("robot", "k", clock.now)
    assert [windows.take("robot", "k", clock.now) for _ in range(5)] == [first] * 5


def test_a_message_for_many_takes_one_grant_of_each_or_of_nobody(windows, clock):
    for _ in range(30):
        assert windows.take("member", "wang", clock.now) == 0.0
    for _ in range(40):
        assert windows.take_together("member", ["zhao", "wang"], clock.now) > 0
    assert windows.take_together("member", ["zhao", "zhou"], clock.now) == 0.0


def test_cards_and_notices_spend_one_budget_per_member(windows, clock):
    for number in range(30):
        rate = CHANNELS["card" if number % 2 else "notice"].rate
        assert windows.take(rate, "wang", clock.now) == 0.0
    assert windows.take(CHANNELS["card"].rate, "wang", clock.now) > 0
    assert windows.take(CHANNELS["notice"].rate, "wang", clock.now) > 0
    assert windows.take("member", "li", clock.now) == 0.0


def test_the_hours_limit_holds_when_the_minutes_does_not(windows, clock):
    for _ in range(33):
        for _ in range(30):
            assert windows.take("member", "wang", clock.now) == 0.0
        clock.move(seconds=62)
    for _ in range(10):
        assert windows.take("member", "wang", clock.now) == 0.0
    wait = windows.take("member", "wang", clock.now)
    assert 1000 < wait < 3600
    # the minute's window did not keep the grants that the hour refused
    for _ in range(60):
        windows.take("member", "wang", clock.now)
    clock.move(seconds=wait + 0.01)
    assert windows.take("member", "wang", clock.now) == 0.0


def test_what_the_ledger_tells_counts_after_a_restart_B17(windows, clock):
    windows.refill("robot", "k", 15, clock.now - timedelta(seconds=90))
    windows.refill("robot", "k", 12, clock.now - timedelta(seconds=30))
    windows.refill("robot", "k", 5, clock.now - timedelta(seconds=10))
    assert [windows.take("robot", "k", clock.now) for _ in range(3)] == [0.0] * 3
    assert windows.take("robot", "k", clock.now) == pytest.approx(WINDOW - 30, abs=0.01)


def test_more_in_the_ledger_than_the_rate_allows_is_simply_full(windows, clock):
    windows.refill("robot", "k", 500, clock.now)
    assert windows.take("robot", "k", clock.now) == pytest.approx(WINDOW, abs=0.01)


def test_a_refill_is_asked_for_once(new_windows):
    windows = new_windows()
    assert windows.begin_refill()
    windows.refilled()
    assert not windows.begin_refill()


def test_threads_together_get_no_more_than_the_rate(windows, clock):
    granted = []

    def run():
        for _ in range(10):
            if windows.take("robot", "k", clock.now) == 0.0:
                granted.append(1)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(granted) == 20


def test_an_unknown_rate_is_a_bug(windows, clock):
    with pytest.raises(KeyError):
        windows.take("pigeon", "k", clock.now)


def test_processes_share_the_windows_in_redis_and_a_restart_keeps_them_B17(redis_url, clock):
    first, second = RateLimits(redis_url), RateLimits(redis_url)
    first.refilled()
    for windows in (first, second) * 10:
        assert windows.take("robot", "k", clock.now) == 0.0
    restarted = RateLimits(redis_url)
    assert restarted.take("robot", "k", clock.now) > NOT_FILLED_SECONDS
    assert not restarted.begin_refill()
    for windows in (first, second, restarted):
        windows.close()


def test_a_redis_that_was_emptied_grants_nothing_until_one_process_has_counted_again_B17(redis_url, clock):
    first, second = RateLimits(redis_url), RateLimits(redis_url)
    first.refilled()
    first._shared.redis.flushall()
    assert second.take("robot", "k", clock.now) == NOT_FILLED_SECONDS
    assert [first.begin_refill(), second.begin_refill()] == [True, False]
    assert second.take("robot", "k", clock.now) == NOT_FILLED_SECONDS
    first.refill("robot", "k", 19, clock.now)
    first.refilled()
    assert second.take("robot", "k", clock.now) == 0.0 < second.take("robot", "k", clock.now)
    for windows in (first, second):
        windows.close()


def test_without_redis_the_rates_hold_in_each_process(clock):
    windows = RateLimits("redis://127.0.0.1:9/0")
    windows.refill("robot", "k", 1, clock.now)
    assert [windows.take("robot", "k", clock.now) for _ in range(19)] == [0.0] * 19
    assert windows.take("robot", "k", clock.now) > 0
    assert not windows.begin_refill()
    windows.refilled()
    windows.close()


def test_silent_keys_are_forgotten(clock):
    windows = RateLimits()
    for number in range(2000):
        windows.take("robot", f"old-{number}", clock.now)
    clock.move(seconds=120)
    for _ in range(3000):
        windows.take("api", "user/get", clock.now)
    assert len(windows._own._rows) == len(RATES["api"])
