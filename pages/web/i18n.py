"""Chinese first: the source text is the Chinese one, other languages come from catalogues of `msgid = Chinese`."""

from datetime import timedelta
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask, Response, g, has_request_context, request

from models.sentences import Sentence
from pages.web import cookies, sessions

CHINESE, ENGLISH = "zh", "en"
NAMES = {CHINESE: "中文", ENGLISH: "English"}
COOKIE, COOKIE_LIFE = "onetap_language", timedelta(days=400)
ASKED = "lang"
"""The last part of an address that chooses a language: the switch of guide pages, demo and the API's page is a link"""
CATALOGUES = Path(__file__).parents[1] / "translations"


def install(app: Flask) -> None:
    app.jinja_env.globals.update(_=_, language=current, other_language=other, html_lang=html_lang)
    app.jinja_env.globals["languages"] = NAMES
    app.jinja_env.finalize = _shown
    app.after_request(_keep)


def _shown(value: object) -> object:
    """Whatever a template prints: a sentence of ours in the reader's language."""
    return _(value) if isinstance(value, Sentence) else value


def _(text: str, /, **fields: object) -> str:
    """The text in the reader's language, with `{name}` filled in; a sentence brings what fills it in."""
    if isinstance(text, Sentence):
        fields, text = text.values, text.text
    fields = {name: _(one) if isinstance(one, Sentence) else one for name, one in fields.items()}
    words = text if not text or current() == CHINESE else catalogue(current()).gettext(text)
    return words.format(**fields) if fields else words


def current() -> str:
    if not has_request_context():
        return CHINESE
    if "language" not in g:
        g.language = _chosen()
    return str(g.language)


def html_lang() -> str:
    return "zh-CN" if current() == CHINESE else current()


@lru_cache
def catalogue(language: str) -> Translations:
    """All .po files of a language, compiled in memory: they are small, and nothing compiled is committed."""
    merged = Translations()
    for path in sorted((CATALOGUES / language / "LC_MESSAGES").glob("*.po")):
        compiled = BytesIO()
        with path.open("rb") as file:
            write_mo(compiled, read_po(file, locale=language))
        compiled.seek(0)
        merged.merge(Translations(compiled))
    return merged


def other() -> str:
    """The language that a switch offers."""
    return ENGLISH if current() == CHINESE else CHINESE


def _chosen() -> str:
    """What this address asks for, else what this browser chose, else what the account did. A program that calls
    the API says it in a header of its own; browsers send that one unasked, so pages do not go by it."""
    visit = sessions.visit()
    wishes = [
        request.args.get(ASKED),
        request.cookies.get(COOKIE),
        visit and visit.account and visit.account.language,
    ]
    chosen = next((wish for wish in wishes if wish in NAMES), None)
    if chosen is None and request.path.startswith("/api/"):
        chosen = request.accept_languages.best_match(NAMES)
    return chosen or CHINESE


def _keep(response: Response) -> Response:
    """What an address chose holds for the pages after it."""
    if request.args.get(ASKED) in NAMES and request.blueprint != "api":
        cookies.keep(response, COOKIE, request.args[ASKED], COOKIE_LIFE)
    return response
