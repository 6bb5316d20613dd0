"""The door stays open: connections that want nothing, bodies that never end, and pages that hang keep no callback waiting."""

import re
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import requests
from flask import Flask, Response, abort, request

from ops import sockets, web_server
from pages.web.input_limits import CROWDED, FORM_BYTES, MOST_BYTES
from tests.waiting import PATIENCE, until


@dataclass
class Door:
    """A small application behind our web server: pages that wait, callbacks that do not, and a form."""

    port: int
    server: web_server.WebServer
    waiting: threading.Semaphore
    go_on: threading.Event
    links: list[socket.socket] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self, said: bytes = b"") -> socket.socket:
        link = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        self.links.append(link)
        link.sendall(said)
        return link

    def post(self, body: bytes, path: str = "/form", **headers: str) -> requests.Response:
        return requests.post(self.url + path, data=body, headers=headers, timeout=PATIENCE)


def heard(link: socket.socket, words: bytes) -> bool:
    """Does the other side say this, sooner or later?"""
    said = b""
    while words not in said and (more := link.recv(4096)):
        said += more
    return words in said


@pytest.fixture
def door() -> Iterator[Door]:
    waiting, go_on = threading.Semaphore(0), threading.Event()
    app = Flask("door", static_folder=None)

    @app.get("/slow/<int:number>")
    @app.get("/g/oauth")
    def slow(number: int = 0) -> str:
        waiting.release()
        go_on.wait(PATIENCE)
        return "at last"

    @app.post("/form")
    @app.post("/callback/app")
    def form() -> Response:
        if f"HTTP_{CROWDED}" in request.environ:
            abort(503)
        return Response(f"{len(request.get_data())} of {request.content_length}")

    @app.get("/healthz")
    def alive() -> str:
        return "ok"

    @app.get("/nothing-new")
    def nothing_new() -> Response:
        return Response(status=304)

    listening = sockets.listen("127.0.0.1", 0)
    server = web_server.web_server(app, listening)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    made = Door(listening.getsockname()[1], server, waiting, go_on)
    yield made
    go_on.set()
    for link in made.links:
        link.close()
    server.close()
    thread.join(PATIENCE)
    server.task_dispatcher.shutdown()


def test_a_callback_is_answered_while_a_thousand_idle_two_hundred_drip_and_every_page_hangs(door: Door):
    for _ in range(1000):
        door.connect()
    for number in range(200):
        door.connect(b"POST /form HTTP/1.1\r\nContent-Length: 5000\r\n\r\nx" if number % 2 else b"GET / HT")
    pages = [door.connect(b"GET /slow/%d HTTP/1.1\r\nHost: h\r\n\r\n" % number) for number in range(150)]
    for _ in range(32):
        door.connect(b"GET /g/oauth?code=%d HTTP/1.1\r\nHost: h\r\n\r\n")
    for _ in range(web_server.ROOMS["/"] + web_server.ROOMS["/g/oauth"]):
        assert door.waiting.acquire(timeout=PATIENCE), "every thread of pages and of sign-ins hangs"
    assert door.post(b"event", "/callback/app").text == "5 of 5"
    assert requests.get(f"{door.url}/healthz", timeout=PATIENCE).text == "ok"
    door.go_on.set()
    assert heard(pages[-1], b"at last"), "who waited has an answer in the end"


