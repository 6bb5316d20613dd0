"""The phones speak English to whom chose it, and let everybody's own words be."""

import ast
import re
from pathlib import Path

import pytest
import requests
from babel.messages.extract import extract_from_file

import emulator
from emulator import languages
from emulator.robots import PHONE_FILES
from tests.emulator.phones.messages import code_picture, make_task, send_card
from tests.emulator.phones.test_views import PAGES, XU
from tests.wecom_world import World

ROOM = Path(emulator.__file__).parent
CHINESE = re.compile(r"[\u4e00-\u9fff，。；：、「」（）！？]")
LINKS = {"回到演示", "总部控制台", "{group}（{n}）", "、"}
"""What the demo calls the ways back to it in its company file; and what has no word in it"""
COMMANDS = {"今日任务", "签到", "帮助"}
"""What she says to the robot, which knows these words"""
FILES = {
    one for name, draw in PHONE_FILES.values() for one in (name, draw().decode("utf-8-sig", errors="ignore"))
}
"""What lies on her phone and can be sent"""


def sentences() -> set[str]:
    found = set(LINKS)
    for path in ROOM.rglob("*.html"):
        said = extract_from_file("jinja2.ext:babel_extract", str(path), keywords={"_": None})
        found |= {one[1] if isinstance(one[1], str) else one[1][0] for one in said}
    for path in ROOM.rglob("*.py"):
        tree = ast.parse(path.read_text())
        apart = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        texts = [
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in apart
        ]
        found |= {text for text in texts if isinstance(text, str) and re.search("[\u4e00-\u9fff]", text)}
    return found - {languages.NAMES[languages.CHINESE]} - FILES


def test_every_sentence_of_the_phones_has_its_english_with_the_same_names() -> None:
    english, said = languages.english(), sentences()
    assert len(said) > 80
    assert (
        sorted(text for text in said if text not in english or re.search("[\u4e00-\u9fff]", english[text]))
        == []
    )
    assert sorted(text for text in english if text not in said) == [], "said by nobody any more"
    for text in said:
        assert set(re.findall(r"\{\w+\}", english[text])) == set(re.findall(r"\{\w+\}", text)), text


def left(world: World, text: str) -> list[str]:
    """What a page says in Chinese, without what people and the company are called and wrote."""
    state, corp = world.server.platform.state, world.server.platform.corp
    own = {corp.robot_name, corp.content["departments"][0]["name"], languages.NAMES["zh"], *COMMANDS}
    for column, table in (("name", "member"), ("position", "member"), ("name", "customer"), ("name", "chat")):
        own |= {row[column] for row in state.rows(f"SELECT {column} FROM {table}")}
    for column, table in (("what", "ledger"), ("content", "mass")):
        for row in state.rows(f"SELECT {column} FROM {table}"):
            own |= set(re.findall(r'"((?:[^"\\]|\\.)*)"', row[column]))
    for word in sorted(own, key=len, reverse=True):
        text = text.replace(word, "") if len(word) > 1 else text
    shown = re.findall(
        r'>([^<>]+)<|(?:aria-label|placeholder|alt|title|data-ask|data-words)=["\']([^"\']*)', text
    )
    return [words for pair in shown for words in pair if CHINESE.search(words) and len(words.strip()) > 1]


@pytest.mark.parametrize("path", [*PAGES, "/phones/guide/nobody", "/connect/oauth2/authorize"])
def test_a_phone_is_english_in_a_browser_that_chose_it(world: World, path: str) -> None:
    send_card(world)
    make_task(world, XU, picture=code_picture("https://example.invalid/x"))
    with requests.Session() as visit:
        index = visit.get(f"{world.url}/phones/?lang=en", timeout=20).text
        assert '<html lang="en">' in index and 'href="?lang=zh"' in index
        page = visit.get(world.url + path, timeout=20).text
    assert left(world, page) == [], path


def test_a_button_refuses_in_the_language_of_its_phone(world: World) -> None:
    button = f"{world.url}/phone/guide/wangfang/confirm"
    english = requests.post(button, json={"msgid": "x"}, cookies={languages.COOKIE: "en"}, timeout=20).json()
    chinese = requests.post(button, json={"msgid": "x"}, timeout=20).json()
    assert (
        english["error"] == "There is no such task in the mass assistant"
        and chinese["error"] == "群发助手里没有这个任务"
    )
