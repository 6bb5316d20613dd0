"""A tiny platform on a local port that answers as it was told; the emulator has its own tests."""

import contextlib
import json
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

OK = {"errcode": 0, "errmsg": "ok"}


def no(errcode, errmsg="no", **more):
    return {"errcode": errcode, "errmsg": errmsg, **more}


@dataclass
class Raw:
    """Any HTTP answer. `cut` closes the connection after so many bytes of the body."""

    body: bytes
    status: int = 200
    headers: dict = field(default_factory=lambda: {"Content-Type": "application/json"})
    cut: int | None = None


@dataclass
class Hang:
    seconds: float
    then: object = None


@dataclass
class Drip:
    """One byte of the body at a time."""

    body: bytes
    pause: float


class Reset:
    """The request is read, then the connection breaks without an answer."""


@dataclass
class Seen:
    method: str
    api: str
    query: dict
    headers: dict
    body: bytes
    port: int
    """The caller's: one per connection"""

    @property
    def json(self):
        return json.loads(self.body)


class FakePlatform:
    def __init__(self):
        self.seen: list[Seen] = []
        self.tokens = 0
        self.script: dict[str, list] = {}
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        handler = type("Handler", (_Handler,), {"platform": self})
        self.server = _Server(("127.0.0.1", 0), handler)
        self.thread = threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self.thread.start()

    @property
    def origin(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    @property
    def base_url(self):
        return self.origin + "/cgi-bin/"

    def on(self, api, *answers):
        """Answers in turn; the last one stays. A callable is asked with the request."""
        self.script[api] = list(answers)

    def count(self, api):
        return sum(1 for one in self.seen if one.api == api)

    def last(self, api):
        return [one for one in self.seen if one.api == api][-1]

    def answer_to(self, seen):
        with self.lock:
            self.seen.append(seen)
            answers = self.script.get(seen.api)
            if answers:
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
            elif seen.api == "gettoken":
                self.tokens += 1
                answer = {**OK, "access_token": f"TOKEN-{self.tokens}-abcdef", "expires_in": 7200}
            else:
                answer = OK
        return answer(seen) if callable(answer) else answer

    def close(self):
        self.stopping.set()
        self.server.shutdown()
        self.server.server_close()
        self.server.hang_up()
        self.thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *args):
        super().__init__(*args)
        self.connections = []

    def process_request(self, request, client_address):
        self.connections.append(request)
        super().process_request(request, client_address)

    def hang_up(self):
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request, client_address):
        pass  # a client that hangs up is part of the tests


class _Handler(BaseHTTPRequestHandler):
    platform: FakePlatform
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *args):
        pass

    def do_GET(self):
        self._serve()

    do_POST = do_GET

    def _serve(self):
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        api, port = parts.path.removeprefix("/cgi-bin/"), self.client_address[1]
        self._write(self.platform.answer_to(Seen(self.command, api, query, dict(self.headers), body, port)))

    def _write(self, answer):
        if isinstance(answer, Hang):
            self.platform.stopping.wait(answer.seconds)
            answer = answer.then or OK
        if isinstance(answer, Reset):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
            return
        if isinstance(answer, Drip):
            self._drip(answer)
            return
        if isinstance(answer, dict):
            answer = Raw(json.dumps(answer, ensure_ascii=False).encode())
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if "Content-Length" not in answer.headers and "Transfer-Encoding" not in answer.headers:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body if answer.cut is None else answer.body[: answer.cut])
        if answer.cut is not None:
            self.close_connection = True

    def _drip(self, answer):
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        for byte in answer.body:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(answer.pause)
