"""The smart robot in a group: who reaches it, and what is shown of its answers."""

import json

import pytest
import requests

from emulator import callbacks
from tests.cast import CHEN, CUSTOMER_CHAT, SHOP_CHAT
from tests.waiting import PATIENCE, until


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


@pytest.mark.parametrize("kind", ["image", "file", "video"])
def test_alone_with_it_anything_may_be_sent_and_its_address_leads_to_it(world, receiver, kind):
    world.post("/phone/guide/wangfang/robot", {"attached": kind, "wait": True})
    (taken,) = receiver.taken
    assert (taken.event["msgtype"], taken.event["chattype"]) == (kind, "single")
    assert set(taken.event[kind]) == {"url"}
    answer = requests.get(taken.event[kind]["url"], timeout=PATIENCE)
    assert (answer.status_code, len(answer.content) > 10) == (200, True)


def test_a_voice_comes_with_its_words(world, receiver):
    world.post("/phone/guide/wangfang/robot", {"attached": "voice", "text": "签到", "wait": True})
    assert receiver.taken[0].event["voice"] == {"content": "签到"}


def test_in_a_group_a_picture_reaches_it_beside_a_mention_only(world, receiver):
    where = f"/phone/group/{SHOP_CHAT}/say"
    world.post(where, {"userid": "wangfang", "text": "看", "attached": "image"})
    world.post(where, {"userid": "wangfang", "text": "@小霁 看", "attached": "image", "wait": True})
    (taken,) = receiver.taken
    words, picture = taken.event["mixed"]["msg_item"]
    assert (taken.event["msgtype"], words["text"], picture["msgtype"]) == (
        "mixed",
        {"content": "@小霁 看"},
        "image",
    )


def test_what_no_phone_can_send_is_refused_in_words(world, receiver):
    with pytest.raises(AssertionError, match="400 .*只有图片、文件、视频和语音"):
        world.post("/phone/guide/wangfang/robot", {"attached": "house"})
    with pytest.raises(AssertionError, match="只有图片"):
        world.post(
            f"/phone/group/{SHOP_CHAT}/say", {"userid": "wangfang", "text": "@小霁", "attached": "file"}
        )
    assert receiver.taken == []


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
