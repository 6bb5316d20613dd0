"""Entry codes through the API."""

import pytest
from sqlmodel import select

from models.ledger.outbox import Outbox
from models.org import Guide


def test_a_code_for_a_guide_is_asked_of_the_platform_once(shop_api):
    made = shop_api.post("/entry-codes", {"userid": "zhoumei"})
    assert (made["kind"], made["guide"]["userid"], made["status"], made["payload"]) == (
        "guide",
        "zhoumei",
        "waiting",
        "",
    )
    assert shop_api.post("/entry-codes", {"userid": "ZHOUMEI"})["id"] == made["id"]
    with shop_api.db.read() as session:
        assert len(session.exec(select(Outbox).where(Outbox.channel == "contact_way")).all()) == 1


def test_a_code_for_a_store_names_who_works_there(shop_api):
    made = shop_api.post("/entry-codes", {"store": "taiyuanjie"})
    assert (made["store"]["code"], made["userids"]) == ("taiyuanjie", ["zhoumei"])
    assert shop_api.get(f"/entry-codes/{made['id']}") == made


def test_a_code_says_where_friends_came_from(shop_api):
    found = shop_api.get(f"/entry-codes?guide_id={shop_api.ids['wangfang']}&status=ready")["items"]
    assert [(one["name"], one["friends"]) for one in found] == [("试衣间", 1)]
    assert found[0]["payload"] == "https://work.weixin.qq.com/u/northeast"


def test_a_code_needs_exactly_one_owner_who_is_there(shop_api):
    with shop_api.db.write() as session:
        session.get_one(Guide, shop_api.ids["sunjiayi"]).status = "left"
    assert "" in shop_api.faults("/entry-codes", {})
    assert "userid" in shop_api.faults("/entry-codes", {"userid": "wangfang", "store": "zhongjie"})
    assert shop_api.faults("/entry-codes", {"userid": "nobody"}) == {"userid": "没有账号是「nobody」的导购"}
    assert shop_api.faults("/entry-codes", {"store": "x"}) == {"store": "没有编号是「x」的门店"}
    assert "不在岗" in shop_api.faults("/entry-codes", {"userid": "sunjiayi"})["userid"]


def test_a_channels_code_is_planned_changed_and_retired(shop_api):
    wanted = {"kind": "channel", "name": "短信「降温提醒」", "cost_cents": 468000, "target": 800}
    made = shop_api.post("/entry-codes", {**wanted, "valid_until": "2027-11-30"})
    assert (made["leads_to"], made["status"], made["standing"], made["userids"]) == (
        "near",
        "ready",
        "active",
        [],
    )
    assert made["payload"].count("/near/") == 1
    edit = {"target": None, "cost_cents": 0}
    changed = shop_api.call("PATCH", f"/entry-codes/{made['id']}", json=edit).get_json()
    assert (changed["target"], changed["valid_until"], changed["name"]) == (
        None,
        "2027-11-30",
        wanted["name"],
    )
    assert shop_api.post(f"/entry-codes/{made['id']}/retire", {})["standing"] == "retired"
    listed = shop_api.get("/entry-codes?kind=channel&status=retired")["items"]
    assert [one["id"] for one in listed] == [made["id"]]


def test_a_store_gets_a_code_for_a_place_besides_its_own(shop_api):
    own = shop_api.post("/entry-codes", {"store": "taiyuanjie"})
    till = shop_api.post("/entry-codes", {"store": "taiyuanjie", "place": "收银台", "leads_to": "near"})
    assert till["id"] != own["id"] and till["name"].endswith("· 收银台")
    again = shop_api.faults("/entry-codes", {"store": "taiyuanjie", "place": "收银台"})
    assert "收银台" in again["place"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "branch", "branch": "nowhere", "name": "公众号"}, "branch"),
        ({"kind": "branch", "leads_to": "users", "name": "公众号"}, "leads_to"),
        ({"kind": "channel"}, "name"),
        ({"kind": "guide", "name": "胸牌"}, "kind"),
        ({"userid": "wangfang", "place": "收银台"}, "userid"),
        ({"kind": "channel", "name": "短信", "target": 0}, "target"),
        ({"kind": "channel", "name": "短信", "valid_until": "2020-01-01"}, "valid_until"),
    ],
)
def test_what_cannot_be_planned_is_said_by_its_field(shop_api, body, field):
    assert set(shop_api.faults("/entry-codes", body)) == {field}


def test_the_summary_says_where_todays_friends_came_from_and_what_is_left(shop_api):
    found = shop_api.get("/entry-codes/summary")
    assert found["most_ways"] == 500_000 and found["used_ways"] >= 1
    assert {one["kind"] for one in found["today"]} <= {"guide", "store", "branch", "channel", None}
