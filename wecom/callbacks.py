"""Callbacks as they come in: size, shape, signature, age, decryption, receiver, in this order."""

import base64
import binascii
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from wechatpy.work.crypto import PrpCrypto

from wecom.errors import BadCallback
from wecom.events import Event, RobotMessage, clean, parse_event, parse_robot
from wecom.limits import FRESH_SECONDS

__all__ = [
    "BadCallback",
    "Event",
    "KeyRing",
    "Opened",
    "RobotMessage",
    "clean",
    "open_envelope",
    "open_robot",
    "parse_event",
    "parse_robot",
    "robot_stream",
    "robot_text",
    "encrypt_robot",
    "sign_echo",
    "verify_url",
]

MOST_BYTES = 64 * 1024
MOST_ECHO = 4096
BLOCK = 32
SPOILT = "\ufffd"
"""Stands where bytes were no letter"""

_XML_ENCRYPT = re.compile(
    rb"<Encrypt>\s{0,8}(?:<!\[CDATA\[)?([A-Za-z0-9+/]+={0,2})(?:\]\]>)?\s{0,8}</Encrypt>"
)
"""Nothing of an unverified body is parsed. Runs cannot overlap and blanks are bounded, so a search is linear;
possessive ones (++) keep no way back, which for one long body were 8 MB."""
_JSON_ENCRYPT = re.compile(rb'"encrypt"\s{0,8}:\s{0,8}"((?:[A-Za-z0-9+/]++|\\/)++={0,2})"')
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_AES_KEY = re.compile(r"[A-Za-z0-9+/]{43}")
_SIGNATURE = re.compile(r"[0-9a-f]{40}")
_TIMESTAMP = re.compile(r"[0-9]{1,11}")
_NONCE = re.compile(r"[\x21-\x7e]{1,128}")


class _Cipher(PrpCrypto):  # type: ignore[misc]
    def get_random_string(self) -> str:
        # the first block is what makes equal messages differ; the base class draws it from a guessable source
        return secrets.token_hex(8)


class KeyRing:
    """The (token, AES key) pairs that are tried in order, and the receiver that a message must name."""

    def __init__(self, pairs: Iterable[tuple[str, str]], receive_id: str) -> None:
        self.pairs: Sequence[tuple[str, str]] = tuple(pairs)
        self.receive_id = receive_id
        if not self.pairs:
            raise ValueError("回调需要至少一对 Token 和 EncodingAESKey")
        for token, aes_key in self.pairs:
            if not token:
                raise ValueError("回调的 Token 是空的")
            if not _AES_KEY.fullmatch(aes_key):
                raise ValueError(f"EncodingAESKey 应为 43 个字母或数字，现在是 {len(aes_key)} 个")
        self.ciphers = tuple(_Cipher(base64.b64decode(key + "=")) for _, key in self.pairs)

    def only(self, index: int) -> "KeyRing":
        """The ring of one pair."""
        return self if len(self.pairs) == 1 else KeyRing([self.pairs[index]], self.receive_id)

    def __repr__(self) -> str:
        return f"<KeyRing of {len(self.pairs)}>"


class Opened(str):
    """The decrypted text, and the ring that opened it: a passive reply is encrypted with the same pair."""

    ring: KeyRing


def open_envelope(
    body: bytes,
    query: Mapping[str, Any],
    keys: KeyRing,
    now: datetime,
    window_seconds: int = FRESH_SECONDS,
) -> Opened:
    """The inner XML of an app or directory callback, or BadCallback."""
    _check_size(body, MOST_BYTES)
    bare = body.strip()
    framed = bare.startswith(b"<xml>") and bare.endswith(b"</xml>")
    if not framed or bare.count(b"<xml") != 1 or bare.count(b"<Encrypt") != 1:
        raise BadCallback("malformed", "回调不是一个 XML 信封")
    return _open(_taken(_XML_ENCRYPT, bare), query, keys, now, window_seconds)


def open_robot(
    body: bytes,
    query: Mapping[str, Any],
    keys: KeyRing,
    now: datetime,
    window_seconds: int = FRESH_SECONDS,
) -> Opened:
    """The inner JSON of a robot callback, or BadCallback."""
    _check_size(body, MOST_BYTES)
    bare = body.strip()
    framed = bare.startswith(b"{") and bare.endswith(b"}")
    if not framed or bare.count(b'"encrypt"') != 1:
        raise BadCallback("malformed", "回调不是一个 JSON 信封")
    return _open(_taken(_JSON_ENCRYPT, bare).replace("\\/", "/"), query, keys, now, window_seconds)


def verify_url(
    query: Mapping[str, Any], keys: KeyRing, now: datetime, window_seconds: int = FRESH_SECONDS
) -> Opened:
    """The exact text that proves to the platform that this address is ours, or BadCallback."""
    # base64 has no blanks: a blank is a plus that somebody in front of us decoded once too often
    echo = _single(query, "echostr").replace(" ", "+")
    _check_size(echo.encode("utf-8", "replace"), MOST_ECHO)
    if not _BASE64.fullmatch(echo):
        raise BadCallback("malformed", "echostr 不是 base64")
    opened = _open(echo, query, keys, now, window_seconds)
    if SPOILT in opened:
        raise BadCallback("malformed", "解密后的内容不是 UTF-8")
    return opened


