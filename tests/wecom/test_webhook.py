"""Robots speak once, and their key is nowhere to be read."""

import logging

import pytest

from tests.wecom.closed_windows import Unwritable
from tests.wecom.conftest import IMPATIENT
from tests.wecom.failures import everything, failure
from tests.wecom.fake_platform import OK, Hang, Raw, Reset, no
from wecom.errors import Action
from wecom.webhook import WebhookRobot, robot_window

KEY = "693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa"


@pytest.fixture
def robot(platform, closed_windows, clock):
    robot = WebhookRobot(
        base_url=platform.base_url, closed_windows=closed_windows, timeout=IMPATIENT, clock=clock
    )
    yield robot
    robot.close()


def say(content):
    return {"msgtype": "text", "text": {"content": content}}


def test_a_post_goes_out_by_key_without_a_token(robot, platform):
    message = {"msgtype": "markdown", "markdown": {"content": "**新品** <@wangfang>"}}
    robot.send(KEY, message)
    seen = platform.last("webhook/send")
    assert (seen.query, seen.json) == ({"key": KEY}, message)
    assert "**新品**".encode() in seen.body  # no \\u escapes: the platform refuses them
    assert platform.count("gettoken") == 0


def test_too_many_in_a_minute_hold_this_robot_only_B02(robot, platform, closed_windows, clock):
    platform.on("webhook/send", no(45009, "api freq out of limit"), OK)
    error = failure(robot.send, KEY, say("x"))
    assert (error.action, error.retry_after) == (Action.WINDOW, 60)
    refused = failure(robot.send, KEY, say("x"))
    assert (refused.action, refused.errcode) == (Action.WINDOW, None)
    assert "20 条" in refused.words
    robot.send("another-key", say("x"))
    clock.move(seconds=60)
    robot.send(KEY, say("x"))
    assert KEY not in str(closed_windows.rows)


def test_a_closed_minute_that_cannot_be_noted_is_heard_all_the_same(robot, platform, caplog):
    platform.on("webhook/send", no(45009), OK)
    robot.closed_windows = Unwritable()
    assert failure(robot.send, KEY, say("x")).action is Action.WINDOW
    assert "could not be noted: ConnectionError" in caplog.text and KEY not in caplog.text


@pytest.mark.parametrize(
    ("answer", "action"),
    [(no(93000, f"invalid webhook url, key={KEY}"), Action.REFUSED), (no(45002), Action.REFUSED),
     (no(-1), Action.RETRY), (Reset(), Action.UNKNOWN), (Hang(3600), Action.UNKNOWN),
     (Raw(b"<html>", 502), Action.UNKNOWN), (Raw(b"<html>"), Action.UNKNOWN),
     (Raw(b"", 302, {"Location": "http://127.0.0.1:9/"}), Action.RETRY)],
)  # fmt: skip
def test_nothing_is_sent_twice_and_the_key_is_not_shown(robot, platform, caplog, answer, action):
    caplog.set_level(logging.DEBUG)
    platform.on("webhook/send", answer)
    error = failure(robot.send, KEY, say("x"))
    assert error.action is action
    assert platform.count("webhook/send") == 1
    assert KEY not in everything(error) + caplog.text


def test_a_robot_that_cannot_connect_has_sent_nothing(robot, platform):
    platform.close()
    assert failure(robot.send, KEY, say("x")).action is Action.RETRY


def test_the_name_of_a_hold_does_not_show_the_key():
    assert KEY[:8] not in robot_window(KEY)
    assert robot_window(KEY) != robot_window(KEY + "x")
