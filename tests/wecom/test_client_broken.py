"""The client without a usable answer: what may have happened stays unknown, what surely did not is repeated."""

import pytest

from tests.wecom.conftest import IMPATIENT
from tests.wecom.failures import BROKEN, READ, SEND, everything, failure
from tests.wecom.fake_platform import OK, Hang, Raw
from wecom.errors import Action


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_answer_leaves_an_effect_unknown_and_a_read_repeatable_B06_B08_B10(
    new_client, platform, answer
):
    client = new_client(timeout=IMPATIENT)
    platform.on(SEND, answer)
    error = failure(client.call, SEND, {})
    assert error.action is Action.UNKNOWN
    assert "可能已经执行" in error.words
    assert platform.count(SEND) == 1
    platform.on(READ, answer)
    assert failure(client.call, READ).action is Action.RETRY


def test_nothing_listens_and_nothing_was_sent_B07(new_client, platform):
    client = new_client()
    client.call(READ)
    platform.close()
    error = failure(client.call, SEND, {})
    # the pooled connection is dead and is noticed; a new one is refused
    assert error.action is Action.RETRY
    assert "没有执行" in error.words


def test_a_name_that_does_not_exist_sends_nothing_B07(new_client):
    error = failure(new_client(base_url="http://no-such-host.invalid/cgi-bin/").call, SEND, {})
    assert error.action is Action.RETRY


def test_a_dead_proxy_sends_nothing_B07(new_client, platform):
    error = failure(new_client(proxy="http://user:p4ssw0rd@127.0.0.1:9").call, SEND, {})
    assert error.action is Action.RETRY
    assert "p4ssw0rd" not in everything(error)
    assert platform.seen == []


def test_with_a_proxy_every_call_leaves_through_it(new_client, platform):
    """A fixed address for the platform's allow-list: neither calls nor pictures go past it."""
    client = new_client(base_url="http://platform.invalid/cgi-bin/", proxy=platform.origin)
    platform.on("/qr/1.png", Raw(b"\x89PNG", headers={"Content-Type": "image/png"}))
    client.call(SEND, {"touser": "wang"})
    assert client.fetch_picture("http://platform.invalid/qr/1.png") == b"\x89PNG"
    assert [seen.headers["Host"] for seen in platform.seen] == ["platform.invalid"] * 3


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed_B16(client, platform, status):
    away = {"Location": platform.origin + "/cgi-bin/elsewhere", "Content-Type": "text/html"}
    platform.on(SEND, Raw(b"", status, away))
    error = failure(client.call, SEND, {})
    assert error.action is Action.RETRY
    assert platform.count("elsewhere") == 0
    assert "没有跟去" in error.words


def test_a_gateways_429_closes_the_window_for_as_long_as_it_says_B02(client, platform):
    platform.on(SEND, Raw(b"slow down", 429, {"Retry-After": "17"}))
    error = failure(client.call, SEND, {})
    assert (error.action, error.retry_after) == (Action.WINDOW, 17)
    assert failure(client.call, SEND, {}).retry_after == 17
    assert platform.count(SEND) == 1


def test_a_gateways_404_was_not_executed(client, platform):
    platform.on(SEND, Raw(b"not found", 404))
    assert failure(client.call, SEND, {}).action is Action.RETRY


def test_a_hanging_gettoken_is_cut_too(new_client, platform):
    platform.on("gettoken", Hang(3600))
    assert failure(new_client(timeout=IMPATIENT).call, READ).action is Action.RETRY


def test_one_call_may_have_its_own_patience(new_client, platform):
    platform.on(READ, Hang(1.5, then={**OK, "late": 1}))
    assert new_client(timeout=IMPATIENT).call(READ, timeout=(3.0, 30.0))["late"] == 1
