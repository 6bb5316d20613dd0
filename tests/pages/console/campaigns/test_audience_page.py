"""会发给谁: the preview with its samples, the frozen numbers afterwards, and one customer's line."""

from models.campaigns import launch
from tests import cast
from tests.cast import ZONE
from tests.pages.conftest import Console, page
from tests.pages.plan_form import campaigns, send


def planned(console: Console, **changes: str) -> int:
    assert send(console, console.signed_in("zhou"), do="save", to="all", **changes).status_code == 303
    return campaigns(console)[-1].id or 0


def test_the_preview_counts_shows_people_and_answers_for_one(console: Console) -> None:
    number = planned(console, at_least_days="3000", purpose="care")
    shown = page(console, f"/console/campaigns/{number}/audience", "zhou")
    for words in ("好友不满 3000 天", "20 位样例", "额度", "和别的活动重叠", "导购那天的任务"):
        assert words in shown
    assert campaigns(console)[-1].purpose == "care"
    with console.db.write() as session:
        name = session.get_one(cast.Customer, 1).name
    answer = page(console, f"/console/campaigns/{number}/audience?find={name}", "zhou")
    assert "不会发给她：" in answer and "没有叫" not in answer
    assert "没有叫「谁也不是」的好友" in page(
        console, f"/console/campaigns/{number}/audience?find=谁也不是", "zhou"
    )


def test_afterwards_the_page_shows_what_was_frozen(console: Console) -> None:
    number = planned(console)
    send(console, console.signed_in("zhou"), do="launch", to="all")
    begun = campaigns(console)[-1]
    launch.launch_due(console.db, begun.launch_at, ZONE)
    shown = page(console, f"/console/campaigns/{begun.id}/audience", "zhou")
    assert number != begun.id and "开始那一刻冻结的" in shown and "发给了谁" in shown
