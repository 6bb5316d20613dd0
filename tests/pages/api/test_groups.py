"""Groups, robots whose keys only go in, announcements into both kinds of groups, and the robot's words."""

import pytest
from sqlmodel import select

from models.groups import Group
from models.groups.robots import Robot
from tests.pages.api.conftest import WEBHOOK

SOON = "2026-11-19T20:00:00+08:00"


@pytest.fixture
def customers(shop_api):
    """A customer group in 南京."""
    with shop_api.db.write() as session:
        group = Group(
            chat_id="wr-customers",
            kind="customer",
            name="南京会员群",
            owner_id=shop_api.ids["sun"],
            created_at=shop_api.clock(),
        )
        session.add(group)
        session.flush()
        return group.id


def test_an_internal_group_is_told_and_gets_a_robot(shop_api):
    group = shop_api.post("/groups", {"name": "沈阳店长群", "store": "zhongjie", "members": 12})
    assert (group["kind"], group["store"]["code"], group["branch"]["code"]) == (
        "internal",
        "zhongjie",
        "northeast",
    )
    robot = shop_api.post("/robots", {"group_id": group["id"], "webhook": WEBHOOK})
    assert (robot["name"], robot["key_tail"], robot["status"]) == ("沈阳店长群", "e1f0", "active")
    assert [one["id"] for one in shop_api.get(f"/robots?group_id={group['id']}")["items"]] == [robot["id"]]


def test_a_robot_s_key_comes_in_and_never_out_I14(shop_api):
    """The ledger of who did what does not hold it either."""
    key = WEBHOOK.partition("key=")[2]
    shop_api.post("/robots", {"group_id": shop_api.ids["group_east"], "webhook": WEBHOOK})
    for path in ("/robots", "/audit", "/groups", "/deliveries"):
        told = shop_api.call("GET", path).get_data(as_text=True)
        assert key not in told
        assert "sealed" not in told
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
    assert shop_api.get(f"/groups/{customers}")["owner"]["userid"] == "sun"


def test_an_announcement_is_planned_for_both_kinds_of_groups(shop_api, customers):
    made = shop_api.post(
        "/announcements",
        {
            "title": "双十二",
            "text": "明天 9 点开会",
            "groups": [shop_api.ids["group_east"], customers],
            "launch_at": SOON,
        },
    )
    assert (made["status"], made["launch_at"]) == ("scheduled", "2026-11-19T12:00:00Z")
    assert {one["way"] for one in made["states"]} == {"robot", "owner"}
    assert all(one["words"] == "还没到时间" for one in made["states"])
    path = f"/announcements/{made['id']}"
    assert shop_api.get(path) == made
    assert [
        one["id"] for one in shop_api.get("/announcements?status=scheduled&sort=-launch_at")["items"]
    ] == [made["id"]]
    assert shop_api.post(f"{path}/cancel")["status"] == "cancelled"


def test_a_robot_for_a_customer_group_is_refused_with_the_reason(shop_api, customers):
    answer = shop_api.post(
        "/announcements",
        {
            "title": "双十二",
            "text": "好消息",
            "groups": [customers],
            "by_robot": [customers],
            "launch_at": SOON,
        },
        status=409,
    )
    assert "「南京会员群」是客户群" in answer["detail"]


def test_an_announcement_s_text_has_the_limit_of_where_it_goes(shop_api, customers):
    def body(text, *groups):
        return {"title": "双十二", "text": text, "groups": list(groups), "launch_at": SOON}

    words = shop_api.faults("/announcements", body("雪" * 683, shop_api.ids["group_east"]))["text"]
    assert "2,049 字节" in words
    assert "2,048 字节" in words
    shop_api.post("/announcements", body("雪" * 682, shop_api.ids["group_east"]))
    shop_api.post("/announcements", body("雪" * 683, customers))
    assert "4,000 字节" in shop_api.faults("/announcements", body("雪" * 1334, customers))["text"]


def test_an_announcement_names_what_is_missing(api):
    good = {"title": "双十二", "text": "好", "groups": [api.ids["group_east"]], "launch_at": SOON}
    assert set(api.faults("/announcements", {})) == {"title", "text", "groups", "launch_at"}
    assert api.faults("/announcements", {**good, "groups": []}) == {"groups": "至少 1 个，现在 0 个"}
    assert api.faults("/announcements", {**good, "groups": [99999]}) == {"groups": "没有编号是 99999 的群"}
    assert api.faults("/announcements", {**good, "by_robot": [99999]}) == {"by_robot": "99999 不在 groups 里"}
    assert api.faults("/announcements", {**good, "title": "  "}) == {"title": "不能空着"}
    assert api.faults("/announcements", {**good, "text": "坏\ud800"[:1] + "\u0007"}) == {
        "text": "里面有看不见的字符"
    }


def test_the_robot_s_words_are_told_with_their_help(api):
    found = {word: one["help"] for one in api.get("/commands")["items"] for word in one["words"]}
    assert {"帮助", "今日任务", "签到"} <= set(found)
    assert all(found.values())
