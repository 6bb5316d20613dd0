"""Callbacks: what is opened, what is refused, and that nothing else happens."""

import json
import tracemalloc
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from tests.wecom import second_crypto as second
from wecom.callbacks import (
    MOST_BYTES,
    BadCallback,
    KeyRing,
    open_envelope,
    open_robot,
    seal_robot,
    sign_echo,
    verify_url,
)

RING = KeyRing([(second.TOKEN, second.AES_KEY)], second.CORP)
STAMP = 1767225601
NOW = datetime.fromtimestamp(STAMP, UTC)
# Section 1.5 of the contract, computed with the official sample.
ECHO = "4j/AuRx71kQlxVlzbpsMWIvYhUs0eJ7xPSgST9cZth3YXvxKX0UxvCHXNYRen9YCN85BsAbm1Q50zWK9Z+izGQ=="
ECHO_QUERY = {
    "msg_signature": "e1561c753ceb3392f826ccad5a1fca70ff537f1d",
    "timestamp": "1767225600",
    "nonce": "nonce01",
    "echostr": ECHO,
}
EVENT = (
    "<xml><ToUserName><![CDATA[wwdemo0123456789ab]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName>"
    "<CreateTime>1767225600</CreateTime><MsgType><![CDATA[event]]></MsgType>"
    "<Event><![CDATA[change_external_contact]]></Event>"
    "<ChangeType><![CDATA[add_external_contact]]></ChangeType><UserID><![CDATA[guide001]]></UserID>"
    "<ExternalUserID><![CDATA[wmDEMO0001]]></ExternalUserID><State><![CDATA[st0420]]></State>"
    "<WelcomeCode><![CDATA[WCODE1]]></WelcomeCode></xml>"
)
EVENT_ENCRYPT = (
    "4j/AuRx71kQlxVlzbpsMWFbE6uCRb8ofLsFbybtc2CNSBHA7aohnL5CxZzObtKiorUpxB5zxwgktedX18JJAupVNSCyEaUJjY0/a"
    "eyF2/SBeNLSykAHrI2ai5cYLK/QcuBOK68tym10S3LSG0x3FkZickbCKZumX9xe5Ulws8t5tVQbBvI9FDMIZUjOOE/i+X9ACDj4N"
    "QtZsSBIHkl4RGi2XM0cbatxl+du+3qaxxSlomdN3jYjce0NIe6YMDG2pfUNYuEYLV3CRX5wokBkTZvYH/tsg79c68Ri1a+2mPw2G"
    "ysL9N6evWf/XYk+4+b48h/rLB8ycF6IaIRNXXJcA1ArpMMXwxKe2j4CBjO55dWwqu7/kmhpx5Zsy8iIRfkVRnntAalfTOyYIt5nO"
    "3wWUNUAR4SHi/aNoneo+XkyShRBv7OT8vKA8iugPPnov6r2d+ifGpXY7o7u487zOTJ7zu0I98gqNQEO9FG5cUQrqC4eQxIKGEkhE"
    "uWuhxIQQCE4nhW0AokXEY3g+ah5Fjg6akdPApWD1QmF5lp6qByjFQL9O45swtI566gfHYGWFD4NEuWUmGYkpCEvjvFRKQ4U0sLOx"
    "UmFCtS0nmbrt+LAwKqJ919GnWcc0VZ9o0X/APAoNfK0ijNwUPufO/eN6G3il7uw1MmPsNnuYb8yF408F/u4="
)
EVENT_QUERY = {
    "msg_signature": "18109769b25c13826851bee3dbe246059edeacc0",
    "timestamp": "1767225601",
    "nonce": "nonce02",
}


def refused(kind, call, *args, **more):
    with pytest.raises(BadCallback) as caught:
        call(*args, **more)
    assert caught.value.kind == kind
    assert caught.value.status in (400, 403, 413)
    assert caught.value.words
    return caught.value


def sealed(text, receive_id=second.CORP):
    encrypted = second.encrypt(text, receive_id)
    return second.envelope(encrypted), second.query_for(encrypted, STAMP)


def block(content, pad):
    return second.encrypt_block(b"0123456789abcdef" + content + pad)


# ---- the published vectors


def test_the_contracts_echo_vector_is_answered_exactly():
    assert verify_url(ECHO_QUERY, RING, NOW, window_seconds=0) == "echo-1234567890"


def test_the_contracts_event_vector_is_opened():
    body = second.envelope(EVENT_ENCRYPT)
    assert open_envelope(body, EVENT_QUERY, RING, NOW, window_seconds=0) == EVENT
    assert open_envelope(body, EVENT_QUERY, RING, NOW) == EVENT


