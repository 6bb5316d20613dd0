"""Callbacks that are opened: the published vectors, a second implementation both ways, and two pairs of keys."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wecom import second_crypto
from tests.wecom.envelopes import (
    ECHO,
    ECHO_QUERY,
    EVENT,
    EVENT_ENCRYPT,
    EVENT_QUERY,
    GOOD,
    NOW,
    RING,
    STAMP,
    encrypted_callback,
    refused,
)
from wecom.callbacks import KeyRing, encrypt_robot, open_envelope, open_robot, sign_echo, verify_url

# ---- the published vectors


def test_the_contracts_echo_vector_is_answered_exactly():
    assert verify_url(ECHO_QUERY, RING, NOW, window_seconds=0) == "echo-1234567890"


def test_the_contracts_event_vector_is_opened():
    body = second_crypto.envelope(EVENT_ENCRYPT)
    assert open_envelope(body, EVENT_QUERY, RING, NOW, window_seconds=0) == EVENT
    assert open_envelope(body, EVENT_QUERY, RING, NOW) == EVENT


def test_a_plus_that_a_proxy_turned_into_a_blank_still_verifies_A16():
    assert verify_url({**ECHO_QUERY, "echostr": ECHO.replace("+", " ")}, RING, NOW, 0) == "echo-1234567890"


def test_an_echo_with_a_mark_and_a_newline_comes_back_unchanged_A16():
    encrypted = second_crypto.encrypt("\ufeffecho\n")
    query = {**second_crypto.query_for(encrypted, STAMP), "echostr": encrypted}
    assert verify_url(query, RING, NOW) == "\ufeffecho\n"


def test_our_own_address_can_be_asked_as_the_platform_asks_A16():
    query = sign_echo("onetap-doctor", RING, timestamp=str(STAMP), nonce="doctor")
    assert second_crypto.decrypt(query["echostr"]) == ("onetap-doctor", second_crypto.CORP)
    assert verify_url(query, RING, NOW) == "onetap-doctor"


@pytest.mark.parametrize("change", [{"echostr": ECHO[:-8] + "AAAAAA=="}, {"nonce": "nonce03"}])
def test_a_tampered_verification_is_refused_A16(change):
    refused("bad_signature", verify_url, {**ECHO_QUERY, **change}, RING, NOW, 0)


# ---- both ways with the second implementation

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=300) | st.sampled_from(
    ["", "中文😀", "a]]>b", "x" * 1200, "店" * 66, "</Encrypt>", "\u0000", "&amp;<>\"'"]
)


@settings(max_examples=150, deadline=None)
@given(text=TEXTS, receive_id=st.sampled_from([second_crypto.CORP, "", "店"]))
def test_what_the_official_algorithm_encrypts_we_open(text, receive_id):
    body, query = encrypted_callback(text, receive_id)
    assert (
        open_envelope(body, query, KeyRing([(second_crypto.TOKEN, second_crypto.AES_KEY)], receive_id), NOW)
        == text
    )
    encrypted = second_crypto.encrypt(text, receive_id)
    body = json.dumps({"encrypt": encrypted}).encode()
    ring = KeyRing([(second_crypto.TOKEN, second_crypto.AES_KEY)], receive_id)
    assert open_robot(body, second_crypto.query_for(encrypted, STAMP), ring, NOW) == text


@settings(max_examples=150, deadline=None)
@given(text=TEXTS, receive_id=st.sampled_from([second_crypto.CORP, "", "店"]))
def test_what_we_encrypt_the_official_algorithm_opens(text, receive_id):
    ring = KeyRing([(second_crypto.TOKEN, second_crypto.AES_KEY)], receive_id)
    reply = json.loads(encrypt_robot({"msgtype": "text", "text": {"content": text}}, ring, NOW))
    plain, receiver = second_crypto.decrypt(reply["encrypt"])
    assert (json.loads(plain)["text"]["content"], receiver) == (text, receive_id)
    assert reply["timestamp"] == str(STAMP)
    signed = second_crypto.signature(
        second_crypto.TOKEN, reply["timestamp"], reply["nonce"], reply["encrypt"]
    )
    assert reply["msgsignature"] == signed


def test_two_encryptions_of_one_text_differ():
    assert encrypt_robot({"same": 1}, RING, NOW) != encrypt_robot({"same": 1}, RING, NOW)


def test_json_with_escaped_slashes_is_the_same_envelope():
    encrypted = next(e for e in (second_crypto.encrypt("x" * n) for n in range(100, 200)) if "/" in e)
    body = ('{"encrypt":"' + encrypted.replace("/", "\\/") + '"}').encode()
    assert open_robot(body, second_crypto.query_for(encrypted, STAMP), RING, NOW).startswith("xxx")


# ---- rotation

OTHER_KEY = "Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA"


@pytest.mark.parametrize(
    "pairs",
    [
        [("new-token", OTHER_KEY), (second_crypto.TOKEN, second_crypto.AES_KEY)],
        [(second_crypto.TOKEN, OTHER_KEY), (second_crypto.TOKEN, second_crypto.AES_KEY)],
        [(second_crypto.TOKEN, second_crypto.AES_KEY), ("new-token", OTHER_KEY)],
    ],
)
def test_old_and_new_pairs_open_during_a_rotation_and_the_reply_uses_the_same_pair_A19(pairs):
    opened = open_envelope(GOOD, EVENT_QUERY, KeyRing(pairs, second_crypto.CORP), NOW)
    assert opened == EVENT
    reply = json.loads(encrypt_robot({"msgtype": "stream"}, opened.ring, NOW))
    assert json.loads(second_crypto.decrypt(reply["encrypt"])[0]) == {"msgtype": "stream"}


def test_after_the_rotation_the_old_pair_opens_nothing_A19():
    ring = KeyRing([("new-token", OTHER_KEY)], second_crypto.CORP)
    refused("bad_signature", open_envelope, GOOD, EVENT_QUERY, ring, NOW)
    ring = KeyRing([(second_crypto.TOKEN, OTHER_KEY)], second_crypto.CORP)
    refused("malformed", open_envelope, GOOD, EVENT_QUERY, ring, NOW)


@pytest.mark.parametrize(
    "pairs", [[], [("", second_crypto.AES_KEY)], [("t", second_crypto.AES_KEY[:-1])], [("t", "中" * 43)]]
)
def test_a_wrong_key_is_refused_at_the_start_and_not_shown(pairs):
    with pytest.raises(ValueError) as caught:
        KeyRing(pairs, second_crypto.CORP)
    assert second_crypto.AES_KEY[:-1] not in str(caught.value)
    assert second_crypto.TOKEN not in repr(RING)
