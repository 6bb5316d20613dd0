"""One fetch for everybody: in a process, and over processes with Redis."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
import redis

from tests.waiting import PATIENCE
from tests.wecom.conftest import CORP, SECRET
from tests.wecom.fake_platform import OK, Hang, no
from wecom.client import utc_now
from wecom.errors import Action, PlatformError
from wecom.tokens import Kept, MemoryTokens, RedisTokens, token_name

ROOT = Path(__file__).parents[2]
READ = "user/get"
NAME = token_name("token", CORP, SECRET)

PROGRAM = """
import sys, threading
from wecom.client import WorkClient
from tests.wecom.closed_windows import MemoryClosedWindows
from wecom.tokens import RedisTokens
base_url, redis_url, corp, secret = sys.argv[1:]
client = WorkClient(corp, secret, base_url=base_url, tokens=RedisTokens(redis_url), closed_windows=MemoryClosedWindows())
threads = [threading.Thread(target=lambda: client.call("user/get")) for _ in range(10)]
[one.start() for one in threads]
[one.join() for one in threads]
"""
"""A process of its own: ten threads make one call each."""


@pytest.fixture
def new_shared(redis_url):
    made = []

    def make(url=redis_url):
        made.append(RedisTokens(url))
        return made[-1]

    yield make
    for store in made:
        store.close()


def test_a_waiter_shares_the_result_and_the_next_one_finds_it_kept(clock):
    store, fetched, all_came = MemoryTokens(), [], threading.Event()

    def fetch():
        all_came.wait(PATIENCE)
        fetched.append(1)
        return Kept.new("t", 7200, clock.now)

    threads = [threading.Thread(target=store.obtain, args=(NAME, clock.now, fetch)) for _ in range(20)]
    for thread in threads:
        thread.start()
    all_came.set()
    for thread in threads:
        thread.join()
    store.obtain(NAME, clock.now, fetch)
    assert len(fetched) == 1


def test_after_a_failure_the_next_one_tries_again(clock):
    store = MemoryTokens()

    def fails():
        raise PlatformError("gettoken", -1, Action.RETRY, "忙")

    with pytest.raises(PlatformError):
        store.obtain(NAME, clock.now, fails)
    assert store.obtain(NAME, clock.now, lambda: Kept.new("t", 7200, clock.now)).value == "t"


def test_a_short_token_is_used_for_half_its_life(clock):
    kept = Kept.new("t", 60, clock.now)
    assert kept.fresh(clock.now)
    clock.move(seconds=29)
    assert kept.fresh(clock.now)
    clock.move(seconds=2)
    assert not kept.fresh(clock.now)


def test_neither_the_name_nor_the_look_of_a_token_shows_a_secret(clock):
    assert SECRET[:6] not in NAME
    assert CORP not in NAME
    assert "t0ken" not in repr(Kept.new("t0ken", 60, clock.now))
    assert token_name("token", CORP, SECRET) != token_name("ticket-corp", CORP, SECRET)


def test_two_processes_and_this_one_fetch_one_token_B04(platform, redis_url, new_client, new_shared):
    platform.on("gettoken", Hang(0.3, then={**OK, "access_token": "SHARED-TOKEN", "expires_in": 7200}))
    command = [sys.executable, "-c", PROGRAM, platform.base_url, redis_url, CORP, SECRET]
    others = [subprocess.Popen(command, cwd=ROOT) for _ in range(2)]
    # by the clock of the others: a token from a day that stands still may be long over for them
    client = new_client(tokens=new_shared(), clock=utc_now)
    client.call(READ)
    assert [other.wait(PATIENCE) for other in others] == [0, 0]
    assert platform.count(READ) == 21
    assert platform.count("gettoken") == 1


def test_a_refused_token_is_renewed_once_for_all_processes_B04(platform, new_client, new_shared):
    first, second = (new_client(tokens=new_shared()) for _ in range(2))
    first.call(READ)
    second.call(READ)
    platform.on(READ, no(42001), OK)
    first.call(READ)
    assert platform.count("gettoken") == 2
    second.call(READ)
    assert platform.count("gettoken") == 2
    assert platform.last(READ).query["access_token"] == "TOKEN-2-abcdef"


def test_a_token_leaves_redis_with_its_life_and_names_no_secret(redis_url, new_client, new_shared):
    new_client(tokens=new_shared()).call(READ)
    with redis.Redis.from_url(redis_url, decode_responses=True) as look:
        (key,) = look.keys("*")
        assert 7100 < look.ttl(key) <= 7200
        assert SECRET[:6] not in key
        assert CORP not in key


def test_what_another_version_wrote_is_fetched_anew(redis_url, platform, new_client, new_shared):
    with redis.Redis.from_url(redis_url) as other:
        for rubbish in ('{"value":"old"}', "no json", "[]", "7"):
            other.set(f"onetap:token:{NAME}", rubbish)
            new_client(tokens=new_shared()).call(READ)
    assert platform.count("gettoken") == 4


def test_without_redis_each_process_goes_on_alone(platform, new_client, new_shared):
    client = new_client(tokens=new_shared("redis://127.0.0.1:9/0"))
    client.call(READ)
    client.call(READ)
    assert platform.count("gettoken") == 1
    assert platform.count(READ) == 2


def test_a_process_that_died_with_the_lock_delays_the_others_but_does_not_stop_them(
    redis_url, platform, new_client, new_shared
):
    with redis.Redis.from_url(redis_url) as dead:
        dead.set(f"onetap:token:{NAME}:lock", "of a dead process", px=300)
    new_client(tokens=new_shared()).call(READ)
    assert platform.count("gettoken") == 1
