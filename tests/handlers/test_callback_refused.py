"""What is no callback of ours is refused before it costs anything, and is counted."""

import base64
import io
from datetime import timedelta

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wrappers import Response

from tests.cast import CORP_ID, NOW
from tests.handlers.platform import encrypted_xml, on_one_database, stamp
from tests.handlers.test_callback import ADDED, post, short_and_plain
from tests.wecom import second_crypto
from wecom.callbacks import MOST_BYTES


@on_one_database
def test_a_wrong_signature_is_refused_and_counted_without_a_trace_of_the_body_A07(
    client, receiver, rows, caplog
):
    body, query = encrypted_xml(ADDED, NOW, token="WrongToken")
    with caplog.at_level("DEBUG"):
        short_and_plain(post(client, body, query), 403)
    assert receiver.refused == {"app:bad_signature": 1}
    assert rows() == []
    assert query["msg_signature"] not in caplog.text and body.decode()[60:90] not in caplog.text


@on_one_database
@pytest.mark.parametrize("minutes", [-10, 10])
def test_a_stale_timestamp_is_refused_and_counted_apart_A08(client, clock, receiver, minutes):
    body, query = encrypted_xml(ADDED, clock() + timedelta(minutes=minutes))
    short_and_plain(post(client, body, query), 403)
    assert receiver.refused == {"app:stale": 1}


@on_one_database
def test_the_window_can_be_set_A08(client, clock, receiver):
    receiver.window_seconds = 1200
    assert post(client, *encrypted_xml(ADDED, clock() - timedelta(minutes=10))).status_code == 200


@on_one_database
def test_an_event_for_another_corp_is_refused_A10(platform, receiver):
    short_and_plain(platform.send(ADDED, corp="wwsomebodyelse"), 403)
    assert receiver.refused == {"app:wrong_receiver": 1}


def signed(encrypted, corp=CORP_ID):
    return second_crypto.envelope(encrypted, corp), second_crypto.query_for(encrypted, stamp(NOW))


def framed(block):
    return signed(second_crypto.encrypt_block(block))


BROKEN = {
    "bad base64": lambda: signed("abc"),
    "length not of blocks": lambda: signed(base64.b64encode(b"x" * 33).decode()),
    "empty Encrypt": lambda: signed(""),
    "64 random bytes": lambda: framed(bytes(range(64))),
    "no Encrypt": lambda: (f"<xml><ToUserName>{CORP_ID}</ToUserName></xml>".encode(), None),
    "empty body": lambda: (b"", None),
    "JSON": lambda: (b'{"encrypt":"abc"}', None),
    "two roots": lambda: (signed("abcd")[0] * 2, None),
    "NUL": lambda: (b"<xml>\0</xml>", None),
    "mark first": lambda: (b"\xef\xbb\xbf" + encrypted_xml(ADDED, NOW)[0], None),
    "UTF-16": lambda: (encrypted_xml(ADDED, NOW)[0].decode().encode("utf-16"), None),
    "padding of 0": lambda: framed(
        b"0" * 16 + (4).to_bytes(4, "big") + b"text" + CORP_ID.encode()[:4] + b"\0" * 4
    ),
    "padding of 255": lambda: framed(b"\xff" * 64),
    "padding not equal": lambda: framed(b"0" * 60 + b"\1\2\3\4"),
    "length too big": lambda: framed(b"0" * 16 + b"\xff" * 4 + b"x" * 28 + b"\x10" * 16),
    "not UTF-8 inside": lambda: signed(second_crypto.encrypt(b"\xff\xfe\xfd")),
    "empty inside": lambda: signed(second_crypto.encrypt("")),
    "text inside": lambda: signed(second_crypto.encrypt("hello")),
    "empty root inside": lambda: signed(second_crypto.encrypt("<xml></xml>")),
    "UTF-16 inside": lambda: signed(second_crypto.encrypt("<xml><Event>x</Event></xml>".encode("utf-16"))),
    "missing query": lambda: (encrypted_xml(ADDED, NOW)[0], {"nonce": "1"}),
    "nonce twice": lambda: (
        encrypted_xml(ADDED, NOW)[0],
        [*encrypted_xml(ADDED, NOW)[1].items(), ("nonce", "2")],
    ),
    "timestamp not a number": lambda: (encrypted_xml(ADDED, NOW)[0], second_crypto.query_for("x", "soon")),
}


