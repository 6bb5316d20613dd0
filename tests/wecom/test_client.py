"""The client against a scripted platform: every fault that wechatpy was measured to have is cured."""

import io
import json
import logging
import re
import threading
import traceback

import pytest

from tests.wecom.conftest import CORP, SECRET
from tests.wecom.fake_platform import OK, Hang, Raw, Reset, no
from wecom.endpoints import ENDPOINTS
from wecom.errors import Action, PlatformError
from wecom.tokens import MemoryTokens

SEND = "message/send"
READ = "user/get"


def failure(call, *args, **more):
    with pytest.raises(PlatformError) as caught:
        call(*args, **more)
    return caught.value


def at_once(number, work):
    """Run the work in so many threads that start together; answers or errors, in no order."""
    gate, found = threading.Barrier(number), []

    def run():
        gate.wait()
        try:
            found.append(work())
        except Exception as error:
            found.append(error)

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


# ---- one call


def test_a_call_carries_the_token_and_utf8_json(client, platform):
    platform.on(SEND, {**OK, "msgid": "m1"})
    assert client.call(SEND, {"touser": "wang", "text": {"content": "早上好😀"}})["msgid"] == "m1"
    seen = platform.last(SEND)
    assert seen.method == "POST"
    assert seen.query["access_token"] == "TOKEN-1-abcdef"
    assert seen.headers["Content-Type"] == "application/json"
    assert "早上好😀".encode() in seen.body  # no \u escapes: the platform refuses them
    assert platform.last("gettoken").query == {"corpid": CORP, "corpsecret": SECRET}


def test_a_get_carries_its_parameters(client, platform):
    client.call(READ, params={"userid": "wang fang&x"})
    client.call("externalcontact/get", {"external_userid": "wm1", "cursor": ""})
    assert platform.last(READ).query["userid"] == "wang fang&x"
    assert platform.last(READ).method == "GET"
    assert platform.last("externalcontact/get").query["external_userid"] == "wm1"


def test_the_same_data_makes_the_same_bytes(client, platform):
    for _ in range(2):
        client.call(SEND, {"b": 1, "a": {"d": "店", "c": [1, 2]}})
    assert platform.seen[-1].body == platform.seen[-2].body


def test_wechatpys_own_methods_take_the_same_way(client, platform):
    platform.on("user/get", {**OK, "name": "王芳"})
    platform.on("externalcontact/list", {**OK, "external_userid": ["wm1"]})
    assert client.user.get("wang")["name"] == "王芳"
    assert client.external_contact.list("wang")["external_userid"] == ["wm1"]
    platform.on("department/get", no(60011, "no privilege"))
    assert failure(client.department.get, 1).action is Action.REFUSED


def test_text_that_cannot_be_encoded_is_refused_in_words(client, platform):
    error = failure(client.call, SEND, {"text": {"content": "\ud83d"}})
    assert error.action is Action.REFUSED
    assert "字符" in error.words
    assert platform.count(SEND) == 0


def test_an_api_that_is_not_in_the_table_is_a_bug(client):
    with pytest.raises(KeyError):
        client.call("no/such_api", {})


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
    waiting = threading.Barrier(20)

    def stale_once(seen):
        try:
            waiting.wait(timeout=2)
            return no(42001)
        except threading.BrokenBarrierError:
            return OK

    platform.on(READ, *[stale_once] * 20, OK)
    assert all(isinstance(one, dict) for one in at_once(20, lambda: client.call(READ, timeout=(1, 5))))
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


# ---- holds


def test_a_wrong_secret_stops_every_call_for_five_minutes_B05(client, platform, hold, clock):
    platform.on("gettoken", no(40001, "invalid credential"))
    error = failure(client.call, READ)
    assert (error.action, error.errcode) == (Action.STOP, 40001)
    assert "密钥" in error.words
    for api in (READ, SEND, "media/upload"):
        held = failure(client.call, api, {})
        assert (held.action, held.errcode) == (Action.STOP, None)
        assert held.retry_after == pytest.approx(300)
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
def test_a_closed_window_holds_that_api_for_its_own_length_B02(client, platform, hold, clock, words, seconds):
    platform.on(SEND, no(45009, words), OK)
    error = failure(client.call, SEND, {})
    assert (error.action, error.retry_after) == (Action.WINDOW, seconds)
    held = failure(client.call, SEND, {})
    assert (held.action, held.errcode) == (Action.WINDOW, None)
    assert platform.count(SEND) == 1
    client.call(READ)  # the others go on
    clock.move(seconds=seconds)
    client.call(SEND, {})
    assert hold.until(client.api_hold(SEND, window=True)) == clock.now


