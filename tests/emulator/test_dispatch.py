"""What every API call passes: token, shape of the body, frequency, chaos, and its row in the book."""

import json

import pytest
import requests

from tests.cast import CORP_ID
from tests.waiting import PATIENCE, until


def raw_post(world, api, body: bytes, **query):
    return requests.post(
        world.api_url + api, params={"access_token": world.token()} | query, data=body, timeout=20
    ).json()


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


def test_too_many_wrong_secrets_close_the_door_for_an_hour_to_the_right_one_too(world, monkeypatch):
    """B05: whoever hammers with a wrong secret shuts everybody behind this address out."""
    monkeypatch.setattr("emulator.limits.BAD_SECRETS_PER_HOUR", 2)
    right = {"corpid": world.content["corp_id"], "corpsecret": world.content["app"]["secret"]}

    def asked(**change):
        return requests.get(world.api_url + "gettoken", params=right | change, timeout=20).json()["errcode"]

    assert [asked(corpsecret="wrong") for _ in range(4)] == [40001, 40001, 40001, 45009]
    assert asked() == 45009
    world.advance(3601)
    assert asked() == 0


def test_debugging_is_slow_on_purpose(world):
    codes = [world.call("user/get", userid="wangfang", debug="1")["errcode"] for _ in range(6)]
    assert codes == [0] * 5 + [45009]
    assert world.call("user/get", userid="wangfang")["errcode"] == 0


def test_tickets_run_out_by_the_hour(world, monkeypatch):
    monkeypatch.setattr("emulator.limits.TICKETS_PER_HOUR", {"corp": 2, "agent_config": 1})
    assert [world.call("get_jsapi_ticket")["errcode"] for _ in range(3)] == [0, 0, 45009]
    assert [world.call("ticket/get", type="agent_config")["errcode"] for _ in range(2)] == [0, 45009]
    assert world.call("ticket/get", type="corp")["errcode"] == 40058


def test_chaos_answers_an_errcode_so_many_times_without_carrying_out(world):
    world.chaos({"api": "externalcontact/add_contact_way", "errcode": 45009, "times": 2})
    body = {"type": 1, "scene": 2, "user": ["wangfang"]}
    assert [world.call("externalcontact/add_contact_way", body)["errcode"] for _ in range(3)] == [
        45009,
        45009,
        0,
    ]
    assert len(world.state()["contact_ways"]) == 1


@pytest.mark.parametrize(("when", "ways"), [("before", 0), ("after", 1)])
def test_a_reset_drops_the_connection_before_or_after_the_call_was_carried_out(world, when, ways):
    """B07, B08."""
    world.call("getcallbackip")
    world.chaos({"api": "externalcontact/add_contact_way", "reset": when, "times": 1})
    with pytest.raises(requests.ConnectionError):
        world.call("externalcontact/add_contact_way", {"type": 1, "scene": 2, "user": ["wangfang"]})
    assert len(world.state()["contact_ways"]) == ways
    assert world.call("getcallbackip")["errcode"] == 0


@pytest.mark.parametrize(
    ("rule", "status", "starts"),
    [
        ({"html": 502}, 502, "<html>"),
        ({"html": 200}, 200, "<html>"),
        ({"empty": True}, 200, ""),
        ({"status": 500}, 500, "{"),
    ],
)
def test_broken_answers(world, rule, status, starts):
    """B06."""
    token = world.token()
    world.chaos({"api": "user/get"} | rule)
    answer = requests.get(
        world.api_url + "user/get", params={"access_token": token, "userid": "wangfang"}, timeout=20
    )
    assert answer.status_code == status
    assert answer.text.startswith(starts)


def test_a_truncated_answer_is_not_json_but_the_call_was_carried_out(world):
    world.call("getcallbackip")
    world.chaos({"api": "externalcontact/add_contact_way", "truncated": True})
    with pytest.raises(requests.exceptions.JSONDecodeError):
        world.call("externalcontact/add_contact_way", {"type": 1, "scene": 2, "user": ["wangfang"]})
    assert len(world.state()["contact_ways"]) == 1


def test_a_delayed_call_is_carried_out_though_the_caller_gave_up(world):
    """B10."""
    token = world.token()
    world.chaos({"api": "externalcontact/add_contact_way", "delay": PATIENCE})
    body = json.dumps({"type": 1, "scene": 2, "user": ["wangfang"]}).encode()
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            world.api_url + "externalcontact/add_contact_way",
            params={"access_token": token},
            data=body,
            timeout=0.3,
        )
    until(lambda: len(world.state()["contact_ways"]) == 1)


def test_a_delay_before_leaves_the_call_undone_for_so_long(world):
    token = world.token()
    world.chaos({"api": "externalcontact/add_contact_way", "delay": PATIENCE, "when": "before"})
    body = json.dumps({"type": 1, "scene": 2, "user": ["wangfang"]}).encode()
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            world.api_url + "externalcontact/add_contact_way",
            params={"access_token": token},
            data=body,
            timeout=0.3,
        )
    assert world.state()["contact_ways"] == []


def test_chaos_that_does_not_exist_is_refused(world):
    with pytest.raises(AssertionError, match="unknown errcod"):
        world.chaos({"errcod": 45009})
    with pytest.raises(AssertionError, match="before or after"):
        world.chaos({"reset": "maybe"})


def test_every_call_is_in_the_book_without_token_or_secret(world):
    world.call("user/get", userid="nobody")
    rows = world.ledger("call")
    assert [(row["what"]["api"], row["what"]["errcode"]) for row in rows] == [
        ("gettoken", 0),
        ("user/get", 60111),
    ]
    text = json.dumps(rows)
    assert world.token() not in text
    assert world.content["app"]["secret"] not in text


def test_a_page_from_elsewhere_cannot_press_buttons(world):
    answer = requests.post(
        world.url + "/phone/guide/wangfang/say",
        json={"text": "x"},
        headers={"Sec-Fetch-Site": "cross-site"},
        timeout=20,
    )
    assert answer.status_code == 403
