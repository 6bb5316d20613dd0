"""Callbacks that are refused: each for its reason, before anything of them is believed or built."""

import json
import tracemalloc
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from tests.wecom import second_crypto
from tests.wecom.envelopes import (
    ECHO_QUERY,
    EVENT,
    EVENT_ENCRYPT,
    EVENT_QUERY,
    GOOD,
    NOW,
    RING,
    STAMP,
    block,
    encrypted_callback,
    refused,
)
from wecom.callbacks import MOST_BYTES, open_envelope, open_robot, verify_url
from wecom.errors import BadCallback


def test_a_wrong_signature_is_refused_before_anything_is_decrypted_A07():
    body = second_crypto.envelope("A" * 64)  # would not decrypt
    query = {"msg_signature": "0" * 40, "timestamp": str(STAMP), "nonce": "n"}
    assert refused("bad_signature", open_envelope, body, query, RING, NOW).status == 403


@pytest.mark.parametrize("signature", ["", "x", "0" * 41, EVENT_QUERY["msg_signature"].upper(), "é" * 40])
def test_an_odd_signature_is_a_wrong_signature_A07(signature):
    body = second_crypto.envelope(EVENT_ENCRYPT)
    refused("bad_signature", open_envelope, body, {**EVENT_QUERY, "msg_signature": signature}, RING, NOW)


@pytest.mark.parametrize(("seconds", "opens"), [(-301, False), (-300, True), (300, True), (301, False)])
def test_only_a_fresh_timestamp_opens_A08(seconds, opens):
    body = second_crypto.envelope(EVENT_ENCRYPT)
    now = datetime.fromtimestamp(STAMP + seconds, UTC)
    if opens:
        assert open_envelope(body, EVENT_QUERY, RING, now) == EVENT
    else:
        refused("stale", open_envelope, body, EVENT_QUERY, RING, now)


def test_a_forged_old_callback_counts_as_forged_not_as_stale_A08():
    query = {**EVENT_QUERY, "timestamp": "1300000000"}
    refused("bad_signature", open_envelope, second_crypto.envelope(EVENT_ENCRYPT), query, RING, NOW)


@pytest.mark.parametrize("receiver", ["wwanother", "", second_crypto.CORP + "x", second_crypto.CORP[:-1]])
def test_another_corps_callback_is_refused_A10(receiver):
    body, query = encrypted_callback(EVENT, receiver)
    assert refused("wrong_receiver", open_envelope, body, query, RING, NOW).status == 403


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
    "padding 0": block(LENGTH + b"hello" + second_crypto.CORP.encode(), b"\x00" * 21),
    "padding 33": block(LENGTH + b"hello" + second_crypto.CORP.encode(), b"\x21" * 21),
    "padding 255": block(LENGTH + b"hello" + second_crypto.CORP.encode(), b"\xff" * 21),
    "padding uneven": block(LENGTH + b"hello" + second_crypto.CORP.encode(), b"\x00" * 20 + b"\x15"),
    "length too big": block(b"\xff" * 4 + b"hello" + second_crypto.CORP.encode(), b"\x15" * 21),
    "one block": second_crypto.encrypt_block(b"\x10" * 16),
    "nothing but padding": second_crypto.encrypt_block(b"\x20" * 32),
}


@pytest.mark.parametrize("encrypted", BAD_CIPHERTEXTS.values(), ids=BAD_CIPHERTEXTS.keys())
def test_a_signed_but_broken_ciphertext_is_refused_A11(encrypted):
    query = second_crypto.query_for(encrypted, STAMP)
    refused("malformed", open_envelope, second_crypto.envelope(encrypted), query, RING, NOW)
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


def test_an_echo_that_is_no_text_is_refused_A16():
    encrypted = second_crypto.encrypt(b"\xff\xfe\xfd")
    query = {**second_crypto.query_for(encrypted, STAMP), "echostr": encrypted}
    refused("malformed", verify_url, query, RING, NOW)
