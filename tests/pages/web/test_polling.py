"""A polled part is sent again only when it holds news."""

import pytest

from pages.web.polling import still_fresh
from tests.pages.conftest import Console

PART = '<p>87 位客户</p><input name="csrf" value="{token}"><time data-live-time>{clock}</time>'


@pytest.fixture
def poll(bare: Console):
    def asked(fragment: str, known: str = ""):
        headers = {"If-None-Match": known} if known else {}
        with bare.app.test_request_context("/console/live", headers=headers):
            return still_fresh(fragment)

    return asked


def test_another_token_and_another_minute_are_no_news(poll) -> None:
    first = poll(PART.format(token="a" * 128, clock="14:32"))
    again = poll(PART.format(token="b" * 128, clock="14:33"), first.headers["ETag"])
    assert (first.status_code, again.status_code) == (200, 304)


def test_another_number_is(poll) -> None:
    first = poll(PART.format(token="a" * 128, clock="14:32"))
    again = poll(PART.format(token="a" * 128, clock="14:32").replace("87", "88"), first.headers["ETag"])
    assert again.status_code == 200 and "88 位客户" in again.get_data(as_text=True)


def test_whoever_gets_nothing_new_still_learns_the_time(poll, bare: Console) -> None:
    known = poll(PART).headers["ETag"]
    bare.clock.advance(seconds=4)
    answer = poll(PART, known)
    assert (answer.status_code, answer.headers["X-Now"]) == (304, "14:32:45")
