"""Groups, robots whose keys only go in, announcements into both kinds of groups, and the robot's words."""

import pytest
from sqlmodel import select

from models.groups.robots import Robot
from tests.pages.api.conftest import WEBHOOK


def test_an_internal_group_is_told_and_gets_a_robot(shop_api):
    group = shop_api.post("/groups", {"name": "沈阳店长群", "store": "zhongjie", "members": 12})
    assert (group["kind"], group["store"]["code"], group["branch"]["code"]) == (
        "internal",
        "zhongjie",
        "northeast",
    )
    robot = shop_api.post("/robots", {"group_id": group["id"], "webhook": WEBHOOK})
    assert (robot["name"], robot["key_tail"], robot["status"]) == ("沈阳店长群", "e1f0", "untried")
    assert [one["id"] for one in shop_api.get(f"/robots?group_id={group['id']}")["items"]] == [robot["id"]]


def test_a_robot_s_key_comes_in_and_never_out_I14(shop_api):
    """The ledger of who did what does not hold it either."""
    key = WEBHOOK.partition("key=")[2]
    shop_api.post("/robots", {"group_id": shop_api.ids["group_east"], "webhook": WEBHOOK})
    for path in ("/robots", "/audit", "/groups", "/deliveries"):
        told = shop_api.call("GET", path).get_data(as_text=True)
        assert key not in told
        assert "encrypted" not in told
    with shop_api.db.read() as session:
        assert all(key not in str(row.model_dump()) for row in session.exec(select(Robot)))


def test_a_customer_group_takes_no_robot_and_hears_why(shop_api, customers):
    answer = shop_api.post("/robots", {"group_id": customers, "webhook": WEBHOOK}, status=409)
    assert "客户群里不能放群机器人" in answer["detail"]


def test_one_robot_belongs_to_one_group(shop_api):
    shop_api.post("/robots", {"group_id": shop_api.ids["group_east"], "webhook": WEBHOOK})
    answer = shop_api.post(
        "/robots", {"group_id": shop_api.ids["group_northeast"], "webhook": WEBHOOK}, status=409
    )
    assert "east 店长群" in answer["detail"]


@pytest.mark.parametrize(
    "webhook",
    [
        "https://example.com/send",
        "https://example.com/?key=",
        "x" * 8 + "/",
        "http://[::1/?key=abcdefgh",
        "key=a b c d e",
    ],
)
def test_what_is_no_webhook_is_said_so_I08(api, webhook):
    """The address is only read, nothing is fetched from it."""
    assert set(api.faults("/robots", {"group_id": api.ids["group_east"], "webhook": webhook})) == {"webhook"}


def test_a_robot_needs_a_group_that_exists(api):
    assert api.faults("/robots", {"group_id": 99999, "webhook": WEBHOOK}) == {
        "group_id": "没有编号是 99999 的群"
    }
    assert api.faults("/groups", {"name": "群", "store": "nowhere"}) == {
        "store": "没有编号是「nowhere」的门店"
    }


def test_groups_are_found_by_kind_and_place(shop_api, customers):
    assert [one["id"] for one in shop_api.get("/groups?kind=customer&status=active")["items"]] == [customers]
    found = shop_api.get(f"/groups?store_id={shop_api.ids['zhongjie']}")["items"]
    assert [one["id"] for one in found] == [shop_api.ids["group_northeast"]]
    assert shop_api.get(f"/groups/{customers}")["owner"]["userid"] == "sunjiayi"


def test_the_robot_s_words_are_told_with_their_help(api):
    found = {word: one["help"] for one in api.get("/commands")["items"] for word in one["words"]}
    assert {"帮助", "今日任务", "签到"} <= set(found)
    assert all(found.values())
