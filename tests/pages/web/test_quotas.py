"""So often in a window, then not until the next; and what only the first one gets."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from secrets import token_hex

import pytest
from flask import Flask

from pages.web import quotas
from tests.cast import NOW

WINDOW = timedelta(seconds=10)


@pytest.fixture(params=["memory", "redis", "redis away"])
def app(request: pytest.FixtureRequest) -> Iterator[Flask]:
    """An app that counts in its process, in Redis, or in its process because Redis does not answer."""
    made, urls = Flask("quotas"), {"memory": "", "redis away": "redis://127.0.0.1:9/0"}
    quotas.install(
        made, urls[request.param] if request.param in urls else request.getfixturevalue("redis_url")
    )
    with made.app_context():
        yield made


def test_who_was_often_enough_waits_until_the_next_window(app: Flask) -> None:
    name = token_hex(8)
    at = NOW.replace(second=3)
    assert [quotas.take(name, 2, WINDOW, at) for _ in range(3)] == [0, 0, 7]
    assert quotas.wait(name, 2, WINDOW, at + timedelta(seconds=5)) == 2
    assert quotas.take("somebody else", 2, WINDOW, at) == 0
    assert quotas.take(name, 2, WINDOW, at + timedelta(seconds=7)) == 0


def test_looking_does_not_count(app: Flask) -> None:
    name = token_hex(8)
    assert [quotas.wait(name, 1, WINDOW, NOW) for _ in range(5)] == [0] * 5
    assert quotas.take(name, 1, WINDOW, NOW) == 0


def test_only_one_of_many_at_once_is_the_first(app: Flask) -> None:
    name = token_hex(8)

    def ask(_number: int) -> bool:
        with app.app_context():
            return quotas.first(name, timedelta(minutes=10))

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(24))) == 1
