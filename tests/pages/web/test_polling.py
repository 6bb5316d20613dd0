"""A polled part is sent again only when it holds news."""

import gzip

import pytest

from pages.web.polling import shared, still_fresh
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


@pytest.fixture
def look(bare: Console):
    """A part that many look at, drawn from what `drawn` holds."""
    drawn = [PART.format(token="a" * 128, clock="14:32") + "<p>87 位客户</p>" * 100]

    def asked(**headers: str):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with bare.app.test_request_context("/console/live", headers=named):
            return shared("part", drawn.pop)

    return asked


def test_a_part_is_drawn_once_and_packed_once_and_each_viewer_has_a_token_of_her_own(look) -> None:
    plain = look().get_data()
    packed = look(Accept_Encoding="gzip, br")
    again = look(Accept_Encoding="gzip")
    assert packed.headers["Content-Encoding"] == "gzip" and len(packed.get_data()) < len(plain)
    texts = [plain, gzip.decompress(packed.get_data()), gzip.decompress(again.get_data())]
    tokens = [text.partition(b'value="')[2][:128] for text in texts]
    assert len(set(tokens)) == 3 and "a" * 128 not in texts[0].decode()
    assert len({text.replace(token, b"") for text, token in zip(texts, tokens, strict=True)}) == 1


def test_while_one_draws_a_part_anew_the_others_get_the_last_one(bare: Console) -> None:
    drawings: list[str] = []

    def look() -> str:
        with bare.app.test_request_context("/console/live"):
            return shared("part", draw).get_data(as_text=True)  # type: ignore[union-attr]

    def draw() -> str:
        drawings.append(look() if drawings else "")  # somebody else asks meanwhile
        return f"<p>第 {len(drawings)} 次</p>"

    look()
    bare.clock.advance(seconds=11)
    assert look() == "<p>第 2 次</p>" and drawings == ["", "<p>第 1 次</p>"]


def test_whoever_has_it_hears_so_however_it_was_packed(look) -> None:
    known = look(Accept_Encoding="gzip").headers["ETag"]
    assert (
        look(If_None_Match=known).status_code
        == look(If_None_Match=known, Accept_Encoding="gzip").status_code
        == 304
    )