def test_a_window_is_closed_for_every_app_of_the_corp_B02(new_client, platform):
    platform.on(READ, no(45009), OK)
    failure(new_client().call, READ)
    assert failure(new_client(secret="Contacts-" + SECRET).call, READ).action is Action.WINDOW
    new_client(corp_id="wwanother").call(READ)


@pytest.mark.parametrize(
    ("api", "code", "action"),
    [(SEND, -1, Action.RETRY), (SEND, 45033, Action.SLOWER), (SEND, 81013, Action.REFUSED),
     (SEND, 40007, Action.REUPLOAD), ("externalcontact/send_welcome_msg", 41051, Action.DONE),
     ("externalcontact/send_welcome_msg", 41050, Action.REFUSED),
     ("message/update_template_card", 60140, Action.DONE), (SEND, 999999, Action.REFUSED)],
)  # fmt: skip
def test_each_code_says_what_to_do(client, platform, hold, api, code, action):
    platform.on(api, no(code, "some errmsg, hint: [1]"))
    error = failure(client.call, api, {})
    assert (error.action, error.errcode) == (action, code)
    assert error.detail == "some errmsg, hint: [1]"
    assert re.search(r"[\u4e00-\u9fff]", error.words)
    assert hold.rows == {}


# ---- no usable answer

BROKEN = {
    "HTML with 200": Raw(b"<html>hello</html>", 200, {"Content-Type": "text/html"}),
    "HTML with 502": Raw(b"<html>bad gateway</html>", 502, {"Content-Type": "text/html"}),
    "500 without a body": Raw(b"", 500),
    "empty": Raw(b""),
    "truncated JSON": Raw(b'{"errcode":0,"errm'),
    "truncated body": Raw(b'{"errcode":0,"errmsg":"ok"}', cut=10),
    "a list": Raw(b"[]"),
    "no errcode": Raw(b'{"msgid":"m"}'),
    "errcode as text": Raw(b'{"errcode":"0"}'),
    "errcode as truth": Raw(b'{"errcode":true}'),
    "errcode null": Raw(b'{"errcode":null}'),
    "success with 500": Raw(b'{"errcode":0}', 500),
    "not UTF-8": Raw(b'{"errcode":0,"errmsg":"\xff"}', headers={"Content-Type": "application/json; charset=gbk"}),
    "bottomless": Raw(b"[" * 100_000),
    "reset after sending": Reset(),
    "no answer in time": Hang(3),
    "odd length": Raw(b"{}", headers={"Content-Length": "abc"}),
    "unknown packing": Raw(b"{}", headers={"Content-Encoding": "br"}),
    "broken packing": Raw(b"\x1f\x8bnonsense", headers={"Content-Encoding": "gzip"}),
}


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_answer_leaves_an_effect_unknown_and_a_read_repeatable_B06_B08_B10(client, platform, answer):
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


def test_a_code_counts_whatever_the_status_is(client, platform):
    platform.on(SEND, Raw(json.dumps(no(45033)).encode(), 503))
    assert failure(client.call, SEND, {}).action is Action.SLOWER


def test_a_gateways_404_was_not_executed(client, platform):
    platform.on(SEND, Raw(b"not found", 404))
    assert failure(client.call, SEND, {}).action is Action.RETRY


def test_a_hanging_gettoken_is_cut_too(client, platform):
    platform.on("gettoken", Hang(3600))
    assert failure(client.call, READ).action is Action.RETRY


def test_one_call_may_have_its_own_patience(client, platform):
    platform.on(READ, Hang(1.2, then={**OK, "late": 1}))
    assert client.call(READ, timeout=(1, 3))["late"] == 1


# ---- files


def test_an_upload_is_sent_whole_again_after_a_refused_token(client, platform):
    picture = b"\xff\xd8" + bytes(range(256)) * 400
    platform.on("media/upload", no(42001), {**OK, "media_id": "MEDIA-1", "created_at": "1767225600"})
    assert client.upload("image", picture, "海报.jpg") == "MEDIA-1"
    first, second = (one for one in platform.seen if one.api == "media/upload")
    assert picture in first.body
    assert picture in second.body
    assert second.query["type"] == "image"
    assert 'filename="海报.jpg"'.encode() in second.body


