"""Who comes too fast waits."""

from pages.api import rate_limit
from pages.web import quotas


def test_who_comes_too_fast_waits_for_the_next_minute(api, monkeypatch):
    monkeypatch.setattr(rate_limit, "PER_MINUTE", 3)
    for _ in range(3):
        assert api.call("GET", "/branches").status_code == 200
    answer = api.call("GET", "/branches")
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    # another token has its own rate limit
    assert api.call("GET", "/branches", token=api.reading).status_code == 200
    api.clock.advance(minutes=1)
    assert api.call("GET", "/branches").status_code == 200


def test_strangers_who_guess_tokens_are_slowed_down_I06(api, monkeypatch):
    monkeypatch.setattr(rate_limit, "STRANGERS_PER_MINUTE", 5)
    answers = [api.call("GET", "/branches", token=f"onetap_guess{number}").status_code for number in range(8)]
    assert answers == [401] * 5 + [429] * 3


def test_processes_with_one_redis_count_together(api, redis_url, monkeypatch):
    monkeypatch.setattr(rate_limit, "PER_MINUTE", 3)
    answers = []
    for _process in range(2):
        quotas.install(api.app, redis_url)
        answers += [api.call("GET", "/branches").status_code for _ in range(2)]
    assert answers == [200, 200, 200, 429]


def test_while_redis_is_away_each_process_counts_for_itself(api, monkeypatch):
    monkeypatch.setattr(rate_limit, "PER_MINUTE", 3)
    quotas.install(api.app, "redis://127.0.0.1:9/0")
    assert [api.call("GET", "/branches").status_code for _ in range(4)] == [200] * 3 + [429]
