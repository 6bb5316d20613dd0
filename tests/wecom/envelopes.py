"""Callbacks as the platform encrypts them: the vectors of contract 1.5, and how a refusal is caught."""

from datetime import UTC, datetime

import pytest

from tests.wecom import second_crypto
from wecom.callbacks import KeyRing
from wecom.errors import BadCallback

RING = KeyRing([(second_crypto.TOKEN, second_crypto.AES_KEY)], second_crypto.CORP)
STAMP = 1767225601
NOW = datetime.fromtimestamp(STAMP, UTC)
ECHO = "4j/AuRx71kQlxVlzbpsMWIvYhUs0eJ7xPSgST9cZth3YXvxKX0UxvCHXNYRen9YCN85BsAbm1Q50zWK9Z+izGQ=="
"""Computed with the official sample."""
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


def encrypted_callback(text, receive_id=second_crypto.CORP):
    encrypted = second_crypto.encrypt(text, receive_id)
    return second_crypto.envelope(encrypted), second_crypto.query_for(encrypted, STAMP)


def block(content, pad):
    return second_crypto.encrypt_block(b"0123456789abcdef" + content + pad)


GOOD = second_crypto.envelope(EVENT_ENCRYPT)
