"""Browsers in which somebody has signed in before: they keep their way in while strangers are slowed down."""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from flask import Response, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from pages.web import cookies

COOKIE = "onetap_known"
LIFE = timedelta(days=180)
PEOPLE = 8
"""Of so many people a shared desk is remembered, the last ones."""


@dataclass(frozen=True)
class Known:
    """A browser, and who has signed in there: guide:7, console:3."""

    name: str = field(default_factory=lambda: secrets.token_hex(12))
    """Random; its own tries are counted under it"""
    people: tuple[str, ...] = ()


def known() -> Known | None:
    """What we know of this browser; None when nobody has signed in there."""
    try:
        name, people = _signer().loads(request.cookies.get(COOKIE, ""), max_age=int(LIFE.total_seconds()))
    except (BadSignature, ValueError):
        return None
    return Known(str(name), tuple(map(str, people)))


def remember(response: Response, realm: str, row_id: int | None) -> None:
    """This person has just proved who she is, in this browser."""
    before, person = known() or Known(), f"{realm}:{row_id}"
    people = [*(one for one in before.people if one != person), person][-PEOPLE:]
    cookies.keep(response, COOKIE, _signer().dumps([before.name, people]), LIFE)


def _signer() -> URLSafeTimedSerializer:
    return cookies.signer("known browser")
