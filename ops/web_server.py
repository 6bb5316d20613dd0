"""The web server of both modes: waitress, whose one loop reads whole requests before a thread takes them.

What is ours in it: connections by the thousand, each asked about only when something happens to it; a deadline for a
whole request; bodies that are no larger than their page may take; and threads that only callbacks use.
"""

import logging
import resource
import selectors
import socket
import threading
import time
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.buffers import OverflowableBuffer
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher, WSGITask
from waitress.utilities import BadRequest

from pages.web import input_limits
from pages.web.input_limits import FORM_BYTES, MOST_BYTES
from wecom.limits import MB

MOST_CONNECTIONS = 20_000
"""Beyond so many, or what the system allows of files, those that were quiet the longest make room."""
OTHER_FILES = 300
"""Left for the database, the platform and pictures"""
HEADER_BYTES = 32 * 1024
FRAMING_BYTES = 64 * 1024
"""What a chunked body may have around its content: sizes, extensions and the lines at its end. No bound of a body counts
them, and waitress copies what it has at each of them: 5 MB in chunks of one byte took 10 s of the one loop,"""
PIECE_BYTES = 4 * 1024
"""unless it gets so little at a time."""
REQUEST_SECONDS = 20.0
"""From the first byte of a request to its last one, and for a large body a second more for each"""
SLOWEST = 50_000
"""bytes of it that have arrived."""
QUIET_SECONDS = 60.0
"""A connection without a request, or an answer that nobody takes, ends after so long."""
LARGE_AT_ONCE = 12
"""Bodies larger than a form that are taken at the same time, whoever sends them."""
ROOMS = {"/callback/": 8, "/console/oauth": 6, "/g/oauth": 6, "/healthz": 2, "/readyz": 2, "/": 3}
"""Threads for paths that begin so: slow pages, and sign-ins that wait for the platform, take nobody else's.

Few for pages, which compute: with 8 of them at work each callback waited up to 3 s for the interpreter, with 3 half one.
"""
TURN_SECONDS = 1.0
ACCEPTED_AT_ONCE = 64


def web_server(app: Flask, listening: socket.socket) -> "WebServer":
    """The application on our socket."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it warns of every request that waits
    _allow_files(MOST_CONNECTIONS + OTHER_FILES)
    adj = Adjustments(
        sockets=[listening],
        ident=None,
        backlog=1024,
        recv_bytes=65536,
        max_request_header_size=HEADER_BYTES,
        max_request_body_size=MOST_BYTES + 4 * MB,  # what is a little too large is told so by a page of ours
        clear_untrusted_proxy_headers=False,  # believed by nobody but ONETAP_TRUSTED_PROXIES
    )
    where = (listening.family, listening.type, listening.proto, listening.getsockname())
    return WebServer(
        app, _sock=listening, dispatcher=Rooms(ROOMS), adj=adj, sockinfo=where, bind_socket=False
    )


def _allow_files(wanted: int) -> None:
    """So many open files, or what the system lets a program ask for: its default is a thousand."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


class Rooms:
    """Threads by the path of the request; the last room is for everything."""

    def __init__(self, sizes: dict[str, int]) -> None:
        self._rooms = {beginning: ThreadedTaskDispatcher() for beginning in sizes}
        for beginning, room in self._rooms.items():
            room.set_thread_count(sizes[beginning])

    def add_task(self, channel: HTTPChannel) -> None:
        path = getattr(channel.requests[0], "path", "")
        fitting = (room for beginning, room in self._rooms.items() if path.startswith(beginning))
        next(fitting, self._rooms["/"]).add_task(channel)

    def shutdown(self) -> None:
        for room in self._rooms.values():
            room.set_thread_count(0)
        deadline = time.monotonic() + 5
        for room in self._rooms.values():
            room.shutdown(timeout=max(0.1, deadline - time.monotonic()))


class RequestBody:
    """A body on its way in. One that is too large is no longer kept, but read to its end: its sender hears why."""

    def __init__(self, most: int, in_memory: int) -> None:
        self.most, self._length = most, 0
        self._kept = OverflowableBuffer(in_memory)

    def append(self, data: bytes) -> None:
        self._length += len(data)
        if self._length <= self.most:
            self._kept.append(data)
        elif self._kept:
            self.close()
            self._kept = OverflowableBuffer(0)

    def __len__(self) -> int:
        return self._length

    def getfile(self) -> Any:
        return self._kept.getfile()

    def close(self) -> None:
        self._kept.close()


class Request(HTTPRequestParser):  # type: ignore[misc]
    """One request while it is being read."""

    is_large = False

    def __init__(self, adj: Adjustments, server: "WebServer") -> None:
        super().__init__(adj)
        self._server = server

    def received(self, data: bytes) -> int:
        if not self.chunked:
            return int(super().received(data))
        taken = int(super().received(data[:PIECE_BYTES]))
        if self.body_bytes_received - len(self.body_rcv) > FRAMING_BYTES:
            self.error, self.completed = BadRequest("more framing than body"), True
        return taken

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if "TRANSFER_ENCODING" in self.headers or (self.chunked and "CONTENT_LENGTH" in self.headers):
            raise ParsingError("two lengths")  # a proxy may believe the other one
        if self.body_rcv is None:
            return
        most = input_limits.most_bytes(self.path, self.headers)
        large = most > FORM_BYTES and (self.chunked or self.content_length > FORM_BYTES)
        if large and self._server.large_bodies() >= LARGE_AT_ONCE:
            self.headers[input_limits.CROWDED], large, most = "1", False, FORM_BYTES
        self.is_large = large
        self.body_rcv.buf = RequestBody(most, self.adj.inbuf_overflow)


