"""What a person sees of the phones, in the language of the app's own switch: one host, so one cookie for both."""

from functools import lru_cache
from pathlib import Path

from babel.messages.pofile import read_po
from flask import Flask, Response, has_request_context, request

CHINESE, ENGLISH = "zh", "en"
NAMES = {CHINESE: "中文", ENGLISH: "English"}
COOKIE, COOKIE_SECONDS = "onetap_language", 400 * 24 * 3600
ASKED = "lang"
"""The last part of an address that chooses"""
CATALOGUE = Path(__file__).with_name("english.po")


def install(app: Flask) -> None:
    app.jinja_env.globals.update(_=_, language=current, languages=NAMES, other_language=other)
    app.after_request(_keep)


def _(text: str, /, **fields: object) -> str:
    """Our own words; what members, customers and the app wrote never passes here."""
    words = text if current() == CHINESE else english().get(text, text)
    return words.format(**fields) if fields else words


def current() -> str:
    if not has_request_context():
        return CHINESE
    wishes = (request.args.get(ASKED, ""), request.cookies.get(COOKIE, ""))
    return next((wish for wish in wishes if wish in NAMES), CHINESE)


def other() -> str:
    """The language that the switch offers."""
    return ENGLISH if current() == CHINESE else CHINESE


@lru_cache
def english() -> dict[str, str]:
    with CATALOGUE.open("rb") as file:
        return {str(one.id): str(one.string) for one in read_po(file, locale=ENGLISH) if one.id}


def _keep(response: Response) -> Response:
    """What an address chose holds for the pages after it, the app's included."""
    if (chosen := request.args.get(ASKED, "")) in NAMES:
        response.set_cookie(COOKIE, chosen, max_age=COOKIE_SECONDS, httponly=True, samesite="Lax")
    return response
