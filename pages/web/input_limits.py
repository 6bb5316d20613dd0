"""How much a body may have, and what no row can hold: a NUL in a text, a number larger than every id, a year far away."""

import threading
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from flask import Flask, abort, current_app, g, request

from models.org.spreadsheet import MAX_BYTES
from models.sentences import Sentence
from pages.web import sessions
from pages.web.csrf import OWN_PROOF
from wecom import callbacks

View = TypeVar("View", bound=Callable[..., Any])

LARGEST = 2**31 - 1
"""The largest number of a column, and so the largest id"""
FIRST_YEAR, LAST_YEAR = 2000, 2100
"""No plan lies before the one, or in the other or after it: at the ends of all years there is no day before or after."""
FORM_TIME = "%Y-%m-%dT%H:%M"
"""How a form writes a moment"""
NUL = "\0"
FORM_BYTES = 64 * 1024
"""The largest body of a form, and of anything that strangers send: parsing 15 MB of it costs 8 s and 700 MB."""
MOST_BYTES = MAX_BYTES
"""The largest body of all, a table that somebody who is signed in brings; a picture is smaller."""
CROWDED = "ONETAP_CROWDED"
"""The header that the web server adds to a large body which it dropped, because too many of them come at once;
named as in WSGI, without HTTP_."""

_uploading: set[int] = set()
_lock = threading.Lock()


def takes_files(view: View) -> View:
    """A view whose form may bring a file; every other takes FORM_BYTES. Goes below `@access.…`."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view


def most_bytes(path: str, headers: Mapping[str, str]) -> int:
    """What the web server keeps of a body, before anybody looks at it. The views below may take less, never more.

    `headers` are named as in WSGI, without HTTP_.
    """
    if path.startswith("/callback/"):
        return callbacks.MOST_BYTES + 1
    signed_in = "AUTHORIZATION" in headers if path.startswith("/api/") else _brings_cookie(headers)
    return MOST_BYTES if signed_in else FORM_BYTES


def _brings_cookie(headers: Mapping[str, str]) -> bool:
    return f"{sessions.COOKIES[sessions.CONSOLE]}=" in headers.get("COOKIE", "")


def install_bounds(app: Flask) -> None:
    """Before everything that reads a form."""
    app.config["MAX_CONTENT_LENGTH"] = FORM_BYTES
    app.before_request(bound)
    app.teardown_request(_uploaded)


def install(app: Flask) -> None:
    app.before_request(guard)


def bound() -> None:
    """A file only where one is wanted, from somebody who is signed in, one at a time for each.

    Also from somebody whose session has run out: what she wrote beside it is kept for her.
    """
    if f"HTTP_{CROWDED}" in request.environ:
        abort(503)
    if request.path.startswith("/api/"):  # asks for the token before it reads
        request.max_content_length = MOST_BYTES
    view = current_app.view_functions.get(request.endpoint or "")
    brings_file = request.mimetype == "multipart/form-data" and (request.content_length or 0) > FORM_BYTES
    if not brings_file or not hasattr(view, "takes_files"):
        return
    account_id = _whose()
    if account_id is None:
        return
    request.max_content_length = MOST_BYTES
    with _lock:
        if account_id in _uploading:
            abort(429, Sentence("你的上一个文件还在处理。等它好了，再传这一个"))
        _uploading.add(account_id)
    g.uploading = account_id


def _whose() -> int | None:
    """The account behind this browser, whether its session still counts or has run out; None for strangers."""
    if visit := sessions.visit(sessions.CONSOLE):
        return visit.account.id if visit.account else None
    past = sessions.run_out(sessions.CONSOLE)
    return past.account_id if past else None


def _uploaded(_error: BaseException | None) -> None:
    if "uploading" in g:
        with _lock:
            _uploading.discard(g.uploading)


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


def near(day: date | datetime) -> bool:
    """Whether it lies in a year of which somebody plans."""
    return FIRST_YEAR <= day.year < LAST_YEAR


def day(text: str) -> date | None:
    """The day that somebody wrote; None for none."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if near(found) else None


def moment(text: str) -> datetime | None:
    """The moment that somebody wrote, as a form wants it and without a zone; None for none."""
    try:
        found = datetime.strptime(text, FORM_TIME)
    except ValueError:
        return None
    return found if near(found) else None
