"""How often an API may be called, and what closes when it is called more."""

import requests


def test_the_base_frequency_closes_an_api_for_its_own_minute(world, monkeypatch):
    monkeypatch.setattr("emulator.limits.API_PER_MINUTE", 3)
    codes = [world.call("user/get", userid="wangfang")["errcode"] for _ in range(5)]
    assert codes == [0, 0, 0, 45009, 45009]
    assert world.call("getcallbackip")["errcode"] == 0
    world.advance(61)
    assert world.call("user/get", userid="wangfang")["errcode"] == 0


def test_the_hour_is_counted_too_and_messages_count_into_neither(world, monkeypatch):
    monkeypatch.setattr("emulator.limits.API_PER_HOUR", 2)
    assert [world.call("user/get", userid="wangfang")["errcode"] for _ in range(3)] == [0, 0, 45009]
    world.advance(61)
    assert world.call("user/get", userid="wangfang")["errcode"] == 45009
    body = {"touser": "wangfang", "msgtype": "text", "agentid": 1000002, "text": {"content": "早上好"}}
    assert [world.call("message/send", body)["errcode"] for _ in range(4)] == [0] * 4


def test_too_many_wrong_secrets_shut_out_the_right_one_for_an_hour_too(world, monkeypatch):
    """B05: whoever hammers with a wrong secret shuts everybody behind this address out."""
    monkeypatch.setattr("emulator.limits.BAD_SECRETS_PER_HOUR", 2)
    right = {"corpid": world.content["corp_id"], "corpsecret": world.content["app"]["secret"]}

    def asked(**change):
        return requests.get(world.api_url + "gettoken", params=right | change, timeout=20).json()["errcode"]

    assert [asked(corpsecret="wrong") for _ in range(4)] == [40001, 40001, 40001, 45009]
    assert asked() == 45009
    world.advance(3601)
    assert asked() == 0
