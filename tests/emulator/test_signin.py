"""Sign-in through the platform: links in chats, codes, the desk."""

from urllib.parse import parse_qs, urlsplit

import pytest


def go(visitor, url):
    return visitor.get(url, allow_redirects=False, timeout=20)


def code_of(answer):
    return parse_qs(urlsplit(answer.headers["Location"]).query)


def test_a_link_in_her_chat_opens_as_her(world, receiver, visitor, authorize):
    opened = go(visitor, f"{world.url}/phones/guide/wangfang/open?url={receiver.base}/g/")
    assert opened.headers["Location"] == f"{receiver.base}/g/"
    back = go(visitor, authorize())
    assert back.headers["Location"].startswith(f"{receiver.base}/g/signin?next=%2Fg%2F&code=")
    query = code_of(back)
    assert query["state"] == ["abc123"]
    assert world.call("auth/getuserinfo", code=query["code"][0])["userid"] == "wangfang"


def test_a_phone_without_owner_asks_whose_it_is(world, visitor, authorize):
    page = go(visitor, authorize())
    assert page.status_code == 200
    assert "王芳" in page.text
    assert "<script" not in page.text
    chosen = visitor.get(
        world.url + "/connect/choose",
        allow_redirects=False,
        timeout=20,
        params={"userid": "zhaoqian"}
        | {name: values[0] for name, values in parse_qs(urlsplit(authorize()).query).items()},
    )
    back = go(visitor, world.url + chosen.headers["Location"])
    assert world.call("auth/getuserinfo", code=code_of(back)["code"][0])["userid"] == "zhaoqian"


@pytest.mark.parametrize(
    "changes",
    [
        {"appid": "wwother"},
        {"redirect_uri": "https://evil.example/"},
        {"state": "a b"},
        {"state": "x" * 129},
        {"response_type": "token"},
        {"scope": "everything"},
    ],
)
def test_a_wrong_request_is_refused_on_the_page(visitor, authorize, changes):
    """I09."""
    assert go(visitor, authorize(**changes)).status_code == 400


def test_at_the_desk_one_chooses_who_scans(world, receiver, visitor):
    query = {
        "login_type": "CorpApp",
        "appid": world.content["corp_id"],
        "agentid": "1000002",
        "redirect_uri": f"{receiver.base}/console/signin",
        "state": "s1",
    }
    page = visitor.get(world.url + "/wwlogin/sso/login", params=query, timeout=20)
    assert "高敏" in page.text
    back = visitor.get(
        world.url + "/wwlogin/choose", params=query | {"userid": "gaomin"}, allow_redirects=False, timeout=20
    )
    assert world.call("auth/getuserinfo", code=code_of(back)["code"][0])["userid"] == "gaomin"
    wrong = visitor.get(world.url + "/wwlogin/sso/login", params=query | {"agentid": "1"}, timeout=20)
    assert wrong.status_code == 400
    evil = visitor.get(
        world.url + "/wwlogin/choose",
        timeout=20,
        allow_redirects=False,
        params=query | {"userid": "gaomin", "redirect_uri": "https://evil.example"},
    )
    assert evil.status_code == 400


def test_who_has_an_account_comes_first_and_is_marked_and_one_may_go_back(world, receiver, visitor):
    query = {
        "login_type": "CorpApp",
        "appid": world.content["corp_id"],
        "agentid": "1000002",
        "redirect_uri": f"{receiver.base}/console/signin",
        "state": "s1",
    }
    page = visitor.get(world.url + "/wwlogin/sso/login", params=query | {"known": "zhoumei"}, timeout=20).text
    assert page.count("<em>有账号</em>") == 1
    assert page.index("周梅") < page.index("有账号</em>") < page.index("王芳")
    assert "known=" not in page and f'href="{receiver.base}/"' in page
    assert "有账号" not in visitor.get(world.url + "/wwlogin/sso/login", params=query, timeout=20).text


def test_only_web_addresses_are_opened(world, visitor):
    assert go(visitor, world.url + "/phones/guide/wangfang/open?url=javascript:alert(1)").status_code == 400


def test_the_two_tickets_differ_and_stay(world):
    corp, agent = world.call("get_jsapi_ticket"), world.call("ticket/get", type="agent_config")
    assert corp["ticket"] != agent["ticket"]
    assert world.call("get_jsapi_ticket")["ticket"] == corp["ticket"]
    assert world.call("ticket/get", type="other")["errcode"] == 40058
    world.advance(7201)
    assert world.call("get_jsapi_ticket")["ticket"] != corp["ticket"]
