"""Codes, friends, who serves them and why, and rules tried out."""

from datetime import timedelta

from sqlmodel import select

from models.friends import Friend
from models.ledger.outbox import Outbox
from models.org import Store


def test_friends_are_found_by_every_filter(shop_api):
    ids = shop_api.ids
    for query in (
        f"owner_id={ids['wangfang']}",
        f"guide_id={ids['wangfang']}",
        f"store_id={ids['zhongjie']}",
        f"branch_id={ids['northeast']}",
        f"code_id={ids['code_northeast']}",
        "external_userid=wm-northeast",
    ):
        found = shop_api.get(f"/friends?{query}&status=friend&rule=code")["items"]
        assert [one["id"] for one in found] == [ids["friend_northeast"]], query
    assert shop_api.get("/friends?status=lost")["items"] == []
    assert shop_api.get("/friends?unserved=true")["items"] == []
    assert len(shop_api.get("/friends?unserved=false")["items"]) == 2
    assert len(shop_api.get("/friends?added_since=2026-11-19T14:00:00%2B08:00")["items"]) == 2
    assert shop_api.get("/friends?added_before=2026-11-19T14:00:00%2B08:00")["items"] == []


def test_a_friend_tells_why_she_is_served_by_whom(shop_api):
    found = shop_api.get(f"/friends/{shop_api.ids['friend_northeast']}")
    assert found["owner"]["userid"] == found["guide"]["userid"] == "wangfang"
    assert (found["reason"], found["steps"][0]["answer"]) == ("扫的是王芳的码", "扫的是王芳的码")
    assert found["added_at"] == "2026-11-19T06:27:41Z"
    assert found["welcome"] is None


def test_a_welcome_s_fate_is_told_without_its_code(shop_api):
    with shop_api.db.write() as session:
        row = session.get_one(Outbox, shop_api.ids["delivery_northeast"])
        row.payload = {"welcome_code": "WELCOME-SECRET", "text": "您好"}
        session.get_one(Friend, shop_api.ids["friend_northeast"]).welcome_id = row.id
    welcome = shop_api.get(f"/friends/{shop_api.ids['friend_northeast']}")["welcome"]
    assert welcome == {
        "delivery_id": shop_api.ids["delivery_northeast"],
        "status": "sent",
        "reason": "",
        "seconds": 0.8,
    }


def test_the_seconds_of_a_welcome_count_from_the_callback_not_from_our_own_row(shop_api):
    with shop_api.db.write() as session:
        row = session.get_one(Outbox, shop_api.ids["delivery_northeast"])
        row.deadline = row.created_at + timedelta(seconds=19.5)
        session.get_one(Friend, shop_api.ids["friend_northeast"]).welcome_id = row.id
    assert shop_api.get(f"/friends/{shop_api.ids['friend_northeast']}")["welcome"]["seconds"] == 1.3


def test_a_time_without_a_zone_is_refused_in_words(api):
    for moment in (
        "2026-11-19T10:00:00",
        "yesterday",
        "0001-01-01T00:00:00%2B14:00",
        "1763517600",
        "2026-11-19",
    ):
        answer = api.call("GET", f"/friends?added_since={moment}")
        assert answer.status_code == 422, moment
        assert answer.get_json()["errors"][0]["field"] == "added_since"
    assert (
        "%2B" in api.call("GET", "/friends?added_since=2026-11-19T10:00:00").get_json()["errors"][0]["words"]
    )


def test_assignments_are_the_decisions_with_their_reasons(shop_api):
    found = shop_api.get("/assignments")["items"]
    assert {(one["external_userid"], one["guide"]["userid"], one["reason"]) for one in found} == {
        ("wm-northeast", "wangfang", "扫的是王芳的码"),
        ("wm-east", "sunjiayi", "扫的是孙佳怡的码"),
    }
    assert found[0]["steps"][0]["outcome"] == "hit"


def test_a_rule_can_be_tried_out_and_writes_nothing(shop_api):
    with shop_api.db.read() as session:
        before = len(session.exec(select(Friend)).all())
    body = {"userid": "zhoumei", "code_id": shop_api.ids["code_northeast"]}
    tried = shop_api.post("/assignments/dry-run", body, token=shop_api.reading)
    assert (tried["guide"]["userid"], tried["rule"]) == ("wangfang", "code")
    plain = shop_api.post("/assignments/dry-run", {"userid": "zhoumei"})
    assert (plain["guide"]["userid"], plain["branch"]["code"]) == ("zhoumei", "northeast")
    with shop_api.db.read() as session:
        assert len(session.exec(select(Friend)).all()) == before
        assert (
            session.exec(select(Outbox).where(Outbox.channel == "welcome", Outbox.status == "queued")).all()
            == []
        )


def test_trying_out_knows_the_customer_s_history(shop_api):
    tried = shop_api.post("/assignments/dry-run", {"userid": "zhoumei", "external_userid": "wm-northeast"})
    assert (tried["guide"]["userid"], tried["rule"]) == ("wangfang", "before")
    first_time = shop_api.post(
        "/assignments/dry-run", {"userid": "zhoumei", "external_userid": "wm-never-seen"}
    )
    assert first_time["guide"]["userid"] == "zhoumei"


def test_trying_out_names_what_does_not_exist(api):
    assert api.faults("/assignments/dry-run", {"userid": "nobody"}) == {
        "userid": "没有账号是「nobody」的导购"
    }
    assert api.faults("/assignments/dry-run", {"userid": "wangfang", "code_id": 99999}) == {
        "code_id": "没有编号是 99999 的入口码"
    }
    assert api.faults("/assignments/dry-run", {"userid": "wangfang", "code_id": "1"}) == {
        "code_id": "要是整数"
    }


def test_a_store_with_nobody_gets_its_words(shop_api):
    with shop_api.db.write() as session:
        session.add(Store(code="empty", name="空店", branch_id=shop_api.ids["east"]))
    made = shop_api.post("/entry-codes", {"store": "empty"})
    assert made["status"] == "failed"
    assert "没有在岗的导购" in made["reason"]
