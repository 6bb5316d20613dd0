"""会发给谁: the preview with its samples, the frozen numbers afterwards, and one customer's line."""

from models import preferences
from models.campaigns import launch
from models.friends import Customer
from tests.cast import ZONE
from tests.pages.conftest import NOON, Console, page
from tests.pages.plan_form import PLAN, campaigns, send


def planned(console: Console, **changes: str) -> int:
    assert send(console, console.signed_in("zhou"), do="save", to="all", **changes).status_code == 303
    return campaigns(console)[-1].id or 0


def test_the_preview_counts_shows_people_and_answers_for_one(console: Console) -> None:
    number = planned(console, at_least_days="3000", purpose="care")
    shown = page(console, f"/console/campaigns/{number}/audience", "zhou")
    for words in ("好友不满 3000 天", "位样例", "额度", "和别的活动重叠", "导购那天的任务和卡片"):
        assert words in shown
    assert campaigns(console)[-1].purpose == "care"
    with console.db.write() as session:
        name = session.get_one(Customer, 1).name
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


def test_the_composer_shows_the_same_of_what_is_typed(console: Console) -> None:
    client = console.signed_in("zhou")
    send(console, client, do="schedule", name="排着的")
    typed = PLAN | {"name": "新的一件"}
    live = console.post(client, "/console/campaigns/preview", typed).get_data(as_text=True)
    assert "发完以后：" in live and "个群发任务" in live and "会发的和不发的" not in live
    asked = console.post(client, "/console/campaigns/around", typed).get_data(as_text=True)
    assert "已排定" in asked and "scheduled" not in asked
    for words in ("会发的和不发的", "到品牌 7 天上限的", "排着的", "会少发", "2 件，最多 2 张卡片"):
        assert words in asked
    without_script = send(console, client, do="around", **typed)
    assert without_script.status_code == 200
    assert "排着的" in without_script.get_data(as_text=True) and len(campaigns(console)) == 1


def test_a_plan_that_is_changed_is_not_counted_beside_itself(console: Console) -> None:
    client = console.signed_in("zhou")
    send(console, client, do="schedule", name="改着的")
    path = f"/console/campaigns/around?campaign={campaigns(console)[0].id}"
    asked = console.post(client, path, PLAN).get_data(as_text=True)
    assert "没有发给这些客户的别的活动" in asked and "2 件" not in asked
    assert console.post(console.signed_in("liu"), path, PLAN).status_code == 403


def test_for_nobody_there_is_nothing_to_show(console: Console) -> None:
    shown = console.post(console.signed_in("zhou"), "/console/campaigns/around", PLAN | {"to": "some"})
    assert "先选发给谁" in shown.get_data(as_text=True) and "重叠" not in shown.get_data(as_text=True)


def test_who_is_taken_by_a_plan_before_it_is_said_wherever_it_is_counted(console: Console) -> None:
    with console.db.write() as session:
        preferences.change(session, "周岚", NOON, contacts_per_week="1")
    first = planned(console, name="先发的")
    number = planned(console, name="后发的", launch_at="2026-11-21T10:00", ends_at="2026-11-21T18:00")
    pages = [f"/console/campaigns/{number}{more}" for more in ("", "/audience", "/approval")]
    assert not any("排在它前面" in page(console, path) for path in pages)
    client = console.signed_in("zhou")
    assert console.post(client, f"/console/campaigns/{first}/schedule").status_code == 303
    for path in pages:
        text = page(console, path)
        assert "排在它前面的 1 个活动发完，其中" in text and "没有客户到上限" not in text
