"""The client's token and what is closed: fetched once for all threads, and nothing is asked in vain."""

import re
import threading

import pytest

from tests.waiting import PATIENCE
from tests.wecom.closed_windows import Unwritable
from tests.wecom.conftest import SECRET
from tests.wecom.failures import READ, SEND, at_once, failure
from tests.wecom.fake_platform import OK, Hang, Raw, no
from wecom.errors import Action
from wecom.tokens import MemoryTokens

# ---- tokens


@pytest.mark.parametrize("code", [42001, 40014, 41001])
def test_a_refused_token_is_renewed_once_B04(client, platform, code):
    platform.on(READ, no(code), {**OK, "userid": "wang"})
    assert client.call(READ)["userid"] == "wang"
    assert platform.count(READ) == 2
    assert platform.count("gettoken") == 2
    assert [one.query["access_token"] for one in platform.seen if one.api == READ] == [
        "TOKEN-1-abcdef", "TOKEN-2-abcdef",
    ]  # fmt: skip


@pytest.mark.parametrize("code", [42001, 40014, 41001])
def test_a_token_refused_for_ever_costs_two_calls_and_two_gettoken_B04(client, platform, code):
    platform.on(READ, no(code))
    error = failure(client.call, READ)
    assert error.action is Action.RETRY
    assert (platform.count(READ), platform.count("gettoken")) == (2, 2)


def test_forty_cold_threads_fetch_one_token_B04(client, platform):
    assert all(isinstance(one, dict) for one in at_once(40, lambda: client.call(READ)))
    assert platform.count("gettoken") == 1
    assert platform.count(READ) == 40


def test_twenty_threads_with_a_stale_token_renew_it_once_even_if_its_value_stays_B04(client, platform):
    """The platform repeats the same value inside its validity, so values cannot tell old from new."""
    platform.on("gettoken", {**OK, "access_token": "ALWAYS-THE-SAME", "expires_in": 7200})
    client.call(READ)
    waiting = threading.Barrier(20, timeout=PATIENCE)

    def stale_once(seen):
        waiting.wait()
        return no(42001)

    platform.on(READ, *[stale_once] * 20, OK)
    assert all(
        isinstance(one, dict) for one in at_once(20, lambda: client.call(READ, timeout=(3.0, PATIENCE)))
    )
    assert platform.count("gettoken") == 2


def test_a_token_is_renewed_five_minutes_early(client, platform, clock):
    client.call(READ)
    clock.move(seconds=7200 - 301)
    client.call(READ)
    assert platform.count("gettoken") == 1
    clock.move(seconds=2)
    client.call(READ)
    assert platform.count("gettoken") == 2


def test_two_secrets_of_one_corp_do_not_share_tokens(new_client, platform):
    tokens = MemoryTokens()
    new_client(tokens=tokens).call(READ)
    new_client(tokens=tokens, secret="Another-" + SECRET).call(READ)
    assert platform.count("gettoken") == 2


def test_forty_threads_share_one_failure_to_get_a_token(client, platform):
    platform.on("gettoken", Hang(0.6, then=no(-1, "system busy")))
    errors = at_once(40, lambda: client.call(READ))
    assert {error.action for error in errors} == {Action.RETRY}
    assert platform.count("gettoken") <= 2
    assert platform.count(READ) == 0


@pytest.mark.parametrize(
    "answer", [Raw(b"<html>502</html>", 502), Raw(b"<html>login</html>"), Raw(b""), Raw(b'{"errcode":0}'),
               Raw(b'{"errcode":0,"access_token":7}'), Raw(b"[1]"), no(-1)]
)  # fmt: skip
def test_a_broken_gettoken_is_retried_later_and_calls_nothing(client, platform, answer):
    platform.on("gettoken", answer)
    assert failure(client.call, SEND, {}).action is Action.RETRY
    assert platform.count(SEND) == 0


# ---- closed windows


def test_a_wrong_secret_stops_every_call_for_five_minutes_B05(client, platform, closed_windows, clock):
    platform.on("gettoken", no(40001, "invalid credential"))
    error = failure(client.call, READ)
    assert (error.action, error.errcode) == (Action.STOP, 40001)
    assert "密钥" in error.words
    for api in (READ, SEND, "media/upload"):
        refused = failure(client.call, api, {})
        assert (refused.action, refused.errcode) == (Action.STOP, None)
        assert refused.retry_after == pytest.approx(300)
    assert platform.count("gettoken") == 1
    clock.move(minutes=5)
    platform.on("gettoken", {**OK, "access_token": "NEW-TOKEN", "expires_in": 7200})
    client.call(READ)


