"""What no row can hold ends here, before a view fails on it: a NUL in a text, a number larger than every id."""

from flask import Flask, abort, request

from models.org.spreadsheet import MAX_BYTES
from pages.web.csrf import OWN_PROOF

LARGEST = 2**31 - 1
"""The largest number of a column, and so the largest id"""
NUL = "\0"
MOST_BYTES = MAX_BYTES
"""The largest body of any page or API call, a table; a picture may have 10 MB, callbacks have a smaller cap of their own."""


def install(app: Flask) -> None:
    app.before_request(guard)


def guard() -> None:
    """The API and the callbacks look at what they get themselves, and answer in their own words."""
    if request.path.startswith(OWN_PROOF):
        return
    rows = [one for one in (request.view_args or {}).values() if isinstance(one, int)]
    if NUL in request.path or any(one > LARGEST for one in rows):
        abort(404)
    texts = [
        text for source in (request.args, request.form) for texts in source.listvalues() for text in texts
    ]
    if any(NUL in text for text in texts):
        abort(400)


def number(text: str) -> int:
    """The number that somebody wrote; 0 for none. One that is too large becomes the largest, an id that no row has."""
    return min(int(text[:11]), LARGEST) if text.isdecimal() else 0
