"""A robot's message is handled in the request that brings it: its reply is the answer."""

import json

import pytest

from tests import cast
from tests.handlers.platform import on_one_database, robot_message


def test_a_robot_message_is_handled_before_the_answer(platform, people, rows):
    answer, reply = platform.say(robot_message("@小霁 签到", cast.WANG))
    assert answer.mimetype == "application/json"
    assert reply["stream"]["finish"] is True and "王芳" in reply["stream"]["content"]
    assert rows()[0].status == "handled"


def test_a_repeated_robot_message_gets_the_same_reply_again(platform, people, clock, rows):
    message = robot_message("@小霁 签到", cast.WANG, msgid="M-same")
    _, first = platform.say(message)
    clock.wait(seconds=5)
    _, again = platform.say({**message, "response_url": "https://qyapi.weixin.qq.com/other"})
    assert again == first
    assert [row.copies for row in rows()] == [2]


def test_a_robot_body_may_hold_what_no_column_can(platform, people, rows):
    message = robot_message("签到", "wang\0fang", chat="wr\ud800", msgid="M\0\ud800")
    body = json.dumps(message)
    answer, _ = platform.say(body)
    assert answer.status_code == 200
    assert rows()[0].actor == cast.WANG


@on_one_database
@pytest.mark.parametrize(
    "inside", ["", "[]", "{", '{"msgtype":1e400}', '{"msgtype":"event"}', "{}", '"text"']
)
def test_malformed_robot_json_is_a_client_error_A11(platform, rows, inside):
    answer, _ = platform.say(inside)
    assert (answer.status_code, answer.mimetype) == (400, "text/plain")
    assert rows() == []


@on_one_database
def test_a_stream_refresh_is_answered_but_not_stored(platform, rows):
    answer, reply = platform.say({"msgid": "S1", "msgtype": "stream", "stream": {"id": "abc"}})
    assert (answer.status_code, reply) == (200, None)
    assert rows() == []
