"""What every API call passes: its app, the shape of its body, its name."""

import json

import pytest
import requests


def raw_post(world, api, body: bytes, **query):
    return requests.post(
        world.api_url + api, params={"access_token": world.token()} | query, data=body, timeout=20
    ).json()


def test_escaped_characters_are_refused(world):
    body = json.dumps({"chat_id": "群"}).encode()
    assert b"\\u" in body
    assert raw_post(world, "externalcontact/groupchat/get", body)["errcode"] == 40033


def test_a_backslash_before_a_u_that_is_text_is_not_an_escape(world):
    answer = raw_post(world, "externalcontact/groupchat/get", b'{"chat_id": "C:\\\\u4e00"}')
    assert answer["errcode"] == 49008


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe{}", b'{"a":1}x', b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_refused(world, body):
    assert raw_post(world, "externalcontact/groupchat/get", body)["errcode"] == 40035


def test_unknown_fields_are_refused_at_the_top_and_below(world):
    assert (
        world.call("externalcontact/groupchat/get", {"chat_id": "wr1", "chatid": "wr1"})["errcode"] == 40058
    )
    body = {"welcome_code": "x", "text": {"content": "hi", "contents": "hi"}}
    assert world.call("externalcontact/send_welcome_msg", body)["errcode"] == 40058


def test_an_unknown_api_and_the_wrong_method_are_refused(world):
    assert world.call("externalcontact/nothing")["errcode"] == 48001
    assert world.call("externalcontact/add_msg_template")["errcode"] == 40058
    assert world.call("user/get", {}, userid="wangfang")["errcode"] == 40058


def test_debugging_is_slow_on_purpose(world):
    codes = [world.call("user/get", userid="wangfang", debug="1")["errcode"] for _ in range(6)]
    assert codes == [0] * 5 + [45009]
    assert world.call("user/get", userid="wangfang")["errcode"] == 0
