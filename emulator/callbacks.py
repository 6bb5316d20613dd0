"""Sending callbacks: signed and encrypted anew on each try, five seconds, three tries, many at once."""

import heapq
import http.client
import itertools
import json
import logging
import random
import re
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from .chaos import Chaos
from .company import CallbackEndpoint
from .crypto import BadEnvelope
from .ledger import Ledger, shortened
from .limits import CALLBACK_SECONDS, CALLBACK_TRIES, VERIFY_SECONDS

log = logging.getLogger(__name__)

THREADS = 32
SHUFFLE_SECONDS = 0.4
ANSWER_BYTES = 256 * 1024


@dataclass
class Outgoing:
    """One event on its way; `done` is set when it was received or given up."""

    endpoint: CallbackEndpoint
    event: str
    plain: str
    agent: str = ""
    """The app's number on the envelope; empty for what does not concern one app (directory, customers)."""
    on_reply: Callable[[str], None] | None = None
    on_done: Callable[[], None] | None = None
    tried: int = 0
    day: int = 0
    status: int | None = None
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def received(self) -> bool:
        return self.status == 200

    def finish(self) -> None:
        self.done.set()
        if self.on_done:
            self.on_done()

    def waited(self, seconds: float = 20.0) -> dict[str, Any]:
        """What came of it, for those who pressed a button and want to know."""
        self.done.wait(seconds)
        return {"status": self.status, "tries": self.tried, "received": self.received}


class Sender:
    """A heap of due events and threads, started as needed, that take from it; nobody waits for another's answer."""

    def __init__(self, ledger: Ledger, chaos: Chaos, corp_id: str, seed: int = 0) -> None:
        self._ledger = ledger
        self._chaos = chaos
        self._corp_id = corp_id
        self._due: list[tuple[float, int, Outgoing]] = []
        self._changed = threading.Condition()
        self._number = itertools.count()
        self._dice = random.Random(seed)
        self._stopped = False
        self._day = 0
        self._threads: list[threading.Thread] = []
        self._idle = 0

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(CALLBACK_SECONDS + 1)

    def forget(self) -> None:
        """A new first day: what has not left yet never leaves, and what is out there is not written down."""
        with self._changed:
            self._day += 1
            self._due.clear()

    def send(self, first: Outgoing, after: float = 0.0) -> Outgoing:
        """Puts an event on its way, through whatever chaos is in force; only the first copy's reply counts."""
        chaos = self._chaos.callbacks
        if chaos.drop and self._dice.random() < chaos.drop:
            self._write(first, failure="lost by chaos")
            first.finish()
            return first
        copies = [
            Outgoing(first.endpoint, first.event, first.plain, first.agent) for _ in range(chaos.copies - 1)
        ]
        for outgoing in [first, *copies]:
            outgoing.day = self._day
            late = self._dice.uniform(0, SHUFFLE_SECONDS) if chaos.shuffle else 0.0
            self._put(outgoing, after + chaos.delay + late)
        return first

    def _write(self, outgoing: Outgoing, **more: Any) -> None:
        what = {
            "source": outgoing.endpoint.source,
            "event": outgoing.event,
            "try": outgoing.tried,
            "status": outgoing.status,
            "seconds": 0.0,
            "plain": shortened(outgoing.plain),
            "answer": "",
            "failure": "",
        }
        self._ledger.write("callback", outgoing.endpoint.source, **(what | more))

    def _put(self, outgoing: Outgoing, seconds: float) -> None:
        with self._changed:
            heapq.heappush(self._due, (time.monotonic() + seconds, next(self._number), outgoing))
            if self._idle < len(self._due) and len(self._threads) < THREADS and not self._stopped:
                self._threads.append(threading.Thread(target=self._work, daemon=True))
                self._threads[-1].start()
            self._changed.notify()

    def _take(self) -> Outgoing | None:
        with self._changed:
            self._idle += 1
            while not self._stopped:
                if not self._due:
                    self._changed.wait()
                elif (wait := self._due[0][0] - time.monotonic()) > 0:
                    self._changed.wait(wait)
                else:
                    self._idle -= 1
                    return heapq.heappop(self._due)[2]
        return None

    def _work(self) -> None:
        while (outgoing := self._take()) is not None:
            outgoing.tried += 1
            try:
                self._try_once(outgoing)
            except Exception:  # a sender thread must outlive any one event
                log.exception("callback %s", outgoing.event)
            if outgoing.received or outgoing.tried >= CALLBACK_TRIES or outgoing.day != self._day:
                outgoing.finish()
            else:
                self._put(outgoing, self._chaos.callbacks.retry_pause)

    def _try_once(self, outgoing: Outgoing) -> None:
        timestamp = str(int(time.time() + self._chaos.callbacks.skew))
        nonce = secrets.token_hex(8)
        encrypted = outgoing.endpoint.crypto.encrypt(outgoing.plain)
        signature = outgoing.endpoint.crypto.signature(timestamp, nonce, encrypted)
        query = {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}
        started = time.monotonic()
        status, answer, failure = _request(
            "POST", outgoing.endpoint.url, query, self._envelope(outgoing, encrypted), CALLBACK_SECONDS
        )
        seconds = time.monotonic() - started
        if seconds > CALLBACK_SECONDS:
            status, failure = None, failure or "timeout"
        outgoing.status = status
        if outgoing.day != self._day:
            return
        reply = self._reply(outgoing, answer) if status == 200 else ""
        self._write(
            outgoing, seconds=round(seconds, 4), signature=signature, answer=shortened(reply), failure=failure
        )
        if reply and outgoing.on_reply:
            outgoing.on_reply(reply)

    def _envelope(self, outgoing: Outgoing, encrypted: str) -> bytes:
        if outgoing.endpoint.json:
            return json.dumps({"encrypt": encrypted}).encode()
        return xml({"ToUserName": self._corp_id, "AgentID": outgoing.agent, "Encrypt": encrypted}).encode()

    def _reply(self, outgoing: Outgoing, answer: bytes) -> str:
        """The decrypted passive reply; empty or `success` is none, and what is not properly encrypted is never shown."""
        text = answer.decode("utf-8", "replace").strip()
        if text in ("", "success"):
            return ""
        try:
            return open_reply(outgoing.endpoint, text)
        except BadEnvelope as error:
            self._ledger.write(
                "dropped",
                outgoing.endpoint.source,
                why=f"passive reply refused: {error}",
                answer=shortened(text),
            )
            return ""