def encrypt_robot(message: Mapping[str, Any], keys: KeyRing, now: datetime, nonce: str = "") -> str:
    """A robot's passive reply in its JSON envelope."""
    encrypt, signature, stamp, nonce = _encrypted(json.dumps(message, ensure_ascii=False), keys, now, nonce)
    return json.dumps({"encrypt": encrypt, "msgsignature": signature, "timestamp": stamp, "nonce": nonce})


def sign_echo(plain: str, keys: KeyRing, *, timestamp: str, nonce: str) -> dict[str, str]:
    """The query with which the platform would verify an address: `doctor` asks our own like this."""
    echo = str(keys.ciphers[0].encrypt(plain, keys.receive_id), "ascii")
    signed = sign(keys.pairs[0][0], timestamp, nonce, echo)
    return {"msg_signature": signed, "timestamp": timestamp, "nonce": nonce, "echostr": echo}


def sign(token: str, timestamp: str, nonce: str, encrypt: str) -> str:
    """The platform's signature: SHA-1 over the four values, sorted and joined."""
    joined = "".join(sorted([token, timestamp, nonce, encrypt]))
    return hashlib.sha1(joined.encode(), usedforsecurity=False).hexdigest()


def _check_size(body: bytes, most: int) -> None:
    if len(body) > most:
        raise BadCallback("too_big", f"回调有 {len(body):,} 字节，最多 {most:,} 字节")


def _taken(pattern: re.Pattern[bytes], body: bytes) -> str:
    found = pattern.search(body)
    if found is None:
        raise BadCallback("malformed", "回调里没有密文")
    return found.group(1).decode("ascii")


def _single(query: Mapping[str, Any], name: str) -> str:
    """The one value of a parameter; a form that keeps several (werkzeug, parse_qs) must hold exactly one."""
    several = query.getlist(name) if hasattr(query, "getlist") else query.get(name, [])
    values = [several] if isinstance(several, str) else list(several)
    if len(values) != 1:
        raise BadCallback("malformed", f"参数 {name} " + ("重复了" if values else "没有给出"))
    return str(values[0])


def _open(
    encrypt: str, query: Mapping[str, Any], keys: KeyRing, now: datetime, window_seconds: int
) -> Opened:
    for name in query:
        _single(query, name)
    given, stamp, nonce = (_single(query, name) for name in ("msg_signature", "timestamp", "nonce"))
    if not _TIMESTAMP.fullmatch(stamp) or not _NONCE.fullmatch(nonce):
        raise BadCallback("malformed", "回调的 timestamp 或 nonce 不合格式")
    fitting = _signed_by(keys, given, stamp, nonce, encrypt)
    if not fitting:
        raise BadCallback("bad_signature", "回调的签名不对")
    if window_seconds and abs(now.timestamp() - int(stamp)) > window_seconds:
        raise BadCallback("stale", "回调的时间与本机相差太多，请核对服务器时钟")
    refused: BadCallback | None = None
    for index in fitting:
        try:
            opened = Opened(_decrypt(keys.ciphers[index], encrypt, keys.receive_id))
        except BadCallback as error:
            refused = refused or error
            continue
        opened.ring = keys.only(index)
        return opened
    raise refused or BadCallback("malformed", "回调解不开")


def _signed_by(keys: KeyRing, given: str, stamp: str, nonce: str, encrypt: str) -> list[int]:
    """Every pair whose token made this signature; all are compared, in constant time."""
    if not _SIGNATURE.fullmatch(given):
        return []
    tokens = [token for token, _ in keys.pairs]
    same = [hmac.compare_digest(sign(token, stamp, nonce, encrypt), given) for token in tokens]
    return [index for index, fits in enumerate(same) if fits]


def _decrypt(cipher: _Cipher, encrypt: str, receive_id: str) -> str:
    try:
        framed: bytes = cipher.cipher.decrypt(base64.b64decode(encrypt, validate=True))
    except (binascii.Error, ValueError):
        raise BadCallback("malformed", "密文不完整") from None
    padding = framed[-1] if framed else 0
    # the base class never looks at the padding; neither does the official sample
    if not 1 <= padding <= BLOCK or framed[-padding:] != bytes([padding]) * padding:
        raise BadCallback("malformed", "密文的填充不对")
    content = framed[16:-padding]
    length = int.from_bytes(content[:4], "big")
    if len(content) < 4 or length > len(content) - 4:
        raise BadCallback("malformed", "密文的长度不对")
    message, receiver = content[4 : 4 + length], content[4 + length :]
    if not hmac.compare_digest(receiver, receive_id.encode()):
        raise BadCallback("wrong_receiver", "回调是给别的企业或机器人的")
    # what the platform cut in the middle of a letter, or half a surrogate, spoils that letter and no more
    return message.decode("utf-8", "replace")


def _encrypted(plain: str, keys: KeyRing, now: datetime, nonce: str) -> tuple[str, str, str, str]:
    stamp, nonce = str(int(now.timestamp())), nonce or secrets.token_hex(8)
    encrypt = str(keys.ciphers[0].encrypt(plain, keys.receive_id), "ascii")
    return encrypt, sign(keys.pairs[0][0], stamp, nonce, encrypt), stamp, nonce


def robot_text(content: str) -> dict[str, Any]:
    """Only allowed as the answer to event.enter_chat."""
    return {"msgtype": "text", "text": {"content": content}}


def robot_stream(stream: str, content: str) -> dict[str, Any]:
    """Markdown, finished at once, so that the platform does not ask again under the same id."""
    return {"msgtype": "stream", "stream": {"id": stream, "finish": True, "content": content}}
