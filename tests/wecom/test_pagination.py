"""Lists in pages: every row once, and a list that does not end is said not to be whole."""

import itertools

import pytest

from tests.wecom.fake_platform import OK, no
from wecom.errors import PlatformError
from wecom.pagination import MOST_PAGES, Incomplete, rows

API, FIELD = "externalcontact/groupchat/list", "group_chat_list"


def page(*found, cursor=""):
    return {**OK, FIELD: list(found), "next_cursor": cursor}


def asked(platform):
    return [seen.json for seen in platform.seen if seen.api == API]


def test_every_row_is_read_until_the_cursor_is_empty(client, platform):
    platform.on(API, page(1, 2, cursor="a"), page(cursor="b"), page(3))
    assert list(rows(client, API, {"limit": 2}, FIELD)) == [1, 2, 3]
    assert asked(platform) == [{"limit": 2}, {"limit": 2, "cursor": "a"}, {"limit": 2, "cursor": "b"}]


@pytest.mark.parametrize("answer", [OK, {**OK, FIELD: None, "next_cursor": None}])
def test_an_answer_without_a_list_is_an_empty_list(client, platform, answer):
    platform.on(API, answer)
    assert list(rows(client, API, {}, FIELD)) == []


def read(client):
    """What was read, and how it ended."""
    found = []
    try:
        for row in rows(client, API, {}, FIELD):
            found.append(row)
    except (Incomplete, PlatformError) as error:
        return found, error.words
    return found, "whole"


def test_a_cursor_that_comes_again_ends_the_reading_B12(client, platform):
    platform.on(API, page(1, cursor="a"), page(2, cursor="b"), page(3, cursor="a"))
    assert read(client) == ([1, 2, 3], "平台的翻页在原地打转")
    assert platform.count(API) == 3


def test_a_list_that_has_always_one_more_page_is_given_up_B12(client, platform):
    numbers = itertools.count(1)
    platform.on(API, lambda seen: page(cursor=f"after-{next(numbers)}"))
    assert read(client) == ([], f"超过 {MOST_PAGES} 页，没有读完")
    assert platform.count(API) == MOST_PAGES


def test_what_was_read_before_the_platform_fell_silent_is_kept_and_known_to_be_a_part_B12(client, platform):
    platform.on(API, page(1, 2, cursor="a"), no(-1, "system busy"))
    found, ended = read(client)
    assert (found, "平台忙" in ended) == ([1, 2], True)