def test_a_plus_that_a_proxy_turned_into_a_blank_still_verifies_A16():
    assert verify_url({**ECHO_QUERY, "echostr": ECHO.replace("+", " ")}, RING, NOW, 0) == "echo-1234567890"


def test_an_echo_with_a_mark_and_a_newline_comes_back_unchanged_A16():
    encrypted = second.encrypt("\ufeffecho\n")
    query = {**second.query_for(encrypted, STAMP), "echostr": encrypted}
    assert verify_url(query, RING, NOW) == "\ufeffecho\n"


def test_our_own_address_can_be_asked_as_the_platform_asks_A16():
    query = sign_echo("onetap-doctor", RING, timestamp=str(STAMP), nonce="doctor")
    assert second.decrypt(query["echostr"]) == ("onetap-doctor", second.CORP)
    assert verify_url(query, RING, NOW) == "onetap-doctor"


@pytest.mark.parametrize("change", [{"echostr": ECHO[:-8] + "AAAAAA=="}, {"nonce": "nonce03"}])
def test_a_tampered_verification_is_refused_A16(change):
    refused("bad_signature", verify_url, {**ECHO_QUERY, **change}, RING, NOW, 0)


# ---- both ways with the second implementation

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=300) | st.sampled_from(
    ["", "中文😀", "a]]>b", "x" * 1200, "店" * 66, "</Encrypt>", "\u0000", "&amp;<>\"'"]
)


@settings(max_examples=150, deadline=None)
@given(text=TEXTS, receive_id=st.sampled_from([second.CORP, "", "店"]))
def test_what_the_official_algorithm_seals_we_open(text, receive_id):
    body, query = sealed(text, receive_id)
    assert open_envelope(body, query, KeyRing([(second.TOKEN, second.AES_KEY)], receive_id), NOW) == text
    encrypted = second.encrypt(text, receive_id)
    body = json.dumps({"encrypt": encrypted}).encode()
    ring = KeyRing([(second.TOKEN, second.AES_KEY)], receive_id)
    assert open_robot(body, second.query_for(encrypted, STAMP), ring, NOW) == text


@settings(max_examples=150, deadline=None)
@given(text=TEXTS, receive_id=st.sampled_from([second.CORP, "", "店"]))
def test_what_we_seal_the_official_algorithm_opens(text, receive_id):
    ring = KeyRing([(second.TOKEN, second.AES_KEY)], receive_id)
    reply = json.loads(seal_robot({"msgtype": "text", "text": {"content": text}}, ring, NOW))
    plain, receiver = second.decrypt(reply["encrypt"])
    assert (json.loads(plain)["text"]["content"], receiver) == (text, receive_id)
    assert reply["timestamp"] == str(STAMP)
    signed = second.signature(second.TOKEN, reply["timestamp"], reply["nonce"], reply["encrypt"])
    assert reply["msgsignature"] == signed


def test_two_seals_of_one_text_differ():
    assert seal_robot({"same": 1}, RING, NOW) != seal_robot({"same": 1}, RING, NOW)


def test_json_with_escaped_slashes_is_the_same_envelope():
    encrypted = next(e for e in (second.encrypt("x" * n) for n in range(100, 200)) if "/" in e)
    body = ('{"encrypt":"' + encrypted.replace("/", "\\/") + '"}').encode()
    assert open_robot(body, second.query_for(encrypted, STAMP), RING, NOW).startswith("xxx")


# ---- refused


def test_a_wrong_signature_is_refused_before_anything_is_decrypted_A07():
    body = second.envelope("A" * 64)  # would not decrypt
    query = {"msg_signature": "0" * 40, "timestamp": str(STAMP), "nonce": "n"}
    assert refused("bad_signature", open_envelope, body, query, RING, NOW).status == 403


@pytest.mark.parametrize("signature", ["", "x", "0" * 41, EVENT_QUERY["msg_signature"].upper(), "é" * 40])
def test_an_odd_signature_is_a_wrong_signature_A07(signature):
    body = second.envelope(EVENT_ENCRYPT)
    refused("bad_signature", open_envelope, body, {**EVENT_QUERY, "msg_signature": signature}, RING, NOW)


@pytest.mark.parametrize(("seconds", "opens"), [(-301, False), (-300, True), (300, True), (301, False)])
def test_only_a_fresh_timestamp_opens_A08(seconds, opens):
    body = second.envelope(EVENT_ENCRYPT)
    now = datetime.fromtimestamp(STAMP + seconds, UTC)
    if opens:
        assert open_envelope(body, EVENT_QUERY, RING, now) == EVENT
    else:
        refused("stale", open_envelope, body, EVENT_QUERY, RING, now)