@on_one_database
@pytest.mark.parametrize("name", BROKEN)
def test_malformed_input_is_a_client_error_never_a_crash_A11(client, rows, receiver, name):
    body, query = BROKEN[name]()
    answer = post(client, body, query)
    short_and_plain(answer, answer.status_code)
    assert answer.status_code in (400, 403)
    assert rows() == []
    assert sum(receiver.refused.values()) == 1


BOMBS = {
    "billion laughs": '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><xml><MsgType>&b;</MsgType></xml>',
    "file": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><MsgType>&a;</MsgType></xml>',
    "address": '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><xml><MsgType>event</MsgType></xml>',
    "depth": "<xml>" + "<a>" * 5000 + "</a>" * 5000 + "</xml>",
    "attributes": "<xml " + " ".join(f'a{n}="1"' for n in range(3000)) + "><MsgType>event</MsgType></xml>",
    "elements": "<xml>" + "".join(f"<a{n}/>" for n in range(3000)) + "</xml>",
}


@on_one_database
@pytest.mark.parametrize("name", BOMBS)
def test_an_xml_bomb_is_refused_outside_and_inside_A13(client, platform, rows, name):
    short_and_plain(post(client, BOMBS[name].encode()), 400)
    short_and_plain(platform.send(BOMBS[name]), 400)
    assert rows() == []


class Endless(io.RawIOBase):
    """A chunked body that never says how long it is, and counts how much of it was read."""

    def __init__(self):
        self.taken = 0

    def readable(self):
        return True

    def readinto(self, buffer):
        self.taken += len(buffer)
        buffer[:] = b"x" * len(buffer)
        return len(buffer)


def pour(app, body, **environ):
    """A request whose body comes from a stream, as a server hands it over."""
    made = EnvironBuilder("/callback/app", method="POST").get_environ()
    made.pop("CONTENT_LENGTH", None)
    chunks, status, headers = run_wsgi_app(app, {**made, "wsgi.input": body, **environ})
    return Response(b"".join(chunks), status, headers)


@on_one_database
def test_a_body_over_the_cap_is_refused_before_it_is_read_A12(app, client, receiver):
    short_and_plain(post(client, b"x" * (MOST_BYTES + 1)), 413)
    body = Endless()
    short_and_plain(
        pour(app, body, **{"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}), 413
    )
    assert body.taken <= 2 * MOST_BYTES
    assert receiver.refused["app:too_big"] == 2


@on_one_database
def test_a_body_that_says_100_megabytes_is_not_waited_for_A12(app):
    body = Endless()
    short_and_plain(pour(app, body, CONTENT_LENGTH="100000000"), 413)
    assert body.taken == 0


@on_one_database
def test_a_body_that_ends_early_is_refused(app, rows):
    short_and_plain(pour(app, io.BytesIO(b"<xml>"), CONTENT_LENGTH="500"), 400)
    assert rows() == []


@on_one_database
@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_only_get_and_post_are_spoken_A18(client, method):
    answer = client.open("/callback/app", method=method)
    assert answer.status_code == 405 and {"GET", "POST"} <= set(answer.allow)


@on_one_database
@pytest.mark.parametrize(
    "path",
    [
        "/callback/../console",
        "//callback/app",
        "/callback//app",
        "/callback/app//",
        "/callback/%2e%2e/console",
        "/callback/app;x=1",
        "/callback/APP",
        "/callback/",
        "/callback/app/../contacts",
        "/callback/app%00",
    ],
)
def test_path_tricks_lead_nowhere_A18(client, path):
    assert client.get(path).status_code == 404
    assert client.post(path, data=b"x").status_code == 404


@on_one_database
def test_a_huge_query_is_refused_A18(client, rows):
    short_and_plain(post(client, b"x", {"nonce": "n" * 20_000, "timestamp": "1", "msg_signature": "a"}), 400)
    assert rows() == []
