"""A running built-in WeCom, and a stand-in for our own server that takes its callbacks with wechatpy's crypto."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import xmltodict
from wechatpy.work.crypto import WeChatCrypto

from tests.waiting import PATIENCE
from tests.wecom_world import World, corp


@dataclass
class Taken:
    """One callback as it came in."""

    path: str
    query: dict[str, str]
    raw: str
    event: dict
    at: float = field(default_factory=time.monotonic)

    @property
    def name(self) -> str:
        kind = self.event.get("Event") or self.event.get("MsgType") or self.event.get("msgtype", "")
        return ".".join(filter(None, [kind, self.event.get("ChangeType", "")]))


class Receiver:
    """Takes callbacks, decrypts them, and answers as `reply` says: a status, a delay, or an encrypted passive reply.

    `pages` are shown to browsers.
    """

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self.reply: Callable[[Taken], tuple[int, str] | None] = lambda taken: None
        self.pages: dict[str, str] = {}
        self.changed = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if page := receiver.pages.get(self.path):
                    return self.answer(200, page)
                query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
                crypto = receiver.crypto(urlsplit(self.path).path)
                echo = crypto.check_signature(
                    query["msg_signature"], query["timestamp"], query["nonce"], query["echostr"]
                )
                return self.answer(200, echo if isinstance(echo, str) else echo.decode())

            def do_POST(self) -> None:
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
                taken = Taken(parts.path, query, raw, receiver.opened(parts.path, query, raw))
                with receiver.changed:
                    receiver.taken.append(taken)
                    receiver.changed.notify_all()
                status, text = receiver.reply(taken) or (200, "")
                self.answer(status, receiver.encrypted(taken, text) if text and text != "success" else text)

            def answer(self, status: int, text: str) -> None:
                try:
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(text.encode())))
                    self.end_headers()
                    self.wfile.write(text.encode())
                except (BrokenPipeError, ConnectionResetError):
                    pass  # the sender has already given up on us

            def log_message(self, *words: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        self.content = corp(self.base)
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()

    def crypto(self, path: str) -> WeChatCrypto:
        part = self.content[path.rsplit("/", 1)[-1]]
        receiver = "" if "aibotid" in part else self.content["corp_id"]
        return WeChatCrypto(part["token"], part["aes_key"], receiver)

    def opened(self, path: str, query: dict[str, str], raw: str) -> dict:
        encrypted = (
            json.loads(raw)["encrypt"] if raw.startswith("{") else xmltodict.parse(raw)["xml"]["Encrypt"]
        )
        plain = self.crypto(path).decrypt_message(
            {"Encrypt": encrypted}, query["msg_signature"], query["timestamp"], query["nonce"]
        )
        return json.loads(plain) if raw.startswith("{") else dict(xmltodict.parse(plain)["xml"])

    def encrypted(self, taken: Taken, text: str) -> str:
        envelope = self.crypto(taken.path).encrypt_message(text, "nonce1", str(int(time.time())))
        if not taken.raw.startswith("{"):
            return envelope
        part = xmltodict.parse(envelope)["xml"]
        return json.dumps(
            {
                "encrypt": part["Encrypt"],
                "msgsignature": part["MsgSignature"],
                "timestamp": part["TimeStamp"],
                "nonce": part["Nonce"],
            }
        )

    def wait(self, count: int = 1, name: str | None = None) -> list[Taken]:
        """The callbacks so far (of that name), once there are so many."""

        def found() -> list[Taken]:
            return [taken for taken in self.taken if name in (None, taken.name)]

        with self.changed:
            assert self.changed.wait_for(lambda: len(found()) >= count, PATIENCE), f"only {len(found())} came"
            return found()

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Takes callbacks and answers none of them before the block is over."""
        over, spoken = threading.Event(), self.reply
        self.reply = lambda taken: over.wait(PATIENCE) and None
        try:
            yield
        finally:
            self.reply = spoken
            over.set()

    def before_a_word(self, world: World) -> list[Taken]:
        """What came before a word that is said now and has arrived: whatever was on its way is there, too."""
        assert world.tell_app("wangfang", "说完了", wait=True)["callback"]["received"]
        return [taken for taken in self.taken if taken.event.get("Content") != "说完了"]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    yield server
    server.close()


@pytest.fixture
def world(receiver: Receiver) -> Iterator[World]:
    with World(receiver.content) as running:
        yield running


@pytest.fixture
def way(world: World) -> Callable[..., dict]:
    """Makes a contact way and tells what its picture holds."""

    def made(*users: str, **more: object) -> dict:
        kind = 1 if len(users) == 1 and "party" not in more else 2
        body = {"type": kind, "scene": 2} | ({"user": list(users)} if users else {}) | more
        answer = world.call("externalcontact/add_contact_way", body)
        assert answer["errcode"] == 0, answer
        shown = next(row for row in world.state()["contact_ways"] if row["config_id"] == answer["config_id"])
        return answer | {"payload": shown["payload"]}

    return made


@pytest.fixture
def visitor():
    with requests.Session() as session:
        yield session


@pytest.fixture
def authorize(world, receiver):
    def url(**changes):
        query = {
            "appid": world.content["corp_id"],
            "redirect_uri": f"{receiver.base}/g/signin?next=%2Fg%2F",
            "response_type": "code",
            "scope": "snsapi_base",
            "state": "abc123",
            "agentid": "1000002",
        } | changes
        return requests.Request("GET", world.url + "/connect/oauth2/authorize", params=query).prepare().url

    return url
