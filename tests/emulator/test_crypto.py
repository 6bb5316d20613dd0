"""The callback cipher against the published vectors (contract 1.5) and against wechatpy, both ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.work.crypto import WeChatCrypto

from emulator.crypto import BadEnvelope, CallbackCrypto

CRYPTO = CallbackCrypto(
    "GuideBotToken2026", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", "wwdemo0123456789ab"
)
RANDOM = b"0123456789abcdef"
ECHO = "4j/AuRx71kQlxVlzbpsMWIvYhUs0eJ7xPSgST9cZth3YXvxKX0UxvCHXNYRen9YCN85BsAbm1Q50zWK9Z+izGQ=="
EVENT = (
    "<xml><ToUserName><![CDATA[wwdemo0123456789ab]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName>"
    "<CreateTime>1767225600</CreateTime><MsgType><![CDATA[event]]></MsgType>"
    "<Event><![CDATA[change_external_contact]]></Event><ChangeType><![CDATA[add_external_contact]]></ChangeType>"
    "<UserID><![CDATA[guide001]]></UserID><ExternalUserID><![CDATA[wmDEMO0001]]></ExternalUserID>"
    "<State><![CDATA[st0420]]></State><WelcomeCode><![CDATA[WCODE1]]></WelcomeCode></xml>"
)
EVENT_CIPHER = (
    "4j/AuRx71kQlxVlzbpsMWFbE6uCRb8ofLsFbybtc2CNSBHA7aohnL5CxZzObtKiorUpxB5zxwgktedX18JJAupVNSCyEaUJjY0/aeyF2/SBeNLSy"
    "kAHrI2ai5cYLK/QcuBOK68tym10S3LSG0x3FkZickbCKZumX9xe5Ulws8t5tVQbBvI9FDMIZUjOOE/i+X9ACDj4NQtZsSBIHkl4RGi2XM0cbatxl"
    "+du+3qaxxSlomdN3jYjce0NIe6YMDG2pfUNYuEYLV3CRX5wokBkTZvYH/tsg79c68Ri1a+2mPw2GysL9N6evWf/XYk+4+b48h/rLB8ycF6IaIRNX"
    "XJcA1ArpMMXwxKe2j4CBjO55dWwqu7/kmhpx5Zsy8iIRfkVRnntAalfTOyYIt5nO3wWUNUAR4SHi/aNoneo+XkyShRBv7OT8vKA8iugPPnov6r2d"
    "+ifGpXY7o7u487zOTJ7zu0I98gqNQEO9FG5cUQrqC4eQxIKGEkhEuWuhxIQQCE4nhW0AokXEY3g+ah5Fjg6akdPApWD1QmF5lp6qByjFQL9O45sw"
    "tI566gfHYGWFD4NEuWUmGYkpCEvjvFRKQ4U0sLOxUmFCtS0nmbrt+LAwKqJ919GnWcc0VZ9o0X/APAoNfK0ijNwUPufO/eN6G3il7uw1MmPsNnuY"
    "b8yF408F/u4="
)


def test_the_echo_vector_is_reproduced():
    assert CRYPTO.encrypt("echo-1234567890", RANDOM) == ECHO
    assert CRYPTO.signature("1767225600", "nonce01", ECHO) == "e1561c753ceb3392f826ccad5a1fca70ff537f1d"
    assert CRYPTO.decrypt(ECHO) == "echo-1234567890"


def test_the_event_vector_is_reproduced():
    assert CRYPTO.encrypt(EVENT, RANDOM) == EVENT_CIPHER
    assert (
        CRYPTO.signature("1767225601", "nonce02", EVENT_CIPHER) == "18109769b25c13826851bee3dbe246059edeacc0"
    )
    assert (
        CRYPTO.open(EVENT_CIPHER, "18109769b25c13826851bee3dbe246059edeacc0", "1767225601", "nonce02")
        == EVENT
    )


@given(st.text(max_size=300), st.sampled_from(["", "wwdemo0123456789ab"]))
def test_wechatpy_reads_us_and_we_read_wechatpy(text, receiver):
    ours = CallbackCrypto(CRYPTO.token, CRYPTO.aes_key, receiver)
    theirs = WeChatCrypto(CRYPTO.token, CRYPTO.aes_key, receiver)
    encrypted = ours.encrypt(text)
    signature = ours.signature("1767225600", "n", encrypted)
    plain = theirs.decrypt_message({"Encrypt": encrypted}, signature, "1767225600", "n")
    assert (plain.decode() if isinstance(plain, bytes) else plain) == text


def test_each_encryption_looks_different():
    assert CRYPTO.encrypt("once") != CRYPTO.encrypt("once")


@pytest.mark.parametrize("cipher", ["", "!!!", "abc", "AAAA", ECHO[:-4], ECHO[:-12] + "A" + ECHO[-11:]])
def test_what_is_not_encrypted_for_us_is_refused(cipher):
    with pytest.raises(BadEnvelope):
        CRYPTO.decrypt(cipher)


def test_another_companys_envelope_is_refused():
    other = CallbackCrypto(CRYPTO.token, CRYPTO.aes_key, "wwother")
    with pytest.raises(BadEnvelope):
        CRYPTO.decrypt(other.encrypt("hello"))


def test_a_wrong_signature_is_refused_before_anything_is_read():
    with pytest.raises(BadEnvelope, match="signature"):
        CRYPTO.open("not even base64", "0" * 40, "1767225600", "n")