class Answer(WSGITask):  # type: ignore[misc]
    """Waitress closes the connection after an answer that has no body, as most polls have: not here."""

    def set_close_on_finish(self) -> None:
        goes_on = self.version == "1.1" and self.request.headers.get("CONNECTION", "").lower() != "close"
        if self.has_body or not goes_on:
            super().set_close_on_finish()


class Connection(HTTPChannel):  # type: ignore[misc]
    """One connection, with the time when the request that it is sending began."""

    task_class = Answer
    began: float | None = None

    def parser_class(self, adj: Adjustments) -> Request:
        return Request(adj, self.server)

    def received(self, data: bytes) -> bool:
        taken: bool = super().received(data)
        if self.request is None:
            self.began = None
        elif self.began is None:
            self.began = time.time()
        return taken

    @property
    def calm(self) -> bool:
        """Nothing can happen here unless something arrives."""
        with self.requests_lock:
            return not (self.requests or self.total_outbufs_len or self.will_close or self.close_when_flushed)

    def overdue(self, now: float) -> bool:
        quiet: bool = now - self.last_activity > QUIET_SECONDS
        if self.total_outbufs_len or (self.began is None and not self.requests):
            return quiet
        if self.requests or self.began is None or self.request is None:
            return False
        seconds: float = REQUEST_SECONDS + self.request.body_bytes_received / SLOWEST
        return now - self.began > seconds

    def large_bodies(self) -> int:
        return sum(request.is_large for request in [self.request, *self.requests] if request)

    def add_channel(self, map: dict[int, Any] | None = None) -> None:
        super().add_channel(map)
        self.server.stir(self)

    def del_channel(self, map: dict[int, Any] | None = None) -> None:
        self.server.leave(self._fileno)
        super().del_channel(map)


class WebServer(TcpWSGIServer):  # type: ignore[misc]
    """Waitress asks every connection at every turn what it waits for: 27 ms a request with 1,300 idle ones.

    Here each is asked when it is new, while somebody works for it, and after something happened to it.
    """

    channel_class = Connection

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._selector = selectors.DefaultSelector()
        self._stirred: set[int] = set()
        self._running = False
        self._ending = threading.RLock()
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        files = MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else soft - OTHER_FILES
        self.most_connections = max(50, min(MOST_CONNECTIONS, files))
        super().__init__(*arguments, **options)

    def run(self) -> None:
        """Until `close`, or a SystemExit in this thread."""
        self._running = True
        self._stirred.update(self._map)
        following = 0.0
        try:
            while self.accepting:
                self._turn()
                if (now := time.time()) >= following:
                    self.maintenance(now)
                    following = now + TURN_SECONDS
        except (SystemExit, KeyboardInterrupt):
            self.task_dispatcher.shutdown()
            raise
        finally:
            with self._ending:  # whoever is about to stir the loop does it while there is one
                self._running = False
            self.close()

    def _turn(self) -> None:
        for number in list(self._stirred):
            one = self._map.get(number)
            # asked first: a thread that is done between the two questions must not be missed
            if not isinstance(one, Connection) or one.calm:
                self._stirred.discard(number)
            if one is not None:
                self._watch(number, one)
        for key, events in self._selector.select(TURN_SECONDS):
            one = self._map.get(key.fd)
            if one is not None and events & selectors.EVENT_READ:
                wasyncore.read(one)
            if one is not None and events & selectors.EVENT_WRITE and self._map.get(key.fd) is one:
                wasyncore.write(one)
            self._stirred.add(key.fd)

    def _watch(self, number: int, one: Any) -> None:
        """Wait for what this one waits for."""
        events = selectors.EVENT_READ if one.readable() else 0
        if one.writable() and not one.accepting:
            events |= selectors.EVENT_WRITE
        known = self._selector.get_map().get(number)
        if known and not events:
            self._selector.unregister(number)
        elif events and not known:
            self._selector.register(number, events)
        elif known and known.events != events:
            self._selector.modify(number, events)

    def stir(self, one: Connection) -> None:
        self._stirred.add(one._fileno)

    def leave(self, number: int) -> None:
        if number in self._selector.get_map():
            self._selector.unregister(number)

    def readable(self) -> bool:
        return bool(self.accepting)

    def handle_accept(self) -> None:
        for _ in range(ACCEPTED_AT_ONCE):
            if len(self.active_channels) >= self.most_connections:
                self._make_room()
            before = len(self.active_channels)
            super().handle_accept()
            if len(self.active_channels) == before:
                return

    def maintenance(self, now: float) -> None:
        """End what takes too long."""
        for one in list(self.active_channels.values()):
            if not one.will_close and one.overdue(now):
                self._end(one)

    def large_bodies(self) -> int:
        return sum(one.large_bodies() for one in self.active_channels.values())

    def _make_room(self) -> None:
        """Those that were quiet the longest go: a browser comes again when it has something to ask."""
        idle = sorted(
            (one for one in self.active_channels.values() if not one.requests),
            key=lambda one: one.last_activity,
        )
        for one in idle[: max(1, self.most_connections // 50)]:
            one.handle_close()

    def _end(self, one: Connection) -> None:
        one.will_close = True
        self.stir(one)

    def close(self) -> None:
        """Stop serving, from whichever thread; the loop itself closes what it holds."""
        with self._ending:
            self.accepting = False
            if self._running:
                self.pull_trigger()
                return
        for one in list(self.active_channels.values()):
            one.handle_close()
        if self._map:
            super().close()
        self._selector.close()