def test_wechatpys_own_upload_is_rewound_as_well(client, platform):
    platform.on("media/upload", no(40014), {**OK, "media_id": "MEDIA-2"})
    content = b"\xff\xd8" + b"p" * 100_000
    assert client.media.upload("image", io.BytesIO(content))["media_id"] == "MEDIA-2"
    assert all(content in one.body for one in platform.seen if one.api == "media/upload")


def test_a_picture_for_moments_goes_its_own_way(client, platform):
    platform.on("media/upload_attachment", {**OK, "media_id": "MOMENT-1"})
    assert client.upload("image", b"\x89PNG...", "a.png", moment=True) == "MOMENT-1"
    seen = platform.last("media/upload_attachment")
    assert (seen.query["media_type"], seen.query["attachment_type"]) == ("image", "1")
    assert b"image/png" in seen.body


def test_an_upload_without_a_media_id_is_not_believed(client, platform):
    platform.on("media/upload", OK)
    assert failure(client.upload, "image", b"x" * 10, "a.jpg").action is Action.RETRY


def test_a_media_id_gives_its_bytes_or_the_platforms_reason(client, platform):
    platform.on("media/get", Raw(b"\xff\xd8bytes", headers={"Content-Type": "image/jpeg"}))
    assert client.download("M1") == b"\xff\xd8bytes"
    assert client.media.download("M1") == b"\xff\xd8bytes"
    platform.on("media/get", no(40007))
    assert failure(client.download, "M1").action is Action.REUPLOAD
    platform.on("media/get", Raw(b"<html>", 502, {"Content-Type": "text/html"}))
    assert failure(client.download, "M1").action is Action.RETRY


# ---- nothing leaves, nothing leaks


def test_no_request_leaves_the_base_url(client, platform):
    """Sockets to other machines fail in these tests; what came is what was asked."""
    for api, endpoint in ENDPOINTS.items():
        if api != "gettoken":
            client.call(api, {} if endpoint.method == "POST" else None)
    client.fetch_access_token()
    assert {one.api for one in platform.seen} == set(ENDPOINTS)
    for address in ("https://qyapi.weixin.qq.com/cgi-bin/user/get", "//evil.example/x", "../x", "user/get?x=1"):
        assert failure(client.get, address).action is Action.REFUSED
    assert failure(client.media.get_url, "M").action is Action.REFUSED
    assert failure(client.media.get_jssdk_url, "M").action is Action.REFUSED


def everything(error):
    """All that a log could show of an error: its words, its parts, and the errors behind it."""
    seen, parts = error, []
    while seen is not None:
        parts += [str(seen), repr(seen), repr(seen.args), repr(vars(seen))]
        seen = seen.__cause__ or seen.__context__
    return "\n".join([*parts, *traceback.format_exception(error)])


def test_no_secret_or_token_is_in_any_error_or_log_B16(new_client, platform, caplog):
    caplog.set_level(logging.DEBUG)
    client = new_client()

    def echo(code):
        return lambda seen: no(code, f"token {seen.query['access_token']}, corpsecret={SECRET} access_token=x1")

    errors = []
    for answer in (echo(40058), echo(42001), *BROKEN.values()):
        platform.on(SEND, answer)
        errors.append(failure(client.call, SEND, {}))
    platform.on("gettoken", no(-1, f"bad {SECRET}"), Reset(), Raw(b"<html>"), Hang(3))
    for _ in range(4):
        errors.append(failure(new_client().call, READ))
    platform.close()
    errors.append(failure(new_client().call, READ))
    shown = "\n".join([*map(everything, errors), caplog.text, repr(client)])
    assert "gettoken" in caplog.text  # urllib3 did log its addresses
    for hidden in (SECRET, SECRET[:10], "TOKEN-1", "TOKEN-2", "TOKEN-3"):
        assert hidden not in shown
    assert all(error.__context__ is None and error.__cause__ is None for error in errors)


def test_neither_cookies_nor_the_environments_proxies_are_used(new_client, platform, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    client = new_client()
    platform.on(READ, Raw(json.dumps(OK).encode(), headers={"Set-Cookie": "a=b; Path=/"}), OK)
    client.call(READ)
    client.call(READ)
    assert "Cookie" not in platform.last(READ).headers


def test_a_base_url_that_is_none_is_refused_at_the_start(new_client):
    for address in ("", "qyapi.weixin.qq.com", "ftp://host/", "https://host/?a=1", "file:///etc"):
        with pytest.raises(ValueError):
            new_client(base_url=address)
