"""Chinese first, English complete: every sentence of the console has its translation."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

import pages
from ops import doctor
from pages.web import i18n
from posters.templates import weather

PAGES = Path(pages.__file__).parent
ROOT = PAGES.parent
SAID_IN = (
    "handlers",
    "models",
    "scheduler",
    "pages/api",
    "pages/console",
    "pages/demo",
    "pages/guide",
    "pages/public",
    "pages/web",
    "posters",
    "wecom",
    "ops/doctor.py",
    "ops/proxies.py",
    "ops/database_file.py",
)
"""What these say stands on a page, or in a row that a page shows: every Chinese word of theirs has English."""
TO_GUIDES = (
    "handlers/callback.py",
    "handlers/commands",
    "handlers/robot.py",
    "models/campaigns/card_content.py",
    "models/groups/robots.py",
    "models/placeholders.py",
    "models/preferences.py",
    "posters/prints",
    "wecom/callbacks.py",
)
"""But for what leaves for guides, members and printers, who read Chinese, and for what the platform is answered"""
OF_PEOPLE = (
    "handlers/robot_words.py",
    "models/materials/price.py",
    "models/org/cells.py",
    "models/org/cities.py",
    "models/org/columns.py",
)
"""And for what people write to the robot, as headings, marks and cities into their lists, and of prices into texts"""
PEOPLES = ("pages/demo/actions.py", "pages/demo/by_hand.py", "pages/demo/runs.py")
"""Here invented people have names and write: only what is marked as a sentence is ours"""
CHINESE = re.compile(r"[\u4e00-\u9fff]")
JOINED = re.compile(r"\}[，。；：、（」]|[「（]\{")
"""Two values with a Chinese mark between or around them: a sentence as well, and English has other marks"""
MARKS = "，。；："
"""Marks that no template writes between two values"""


def sentences() -> set[str]:
    found = in_code()
    for room in ("api", "console", "demo", "guide", "public", "web"):
        for path in (PAGES / "templates" / room).rglob("*.html"):
            said = extract_from_file("jinja2.ext:babel_extract", str(path), keywords={"_": None})
            found |= {one[1] if isinstance(one[1], str) else one[1][0] for one in said}
    return found


def in_code() -> set[str]:
    """Every whole Chinese text, whether marked as a sentence or in a table; a pattern is none."""
    found: set[str] = set()
    rooms = [ROOT / room for room in SAID_IN]
    for path in (path for room in rooms for path in ([room] if room.is_file() else room.rglob("*.py"))):
        name = str(path.relative_to(ROOT))
        if name.startswith((*OF_PEOPLE, "models/migrations")):
            continue
        tree = ast.parse(path.read_text())
        apart = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        apart |= {id(p) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for p in ast.walk(node)}
        said = (
            [call.args[0] for call in ast.walk(tree) if is_sentence(call)]
            if name.startswith((*TO_GUIDES, *PEOPLES))
            else ast.walk(tree)
        )
        texts = (node.value for node in said if isinstance(node, ast.Constant) and id(node) not in apart)
        found |= {text for text in texts if isinstance(text, str) and is_ours(text) and r"\b" not in text}
    return found - ONLY_HERE


def is_ours(text: str) -> bool:
    return bool(CHINESE.search(text) or JOINED.search(text))


def is_sentence(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Sentence"


EXAMPLES = {"东北分公司", "沈阳中街店", "沈阳", "沈阳市沈河区中街路 128 号", "王芳", "否"}
"""Of a list to fill in"""
ONLY_HERE = {
    *EXAMPLES,
    weather.SNOW,
    doctor.SAMPLE,
    i18n.NAMES[i18n.CHINESE],
    "我",
    "年 ",
    "长按识别，加我微信",
}
"""What stands so in every language: the name of this one, its dates, what a poster says or is asked for"""


@pytest.mark.parametrize("code", [i18n.ENGLISH])
def test_every_sentence_of_the_console_is_translated(code: str) -> None:
    catalogue = i18n.catalogue(code)
    missing = sorted(text for text in sentences() if catalogue.gettext(text) == text and is_ours(text))
    assert missing == []


def test_no_template_says_chinese_past_the_catalogue() -> None:
    marked = re.compile(r"""\b_\(\s*("[^"]*"|'[^']*')|\{#.*?#\}|"\{?(门店名|导购名|门店地址)\}?\"""", re.S)
    found = [
        f"{path.relative_to(PAGES)}: {line.strip()}"
        for path in (PAGES / "templates").rglob("*.html")
        for line in marked.sub("", path.read_text()).splitlines()
        if CHINESE.search(line.replace(i18n.NAMES[i18n.CHINESE], "")) or set(line) & set(MARKS)
    ]
    assert found == []


def test_no_script_says_chinese_by_itself() -> None:
    """What a script says comes to it with its page, which has a language."""
    comment = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)
    said = {path.name: comment.sub("", path.read_text()) for path in (PAGES / "static").glob("*.js")}
    assert [name for name, text in said.items() if CHINESE.search(text)] == []


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


@pytest.mark.parametrize("code", [i18n.ENGLISH])
def test_no_text_stands_twice_in_a_catalogue(code: str) -> None:
    for path in (i18n.CATALOGUES / code / "LC_MESSAGES").glob("*.po"):
        texts = Counter(re.findall(r'^msgid (".+")$', path.read_text(), re.M))
        assert [text for text, times in texts.items() if times > 1] == [], path.name


def test_no_refusal_of_the_models_is_a_plain_string_that_no_catalogue_could_translate() -> None:
    plain = [
        f"{path.name}:{call.lineno}"
        for path in (ROOT / "models").rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
        if call.func.id in ("Refused", "BadCell")
        if any(isinstance(word, ast.Constant | ast.JoinedStr) for word in call.args[-1:])
    ]
    assert plain == []


def test_a_value_with_braces_is_only_a_value(bare) -> None:
    with bare.app.test_request_context("/console/"):
        assert i18n._("「{name}」停着", name="{oops} {0}") == "「{oops} {0}」停着"
