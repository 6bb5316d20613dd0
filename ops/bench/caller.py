"""A program that posts prepared requests over kept connections, and says how long each answer took.

Standard library only, so that it takes little of the processor that it shares with what it measures.
It reads its orders as JSON from the file that it is given, and prints what came of them.
"""

import base64
import itertools
import json
import socket
import sys
import threading
import time

TIMEOUT = 30.0


def call(
    place: tuple[str, int], orders: list[tuple[float, bytes]], connections: int
) -> list[tuple[float, float, int]]:
    """(began, seconds, status) of each order: (not before so many seconds, bytes of the request).

    Seconds are counted from the time when it should have left, so a slow answer is not hidden by its successors.
    """
    numbers = itertools.count()
    results: list[tuple[float, float, int]] = [(0.0, 0.0, 0)] * len(orders)
    start = time.monotonic() + 0.1

    def work() -> None:
        link = None
        while (number := next(numbers)) < len(orders):
            not_before, request = orders[number]
            wait = start + not_before - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            began = start + not_before if not_before else time.monotonic()
            try:
                link = link or socket.create_connection(place, TIMEOUT)
                link.sendall(request)
                status, goes_on = read_answer(link)
            except OSError:
                status, goes_on = 0, False
            results[number] = (began - start, time.monotonic() - began, status)
            if link and not goes_on:
                link.close()
                link = None
        if link:
            link.close()

    threads = [threading.Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def read_answer(link: socket.socket) -> tuple[int, bool]:
    """The status, after the whole body is there, and whether the connection goes on."""
    data = b""
    while (end := data.find(b"\r\n\r\n")) < 0:
        more = link.recv(65536)
        if not more:
            return 0, False
        data += more
    head = data[:end].lower()
    length = int(head.split(b"content-length:")[1].split(b"\r\n")[0]) if b"content-length:" in head else 0
    left = end + 4 + length - len(data)
    while left > 0:
        more = link.recv(65536)
        if not more:
            return 0, False
        left -= len(more)
    return int(head.split(b" ", 2)[1]), b"connection: close" not in head


def main(path: str) -> None:
    with open(path, encoding="ascii") as file:
        told = json.load(file)
    orders = [(at, base64.b64decode(request)) for at, request in told["orders"]]
    print(json.dumps(call((told["host"], told["port"]), orders, told["connections"])))


if __name__ == "__main__":
    main(sys.argv[1])
