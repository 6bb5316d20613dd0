"""Robots speak once, and their key is nowhere to be read."""

import base64
import hashlib
import logging

import pytest

from tests.wecom.fake_platform import OK, Hang, Raw, Reset, no
from tests.wecom.test_client import everything, failure
from wecom.errors import Action
from wecom.replies import markdown_message
from wecom.robot import WebhookRobot, robot_hold

KEY = "693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa"


@pytest.fixture
def robot(platform, hold, clock):
    robot = WebhookRobot(base_url=platform.base_url, hold=hold, timeout=(1.0, 1.0), clock=clock)
    yield robot
    robot.close()


def test_a_text_with_mentions_goes_out_by_key_without_a_token(robot, platform):
    robot.send_text(KEY, "早班开始", ["wangfang", "@all"])
    seen = platform.last("webhook/send")
    assert seen.query == {"key": KEY}
    assert seen.json == {
        "msgtype": "text", "text": {"content": "早班开始", "mentioned_list": ["wangfang", "@all"]},
    }  # fmt: skip
    assert platform.count("gettoken") == 0
    robot.send_text(KEY, "x")
    assert "mentioned_list" not in platform.last("webhook/send").json["text"]


def test_markdown_and_pictures(robot, platform):
    robot.send_markdown(KEY, "**新品** <@wangfang>")
    assert platform.last("webhook/send").json["markdown"]["content"] == "**新品** <@wangfang>"
    robot.send_image(KEY, b"\xff\xd8picture")
    image = platform.last("webhook/send").json["image"]
    assert base64.b64decode(image["base64"]) == b"\xff\xd8picture"
    assert image["md5"] == hashlib.md5(b"\xff\xd8picture").hexdigest()


def test_too_many_in_a_minute_hold_this_robot_only_B02(robot, platform, hold, clock):
    platform.on("webhook/send", no(45009, "api freq out of limit"), OK)
    error = failure(robot.send_text, KEY, "x")
    assert (error.action, error.retry_after) == (Action.WINDOW, 60)
    held = failure(robot.send_text, KEY, "x")
    assert (held.action, held.errcode) == (Action.WINDOW, None)
    assert "20 条" in held.words
    robot.send_text("another-key", "x")
    clock.move(seconds=60)
    robot.send_text(KEY, "x")
    assert KEY not in str(hold.rows())


@pytest.mark.parametrize(
    ("answer", "action"),
    [(no(93000, f"invalid webhook url, key={KEY}"), Action.REFUSED), (no(45002), Action.REFUSED),
     (no(-1), Action.RETRY), (Reset(), Action.UNKNOWN), (Hang(3), Action.UNKNOWN),
     (Raw(b"<html>", 502), Action.UNKNOWN), (Raw(b"<html>"), Action.UNKNOWN),
     (Raw(b"", 302, {"Location": "http://127.0.0.1:9/"}), Action.RETRY)],
)  # fmt: skip
def test_nothing_is_sent_twice_and_the_key_is_not_shown(robot, platform, caplog, answer, action):
    caplog.set_level(logging.DEBUG)
    platform.on("webhook/send", answer)
    error = failure(robot.send_text, KEY, "x")
    assert error.action is action
    assert platform.count("webhook/send") == 1
    assert KEY not in everything(error) + caplog.text


def test_a_robot_that_cannot_connect_has_sent_nothing(robot, platform):
    platform.close()
    assert failure(robot.send_text, KEY, "x").action is Action.RETRY


def test_a_later_answer_goes_to_the_platforms_own_address(robot, platform):
    robot.answer(platform.base_url + "aibot/response?response_code=RC%2B1", markdown_message("好的"))
    seen = platform.last("aibot/response")
    assert seen.query == {"response_code": "RC+1"}
    assert seen.json["markdown"]["content"] == "好的"
    platform.on("aibot/response", no(60140))
    url = platform.base_url + "aibot/response?response_code=RC1"
    assert failure(robot.answer, url, {}).action is Action.DONE


@pytest.mark.parametrize(
    "change",
    [("127.0.0.1", "evil.example"), ("http://", "https://"), ("http://", "http://user@"), ("aibot/response", "user/get"),
     ("?response_code=RC1", ""), ("RC1", "RC1&response_code=RC2"), ("/cgi-bin/", "/x/../cgi-bin/")],
)  # fmt: skip
def test_an_answer_goes_nowhere_else(robot, platform, change):
    url = (platform.base_url + "aibot/response?response_code=RC1").replace(*change)
    assert failure(robot.answer, url, {}).action is Action.REFUSED
    assert platform.seen == []


def test_the_name_of_a_hold_does_not_show_the_key():
    assert KEY[:8] not in robot_hold(KEY)
    assert robot_hold(KEY) != robot_hold(KEY + "x")
