"""Chinese first, English complete: every sentence of the console has its translation."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

import pages
import posters
from models import preferences
from models.campaigns.results import NOT_REACHED
from models.friends import LOST_WORDS
from models.ledger.channels import CHANNELS, of_campaigns
from pages.console import (
    accounts,
    campaigns,
    friends,
    groups,
    guides,
    imports,
    layout,
    setup,
)
from pages.web import errors, formatting, i18n, labels
from pages.web.labels import LABELS, WORDS
from scheduler import JOBS
from wecom import limits

PAGES = Path(pages.__file__).parent
MODELS, POSTERS = PAGES.parent / "models", PAGES.parent / "posters"
SAID_BY = dict.fromkeys(("_", "Sentence", "PosterRefused", "PictureRefused"))
"""Of these rooms the console and the plumbing are whole in English; guides' pages are Chinese, as their readers are."""


def sentences() -> set[str]:
    found: set[str] = set()
    files = [("python", path) for path in MODELS.rglob("*.py")]
    for room in ("console", "web"):
        files += [("python", path) for path in (PAGES / room).rglob("*.py")]
        files += [("jinja2.ext:babel_extract", path) for path in (PAGES / "templates" / room).rglob("*.html")]
    files += [("python", path) for path in POSTERS.rglob("*.py")]
    for method, path in files:
        said = extract_from_file(method, str(path), keywords=SAID_BY)
        for _line, message, _comments, _context in said:
            found.add(message if isinstance(message, str) else message[0])
    return found | by_variable()


def by_variable() -> set[str]:
    """What reaches `_()` through a table."""
    found = {label.word for states in LABELS.values() for label in states.values()}
    found |= {word for kinds in WORDS.values() for word in kinds.values()}
    found |= {heading for heading, _links in layout.WAYS if heading} | {
        link.word for _heading, links in layout.WAYS for link in links
    }
    found |= {
        *formatting.WEEKDAYS,
        *formatting.LONG_WEEKDAYS,
    }
    found |= {*campaigns.PAST, *(word for _name, word in campaigns.STEP_WORDS)} | {
        one.word for one in CHANNELS.values() if one.word
    }
    found |= {text for one in of_campaigns().values() for text in (one.campaign.hint, one.campaign.unit)}
    found |= {one.label for one in CHANNELS.values()} | {design.TITLE for design in posters.DESIGNS.values()}
    found |= {
        *friends.DAY_WORDS.values(),
        *guides.HOW.values(),
        *groups.RARE.values(),
    }
    found |= {*labels.KINDS.values(), *imports.NOUNS.values()}
    found |= {*preferences.LABELS.values(), *accounts.WHY.values(), *accounts.UNITS.values()}
    found |= {*limits.UNIT_WORDS.values()} | judgements()
    found |= {plan.label for plan in JOBS} | {*NOT_REACHED.values()} | {*LOST_WORDS.values()}
    found |= {text for it in setup.STEPS for text in (it.title, it.why, *it.todo)}
    return found | {text for pair in errors.WORDS.values() for text in pair}


def judgements() -> set[str]:
    """What the platform's limits say of a form's fields, and how they call these."""
    forms = ("card", "robot_text", *(one.limits[0] for one in of_campaigns().values() if one.confirmed))
    labels = {limit.label for name in forms for limit in limits.CHANNELS[name].limits}
    said = {limits.EMPTY, limits.BOTH_EMPTY, limits.CHINESE_TOO_LONG, limits.LATIN_TOO_LONG}
    return labels | said | {*limits.TOO_MUCH.values()}


@pytest.mark.parametrize("code", [i18n.ENGLISH])
def test_every_sentence_of_the_console_is_translated(code: str) -> None:
    catalogue = i18n.catalogue(code)
    missing = sorted(
        text
        for text in sentences()
        if catalogue.gettext(text) == text and re.search(r"[\u4e00-\u9fff]", text)
    )
    assert missing == []


@pytest.mark.parametrize("code", [i18n.ENGLISH])
def test_a_translation_fills_in_the_same_names(code: str) -> None:
    catalogue = i18n.catalogue(code)
    for text in sentences():
        assert set(re.findall(r"\{\w+\}", catalogue.gettext(text))) == set(re.findall(r"\{\w+\}", text)), text


@pytest.mark.parametrize("code", [i18n.ENGLISH])
def test_no_text_stands_in_two_catalogues_of_which_one_would_silently_win(code: str) -> None:
    holders: dict[str, list[str]] = {}
    for path in (i18n.CATALOGUES / code / "LC_MESSAGES").glob("*.po"):
        with path.open("rb") as file:
            texts = {str(message.id) for message in read_po(file, locale=code) if message.id}
        for text in texts:
            holders.setdefault(text, []).append(path.name)
    assert {text: sorted(names) for text, names in holders.items() if len(names) > 1} == {}


def test_no_refusal_of_the_models_is_a_plain_string_that_no_catalogue_could_translate() -> None:
    plain = [
        f"{path.name}:{call.lineno}"
        for path in MODELS.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
        if call.func.id in ("Refused", "BadCell")
        if any(isinstance(word, ast.Constant | ast.JoinedStr) for word in call.args[-1:])
    ]
    assert plain == []


def test_a_value_with_braces_is_only_a_value(bare) -> None:
    with bare.app.test_request_context("/console/"):
        assert i18n._("「{name}」停着", name="{oops} {0}") == "「{oops} {0}」停着"
