"""What became of a campaign: its funnel, its tasks, its recipients."""

from models.campaigns import Campaign, Task, TaskAudience
from models.db.sets import NOBODY
from models.org import Guide
from tests import cast
from tests.pages.api import rows
from tests.pages.api.conftest import NOON


def test_the_funnel_counts_guides_and_customers_and_says_who_was_lost(shop_api):
    found = shop_api.get(f"/campaigns/{shop_api.ids['campaign']}/funnel")
    assert found["progress"] == {
        "targeted": 2,
        "carded": 2,
        "opened": 1,
        "said": 0,
        "confirmed": 0,
        "customers": 5,
        "reached": 0,
    }
    assert {one["step"]: one["guides"] for one in found["lost"]} == {
        "carded": 0,
        "opened": 1,
        "said": 1,
        "confirmed": 0,
    }
    assert {one["name"]: one["targeted"] for one in found["branches"]} == {"东北分公司": 1, "华东分公司": 1}
    assert sum(one["customers"] for one in found["reasons"]) == 5


def test_tasks_are_the_guides_behind_a_number_and_never_tell_their_link(shop_api):
    path = f"/campaigns/{shop_api.ids['campaign']}/tasks"
    assert {one["guide"]["userid"] for one in shop_api.get(path)["items"]} == {"wangfang", "sunjiayi"}
    assert [one["guide"]["userid"] for one in shop_api.get(f"{path}?step=not_opened")["items"]] == [
        "sunjiayi"
    ]
    assert [one["guide"]["userid"] for one in shop_api.get(f"{path}?step=opened")["items"]] == ["wangfang"]
    assert [
        one["customers"] for one in shop_api.get(f"{path}?branch_id={shop_api.ids['northeast']}")["items"]
    ] == [3]
    assert "secret-task" not in shop_api.call("GET", path).get_data(as_text=True)


def test_recipients_are_every_customer_once_whatever_the_page(shop_api):
    path = f"/campaigns/{shop_api.ids['campaign']}/recipients"
    whole = [(one["recipient"], one["result"]) for one in shop_api.get(path)["items"]]
    assert whole == [
        ("wm-a", "arrived"),
        ("wm-b", "limited"),
        ("wm-c", "waiting"),
        ("wm-d", "arrived"),
        ("wm-e", "limited"),
    ]
    for limit in (1, 2, 3, 4, 5):
        seen, cursor = [], ""
        while True:
            answer = shop_api.get(f"{path}?limit={limit}{cursor}")
            assert len(answer["items"]) <= limit
            seen += [(one["recipient"], one["result"]) for one in answer["items"]]
            if not answer["next_cursor"]:
                break
            cursor = f"&cursor={answer['next_cursor']}"
        assert seen == whole, limit


def test_recipients_are_chosen_by_what_became_of_them_and_by_guide(shop_api):
    path = f"/campaigns/{shop_api.ids['campaign']}/recipients"
    whole = [one["recipient"] for one in shop_api.get(f"{path}?fate=limited")["items"]]
    assert whole == ["wm-b", "wm-e"]
    first = shop_api.get(f"{path}?fate=limited&limit=1")
    rest = shop_api.get(f"{path}?fate=limited&cursor={first['next_cursor']}")
    assert [one["recipient"] for one in first["items"] + rest["items"]] == whole
    hers = shop_api.get(f"{path}?guide_id={shop_api.ids['sunjiayi']}")["items"]
    assert [one["recipient"] for one in hers] == ["wm-d", "wm-e"]


def test_recipients_pass_over_many_guides_without_customers(api):
    with api.db.write() as session:
        number = rows.keep(
            session, api.ids, "many", Campaign(name="多", launch_at=NOON, ends_at=NOON, created_at=NOON)
        )
        for place in range(45):
            guide = rows.keep(
                session, api.ids, "g", Guide(userid=f"g{place}", userid_key=f"g{place}", joined_at=NOON)
            )
            task = rows.keep(
                session,
                api.ids,
                "t",
                Task(
                    code=f"t{place}",
                    campaign_id=number,
                    guide_id=guide,
                    created_at=NOON,
                    skipped="她已离职" if place == 44 else "",
                ),
            )
            members = cast.customers(session, "wm-last") if place == 44 else NOBODY
            session.add(TaskAudience(task_id=task, members=members))
    answer = api.get(f"/campaigns/{number}/recipients")
    assert [(one["recipient"], one["result"]) for one in answer["items"]] == [("wm-last", "skipped")]
    assert answer["next_cursor"] is None
