"""The platform's side of a callback: events as XML and JSON, encrypted and signed by the second implementation."""

import json
from datetime import datetime, timedelta
from itertools import count

import pytest

from tests.cast import CORP_ID
from tests.wecom import second_crypto

numbers = count(1)
on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For tests whose subject is words or refusals: those never differ between databases"""


class Clock:
    """The time as the callback views read it; tests move it."""

    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now

    def wait(self, **span):
        self.now += timedelta(**span)
        return self.now


class Platform:
    """Sends what happened to the views, as often as asked; each try is encrypted anew."""

    def __init__(self, client, clock):
        self.client, self.clock = client, clock

    def send(self, xml, source="app", **keys):
        return self._post(f"/callback/{source}", *encrypted_xml(xml, self.clock(), **keys))

    def say(self, message, **keys):
        """To the robot; the answer is opened."""
        answer = self._post("/callback/robot", *encrypted_json(message, self.clock(), **keys))
        return answer, open_reply(answer)

    def verify(self, echo, source="app", **changes):
        encrypted = second_crypto.encrypt(echo, "" if source.startswith("robot") else CORP_ID)
        query = {**second_crypto.query_for(encrypted, stamp(self.clock())), "echostr": encrypted, **changes}
        return self.client.get(f"/callback/{source}", query_string=query)

    def _post(self, path, body, query):
        return self.client.post(path, query_string=query, data=body)


def encrypted_xml(xml, now, *, corp=CORP_ID, token=second_crypto.TOKEN, aes_key=second_crypto.AES_KEY):
    encrypted = second_crypto.encrypt(xml, corp, aes_key)
    return second_crypto.envelope(encrypted, corp), second_crypto.query_for(
        encrypted, stamp(now), f"n{next(numbers)}", token
    )


def encrypted_json(message, now, *, token=second_crypto.TOKEN, aes_key=second_crypto.AES_KEY):
    text = message if isinstance(message, str) else json.dumps(message, ensure_ascii=False)
    encrypted = second_crypto.encrypt(text, "", aes_key)
    return json.dumps({"encrypt": encrypted}).encode(), second_crypto.query_for(
        encrypted, stamp(now), f"n{next(numbers)}", token
    )


def open_reply(answer):
    """What the robot said, decrypted; None for silence and refusals."""
    if not answer.data or answer.status_code != 200:
        return None
    answered = answer.get_json()
    signed = second_crypto.signature(
        second_crypto.TOKEN, answered["timestamp"], answered["nonce"], answered["encrypt"]
    )
    assert signed == answered["msgsignature"]
    text, receiver = second_crypto.decrypt(answered["encrypt"])
    assert receiver == ""
    return json.loads(text)


def stamp(now: datetime) -> int:
    return int(now.timestamp())


def event(name, change="", *, at, actor="sys", **fields):
    """The decrypted XML of an event."""
    parts = {
        "ToUserName": CORP_ID,
        "FromUserName": actor,
        "CreateTime": stamp(at),
        "MsgType": "event",
        "Event": name,
    }
    rows = {**parts, **({"ChangeType": change} if change else {}), **fields}
    return "<xml>" + "".join(f"<{key}><![CDATA[{value}]]></{key}>" for key, value in rows.items()) + "</xml>"


def friend_event(change, userid, external_userid, *, at, **fields):
    return event(
        "change_external_contact", change, at=at, UserID=userid, ExternalUserID=external_userid, **fields
    )


def member_event(change, userid, *, at, **fields):
    return event("change_contact", change, at=at, UserID=userid, **fields)


def robot_message(text, userid, *, msgid="", chat="wrStoreGroup", at=None, **fields):
    """What the platform sends when somebody mentions the robot in a group; without `chat`, when alone with it."""
    place = {"chatid": chat, "chattype": "group"} if chat else {"chattype": "single"}
    return {
        "msgid": msgid or f"M{next(numbers)}",
        "aibotid": "AIB1",
        "from": {"userid": userid},
        "msgtype": "text",
        "text": {"content": text},
        "response_url": "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=RC",
        **place,
        **({"create_time": stamp(at)} if at else {}),
        **fields,
    }
