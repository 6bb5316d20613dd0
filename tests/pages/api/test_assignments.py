"""Rules by the API: drafts, versions, a draft tried on many scans; friends who wait, and the member system's word."""

import pytest
from sqlmodel import select

from models.friends import Customer, Friend

RULES = [{"rule": "code"}, {"rule": "on_shift"}, {"rule": "least"}, {"rule": "queue", "minutes": 10}]


def test_a_draft_is_kept_published_and_taken_back(shop_api):
    draft = shop_api.post("/assignments/rules", {"rules": RULES})
    assert (draft["status"], draft["version"], draft["made_by"]) == ("draft", 1, "api:crm")
    first = shop_api.post(
        f"/assignments/rules/{draft['id']}/publish", {"branch_id": shop_api.ids["northeast"]}
    )
    assert (first["branch_id"], first["status"]) == (shop_api.ids["northeast"], "live")
    whole = shop_api.post(f"/assignments/rules/{draft['id']}/publish")
    assert (whole["branch_id"], whole["live_at"] is not None) == (None, True)
    shop_api.post(f"/assignments/rules/{draft['id']}/publish", status=409)
    again = shop_api.post("/assignments/rules", {"rules": RULES[-1:]})
    shop_api.post(f"/assignments/rules/{again['id']}/publish")
    back = shop_api.post(f"/assignments/rules/{draft['id']}/back")
    assert back["rules"] == whole["rules"]
    listed = shop_api.get("/assignments/rules?status=live")["items"]
    assert [one["version"] for one in listed] == [back["version"], first["version"]]


def test_an_order_that_cannot_hold_is_refused_by_its_rule(shop_api):
    assert shop_api.faults("/assignments/rules", {"rules": [{"rule": "luck"}]}) == {
        "rules.0": "不认识这条规则"
    }
    assert "rules" in shop_api.faults("/assignments/rules", {"rules": RULES[:1]})
    assert shop_api.faults("/assignments/rules", {"rules": RULES, "branch_id": 99999}) == {
        "branch_id": "没有这家分公司"
    }


def test_a_draft_is_tried_on_the_last_scans_on_invented_ones_and_on_one_friend(shop_api):
    shop_api.post("/shifts", [{"userid": "wangfang", "day": "2026-11-19", "off": True}])
    for body in ({"last": 10}, {"friend_id": shop_api.ids["friend_northeast"]}, {"invented": 50}):
        tried = shop_api.post("/assignments/dry-run/scans", {"rules": RULES, **body}, token=shop_api.reading)
        assert tried["tried"] > 0
        assert tried["changed"] == sum(tried["causes"].values()) == sum(tried["branches"].values())
    assert tried["draft"]["off_shift"] == 0
    with shop_api.db.read() as session:
        assert not session.exec(select(Friend).where(Friend.rules_version > 0)).all()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"rules": RULES}, ""),
        ({"rules": RULES, "last": 1, "invented": 1}, ""),
        ({"last": 1}, "rules"),
        ({"rules": RULES, "last": 10_001}, "last"),
        ({"rules": RULES, "friend_id": 99_999}, "friend_id"),
        ({"rules": RULES[:1], "last": 1}, "rules"),
    ],
)
def test_what_cannot_be_tried_is_said_by_field(shop_api, body, field):
    assert list(shop_api.faults("/assignments/dry-run/scans", body)) == [field]


def test_who_waits_is_given_to_a_guide_once(shop_api):
    number = shop_api.ids["friend_northeast"]
    with shop_api.db.write() as session:
        friend = session.get_one(Friend, number)
        friend.guide_id, friend.rule, friend.unclaimed_at = None, "queue", friend.added_at
    assert [one["friend_id"] for one in shop_api.get("/assignments?unserved=true")["items"]] == [number]
    given = shop_api.post(f"/assignments/{number}/claim", {"userid": "ZhouMei"})
    assert (given["guide"]["userid"], given["reason"]) == ("zhoumei", "api:crm给了周梅")
    shop_api.post(f"/assignments/{number}/claim", {"userid": "zhoumei"}, status=409)
    shown = shop_api.get("/assignments?rule=given")["items"][0]
    assert (shown["unclaimed_at"], shown["rules_version"]) == (None, 0)


def test_an_attribution_is_changed_with_a_reason(shop_api):
    number = shop_api.ids["friend_northeast"]
    before = shop_api.get("/assignments")["items"][-1]
    moved = shop_api.post(f"/assignments/{number}/move", {"userid": "ZhouMei", "why": "搬家"})
    assert (moved["guide"]["userid"], moved["reason"]) == ("zhoumei", "api:crm换给了周梅：搬家")
    shown = shop_api.get("/assignments?rule=moved")["items"][0]
    assert (shown["friend_id"], shown["owner"]) == (number, before["owner"])
    shop_api.post(f"/assignments/{number}/move", {"userid": "zhoumei", "why": "再来"}, status=409)
    assert "why" in shop_api.faults(f"/assignments/{number}/move", {"userid": "wangfang", "why": ""})


def test_the_member_system_tells_whose_customer_she_is(shop_api):
    body = {"external_userid": "wm-northeast", "userid": "zhoumei"}
    assert shop_api.post("/customers/own-guide", body)["guide"]["userid"] == "zhoumei"
    assert shop_api.post("/customers/own-guide", {**body, "userid": None})["guide"] is None
    assert "external_userid" in shop_api.faults(
        "/customers/own-guide", {**body, "external_userid": "wm-nobody"}
    )
    assert "userid" in shop_api.faults("/customers/own-guide", {**body, "userid": "nobody"})
    with shop_api.db.read() as session:
        assert set(session.exec(select(Customer.own_guide_id))) == {None}
