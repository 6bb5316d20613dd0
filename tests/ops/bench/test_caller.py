"""Calls leave at their time, byte for byte, and what waited counts."""

import json
import socket
import threading
import time

from ops.bench import caller
from ops.bench.calls import Caller, Order, post


def answer_slowly(listening: socket.socket, pauses: list[float]) -> None:
    link, _ = listening.accept()
    with link:
        for pause in pauses:
            link.recv(65536)
            time.sleep(pause)
            link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nsucc")
            link.sendall(b"ess")


def test_an_answer_that_waited_behind_a_slow_one_is_counted_from_when_it_should_have_left(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=answer_slowly, args=(listening, [0.6, 0.0]), daemon=True).start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        request = post(url, "/", b"x")
        outcome = Caller(tmp_path, url, [Order(request, 0.1), Order(request, 0.2)], connections=1).outcome()
    assert outcome.statuses == [200, 200] and outcome.refused == 0
    assert min(outcome.seconds) >= 0.45, "the second one left late, and that counts"


def test_nobody_there_is_a_refusal_not_a_crash():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        place = listening.getsockname()
    assert [status for *_, status in caller.call(place, [(0.0, b"x")] * 3, 2)] == [0, 0, 0]


def test_orders_are_kept_as_bytes(tmp_path):
    """What is signed and encrypted leaves byte for byte."""
    Caller(tmp_path, "http://127.0.0.1:1", [Order(b"\x00\xff")]).stop()
    (told,) = tmp_path.glob("calls-*.json")
    assert json.loads(told.read_text())["orders"] == [[0.0, "AP8="]]
