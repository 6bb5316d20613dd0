"""Groups: webhook robots, the smart robot and its answers, customer groups and their events."""

import base64
import hashlib
import json

import pytest
import requests

from emulator import callbacks
from tests.cast import CHEN, CUSTOMER_CHAT, LIN, SHOP_CHAT, XU
from tests.waiting import PATIENCE, until
from tests.wecom_world import WEBHOOK, World, corp

GIF = b"GIF89a" + b"0" * 20
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20
LIST = "externalcontact/groupchat/list"


def picture(data):
    return {
        "msgtype": "image",
        "image": {"base64": base64.b64encode(data).decode(), "md5": hashlib.md5(data).hexdigest()},
    }


def test_a_webhook_robot_speaks_in_its_group(world):
    assert world.webhook({"msgtype": "markdown", "markdown": {"content": "**雪地靴** 到店"}}) == {
        "errcode": 0,
        "errmsg": "ok",
    }
    (row,) = world.ledger("robot")
    assert (row["who"], row["what"]["robot"], row["what"]["markdown"]) == (
        SHOP_CHAT,
        "总部播报",
        {"content": "**雪地靴** 到店"},
    )


def test_twenty_a_minute_then_45009(world):
    codes = [world.webhook({"msgtype": "text", "text": {"content": str(n)}})["errcode"] for n in range(22)]
    assert codes == [0] * 20 + [45009] * 2
    assert len(world.ledger("robot")) == 20
    world.advance(60)
    assert world.webhook({"msgtype": "text", "text": {"content": "又可以了"}})["errcode"] == 0


def test_a_wrong_key_and_a_dismissed_group_answer_93000(world):
    """H11."""
    assert world.webhook({"msgtype": "text", "text": {"content": "x"}}, key="no")["errcode"] == 93000
    world.post("/control/groups", {"dismiss": SHOP_CHAT})
    assert world.webhook({"msgtype": "text", "text": {"content": "x"}})["errcode"] == 93000


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"msgtype": "text", "text": {"content": "汉" * 682}}, 0),
        ({"msgtype": "text", "text": {"content": "汉" * 683}}, 45002),
        ({"msgtype": "text", "text": {"content": ""}}, 44004),
        ({"msgtype": "text"}, 44004),
        ({"msgtype": "poem"}, 40008),
        ({"msgtype": "markdown", "markdown": {"content": "汉" * 1366}}, 45002),
        ({"msgtype": "markdown", "markdown": {"content": "x", "mentioned_list": ["@all"]}}, 40058),
        ({"msgtype": "text", "text": {"content": "x", "mentioned_list": ["@all"]}}, 0),
        (picture(PNG), 0),
        (picture(GIF), 40004),
        ({"msgtype": "image", "image": {"base64": "data:image/png;base64,AAAA", "md5": "0"}}, 40058),
        ({"msgtype": "image", "image": {"base64": base64.b64encode(PNG).decode(), "md5": "0" * 32}}, 301019),
        ({"msgtype": "news", "news": {"articles": [{"title": "t", "url": "https://a.example"}] * 9}}, 45008),
        ({"msgtype": "file", "file": {"media_id": "none"}}, 40007),
        ({"msgtype": "template_card", "template_card": {"card_type": "button_interaction"}}, 42031),
    ],
)
def test_what_a_webhook_robot_may_say(world, body, errcode):
    assert world.webhook(body)["errcode"] == errcode


def test_a_file_belongs_to_the_robot_that_uploaded_it(world):
    answer = requests.post(
        world.api_url + "webhook/upload_media",
        params={"key": WEBHOOK, "type": "file"},
        files={"media": ("价目表.xlsx", b"0123456789")},
        timeout=20,
    ).json()
    assert answer["errcode"] == 0
    assert world.webhook({"msgtype": "file", "file": {"media_id": answer["media_id"]}})["errcode"] == 0
    app = requests.post(
        world.api_url + "media/upload",
        params={"access_token": world.token(), "type": "file"},
        files={"media": ("a.txt", b"0123456789")},
        timeout=20,
    ).json()
    assert world.webhook({"msgtype": "file", "file": {"media_id": app["media_id"]}})["errcode"] == 40007


def test_a_customer_group_cannot_host_a_webhook_robot():
    content = corp()
    content["groups"][1]["webhooks"] = [{"key": "k", "name": "n"}]
    with pytest.raises(Exception, match="cannot host a webhook"):
        World(content)


# the smart robot ------------------------------------------------------------------------------------------------


def stream(content, finish=True, stream_id="s1", **more):
    return json.dumps(
        {"msgtype": "stream", "stream": {"id": stream_id, "finish": finish, "content": content}} | more
    )