def open_reply(endpoint: CallbackEndpoint, text: str) -> str:
    """Verifies and decrypts a passive reply's envelope, JSON or XML."""
    if endpoint.json:
        try:
            part = json.loads(text)
            found = [str(part[name]) for name in ("encrypt", "msgsignature", "timestamp", "nonce")]
        except (ValueError, KeyError, TypeError) as error:
            raise BadEnvelope(f"not a JSON envelope: {error}") from error
    else:
        found = [_tag(text, name) for name in ("Encrypt", "MsgSignature", "TimeStamp", "Nonce")]
    return endpoint.crypto.open(*found)


def _tag(text: str, name: str) -> str:
    found = re.search(rf"<{name}>(?:<!\[CDATA\[)?([^<\]]*)(?:\]\]>)?</{name}>", text)
    if not found:
        raise BadEnvelope(f"no {name}")
    return found[1]


def verify(endpoint: CallbackEndpoint) -> dict[str, Any]:
    """What the admin page does when somebody saves the callback address: an echo within one second."""
    plain = secrets.token_hex(8)
    timestamp, nonce, echo = str(int(time.time())), secrets.token_hex(8), endpoint.crypto.encrypt(plain)
    query = {
        "msg_signature": endpoint.crypto.signature(timestamp, nonce, echo),
        "timestamp": timestamp,
        "nonce": nonce,
        "echostr": echo,
    }
    started = time.monotonic()
    status, answer, failure = _request("GET", endpoint.url, query, None, CALLBACK_SECONDS)
    seconds = time.monotonic() - started
    good = status == 200 and answer == plain.encode() and seconds <= VERIFY_SECONDS
    return {"ok": good, "status": status, "seconds": round(seconds, 4), "failure": failure}


def _request(
    method: str, url: str, query: dict[str, str], body: bytes | None, seconds: float
) -> tuple[int | None, bytes, str]:
    """(status or None, body, why it failed)."""
    parts = urlsplit(url)
    if not parts.hostname:
        return None, b"", "no callback address"
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=seconds)
    path = (parts.path or "/") + "?" + "&".join(filter(None, [parts.query, urlencode(query)]))
    headers = {
        "Content-Type": "application/json" if body and body[:1] == b"{" else "text/xml",
        "User-Agent": "Mozilla/4.0",
    }
    try:
        connection.request(method, path, body, headers if body is not None else {})
        answer = connection.getresponse()
        return answer.status, answer.read(ANSWER_BYTES), ""
    except (OSError, http.client.HTTPException) as error:
        return None, b"", type(error).__name__
    finally:
        connection.close()


def xml(fields: dict[str, Any], root: str = "xml") -> str:
    """A flat or nested document in the platform's manner: numbers bare, everything else in CDATA."""
    return f"<{root}>" + "".join(_element(name, value) for name, value in fields.items()) + f"</{root}>"


def _element(name: str, value: Any) -> str:
    if isinstance(value, dict):
        return xml(value, name)
    if isinstance(value, list):
        return "".join(_element(name, item) for item in value)
    if isinstance(value, int):
        return f"<{name}>{int(value)}</{name}>"
    text = str(value).replace("]]>", "]]]]><![CDATA[>")
    return f"<{name}><![CDATA[{text}]]></{name}>"
