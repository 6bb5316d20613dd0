"""A token is good for two hours, for its own app and secret; tickets run out by the hour."""

import pytest
import requests

from tests.cast import CORP_ID


def test_the_same_token_comes_back_while_it_is_valid(world):
    assert world.token() == world.token()
    assert world.token("contacts") != world.token("app")


def test_a_token_expires_after_7200_seconds(world):
    token = world.token()
    world.advance(7199)
    assert world.call("getcallbackip", access_token=token)["errcode"] == 0
    world.advance(2)
    assert world.call("getcallbackip", access_token=token)["errcode"] == 42001


def test_the_platform_may_end_a_token_early(world):
    world.call("getcallbackip")
    world.expire_tokens()
    assert world.call("getcallbackip")["errcode"] == 42001
    fresh = world.token()
    assert world.call("getcallbackip", access_token=fresh)["errcode"] == 0
    world.post("/control/tokens/expire", {"forget": True})
    assert world.call("getcallbackip", access_token=fresh)["errcode"] == 40014


def test_no_token_and_a_strange_token_have_their_own_codes(world):
    assert requests.get(world.api_url + "getcallbackip", timeout=20).json()["errcode"] == 41001
    assert world.call("getcallbackip", access_token="strange")["errcode"] == 40014


@pytest.mark.parametrize(
    ("corpid", "secret", "errcode"),
    [
        (CORP_ID, "wrong", 40001),
        ("wwother", None, 40001),
        ("", None, 41002),
        (CORP_ID, "", 41004),
    ],
)
def test_a_wrong_secret_gets_no_token(world, corpid, secret, errcode):
    secret = world.content["app"]["secret"] if secret is None else secret
    answer = requests.get(
        world.api_url + "gettoken", params={"corpid": corpid, "corpsecret": secret}, timeout=20
    ).json()
    assert answer["errcode"] == errcode
    assert "access_token" not in answer


def test_the_directory_secret_may_not_call_customer_contact_nor_read_details(world):
    assert world.call("externalcontact/get_follow_user_list", part="contacts")["errcode"] == 48002
    assert world.call("user/get", part="contacts", userid="wangfang")["errcode"] == 48009
    assert world.call("user/list_id", {}, part="app")["errcode"] == 48002


def test_tickets_run_out_by_the_hour(world, monkeypatch):
    monkeypatch.setattr("emulator.limits.TICKETS_PER_HOUR", {"corp": 2, "agent_config": 1})
    assert [world.call("get_jsapi_ticket")["errcode"] for _ in range(3)] == [0, 0, 45009]
    assert [world.call("ticket/get", type="agent_config")["errcode"] for _ in range(2)] == [0, 45009]
    assert world.call("ticket/get", type="corp")["errcode"] == 40058
