"""What a page in English may not hold: Chinese that is nobody's own word."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from sqlmodel import select

from models.db import Database, metadata
from models.db.sentence_column import SentencesInJson, SentenceText

CHINESE = re.compile(r"[\u4e00-\u9fff，。；：、「」（）！？]")
SHOWN = ("title", "aria-label", "alt", "placeholder", "label")
"""Attributes that people see or hear"""
SILENT = ("script", "style", "template")


def chinese_left(html: str, own_words: set[str]) -> list[str]:
    """Each text of the page that still says something in Chinese, without the words that are people's own."""
    parser = _Texts()
    parser.feed(html)
    longest_first = sorted(own_words - {""}, key=len, reverse=True)
    found = []
    for text in parser.texts:
        left = text if len(text) > 1 else ""  # the initial in the round picture of somebody
        for word in longest_first if CHINESE.search(left) else ():
            left = left.replace(word, "")
        if CHINESE.search(left):
            found.append(text)
    return found


def own_words(db: Database, more: dict[str, Any]) -> set[str]:
    """What people, their lists and the platform brought: all columns but those of our sentences, and `more`."""
    found = set(_strings(more))
    with db.read() as session:
        for table in metadata.sorted_tables:
            for column in table.columns:
                if not isinstance(column.type, SentenceText | SentencesInJson):
                    for value in session.execute(select(column).distinct()).scalars():
                        found |= {text for text in _strings(value) if CHINESE.search(text)}
    found |= {line.strip() for text in found for line in text.splitlines()}
    return found | _between_braces(found)


def _between_braces(texts: set[str]) -> set[str]:
    """What stays of a text whose `{门店名}` is filled in, and the name in the braces."""
    parts = {part for text in texts if "{" in text for part in re.split(r"[{}]", text)}
    return parts | {f"{{{part}}}" for part in parts}


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value.strip()
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _strings(one)


class _Texts(HTMLParser):
    """The texts of a page, one per element, and the attributes that say something."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._silent = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self._silent = tag
        self.texts += [value for name, value in attrs if name in SHOWN and value]

    def handle_endtag(self, tag: str) -> None:
        if tag == self._silent:
            self._silent = ""

    def handle_data(self, data: str) -> None:
        if not self._silent and (text := " ".join(data.split())):
            self.texts.append(text)
