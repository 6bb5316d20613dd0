"""Parts of a page that the browser asks for again and again: answered with 304 while nothing changed."""

import hashlib
import re

from flask import make_response, request
from flask.typing import ResponseReturnValue

from pages.web import formatting
from pages.web.site import site

NO_NEWS = re.compile(r'value="[0-9a-f]{128}"|data-live-time>[^<]*<')
"""What differs in every answer and is no news: masked form tokens and the time."""


def still_fresh(fragment: str) -> ResponseReturnValue:
    """A polled part with its ETag; 304 when the browser has just this."""
    response = make_response(fragment)
    response.set_etag(hashlib.sha256(NO_NEWS.sub("", fragment).encode()).hexdigest()[:20])
    response.headers["X-Now"] = formatting.clock_seconds(site().clock())
    return response.make_conditional(request)
