"""Prepared requests: signed and encrypted events for a callback address, and the posting of them by a process of its own."""

import base64
import json
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from ops.bench import caller
from ops.bench.programs import BenchProgram
from ops.bench.report import percentile
from wecom.callbacks import KeyRing, sign_echo

CONNECTIONS = 8


@dataclass(frozen=True)
class Order:
    """One request, and after how many seconds it leaves; 0 = as soon as a connection is free."""

    request: bytes
    at: float = 0.0


@dataclass(frozen=True)
class CallOutcome:
    """What came of all orders of one caller."""

    began: list[float]
    seconds: list[float]
    statuses: list[int]

    @property
    def rate(self) -> float:
        """Answers per second, from the first request to the last answer."""
        ends = [began + took for began, took in zip(self.began, self.seconds, strict=True)]
        return len(ends) / (max(ends) - min(self.began))

    @property
    def p99(self) -> float:
        return percentile(self.seconds, 99)

    @property
    def refused(self) -> int:
        return sum(status != 200 for status in self.statuses)


class Caller:
    """A running process that posts these orders to one address."""

    def __init__(
        self, folder: Path, url: str, orders: Sequence[Order], connections: int = CONNECTIONS
    ) -> None:
        place = urlsplit(url)
        told = folder / f"calls-{secrets.token_hex(4)}.json"
        content = {
            "host": place.hostname,
            "port": place.port,
            "connections": connections,
            "orders": [(order.at, base64.b64encode(order.request).decode()) for order in orders],
        }
        told.write_text(json.dumps(content), encoding="ascii")
        self._longest = (max((order.at for order in orders), default=0.0)) + caller.TIMEOUT * 4
        self._program = BenchProgram(told.stem, ["-P", caller.__file__, str(told)], folder)

    def outcome(self) -> CallOutcome:
        """Wait until all orders are answered."""
        try:
            self._program.running.wait(self._longest)
        finally:
            self._program.stop()
        began, seconds, statuses = zip(*json.loads(self._program.said()), strict=True)
        return CallOutcome(list(began), list(seconds), list(statuses))

    def stop(self) -> None:
        self._program.stop()


def post(url: str, path: str, body: bytes, kind: str = "text/xml") -> bytes:
    """The bytes of one request."""
    place = urlsplit(url)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Type: {kind}\r\nUser-Agent: Mozilla/4.0\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class CallbackSender:
    """Makes callbacks as the platform does, each with a nonce and a random block of its own."""

    def __init__(self, token: str, aes_key: str, corp_id: str) -> None:
        self._ring = KeyRing([(token, aes_key)], corp_id)
        self._corp_id = corp_id

    def event(self, url: str, fields: dict[str, str], after: float = 0.0) -> bytes:
        """A signed and encrypted POST of one event to /callback/app, which leaves in so many seconds: an old one is refused."""
        at = int(time.time() + after)
        inner = {
            "ToUserName": self._corp_id,
            "FromUserName": "sys",
            "CreateTime": str(at),
            "MsgType": "event",
            **fields,
        }
        plain = (
            "<xml>"
            + "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in inner.items())
            + "</xml>"
        )
        query = sign_echo(plain, self._ring, timestamp=str(at), nonce=secrets.token_hex(8))
        encrypt = query.pop("echostr")
        envelope = (
            f"<xml><ToUserName><![CDATA[{self._corp_id}]]></ToUserName><AgentID><![CDATA[1000002]]></AgentID>"
            f"<Encrypt><![CDATA[{encrypt}]]></Encrypt></xml>"
        )
        return post(url, "/callback/app?" + urlencode(query), envelope.encode())