def test_a_forged_old_callback_counts_as_forged_not_as_stale_A08():
    query = {**EVENT_QUERY, "timestamp": "1300000000"}
    refused("bad_signature", open_envelope, second.envelope(EVENT_ENCRYPT), query, RING, NOW)


@pytest.mark.parametrize("receiver", ["wwanother", "", second.CORP + "x", second.CORP[:-1]])
def test_another_corps_callback_is_refused_A10(receiver):
    body, query = sealed(EVENT, receiver)
    assert refused("wrong_receiver", open_envelope, body, query, RING, NOW).status == 403


GOOD = second.envelope(EVENT_ENCRYPT)


@pytest.mark.parametrize(
    "body",
    [
        b"", b" ", b"\x00", b"{}", b"<xml></xml>", b"<xml><Encrypt></Encrypt></xml>", b"not xml",
        b"<xml><Encrypt><![CDATA[]]></Encrypt></xml>", GOOD + GOOD, GOOD + b"<xml></xml>", b"\xef\xbb\xbf" + GOOD,
        b"\x00" + GOOD, GOOD.decode().encode("utf-16"), GOOD.replace(b"<Encrypt>", b"<encrypt>"),
        GOOD.replace(b"</xml>", b"<Encrypt>AAAA</Encrypt></xml>"), GOOD.replace(b"4j/A", b"4j A"),
        GOOD.replace(b"4j/A", b"4j\x00A"), GOOD[:-1], b"<!DOCTYPE x>" + GOOD, json.dumps({"encrypt": 1}).encode(),
    ],
)  # fmt: skip
def test_a_misshapen_body_is_malformed_A11(body):
    assert refused("malformed", open_envelope, body, EVENT_QUERY, RING, NOW).status == 400


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"encrypt":1}', b'{"encrypt":""}', b'{"encrypt":"a","encrypt":"b"}', GOOD,
     b'{"encrypt":"\\u0041"}', b'{"encrypt":"AAAA"', b'{"encrypt":"AA AA"}', b'{"Encrypt":"AAAA"}'],
)  # fmt: skip
def test_a_misshapen_robot_body_is_malformed_A11(body):
    assert refused("malformed", open_robot, body, EVENT_QUERY, RING, NOW).status == 400


LENGTH = (5).to_bytes(4, "big")
BAD_CIPHERTEXTS = {
    "length no multiple of 4": "AAAAA",
    "length no multiple of 16": "AAAA",
    "64 random bytes": "vwJYFkY2FhIr0hd4wGmS2yKDvOpTAZzHzcmdNwfw3nGkLdVVgLzGCjLqzJmCNvlMkEgVv6aStWQvVIb0dVSqkQ==",
    "padding 0": block(LENGTH + b"hello" + second.CORP.encode(), b"\x00" * 21),
    "padding 33": block(LENGTH + b"hello" + second.CORP.encode(), b"\x21" * 21),
    "padding 255": block(LENGTH + b"hello" + second.CORP.encode(), b"\xff" * 21),
    "padding uneven": block(LENGTH + b"hello" + second.CORP.encode(), b"\x00" * 20 + b"\x15"),
    "length too big": block(b"\xff" * 4 + b"hello" + second.CORP.encode(), b"\x15" * 21),
    "one block": second.encrypt_block(b"\x10" * 16),
    "nothing but padding": second.encrypt_block(b"\x20" * 32),
    "not UTF-8": second.encrypt(b"\xff\xfe\xfd"),
}


@pytest.mark.parametrize("encrypted", BAD_CIPHERTEXTS.values(), ids=BAD_CIPHERTEXTS.keys())
def test_a_signed_but_broken_ciphertext_is_refused_A11(encrypted):
    query = second.query_for(encrypted, STAMP)
    refused("malformed", open_envelope, second.envelope(encrypted), query, RING, NOW)
    refused("malformed", open_robot, json.dumps({"encrypt": encrypted}).encode(), query, RING, NOW)
    refused("malformed", verify_url, {**query, "echostr": encrypted}, RING, NOW)


def test_a_big_body_is_refused_by_its_size_alone_A12():
    refused("too_big", open_envelope, b"<xml>" + b"a" * MOST_BYTES, EVENT_QUERY, RING, NOW)
    assert refused("too_big", open_robot, b"{" + b"a" * MOST_BYTES, EVENT_QUERY, RING, NOW).status == 413
    refused("too_big", verify_url, {**ECHO_QUERY, "echostr": "A" * 5000}, RING, NOW)