def test_forty_threads_with_a_wrong_secret_ask_once_B05(client, platform):
    platform.on("gettoken", Hang(0.2, then=no(40001)))
    errors = at_once(40, lambda: client.call(READ))
    assert {error.action for error in errors} == {Action.STOP}
    assert platform.count("gettoken") == 1


@pytest.mark.parametrize("code", [40001, 60020, 50003])
def test_a_refusal_of_the_whole_app_holds_its_secret_only_B05(new_client, platform, code):
    app, contacts = new_client(), new_client(secret="Contacts-" + SECRET)
    platform.on(READ, no(code), OK)
    assert failure(app.call, READ).action is Action.STOP
    assert failure(app.call, SEND, {}).action is Action.STOP
    assert platform.count(SEND) == 0
    contacts.call(SEND, {})


def test_a_missing_permission_holds_only_its_api_B05(client, platform):
    platform.on("externalcontact/list", no(48002, "api forbidden"))
    assert failure(client.call, "externalcontact/list").action is Action.STOP
    assert failure(client.call, "externalcontact/list").errcode is None
    assert platform.count("externalcontact/list") == 1
    client.call(SEND, {})


@pytest.mark.parametrize(
    ("words", "seconds"),
    [("api freq out of limit, hint: [1767225600_23_abc]", 60), ("api freq out of limit per hour", 3600),
     ("超过每小时上限", 3600), ("daily limit", 7 * 3600), ("month limit", 30 * 86400)],
)  # fmt: skip
def test_a_closed_window_holds_that_api_for_its_own_length_B02(
    client, platform, closed_windows, clock, words, seconds
):
    platform.on(SEND, no(45009, words), OK)
    error = failure(client.call, SEND, {})
    assert (error.action, error.retry_after) == (Action.WINDOW, seconds)
    refused = failure(client.call, SEND, {})
    assert (refused.action, refused.errcode) == (Action.WINDOW, None)
    assert platform.count(SEND) == 1
    client.call(READ)  # the others go on
    clock.move(seconds=seconds)
    client.call(SEND, {})
    assert closed_windows.until(client.api_window(SEND, window=True)) == clock.now


def test_a_window_is_closed_for_every_app_of_the_corp_B02(new_client, platform):
    platform.on(READ, no(45009), OK)
    failure(new_client().call, READ)
    assert failure(new_client(secret="Contacts-" + SECRET).call, READ).action is Action.WINDOW
    new_client(corp_id="wwanother").call(READ)


@pytest.mark.parametrize(("code", "action"), [(45009, Action.WINDOW), (40001, Action.STOP)])
def test_what_the_platform_said_is_heard_even_when_it_cannot_be_noted(
    new_client, platform, caplog, code, action
):
    platform.on(SEND, no(code), OK)
    client = new_client(closed_windows=Unwritable())
    assert failure(client.call, SEND, {}).action is action
    assert "could not be noted: ConnectionError" in caplog.text
    client.call(SEND, {})


@pytest.mark.parametrize(
    ("api", "code", "action"),
    [(SEND, -1, Action.RETRY), (SEND, 45033, Action.SLOWER), (SEND, 81013, Action.REFUSED),
     (SEND, 40007, Action.REUPLOAD), ("externalcontact/send_welcome_msg", 41051, Action.DONE),
     ("externalcontact/send_welcome_msg", 41050, Action.REFUSED),
     ("message/update_template_card", 60140, Action.DONE), (SEND, 999999, Action.REFUSED)],
)  # fmt: skip
def test_each_code_says_what_to_do(client, platform, closed_windows, api, code, action):
    platform.on(api, no(code, "some errmsg, hint: [1]"))
    error = failure(client.call, api, {})
    assert (error.action, error.errcode) == (action, code)
    assert error.detail == "some errmsg, hint: [1]"
    assert re.search(r"[\u4e00-\u9fff]", error.words)
    assert closed_windows.rows == {}
