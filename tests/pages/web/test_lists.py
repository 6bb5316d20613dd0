"""Lists: the page stays within what there is, a filter begins at the beginning, and only what was asked for survives."""

from urllib.parse import parse_qs, urlsplit

import pytest

from models.org import Guide
from pages.web import lists
from tests.pages.conftest import Console

LIST = "/console/guides"


def asked(address: str) -> dict[str, list[str]]:
    assert urlsplit(address).path == LIST
    return parse_qs(urlsplit(address).query)


@pytest.mark.parametrize(
    ("wish", "number"), [("", 1), ("1", 1), ("3", 3), ("99", 5), ("-4", 1), ("0", 1), ("many", 1)]
)
def test_a_page_is_kept_within_what_exists(bare: Console, wish: str, number: int) -> None:
    with bare.app.test_request_context(f"{LIST}?page={wish}"):
        page = lists.page(41, 10)
    assert (page.number, page.offset) == (number, (number - 1) * 10)
    assert (page.first, page.last) == (page.offset + 1, min(41, page.offset + 10))


def test_nothing_is_one_empty_page(bare: Console) -> None:
    with bare.app.test_request_context(LIST):
        page = lists.page(0, 10)
    assert (page.number, page.last, page.newer, page.older) == (1, 0, "", "")


def test_the_pages_beside_keep_the_filters_and_forget_what_was_just_done(bare: Console) -> None:
    with bare.app.test_request_context(
        f"{LIST}?page=2&state=left&channel=card&channel=mass&done=asked&open=7"
    ):
        page = lists.page(41, 10)
    kept = {"state": ["left"], "channel": ["card", "mass"]}
    assert asked(page.newer) == kept | {"page": ["1"]}
    assert asked(page.older) == kept | {"page": ["3"]}


def test_the_ends_lead_nowhere(bare: Console) -> None:
    for wish, (newer, older) in {"1": (False, True), "5": (True, False)}.items():
        with bare.app.test_request_context(f"{LIST}?page={wish}"):
            page = lists.page(41, 10)
        assert (bool(page.newer), bool(page.older)) == (newer, older)


def test_another_filter_begins_on_the_first_page(bare: Console) -> None:
    with bare.app.test_request_context(f"{LIST}?page=4&state=left&q=王&done=asked"):
        assert asked(lists.narrowed(state="")) == {"q": ["王"]}
        assert asked(lists.narrowed(state="active")) == {"q": ["王"], "state": ["active"]}


def test_words_are_trimmed_and_numbers_are_numbers(bare: Console) -> None:
    with bare.app.test_request_context(f"{LIST}?q=+{'王' * 80}+&store=12&guide=x"):
        assert lists.text() == "王" * 64
        assert (lists.number("store"), lists.number("guide"), lists.number("none")) == (12, 0, 0)


def test_states_without_rows_are_offered_only_where_they_always_are(bare: Console) -> None:
    counts, states = {"left": 2}, ("active", "half", "left")
    with bare.app.test_request_context(f"{LIST}?state=left"):
        items = lists.filters(counts, states, offered=["active"], also=[("还没有码", "missing", 0)])
    assert [(item[1], item[3]) for item in items] == [(2, False), (0, False), (2, True)]
    with bare.app.test_request_context(f"{LIST}?state=missing"):
        items = lists.filters(counts, states, offered=[], also=[("还没有码", "missing", 0)])
    assert [(item[1], item[3]) for item in items] == [(2, False), (2, False), (0, True)]


def test_rows_are_named_by_id(console: Console) -> None:
    with console.db.read() as session:
        assert lists.names(session, Guide, [console.ids["wangfang"], None, 9999]) == {
            console.ids["wangfang"]: "王芳"
        }
        assert lists.names(session, Guide, [None]) == {}


def test_what_was_done_is_said_on_the_page_that_one_came_from(bare: Console) -> None:
    assert lists.with_done("/console/guides", "asked") == "/console/guides?done=asked"
    assert lists.with_done("/console/guides?state=left", "asked") == "/console/guides?state=left&done=asked"
    assert (
        lists.with_done("/console/deliveries?open=3#row-3", "late")
        == "/console/deliveries?open=3&done=late#row-3"
    )
