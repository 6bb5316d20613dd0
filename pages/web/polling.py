"""Parts of a page that the browser asks for again and again: answered with 304 while nothing changed."""

import hashlib
import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import make_response, request
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


@dataclass(frozen=True)
class Drawn:
    """A part as it was drawn once."""

    at: datetime
    fragment: str
    etag: str


def shared(key: Hashable, draw: Callable[[], str]) -> ResponseReturnValue:
    """A part that many look at, drawn once in a while for all of them in this process.

    key: what, in which language, and for whom: everybody under one key may see and do the same.
    """
    now, drawn = site().clock(), site().drawn
    found = drawn.get(key)
    most = DEMO_SHARED if site().demo else SHARED
    if found is None or not timedelta() <= now - found.at < most:
        fragment = draw()
        _forget(drawn, now)
        found = drawn[key] = Drawn(now, fragment, etag_of(fragment))
    known = found.etag in request.if_none_match
    return _answer("" if known else TOKEN.sub(csrf.token(), found.fragment), found.etag)


def _forget(drawn: dict[Any, Any], now: datetime) -> None:
    """Before one more: what nobody has asked for lately, or everything when there is too much."""
    old = [key for key, one in list(drawn.items()) if now - one.at > timedelta(minutes=1)]
    for key in old if len(drawn) < MOST_SHARED else list(drawn):
        drawn.pop(key, None)


def still_fresh(fragment: str) -> ResponseReturnValue:
    """A polled part with its ETag; 304 when the browser has just this."""
    return _answer(fragment, etag_of(fragment))


def etag_of(fragment: str) -> str:
    return hashlib.sha256(NO_NEWS.sub("", fragment).encode()).hexdigest()[:20]


def _answer(fragment: str, etag: str) -> ResponseReturnValue:
    response = make_response(fragment)
    response.set_etag(etag)
    response.headers["X-Now"] = formatting.clock_seconds(site().clock())
    return response.make_conditional(request)
