"""Chinese first: the source text is the Chinese one, other languages come from catalogues of `msgid = Chinese`."""

from datetime import timedelta
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask, g, has_request_context, request

from models.sentences import Sentence
from pages.web import sessions

CHINESE, ENGLISH = "zh", "en"
NAMES = {CHINESE: "中文", ENGLISH: "English"}
COOKIE, COOKIE_LIFE = "onetap_language", timedelta(days=400)
CATALOGUES = Path(__file__).parents[1] / "translations"


def install(app: Flask) -> None:
    app.jinja_env.globals.update(_=_, language=current, html_lang=html_lang)
    app.jinja_env.finalize = _shown


def _shown(value: object) -> object:
    """Whatever a template prints: a sentence of ours in the reader's language."""
    return _(value) if isinstance(value, Sentence) else value


def _(text: str, /, **fields: object) -> str:
    """The text in the reader's language, with `{name}` filled in; a sentence brings what fills it in."""
    if isinstance(text, Sentence):
        fields, text = text.values, text.text
    fields = {name: _(one) if isinstance(one, Sentence) else one for name, one in fields.items()}
    words = text if current() == CHINESE else catalogue(current()).gettext(text)
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


def _chosen() -> str:
    visit = sessions.visit()
    wish = visit.account.language if visit and visit.account else request.cookies.get(COOKIE, CHINESE)
    return wish if wish in NAMES else CHINESE
