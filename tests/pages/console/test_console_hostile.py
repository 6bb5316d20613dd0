"""Whatever somebody writes into a form or an address of the console is answered in words, on both databases."""

import re
from html import unescape
from urllib.parse import quote_plus

import pytest
from flask.testing import FlaskClient

from models.db import Database
from tests.pages.conftest import Console, make_shop

HALF = b"\xed\xa0\x80"
"""Half of a character, as a browser would never send it"""
EVIL: tuple[str | bytes, ...] = (
    HALF,
    "x" * 3000,
    "一\x07\x1b二\u202e三\u2028",
    "http://[",
    "https://[::1/cgi-bin/webhook/send?key=12345678",
    "http://ａ／ｂ\uff0f/?key=12345678",
    "-1",
    "²",
    "٣",
    "1e999",
    "0001-01-01T00:00",
    "9999-12-31T23:59",
    "{x.__class__}",
    "%s%n\\",
)
PAGES = (
    "sign-in",
    "settings",
    "accounts",
    "tokens",
    "password",
    "groups/new",
    "announcements/new",
    "campaigns/new",
    "stores",
    "friends",
    "guides",
    "deliveries",
    "callbacks",
    "timetable",
    "search",
    "audit",
    "campaigns/people",
    "pending-removals",
)
FORM = re.compile(r'<form\b[^>]*method="post"[^>]*>.*?</form>', re.S)
FIELD = re.compile(r'<(?:input|textarea|select|button)\b[^>]*\bname="([^"]+)"', re.S)
NAMES = ("q", "state", "page", "store", "guide", "branch", "find", "open", "done", "next", "group")
LEAVES = ("/console/sign-out", "/console/language")


@pytest.fixture
def console(database: Database) -> Console:
    return make_shop(database)


def forms(client: FlaskClient) -> dict[str, list[str]]:
    """Every form that HQ can send from these pages: its address and fields."""
    details = [
        address
        for noun in ("groups", "campaigns", "announcements", "stores", "guides", "friends", "deliveries")
        for address in set(re.findall(rf'href="/console/({noun}/\d+)"', text_of(client, noun)))
    ][:24]
    found: dict[str, list[str]] = {}
    for path in (*PAGES, *details):
        for form in FORM.findall(text_of(client, path)):
            action = re.search(r'action="([^"]*)"', form[: form.index(">")])
            address = unescape(action[1]) if action else f"/console/{path}"
            if address not in LEAVES:
                found.setdefault(address, [])
                found[address] += [name for name in FIELD.findall(form) if name not in ("csrf", "once")]
    return {address: list(dict.fromkeys(names)) for address, names in found.items()}


def text_of(client: FlaskClient, path: str) -> str:
    return client.get(f"/console/{path}").get_data(as_text=True)


def body(token: str, values: dict[str, str | bytes]) -> str:
    """A form as it travels; bytes stay what they are."""
    return "&".join(
        f"{quote_plus(name)}={quote_plus(value)}" for name, value in {"csrf": token, **values}.items()
    )


def test_no_form_of_the_console_leads_to_a_500(console: Console) -> None:
    client = console.signed_in("zhou")
    tried, token = 0, console.token(client)
    for address, names in forms(client).items():
        for evil in EVIL:
            tried += 1
            answer = client.post(
                address,
                data=body(token, dict.fromkeys(names, evil)),
                content_type="application/x-www-form-urlencoded",
            )
            assert answer.status_code < 500, f"{address} {evil!r:.100}"
    assert tried > 100


def test_no_question_to_a_list_leads_to_a_500(console: Console) -> None:
    client = console.signed_in("zhou")
    for path in PAGES:
        for evil in EVIL:
            query = "&".join(f"{name}={quote_plus(evil)}" for name in NAMES)
            answer = client.get(f"/console/{path}?{query}")
            assert answer.status_code < 500, f"{path} {evil!r:.100}"
