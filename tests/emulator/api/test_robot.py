"""A smart robot's later answer."""

import json

import requests

from tests.cast import SHOP_CHAT


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
