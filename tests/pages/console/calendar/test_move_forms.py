"""Moving by the form that stands behind dragging, and taking it back."""

from datetime import timedelta

import pytest

from models.campaigns import Campaign, CampaignStatus
from tests.pages.conftest import NOON, Console, page
from tests.pages.console.calendar.shown import DAY, PATH, plan


def start(console: Console, number: int):  # type: ignore[no-untyped-def]
    with console.db.read() as session:
        return session.get_one(Campaign, number).launch_at


def test_a_plan_moves_comes_back_and_the_page_says_both(console: Console) -> None:
    number = plan(console, "改期的")
    browser = console.signed_in("zhou")
    data = {"campaign": number, "to": "2026-11-24", "back": f"{PATH}?state=scheduled&moved=9"}
    answer = console.post(browser, f"{PATH}/move", data)
    assert answer.status_code == 303 and answer.location.startswith(f"{PATH}?state=scheduled&moved=")
    assert start(console, number) == NOON + 5 * DAY
    text = browser.get(answer.location).get_data(as_text=True)
    assert "「改期的」改到 11 月 24 日 14:32 开始" in text and "撤回" in text
    undo = f"{PATH}/moves/{answer.location.rpartition('=')[2]}/undo"
    back = console.post(browser, undo, {"back": PATH})
    assert "撤回了" in browser.get(back.location).get_data(as_text=True)
    assert start(console, number) == NOON + DAY
    assert console.post(browser, undo, {"back": PATH}).status_code == 409


def test_a_way_out_of_a_warning_moves_the_time_of_day(console: Console) -> None:
    number = plan(console, "错开的")
    console.post(
        console.signed_in("zhou"), f"{PATH}/move", {"campaign": number, "to": "2026-11-20", "time": "16:00"}
    )
    assert start(console, number) == NOON + DAY + timedelta(hours=1, minutes=27, seconds=19)


@pytest.mark.parametrize(
    "values", [{"to": "gestern"}, {"to": "2026-11-18"}, {"to": "2026-11-20", "time": "25:00"}]
)
def test_what_cannot_be_is_said_on_the_view_it_came_from(console: Console, values: dict[str, str]) -> None:
    number = plan(console, "不动的")
    for view in (PATH, f"{PATH}/week"):
        answer = console.post(
            console.signed_in("zhou"), f"{PATH}/move", {"campaign": number, "back": view, **values}
        )
        assert answer.status_code == 409 and 'class="notice warn' in answer.text
        assert ("换一周" in answer.text) == view.endswith("week")
    assert start(console, number) == NOON + DAY


def test_nobody_moves_what_is_not_hers_I01(console: Console) -> None:
    hers = plan(console, "华东的", created_by=console.ids["liu"], scope={"branches": [console.ids["east"]]})
    hqs = plan(console, "总部的", scope={"branches": [console.ids["northeast"]]})
    data = {"to": "2026-11-24"}
    for who, number, status in (
        ("chen", hers, 404),
        ("chen", hqs, 403),
        ("ma", hqs, 403),
        ("zhou", 9999, 404),
        ("zhou", 10**30, 404),
    ):
        answer = console.post(console.signed_in(who), f"{PATH}/move", {**data, "campaign": number})
        assert answer.status_code == status
    moved = console.post(console.signed_in("zhou"), f"{PATH}/move", {**data, "campaign": hers})
    undo = f"{PATH}/moves/{moved.location.rpartition('=')[2]}/undo"
    assert console.post(console.signed_in("chen"), undo).status_code == 404
    assert console.signed_in("chen").get(f"{moved.location}").status_code == 404
    assert page(console, moved.location, "liu")


def test_fields_that_the_form_does_not_name_change_nothing_I02(console: Console) -> None:
    number = plan(console, "只改日子", status=CampaignStatus.DRAFT)
    console.post(
        console.signed_in("zhou"),
        f"{PATH}/move",
        {"campaign": number, "to": "2026-11-24", "status": "running", "created_by": "1", "name": "别的"},
    )
    with console.db.read() as session:
        row = session.get_one(Campaign, number)
    assert (row.name, row.status, row.created_by) == ("只改日子", "draft", console.ids["zhou"])


def test_the_way_back_leads_nowhere_else(console: Console) -> None:
    number = plan(console, "改期的")
    data = {"campaign": number, "to": "2026-11-24", "back": "https://evil.example/console/calendar"}
    assert console.post(console.signed_in("zhou"), f"{PATH}/move", data).location.startswith(f"{PATH}?")
