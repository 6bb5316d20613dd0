"""Sign-in on phone and desk, and the script's signature."""

import hashlib
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.wecom.conftest import CORP
from tests.wecom.failures import failure
from tests.wecom.fake_platform import OK, Raw, no
from wecom.errors import Action
from wecom.oauth import Identity, authorize_url, identify, js_config, login_url, signature, ticket

BACK = "https://guide.example/g/back?next=/g/&x=1"


def test_the_phone_is_sent_to_the_authorize_page():
    url = authorize_url(CORP, BACK, "s7aTe", agent_id=1000002)
    parts = urlsplit(url)
    assert url.startswith("https://open.weixin.qq.com/connect/oauth2/authorize?appid=")
    assert parts.fragment == "wechat_redirect"
    assert parse_qs(parts.query) == {
        "appid": [CORP], "redirect_uri": [BACK], "response_type": ["code"], "scope": ["snsapi_base"],
        "state": ["s7aTe"], "agentid": ["1000002"],
    }  # fmt: skip
    assert "agentid" not in authorize_url(CORP, BACK, "s")


def test_the_desk_is_sent_to_the_scan_page():
    url = login_url(CORP, 1000002, BACK, "s1")
    assert url.startswith("https://login.work.weixin.qq.com/wwlogin/sso/login?login_type=CorpApp&appid=")
    assert parse_qs(urlsplit(url).query)["redirect_uri"] == [BACK]


@pytest.mark.parametrize("base", ["http://127.0.0.1:9000", "http://127.0.0.1:9000/"])
def test_a_base_may_be_only_a_host(base):
    assert authorize_url(CORP, BACK, "s", base=base).startswith(
        "http://127.0.0.1:9000/connect/oauth2/authorize?"
    )
    assert login_url(CORP, 1, BACK, "s", base=base).startswith("http://127.0.0.1:9000/wwlogin/sso/login?")
    assert authorize_url(CORP, BACK, "s", base=base.rstrip("/") + "/own").startswith(
        "http://127.0.0.1:9000/own?"
    )


@pytest.mark.parametrize("state", ["", "a b", "状态", "a" * 129, "a&b"])
def test_a_state_that_the_platform_would_cut_is_a_bug(state):
    with pytest.raises(ValueError):
        authorize_url(CORP, BACK, state)


@pytest.mark.parametrize(
    ("answer", "identity"),
    [({"userid": "wang"}, Identity("wang", None)), ({"UserId": "wang", "DeviceId": "d"}, Identity("wang", None)),
     ({"openid": "o", "external_userid": "wm1"}, Identity(None, "wm1")), ({"OpenId": "o"}, Identity(None, None)),
     ({"userid": ""}, Identity(None, None)), ({"userid": 7}, Identity(None, None))],
)  # fmt: skip
def test_both_spellings_of_an_identity_are_read(client, platform, answer, identity):
    platform.on("auth/getuserinfo", {**OK, **answer})
    assert identify(client, "CODE-1") == identity
    assert platform.last("auth/getuserinfo").query["code"] == "CODE-1"


@pytest.mark.parametrize("code", [40029, 42003, 42022])
def test_a_used_or_old_code_is_refused_in_words(client, platform, code):
    platform.on("auth/getuserinfo", no(code))
    error = failure(identify, client, "CODE-1")
    assert error.action is Action.REFUSED
    assert "重新打开" in error.words


@pytest.mark.parametrize("code", ["", "x" * 513])
def test_an_impossible_code_is_not_even_asked(client, platform, code):
    assert failure(identify, client, code).action is Action.REFUSED
    assert platform.seen == []


def test_the_signature_is_the_published_one():
    plain = "jsapi_ticket=T&noncestr=N&timestamp=1767225600&url=https://guide.example/g/?a=1"
    expected = hashlib.sha1(plain.encode()).hexdigest()
    assert signature("T", "N", 1767225600, "https://guide.example/g/?a=1#top") == expected


def test_the_two_tickets_are_two_and_each_is_fetched_once(client, platform, clock):
    platform.on("get_jsapi_ticket", {**OK, "ticket": "CORP-T", "expires_in": 7200})
    platform.on("ticket/get", {**OK, "ticket": "AGENT-T", "expires_in": 7200})
    for _ in range(3):
        assert ticket(client, "corp", clock.now) == "CORP-T"
        assert ticket(client, "agent", clock.now) == "AGENT-T"
    assert platform.count("get_jsapi_ticket") == platform.count("ticket/get") == 1
    assert platform.last("ticket/get").query["type"] == "agent_config"
    clock.move(hours=2)
    ticket(client, "agent", clock.now)
    assert platform.count("ticket/get") == 2


def test_a_page_gets_what_the_script_wants(client, platform, clock):
    platform.on("ticket/get", {**OK, "ticket": "AGENT-T", "expires_in": 7200})
    platform.on("get_jsapi_ticket", {**OK, "ticket": "CORP-T", "expires_in": 7200})
    url = "https://guide.example/g/task/1"
    found = js_config(client, url, clock.now, calls=["closeWindow"])
    assert (found["corpid"], found["agentid"], found["jsApiList"]) == (CORP, 1000002, ["closeWindow"])
    assert found["signature"] == signature("AGENT-T", found["nonceStr"], found["timestamp"], url)
    corp = js_config(client, url, clock.now, kind="corp")
    assert corp["appId"] == CORP
    assert corp["signature"] == signature("CORP-T", corp["nonceStr"], corp["timestamp"], url)


def test_an_empty_ticket_is_not_believed(client, platform, clock):
    platform.on("ticket/get", OK)
    assert failure(ticket, client, "agent", clock.now).action is Action.RETRY
    platform.on("ticket/get", Raw(b"<html>"))
    assert failure(ticket, client, "agent", clock.now).action is Action.RETRY
