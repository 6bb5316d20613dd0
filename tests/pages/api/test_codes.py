"""Entry codes through the API."""

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
    assert "userid" in shop_api.faults("/entry-codes", {})
    assert "userid" in shop_api.faults("/entry-codes", {"userid": "wangfang", "store": "zhongjie"})
    assert shop_api.faults("/entry-codes", {"userid": "nobody"}) == {"userid": "没有账号是「nobody」的导购"}
    assert shop_api.faults("/entry-codes", {"store": "x"}) == {"store": "没有编号是「x」的门店"}
    assert "不在岗" in shop_api.faults("/entry-codes", {"userid": "sunjiayi"})["userid"]