def test_only_a_mention_reaches_the_robot(world, receiver):
    assert world.say(SHOP_CHAT, "wangfang", "今日任务") == {"robot": False}
    assert world.say(SHOP_CHAT, "wangfang", "@小霁 今日任务") == {"robot": True}
    taken = receiver.wait()[0]
    assert taken.path == "/callback/robot"
    event = taken.event
    assert {name: event[name] for name in ("aibotid", "chatid", "chattype", "from", "msgtype", "text")} == {
        "aibotid": "aib-onetap-tests",
        "chatid": SHOP_CHAT,
        "chattype": "group",
        "from": {"userid": "wangfang"},
        "msgtype": "text",
        "text": {"content": "@小霁 今日任务"},
    }
    assert event["response_url"].startswith(world.api_url + "aibot/response?response_code=")
    assert [row["what"]["text"] for row in world.ledger("said")] == ["今日任务", "@小霁 今日任务"]


def test_its_stream_reply_is_shown_in_the_group(world, receiver):
    receiver.reply = lambda taken: (200, stream("还有 **2** 项"))
    world.say(SHOP_CHAT, "wangfang", "@小霁 今日任务", wait=True)
    (row,) = world.ledger("robot_reply")
    assert (row["who"], row["what"]["to"], row["what"]["stream"]["content"]) == (
        SHOP_CHAT,
        "wangfang",
        "还有 **2** 项",
    )
    assert [line["kind"] for line in world.get(f"/phone/group/{SHOP_CHAT}")["chat"]] == [
        "said",
        "robot_reply",
    ]


def test_an_unfinished_stream_is_asked_again_until_it_ends(world, receiver):
    receiver.reply = lambda taken: (
        200,
        stream("想好了", True) if taken.event.get("msgtype") == "stream" else stream("想一想", False),
    )
    world.say(SHOP_CHAT, "wangfang", "@小霁 在吗")
    refresh = receiver.wait(1, name="stream")[0].event
    assert refresh["stream"] == {"id": "s1"}
    assert "response_url" not in refresh
    until(lambda: len(world.ledger("robot_reply")) == 2)
    assert len(receiver.before_a_word(world)) == 2
    assert [row["what"]["stream"]["content"] for row in world.ledger("robot_reply")] == ["想一想", "想好了"]


def test_a_text_reply_is_shown_only_on_entering_the_chat(world, receiver):
    receiver.reply = lambda taken: (200, json.dumps({"msgtype": "text", "text": {"content": "您好"}}))
    world.say(SHOP_CHAT, "wangfang", "@小霁 在吗", wait=True)
    assert world.ledger("robot_reply") == []
    assert "text" in world.ledger("dropped")[0]["what"]["why"]
    world.post("/phone/guide/wangfang/robot", {"wait": True})
    assert receiver.taken[-1].event["event"] == {"eventtype": "enter_chat"}
    assert world.ledger("robot_reply")[0]["what"]["text"] == {"content": "您好"}


@pytest.mark.parametrize(
    "reply",
    [
        stream("汉" * 7000),
        stream("好", unknown=1),
        stream("好", stream_id=""),
        '{"msgtype": "template_card"}',
        json.dumps({"msgtype": "stream", "stream": {"id": "s", "finish": "yes", "content": "好"}}),
        json.dumps(
            {
                "msgtype": "stream",
                "stream": {
                    "id": "s",
                    "content": "好",
                    "msg_item": [{"msgtype": "image", "image": {"base64": "AAAA", "md5": "0"}}],
                },
            }
        ),
        json.dumps(
            {
                "response_type": "update_template_card",
                "template_card": {
                    "card_type": "button_interaction",
                    "task_id": "never sent",
                    "button_list": [{"text": "x", "key": "k"}],
                },
            }
        ),
        "[]",
        '{"msgtype": "poem"}',
        "not json",
        json.dumps(
            {"msgtype": "template_card", "template_card": {"card_type": "button_interaction", "task_id": "t"}}
        ),
    ],
)
def test_what_the_platform_would_not_show_is_dropped(world, receiver, reply):
    receiver.reply = lambda taken: (200, reply)
    world.say(SHOP_CHAT, "wangfang", "@小霁 在吗", wait=True)
    assert world.ledger("robot_reply") == []
    assert len(world.ledger("dropped")) == 1