def test_a_request_that_drips_ends_at_its_deadline_while_a_slow_upload_that_gets_on_stays_A12(
    door: Door, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(web_server, "TURN_SECONDS", 0.05)
    dripping = door.connect(b"POST /form HTTP/1.1\r\nContent-Length: 5000\r\n\r\n")
    slow = door.connect(b"POST /form HTTP/1.1\r\nContent-Length: 60000\r\n\r\n" + b"x" * 50_000)
    monkeypatch.setattr(web_server, "SLOWEST", 50_000 / PATIENCE)
    monkeypatch.setattr(web_server, "REQUEST_SECONDS", 0.3)
    with pytest.raises(OSError):
        while True:  # each byte is a sign of life, and none of them helps
            dripping.sendall(b"x")
            time.sleep(0.01)
    slow.sendall(b"x" * 10_000)
    assert heard(slow, b"60000 of 60000")


def test_a_connection_that_was_quiet_for_long_ends_and_one_whose_page_is_slow_does_not(
    door: Door, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(web_server, "QUIET_SECONDS", 0.1)
    quiet, busy = door.connect(), door.connect(b"GET /slow/1 HTTP/1.1\r\nHost: h\r\n\r\n")
    assert quiet.recv(1) == b""
    door.go_on.set()
    assert heard(busy, b"at last")


def test_at_the_limit_those_that_were_quiet_the_longest_make_room(door: Door):
    door.server.most_connections = 50
    first = door.connect(b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n")
    assert heard(first, b"ok")
    busy = door.connect(b"GET /slow/1 HTTP/1.1\r\nHost: h\r\n\r\n")
    assert door.waiting.acquire(timeout=PATIENCE)
    for _ in range(100):
        door.connect()
    assert requests.get(f"{door.url}/healthz", timeout=PATIENCE).text == "ok"
    assert first.recv(1) == b""
    door.go_on.set()
    assert heard(busy, b"at last"), "nobody who waits for an answer is sent away"


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_read_to_its_end_and_not_kept(door: Door, chunked: bool):
    size = FORM_BYTES + 1
    body = iter([b"x" * size]) if chunked else b"x" * size
    answer = requests.post(f"{door.url}/form", data=body, timeout=PATIENCE)
    assert answer.text == f"0 of {size}", "the application knows its length, and refuses it by that"
    assert door.post(b"x" * FORM_BYTES).text == f"{FORM_BYTES} of {FORM_BYTES}"
    assert door.post(b"x" * size, Cookie="onetap_console=somebody").text == f"{size} of {size}"


def test_a_body_larger_than_all_is_refused_before_it_is_read(door: Door):
    answer = door.connect(b"POST /form HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (10 * MOST_BYTES))
    assert heard(answer, b"413")


CHUNKED = b"POST /form HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
FRAMED = {
    "an extension": b"1;" + b"a" * web_server.FRAMING_BYTES,
    "lines at the end": b"0\r\n" + b"A: b\r\n" * (web_server.FRAMING_BYTES // 6 + 1),
    "chunks of one byte": b"1\r\nx\r\n" * (web_server.FRAMING_BYTES // 5 + 1),
}


@pytest.mark.parametrize("framing", FRAMED.values(), ids=FRAMED)
def test_what_stands_around_the_content_of_a_body_is_bounded_too_A12(door: Door, framing: bytes):
    """It was kept up to 20 MB a connection, and copied whole at each piece that came."""
    assert heard(door.connect(CHUNKED + framing), b"400 Bad Request")
    some = b"".join(b"%x\r\n%s\r\n" % (size, b"x" * size) for size in range(1, 200))
    assert heard(door.connect(CHUNKED + some + b"0\r\nA: b\r\n\r\n"), b"19900 of 19900")


@pytest.mark.parametrize(
    "lengths", ["HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked", "HTTP/1.0\r\nTransfer-Encoding: chunked"]
)  # fmt: skip
def test_a_request_with_two_lengths_is_refused_and_nothing_behind_it_is_read_A18(door: Door, lengths: str):
    hidden = b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"
    link = door.connect(f"POST /form {lengths}\r\nConnection: keep-alive\r\n\r\n".encode() + hidden)
    answer = b""
    while piece := link.recv(4096):
        answer += piece
    assert b"400 Bad Request" in answer and answer.count(b"HTTP/1.") == 1


def test_headers_are_bounded_A18(door: Door):
    link = door.connect(b"GET /healthz?" + b"a&" * web_server.HEADER_BYTES)
    assert heard(link, b"431")


def test_only_so_many_large_bodies_come_at_the_same_time(door: Door):
    large = b"POST /form HTTP/1.1\r\nCookie: onetap_console=x\r\nContent-Length: 1000000\r\n\r\n"
    for _ in range(web_server.LARGE_AT_ONCE):
        door.connect(large)
    until(lambda: door.server.large_bodies() == web_server.LARGE_AT_ONCE)
    assert door.post(b"x" * 1_000_000, Cookie="onetap_console=x").status_code == 503
    assert door.post(b"x", Cookie="onetap_console=x").text == "1 of 1", "a small one is not in their way"
    door.links.pop().close()
    until(lambda: door.server.large_bodies() < web_server.LARGE_AT_ONCE)
    assert door.post(b"x" * 1_000_000, Cookie="onetap_console=x").status_code == 200


def test_several_requests_in_one_go_are_answered_in_their_order(door: Door):
    link = door.connect(
        b"POST /form HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx"
        b"POST /callback/app HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nxx"
        b"POST /form HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 3\r\n\r\nxxx"
    )
    answers = b""
    while piece := link.recv(4096):
        answers += piece
    assert re.findall(rb"\d of \d", answers) == [b"1 of 1", b"2 of 2", b"3 of 3"]


def test_a_screen_that_hears_of_no_news_asks_again_over_the_same_connection(door: Door):
    link = door.connect(b"GET /nothing-new HTTP/1.1\r\nHost: h\r\n\r\n")
    assert heard(link, b"\r\n\r\n")
    link.sendall(b"GET /nothing-new HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    assert heard(link, b"304 NOT MODIFIED") and not heard(link, b"more")


def test_what_a_connection_leaves_behind_is_nothing(door: Door):
    for _ in range(30):
        door.connect(b"POST /form HTTP/1.1\r\nContent-Length: 5000\r\n\r\nx").close()
    until(lambda: not door.server.active_channels)
    assert len(door.server._map) == 2, "the door itself, and the bell for threads"
