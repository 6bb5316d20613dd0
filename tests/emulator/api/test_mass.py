"""企业群发: which tasks are made, listed, cancelled and reminded of, and their results."""

import time

import pytest

from tests.cast import CHEN, CUSTOMER_CHAT, LIN, SHOP_CHAT, XU
from tests.wecom_world import World, corp

ADD = "externalcontact/add_msg_template"
TASKS = "externalcontact/get_groupmsg_task"
RESULT = "externalcontact/get_groupmsg_send_result"
LINK = {"msgtype": "link", "link": {"title": "t", "url": "https://a.example"}}
TEXT = {"text": {"content": "雪地靴到店"}}


def created(world, **body):
    answer = world.call(ADD, TEXT | body)
    assert answer["errcode"] == 0, answer
    return answer


def results(world, msgid, userid):
    rows = world.call(RESULT, {"msgid": msgid, "userid": userid})["send_list"]
    return {row.get("external_userid") or row["chat_id"]: row["status"] for row in rows}


def test_only_sender_means_all_her_customers(world):
    msgid = created(world, sender="wangfang")["msgid"]
    assert set(results(world, msgid, "wangfang")) == {XU, LIN}


def test_strangers_come_back_in_fail_list_and_none_left_is_41048(world):
    answer = created(world, sender="wangfang", external_userid=[XU, CHEN, "wmNOBODY", XU])
    assert answer["fail_list"] == [CHEN, "wmNOBODY"]
    assert world.call(ADD, TEXT | {"sender": "wangfang", "external_userid": [CHEN]})["errcode"] == 41048
    assert world.call(ADD, TEXT | {"sender": "gaomin"})["errcode"] == 41048


def test_without_sender_only_the_last_guide_of_each_customer_gets_a_task(world, way):
    world.scan(LIN, way("zhaoqian")["payload"])
    msgid = created(world, external_userid=[LIN, CHEN])["msgid"]
    assert [task["userid"] for task in world.call(TASKS, {"msgid": msgid})["task_list"]] == [
        "zhaoqian",
        "zhoumei",
    ]
    assert results(world, msgid, "zhaoqian") == {LIN: 0}


def test_a_group_message_goes_to_groups_that_the_sender_owns(world):
    answer = created(world, chat_type="group", sender="zhoumei", chat_id_list=[CUSTOMER_CHAT, "wrOTHER"])
    assert answer["fail_list"] == ["wrOTHER"]
    assert world.confirm("zhoumei", answer["msgid"])["sent"] == 1
    (row,) = world.ledger("group_mass")
    assert (row["who"], row["what"]["text"]) == (CUSTOMER_CHAT, "雪地靴到店")
    assert results(world, answer["msgid"], "zhoumei") == {CUSTOMER_CHAT: 1}


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({}, 40058),
        ({"sender": "nobody"}, 60111),
        ({"chat_type": "group"}, 40058),
        ({"chat_type": "group", "sender": "zhoumei", "external_userid": [CHEN]}, 40058),
        ({"chat_type": "group", "sender": "zhoumei", "chat_id_list": [SHOP_CHAT]}, 41048),
        ({"sender": "wangfang", "chat_id_list": [CUSTOMER_CHAT]}, 40058),
        ({"sender": "wangfang", "external_userid": []}, 40058),
        ({"sender": "wangfang", "external_userid": ["x"] * 10_001}, 40058),
        ({"sender": "wangfang", "tag_filter": {"group_list": [{"tag_list": ["et1"]}]}}, 40068),
        ({"sender": "wangfang", "text": {"content": "汉" * 1334}}, 45002),
        ({"sender": "wangfang", "text": {"content": ""}}, 44004),
        ({"sender": "wangfang", "allow_select": 1}, 40058),
        ({"sender": "wangfang", "attachments": [LINK] * 10}, 41064),
    ],
)
def test_wrong_tasks_are_refused(world, body, errcode):
    """F16."""
    assert world.call(ADD, TEXT | body)["errcode"] == errcode


def test_a_cancelled_task_cannot_be_confirmed_and_what_was_sent_stays(world):
    """F14."""
    msgid = created(world, external_userid=[LIN, CHEN])["msgid"]
    world.confirm("wangfang", msgid)
    assert world.call("externalcontact/cancel_groupmsg_send", {"msgid": msgid})["errcode"] == 0
    assert world.call("externalcontact/cancel_groupmsg_send", {"msgid": msgid})["errcode"] == 41093
    assert world.call("externalcontact/remind_groupmsg_send", {"msgid": msgid})["errcode"] == 41093
    with pytest.raises(AssertionError, match="取消"):
        world.confirm("zhoumei", msgid)
    assert [row["who"] for row in world.ledger("mass")] == [LIN]


def test_three_reminders_in_24_hours(world):
    """F15."""
    msgid = created(world, sender="wangfang")["msgid"]
    codes = [
        world.call("externalcontact/remind_groupmsg_send", {"msgid": msgid})["errcode"] for _ in range(4)
    ]
    assert codes == [0, 0, 0, 41094]
    assert [row["who"] for row in world.ledger("remind")] == ["wangfang"] * 3
    world.advance(86_401)
    assert world.call("externalcontact/remind_groupmsg_send", {"msgid": msgid})["errcode"] == 0


def test_tasks_and_results_come_in_pages():
    members = [{"userid": f"u{n}", "name": "导购", "department": [21]} for n in range(5)]
    customers = [{"external_userid": f"wm{n}", "name": "客", "friends_of": [f"u{n % 5}"]} for n in range(15)]
    with World(corp(members=members, customers=customers, groups=[])) as world:
        msgid = created(world, external_userid=[f"wm{n}" for n in range(15)])["msgid"]
        seen, cursor = [], ""
        while True:
            page = world.call(TASKS, {"msgid": msgid, "limit": 2} | ({"cursor": cursor} if cursor else {}))
            seen += [row["userid"] for row in page["task_list"]]
            if not (cursor := page["next_cursor"]):
                break
        assert seen == [f"u{n}" for n in range(5)]
        first = world.call(RESULT, {"msgid": msgid, "userid": "u0", "limit": 2})
        rest = world.call(
            RESULT, {"msgid": msgid, "userid": "u0", "limit": 2, "cursor": first["next_cursor"]}
        )
        assert (len(first["send_list"]), len(rest["send_list"]), rest["next_cursor"]) == (2, 1, "")
        assert world.call(TASKS, {"msgid": msgid, "cursor": "nonsense"})["errcode"] == 50100


def test_created_tasks_can_be_found_again_by_time(world):
    """B08: after an unknown answer, this list says whether the task exists."""
    began = int(time.time())
    made = [
        created(world, sender="wangfang")["msgid"],
        created(world, chat_type="group", sender="zhoumei")["msgid"],
    ]
    now = int(time.time())
    span = {"start_time": began, "end_time": now + 1}
    rows = world.call("externalcontact/get_groupmsg_list_v2", {"chat_type": "single"} | span)[
        "group_msg_list"
    ]
    assert [(row["msgid"], row["create_type"], row["text"]) for row in rows] == [
        (made[0], 0, {"content": "雪地靴到店"})
    ]
    assert "creator" not in rows[0]
    too_long = {"chat_type": "single", "start_time": now - 32 * 86_400, "end_time": now}
    assert world.call("externalcontact/get_groupmsg_list_v2", too_long)["errcode"] == 40058


def test_an_unknown_msgid_and_a_missing_one(world):
    assert world.call(TASKS, {"msgid": "msgNONE"})["errcode"] == 41047
    assert world.call(TASKS, {})["errcode"] == 41046
