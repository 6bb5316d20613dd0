"""Whoever chose English finds no Chinese on any page of the console but names and texts that are people's own."""

import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from flask.testing import FlaskClient

from handlers.robot import commands
from models import preferences
from models.org import columns
from pages.console import imports
from pages.web import i18n
from posters.templates import weather
from tests.pages.conftest import Console
from tests.pages.english import chinese_left, own_words

LINK = re.compile(r'(?:href|hx-get)="([^"#]+)')
ENOUGH = 2
"""Pages of one kind that are looked at"""


def pages_from(client: FlaskClient, start: str) -> Iterator[tuple[str, str]]:
    """Every page that one link after the other leads to: its address and what it shows."""
    waiting, seen, of_its_kind = [start], {start}, Counter[str]()
    while waiting:
        address = waiting.pop(0)
        answer = client.get(address, follow_redirects=True)
        if answer.mimetype != "text/html":
            continue
        html = answer.get_data(as_text=True)
        yield address, html
        for link in LINK.findall(html):
            path, query = urlsplit(urljoin(address, link.replace("&amp;", "&")))[2:4]
            found = f"{path}?{query}".rstrip("?")
            kind = re.sub(r"\d+|(?<==)[^&]*", "N", found)
            if path.startswith("/console") and found not in seen and of_its_kind[kind] < ENOUGH:
                of_its_kind[kind] += 1
                seen.add(found)
                waiting.append(found)


def test_no_page_of_the_console_speaks_chinese_to_a_reader_of_english(console: Console) -> None:
    client = console.signed_in("zhou")
    console.post(client, "/console/language", {"language": i18n.ENGLISH})
    own = own_words(console.db, vars(preferences.Preferences()))
    own |= words_for_lists() | {word for one in commands() for word in one.words} | {i18n.NAMES[i18n.CHINESE]}
    own.add(weather.SNOW)  # said of the design that snows where HQ writes it
    left = [
        f"{address}: {text}"
        for address, html in pages_from(client, "/console/")
        for text in chinese_left(html, own)
    ]
    assert left == []


def words_for_lists() -> set[str]:
    """Headings and examples stand as they are written into a list."""
    return {str(text) for row in imports.EXAMPLES.values() for text in row} | {
        heading for noun in columns.SPELLINGS.values() for several in noun.values() for heading in several
    }
