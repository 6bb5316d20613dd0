"""Buttons of a campaign: a huge audience is typed as a number before anything starts."""

import re

import pytest

from models import preferences
from tests import cast
from tests.pages.conftest import HASHED, NOON, Console
from tests.pages.plan_form import campaigns, send


@pytest.fixture
def small_line(console: Console) -> Console:
    """Three customers are many here, and two already need a number."""
    with console.db.write() as session:
        preferences.change(session, "周岚", NOON, confirm_above="1")
    return console


def status(console: Console) -> str:
    return str(campaigns(console)[-1].status)


def press(console: Console, verb: str, **data: str):
    number = campaigns(console)[-1].id
    return console.post(console.signed_in("zhou"), f"/console/campaigns/{number}/{verb}", data)


def asked_of(text: str) -> str:
    return text.split("要发给 ")[1].split(" 位客户")[0]


@pytest.mark.parametrize("verb", ["schedule", "launch"])
def test_a_huge_audience_starts_only_when_its_number_is_typed_F13(small_line: Console, verb: str) -> None:
    send(small_line, small_line.signed_in("zhou"), do="save")
    first = press(small_line, verb)
    assert first.status_code == 422 and "先把人数输入一遍" in first.text and status(small_line) == "draft"
    wrong = press(small_line, verb, customers="20000")
    assert wrong.status_code == 422 and "你输入的是 20000" in wrong.text and status(small_line) == "draft"
    right = press(small_line, verb, customers=asked_of(first.text))
    assert right.status_code == 303 and status(small_line) == "scheduled"


def test_the_form_saves_and_asks_for_the_number_F13(small_line: Console) -> None:
    answer = send(small_line, small_line.signed_in("zhou"), do="schedule")
    assert "先把人数输入一遍" in answer.text and status(small_line) == "draft"


def test_below_the_line_nothing_is_asked(console: Console) -> None:
    assert send(console, console.signed_in("zhou"), do="schedule").status_code == 303
    assert status(console) == "scheduled"


def test_a_pause_and_a_stop_never_ask_F13(small_line: Console) -> None:
    send(small_line, small_line.signed_in("zhou"), do="save")
    text = press(small_line, "schedule").text
    press(small_line, "schedule", customers=asked_of(text))
    assert press(small_line, "pause").status_code == 303
    assert press(small_line, "resume").status_code == 422, "it starts what has not started"
    assert press(small_line, "cancel").status_code == 303


def test_who_approves_types_it_too_and_the_button_says_what_the_pilot_sends_F13(small_line: Console) -> None:
    with small_line.db.write() as session:
        other = cast.account(session, "何青", login="he", password_hash=HASHED, now=NOON)
        small_line.ids["he"] = other.id or 0
    send(small_line, small_line.signed_in("zhou"), do="submit")
    number = campaigns(small_line)[-1].id
    he = small_line.signed_in("he")
    page = he.get(f"/console/campaigns/{number}/approval").text
    everybody = int(re.search(r"批准，到时间发给 (\d+) 位客户", page)[1])
    first = int(re.search(r"批准，先发 (\d+) 位客户", page)[1])
    assert 'name="customers"' in page and 0 < first < everybody
    path = f"/console/campaigns/{number}/approve"
    refused = small_line.post(he, path, {"version": "1"})
    assert refused.status_code == 422 and status(small_line) == "submitted"
    small_line.post(he, path, {"version": "1", "customers": str(everybody)})
    assert status(small_line) == "scheduled"


def test_an_edit_that_makes_a_planned_campaign_huge_takes_it_off_the_plan_until_the_number_is_typed_F13(
    console: Console,
) -> None:
    send(console, console.signed_in("zhou"), do="schedule")
    with console.db.write() as session:
        preferences.change(session, "周岚", NOON, confirm_above="1")
    number = campaigns(console)[-1].id
    path = f"/console/campaigns/{number}/edit"
    answer = send(console, console.signed_in("zhou"), path=path, do="save", text="换了一句")
    assert "先把人数输入一遍" in answer.text and status(console) == "draft"
    assert press(console, "schedule", customers=asked_of(answer.text)).status_code == 303
    assert status(console) == "scheduled"
