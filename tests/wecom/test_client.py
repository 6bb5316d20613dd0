"""The client against a scripted platform: what it asks, and that nothing leaks."""

import json
import logging

import pytest

from tests.wecom.conftest import CORP, IMPATIENT, SECRET
from tests.wecom.failures import BROKEN, READ, SEND, everything, failure
from tests.wecom.fake_platform import OK, Hang, Raw, Reset, no
from wecom.endpoints import ENDPOINTS
from wecom.errors import Action


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


def test_an_api_that_is_not_in_the_table_is_a_bug(client):
    with pytest.raises(KeyError):
        client.call("no/such_api", {})


def test_an_upload_is_sent_whole_again_after_a_refused_token(client, platform):
    picture = b"\xff\xd8" + bytes(range(256)) * 400
    platform.on("media/upload", no(42001), {**OK, "media_id": "MEDIA-1", "created_at": "1767225600"})
    assert client.upload("image", picture, "海报.jpg") == "MEDIA-1"
    first, second = (one for one in platform.seen if one.api == "media/upload")
    assert picture in first.body
    assert picture in second.body
    assert second.query["type"] == "image"
    assert 'filename="海报.jpg"'.encode() in second.body


def test_a_png_is_uploaded_as_one(client, platform):
    platform.on("media/upload", {**OK, "media_id": "PNG-1"})
    assert client.upload("image", b"\x89PNG...", "a.png") == "PNG-1"
    assert b"image/png" in platform.last("media/upload").body


def test_an_upload_without_a_media_id_is_not_believed(client, platform):
    platform.on("media/upload", OK)
    assert failure(client.upload, "image", b"x" * 10, "a.jpg").action is Action.RETRY


def test_no_request_leaves_the_base_url(client, platform):
    """Sockets to other machines fail in these tests; what came is what was asked."""
    for api, endpoint in ENDPOINTS.items():
        if api != "gettoken":
            client.call(api, {} if endpoint.method == "POST" else None)
    assert {one.api for one in platform.seen} == set(ENDPOINTS)


def test_no_secret_or_token_is_in_any_error_or_log_B16(new_client, platform, caplog):
    caplog.set_level(logging.DEBUG)
    client = new_client(timeout=IMPATIENT)

    def echo(code):
        return lambda seen: no(
            code, f"token {seen.query['access_token']}, corpsecret={SECRET} access_token=x1"
        )

    errors = []
    for answer in (echo(40058), echo(42001), *BROKEN.values()):
        platform.on(SEND, answer)
        errors.append(failure(client.call, SEND, {}))
    platform.on("gettoken", no(-1, f"bad {SECRET}"), Reset(), Raw(b"<html>"), Hang(3600))
    for _ in range(4):
        errors.append(failure(new_client(timeout=IMPATIENT).call, READ))
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
