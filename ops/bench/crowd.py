"""A program that stands in the door: idle connections, dripping ones, sign-ins, and people who look at pages.

Standard library only, like `caller.py`. It reads what to do as JSON from the file that it is given, says so once
everybody is there, goes on until it is stopped, and prints what came of it.
"""

import http.client
import json
import signal
import socket
import sys
import threading
import time
from collections import defaultdict
from typing import Any

DRIP_SECONDS = 1.0
"""Between two bytes"""
TIMEOUT = 60.0
HERE = "here"
"""Printed once all connections that only stand there have come."""
LONG_FORM = b"POST /console/sign-in HTTP/1.1\r\nHost: %s\r\nContent-Length: 5000\r\n\r\n"


class Everybody:
    """All who want something at one address; who is sent away comes again."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.place = (told["host"], told["port"])
        self.name = f"{told['host']}:{told['port']}".encode()
        self.told = told
        self.came: defaultdict[str, float] = defaultdict(float)
        self.over = threading.Event()
        self._lock = threading.Lock()

    def gather(self) -> None:
        told = self.told
        idle = [threading.Thread(target=self.hold, args=(told["idle"], b""), daemon=True)]
        drip = [
            threading.Thread(target=self.hold, args=(told["dripping"] // 2, beginning), daemon=True)
            for beginning in (LONG_FORM % self.name, b"GET /console/sign-in HTTP/1.1\r\n")
        ]
        people = [
            threading.Thread(target=self.look, args=(cookie, number), daemon=True)
            for number, cookie in enumerate(told["cookies"])
        ]
        signing_in = [threading.Thread(target=self.sign_in, daemon=True) for _ in range(told["signing_in"])]
        for thread in idle + drip + people + signing_in:
            thread.start()
        while self.came["held"] < told["idle"] + told["dripping"] // 2 * 2 and not self.over.wait(0.1):
            pass

    def hold(self, count: int, beginning: bytes) -> None:
        """So many connections that begin so and never end; a byte each second where they have begun."""
        links: list[socket.socket | None] = [None] * count
        while not self.over.is_set():
            for number, link in enumerate(links):
                links[number] = self._still(link, beginning)
            self.over.wait(DRIP_SECONDS)

    def _still(self, link: socket.socket | None, beginning: bytes) -> socket.socket | None:
        try:
            if link is None:
                link = socket.create_connection(self.place, TIMEOUT)
                link.setblocking(False)
                link.sendall(beginning)
                self.note("held")
            elif beginning:
                link.send(b"x")
            else:
                link.recv(1)
                raise ConnectionResetError  # it was closed
        except BlockingIOError:
            return link
        except OSError:
            self.note("sent away")
            if link:
                link.close()
            return None
        return link

    def look(self, cookie: str, number: int) -> None:
        """Somebody at her desk: page after page over one kept connection."""
        pages = self.told["pages"]
        link = http.client.HTTPConnection(*self.place, timeout=TIMEOUT)
        self.over.wait(number / 150)
        while not self.over.is_set():
            began, path = time.monotonic(), pages[number % len(pages)]
            number += 1
            try:
                link.request("GET", path, headers={"Cookie": cookie})
                answer = link.getresponse()
                answer.read()
                self.note(f"page {answer.status}")
                self.note("page seconds", time.monotonic() - began)
            except (OSError, http.client.HTTPException):
                self.note("page lost")
                link.close()
            self.over.wait(self.told["pause"])

    def sign_in(self) -> None:
        """Somebody comes back from the platform with a code, again and again."""
        while not self.over.is_set():
            link = http.client.HTTPConnection(*self.place, timeout=TIMEOUT)
            try:
                link.request("GET", "/console/oauth/start")
                first = link.getresponse()
                first.read()
                cookie = (first.getheader("Set-Cookie") or "").split(";")[0]
                state = (
                    (first.getheader("Location") or "").rpartition("state=")[2].split("&")[0].split("#")[0]
                )
                link.request("GET", f"/console/oauth?code=junk&state={state}", headers={"Cookie": cookie})
                answer = link.getresponse()
                answer.read()
                self.note(f"sign-in {answer.status}")
            except (OSError, http.client.HTTPException):
                self.note("sign-in lost")
                self.over.wait(1)
            finally:
                link.close()

    def note(self, what: str, number: float = 1) -> None:
        with self._lock:
            self.came[what] += number


def main(path: str) -> None:
    with open(path, encoding="utf-8") as file:
        crowd = Everybody(json.load(file))
    signal.signal(signal.SIGTERM, lambda *_: crowd.over.set())
    crowd.gather()
    print(HERE, flush=True)
    crowd.over.wait()
    print(json.dumps(crowd.came))


if __name__ == "__main__":
    main(sys.argv[1])
