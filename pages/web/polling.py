"""Parts of a page that the browser asks for again and again: answered with 304 while nothing changed."""

import hashlib
import re
import struct
import zlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from flask import Response, make_response, request
from flask.typing import ResponseReturnValue

from pages.web import csrf, formatting
from pages.web.site import site

NO_NEWS = re.compile(r'value="[0-9a-f]{128}"|data-live-time>[^<]*<')
"""What differs in every answer and is no news: masked form tokens and the time."""

TOKEN = re.compile(r'(?<=value=")[0-9a-f]{128}(?=")')
"""A masked form token: each viewer gets her own."""
SHARED, DEMO_SHARED = timedelta(seconds=10), timedelta(seconds=1)
"""So long one drawing of a part serves everybody who may see the same (M04); in the demo one person looks."""
MOST_SHARED = 500
GZIP_LEVEL = 6
GZIP_HEAD, GZIP_END = b"\x1f\x8b\x08" + bytes(6) + b"\xff", b"\x03\x00"
"""How a gzip file begins, and its last block, which is empty (RFC 1952, 1951)"""


@dataclass(frozen=True)
class Drawn:
    """A part as it was drawn once, in pieces: between them stands each viewer's own token."""

    at: datetime
    etag: str
    pieces: tuple[bytes, ...]

    @cached_property
    def packed(self) -> tuple[bytes, ...]:
        """The pieces compressed, once for everybody: each ends at a whole byte, so that something may follow."""
        return tuple(_deflated(piece) for piece in self.pieces)

    def plain(self, token: bytes) -> bytes:
        return token.join(self.pieces)

    def gzip(self, token: bytes) -> bytes:
        """The same as a gzip file; the token is laid in as it is."""
        stored = struct.pack("<BHH", 0, len(token), len(token) ^ 0xFFFF) + token
        content = self.plain(token)
        check = struct.pack("<II", zlib.crc32(content), len(content))
        return GZIP_HEAD + stored.join(self.packed) + GZIP_END + check


def shared(key: Hashable, draw: Callable[[], str]) -> ResponseReturnValue:
    """A part that many look at, drawn once in a while for all of them in this process.

    key: what, in which language, and for whom: everybody under one key may see and do the same.
    """
    now, drawn = site().clock(), site().drawn
    found = drawn.get(key)
    most = DEMO_SHARED if site().demo else SHARED
    if found is None or not timedelta() <= now - found.at < most:
        if found:
            drawn[key] = replace(found, at=now)  # one draws it anew: whoever asks meanwhile gets the last one
        fragment = draw()
        _forget(drawn, now)
        pieces = tuple(piece.encode() for piece in TOKEN.split(fragment))
        found = drawn[key] = Drawn(now, etag_of(fragment), pieces)
    if request.if_none_match.contains_weak(found.etag):
        return _told(Response(status=304), found.etag)
    token = csrf.token().encode()
    if not request.accept_encodings["gzip"]:
        return _told(make_response(found.plain(token)), found.etag)
    response = make_response(found.gzip(token))
    response.headers["Content-Encoding"] = "gzip"
    return _told(response, found.etag)


def _forget(drawn: dict[Any, Any], now: datetime) -> None:
    """Before one more: what nobody has asked for lately, or everything when there is too much."""
    old = [key for key, one in list(drawn.items()) if now - one.at > timedelta(minutes=1)]
    for key in old if len(drawn) < MOST_SHARED else list(drawn):
        drawn.pop(key, None)


def still_fresh(fragment: str) -> ResponseReturnValue:
    """A polled part with its ETag; 304 when the browser has just this."""
    return _told(make_response(fragment), etag_of(fragment)).make_conditional(request)


def etag_of(fragment: str) -> str:
    return hashlib.sha256(NO_NEWS.sub("", fragment).encode()).hexdigest()[:20]


def _told(response: Response, etag: str) -> Response:
    """A weak mark: the same news, though each viewer's tokens differ, compressed or not."""
    response.set_etag(etag, weak=True)
    response.headers["X-Now"] = formatting.clock_seconds(site().clock())
    return response


def _deflated(piece: bytes) -> bytes:
    packer = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