HOSTILE = {
    "laughs": b'<!DOCTYPE l [<!ENTITY a "lol">]>' + b"<xml>&a;</xml>",
    "nested": b"<xml>" + b"<a>" * 20_000 + b"</xml>",
    "many openings": b"<xml>" + b"<Encrypt>" * 7000 + b"</xml>",
    "blanks": b"<xml><Encrypt>" + b" " * 65_000 + b"</xml>",
    "blanks around": b"<xml><Encrypt>" + b" " * 30_000 + b"AAAA" + b" " * 30_000 + b"</Encrypt></xml>",
    "letters": b"<xml><Encrypt>" + b"A" * 65_000 + b"</xml>",
    "slashes": b'{"encrypt":"' + b"\\/" * 30_000 + b"}",
    "quotes": b'{"encrypt"' + b" " * 60_000 + b"}",
    "attributes": b"<xml " + b'a="b" ' * 10_000 + b"/>",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_body_is_refused_without_being_parsed_A13(body):
    """Nothing is built of it: what is held meanwhile is not more than its own bytes a few times over."""
    tracemalloc.start()
    try:
        for opener in (open_envelope, open_robot):
            with pytest.raises(BadCallback):
                opener(body, EVENT_QUERY, RING, NOW)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 5 * MOST_BYTES


@settings(max_examples=300, deadline=None)
@given(body=st.binary(max_size=200) | st.binary(max_size=60).map(lambda inner: GOOD.replace(b"4j/A", inner)))
def test_no_bytes_raise_anything_else_A11(body):
    for opener in (open_envelope, open_robot):
        try:
            opener(body, EVENT_QUERY, RING, NOW)
        except BadCallback:
            continue
        assert body == GOOD or EVENT_ENCRYPT.encode() in body


@pytest.mark.parametrize("name", ["msg_signature", "timestamp", "nonce"])
def test_a_missing_parameter_is_malformed(name):
    query = {key: value for key, value in EVENT_QUERY.items() if key != name}
    refused("malformed", open_envelope, GOOD, query, RING, NOW)


@pytest.mark.parametrize("change", [{"timestamp": "1e9"}, {"timestamp": "９９"}, {"timestamp": "-1"},
                                    {"timestamp": "9" * 30}, {"nonce": ""}, {"nonce": "n" * 129}])  # fmt: skip
def test_an_odd_timestamp_or_nonce_is_malformed(change):
    refused("malformed", open_envelope, GOOD, {**EVENT_QUERY, **change}, RING, NOW)


@pytest.mark.parametrize("doubled", ["msg_signature", "nonce", "timestamp", "anything"])
def test_a_doubled_parameter_is_refused_A18(doubled):
    pairs = [*EVENT_QUERY.items(), (doubled, "a"), (doubled, "b")]
    refused("malformed", open_envelope, GOOD, MultiDict(pairs), RING, NOW)
    refused("malformed", open_envelope, GOOD, parse_qs(urlencode(pairs)), RING, NOW)


def test_a_form_with_single_values_opens():
    assert open_envelope(GOOD, MultiDict(EVENT_QUERY), RING, NOW) == EVENT
    assert open_envelope(GOOD, parse_qs(urlencode(EVENT_QUERY)), RING, NOW) == EVENT


# ---- rotation

OTHER_KEY = "Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA"


@pytest.mark.parametrize(
    "pairs",
    [
        [("new-token", OTHER_KEY), (second.TOKEN, second.AES_KEY)],
        [(second.TOKEN, OTHER_KEY), (second.TOKEN, second.AES_KEY)],
        [(second.TOKEN, second.AES_KEY), ("new-token", OTHER_KEY)],
    ],
)
def test_old_and_new_pairs_open_during_a_rotation_and_the_reply_uses_the_same_pair_A19(pairs):
    opened = open_envelope(GOOD, EVENT_QUERY, KeyRing(pairs, second.CORP), NOW)
    assert opened == EVENT
    reply = json.loads(seal_robot({"msgtype": "stream"}, opened.ring, NOW))
    assert json.loads(second.decrypt(reply["encrypt"])[0]) == {"msgtype": "stream"}


def test_after_the_rotation_the_old_pair_opens_nothing_A19():
    ring = KeyRing([("new-token", OTHER_KEY)], second.CORP)
    refused("bad_signature", open_envelope, GOOD, EVENT_QUERY, ring, NOW)
    ring = KeyRing([(second.TOKEN, OTHER_KEY)], second.CORP)
    refused("malformed", open_envelope, GOOD, EVENT_QUERY, ring, NOW)


@pytest.mark.parametrize("pairs", [[], [("", second.AES_KEY)], [("t", second.AES_KEY[:-1])], [("t", "中" * 43)]])
def test_a_wrong_key_is_refused_at_the_start_and_not_shown(pairs):
    with pytest.raises(ValueError) as caught:
        KeyRing(pairs, second.CORP)
    assert second.AES_KEY[:-1] not in str(caught.value)
    assert second.TOKEN not in repr(RING)
