"""Customer groups: which are listed, and what is told of them."""

from tests.cast import CHEN, CUSTOMER_CHAT, SHOP_CHAT

LIST = "externalcontact/groupchat/list"


def test_only_customer_groups_are_listed(world):
    assert world.call(LIST, {"limit": 100})["group_chat_list"] == [{"chat_id": CUSTOMER_CHAT, "status": 0}]
    assert (
        world.call(LIST, {"limit": 100, "owner_filter": {"userid_list": ["gaomin"]}})["group_chat_list"] == []
    )
    assert world.call(LIST, {})["errcode"] == 40063
    world.leave("zhoumei")
    assert world.call(LIST, {"limit": 100, "status_filter": 1})["group_chat_list"] == [
        {"chat_id": CUSTOMER_CHAT, "status": 1}
    ]


def test_details_with_names_on_wish(world):
    chat = world.call("externalcontact/groupchat/get", {"chat_id": CUSTOMER_CHAT, "need_name": 1})[
        "group_chat"
    ]
    people = [(row["userid"], row["type"], row["name"]) for row in chat["member_list"]]
    assert people == [(CHEN, 2, "陈可欣"), ("zhoumei", 1, "周梅")]
    assert (chat["owner"], len(chat["member_version"])) == ("zhoumei", 32)
    bare = world.call("externalcontact/groupchat/get", {"chat_id": CUSTOMER_CHAT})["group_chat"]
    assert "name" not in bare["member_list"][0]
    assert world.call("externalcontact/groupchat/get", {"chat_id": SHOP_CHAT})["errcode"] == 90501
    assert world.call("externalcontact/groupchat/get", {"chat_id": "wrNONE"})["errcode"] == 49008
