"""重复 in the console: the form shows the next five dates, the page of the series changes and stops it."""

from sqlmodel import select

from models.campaigns.series import Series
from tests.pages.conftest import Console, page
from tests.pages.plan_form import PLAN, campaigns, send

WEEKLY = {"repeat": "week", "weekday": "4", "until": "2026-12-31"}


def test_the_form_says_the_rule_and_the_next_five_dates(console: Console) -> None:
    text = console.post(console.signed_in("zhou"), "/console/campaigns/preview", {**PLAN, **WEEKLY}).text
    assert "每周五 10:00，到 2026-12-31 为止" in text and text.count("<time") >= 5


def test_a_repeated_campaign_is_saved_changed_and_stopped(console: Console) -> None:
    client = console.signed_in("zhou")
    assert send(console, client, do="schedule", **WEEKLY).status_code == 303
    path = f"/console/campaigns/{campaigns(console)[-1].id}/series"
    assert "每周五 10:00" in page(console, path)
    assert console.post(client, path, {"repeat": "day", "times": "3"}).status_code == 303
    assert "每天 10:00，一共 3 次" in page(console, path)
    assert console.post(client, f"{path}/pattern").status_code == 303
    assert console.post(client, f"{path}/stop").status_code == 303
    with console.db.read() as session:
        assert session.exec(select(Series)).one().stopped_at
    assert console.post(client, path, {"repeat": "day"}).status_code == 409


def test_a_time_that_was_moved_says_where_it_stands_and_where_the_rule_had_it(console: Console) -> None:
    client = console.signed_in("zhou")
    send(console, client, do="schedule", **WEEKLY)
    one = campaigns(console)[-1]
    path = f"/console/campaigns/{one.id}/series"
    assert "明天 10:00" in page(console, path) and "按规则是" not in page(console, path)
    data = {"campaign": one.id, "to": "2026-11-23"}
    assert console.post(client, "/console/calendar/move", data).status_code == 303
    assert "改到 11 月 23 日 10:00，按规则是明天 10:00" in page(console, path)


def test_a_first_day_that_does_not_fit_is_refused_at_its_field_E05(console: Console) -> None:
    answer = send(console, console.signed_in("zhou"), do="save", repeat="week", weekday="0")
    assert answer.status_code == 422 and "第一次开始的那天不在重复的日子里" in answer.text


def test_a_campaign_that_comes_once_has_no_such_page(console: Console) -> None:
    send(console, console.signed_in("zhou"), do="save")
    client = console.signed_in("zhou")
    assert client.get(f"/console/campaigns/{campaigns(console)[-1].id}/series").status_code == 404