def test_a_card_in_the_group_can_be_pressed_and_updated(world, receiver):
    card = {
        "card_type": "button_interaction",
        "task_id": "sign",
        "main_title": {"title": "签到"},
        "button_list": [{"text": "签到", "key": "in"}],
    }
    changed = card | {"main_title": {"title": "已签到"}}

    def reply(taken):
        if taken.event["msgtype"] == "event":
            return 200, json.dumps({"response_type": "update_template_card", "template_card": changed})
        return 200, stream("好的", template_card=card, msgtype="stream_with_template_card")

    receiver.reply = reply
    world.say(SHOP_CHAT, "wangfang", "@小霁 签到", wait=True)
    assert [row["what"]["msgtype"] for row in world.ledger("robot_reply")] == ["stream", "template_card"]
    world.post(
        f"/phone/group/{SHOP_CHAT}/card", {"userid": "zhaoqian", "task_id": "sign", "key": "in", "wait": True}
    )
    event = receiver.taken[-1].event["event"]["template_card_event"]
    assert event == {"card_type": "button_interaction", "event_key": "in", "task_id": "sign"}
    shown = world.get(f"/phone/group/{SHOP_CHAT}")["chat"][-1]["what"]["template_card"]
    assert shown["main_title"] == {"title": "已签到"}


def test_a_response_url_works_once_for_an_hour(world, receiver):
    world.say(SHOP_CHAT, "wangfang", "@小霁 慢慢想")
    url = receiver.wait()[0].event["response_url"]
    body = {"msgtype": "markdown", "markdown": {"content": "想好了"}}
    assert (
        requests.post(url, json={"msgtype": "text", "text": {"content": "x"}}, timeout=20).json()["errcode"]
        == 40058
    )
    raw = json.dumps(body, ensure_ascii=False).encode()
    assert requests.post(url, data=raw, timeout=20).json()["errcode"] == 0
    assert requests.post(url, data=raw, timeout=20).json()["errcode"] == 60140
    assert world.ledger("robot_reply")[0]["what"]["markdown"] == {"content": "想好了"}
    world.say(SHOP_CHAT, "wangfang", "@小霁 再想")
    late = receiver.wait(2)[1].event["response_url"]
    world.advance(3601)
    assert requests.post(late, data=raw, timeout=20).json()["errcode"] == 60140


def test_three_talks_with_the_robot_at_once_and_no_more(world, receiver, monkeypatch):
    monkeypatch.setattr(callbacks, "CALLBACK_SECONDS", PATIENCE)
    with receiver.silent():
        for n in range(4):
            world.say(SHOP_CHAT, "wangfang", f"@小霁 {n}")
        assert len(receiver.wait(3)) == 3
        assert "three" in world.ledger("dropped")[0]["what"]["why"]
    until(lambda: len(world.ledger("callback")) == 3)
    world.say(SHOP_CHAT, "wangfang", "@小霁 现在", wait=True)
    assert len(receiver.taken) == 4


def test_who_is_not_in_the_group_cannot_speak_there(world):
    with pytest.raises(AssertionError, match="不在群里"):
        world.say(SHOP_CHAT, "zhoumei", "@小霁 在吗")
    with pytest.raises(AssertionError, match="没有这个群"):
        world.say("wrNONE", "zhoumei", "在吗")


def test_there_is_no_robot_in_a_customer_group(world):
    assert world.say(CUSTOMER_CHAT, CHEN, "@小霁 在吗") == {"robot": False}


# customer groups ------------------------------------------------------------------------------------------------


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


def test_changes_of_a_customer_group_are_told(world, receiver):
    world.post(
        "/control/groups",
        {"create": {"chat_id": "wrNEW", "name": "新群", "kind": "customer", "owner": "zhoumei"}},
    )
    assert receiver.wait(1, name="change_external_chat.create")[0].event["ChatId"] == "wrNEW"
    world.post("/control/groups", {"owner": {"chat_id": "wrNEW", "owner": "gaomin"}})
    owner = receiver.wait(1, name="change_external_chat.update")[0].event
    assert owner["UpdateDetail"] == "change_owner"
    world.post("/control/groups", {"join": {"chat_id": "wrNEW", "who": XU}})
    joined = receiver.wait(2, name="change_external_chat.update")[1].event
    assert (joined["UpdateDetail"], joined["MemChangeList"]["Item"], joined["JoinScene"]) == (
        "add_member",
        XU,
        "3",
    )
    assert joined["LastMemVer"] == owner["CurMemVer"]
    world.post("/control/groups", {"quit": {"chat_id": "wrNEW", "who": XU}})
    assert receiver.wait(3, name="change_external_chat.update")[2].event["UpdateDetail"] == "del_member"
    world.post("/control/groups", {"dismiss": "wrNEW"})
    receiver.wait(1, name="change_external_chat.dismiss")
    assert world.call("externalcontact/groupchat/get", {"chat_id": "wrNEW"})["errcode"] == 49008


def test_internal_groups_change_without_events(world, receiver):
    world.post("/control/groups", {"name": {"chat_id": SHOP_CHAT, "name": "中街店"}})
    with pytest.raises(AssertionError, match="没有顾客"):
        world.post("/control/groups", {"join": {"chat_id": SHOP_CHAT, "who": LIN}})
    assert receiver.before_a_word(world) == []
