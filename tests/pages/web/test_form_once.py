"""The mark of a form: what it makes is made once, by that person, for that noun."""

import pytest

from models.errors import Refused
from pages.web import form_once
from tests.pages.conftest import Console


@pytest.fixture
def send(console: Console):
    """Somebody sends a form that makes the next number."""
    numbers = iter(range(1, 99))

    def sent(mark: str, who: str = "zhou", noun: str = "campaign", make=lambda: next(numbers)) -> int:
        cookie = console.signed_in(who).get_cookie("onetap_console").value
        headers = {"Cookie": f"onetap_console={cookie}"}
        with (
            console.app.test_request_context(
                "/console/", method="POST", data={"once": mark}, headers=headers
            ),
            console.db.write() as session,
        ):
            return form_once.made(session, noun, make)

    return sent


def test_the_same_form_again_is_what_it_made_before(send) -> None:
    assert [send("m1"), send("m1"), send("m2"), send("m1")] == [1, 1, 2, 1]


def test_the_same_mark_of_another_person_or_noun_is_another_form(send) -> None:
    assert [send("m1"), send("m1", who="chen"), send("m1", noun="announcement")] == [1, 2, 3]


def test_a_form_without_its_mark_is_a_form_of_its_own(send) -> None:
    assert [send(""), send("")] == [1, 2]


def test_what_was_refused_may_be_sent_again(send) -> None:
    def refuse() -> int:
        raise Refused("正文不能空着")

    with pytest.raises(Refused):
        send("m1", make=refuse)
    assert send("m1") == 1
