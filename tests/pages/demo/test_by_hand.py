"""Going on by hand: the ways in, the ways back, and a robot to paste."""

import re

import pytest
import requests
from flask.testing import FlaskClient
from sqlmodel import select

from models.accounts import Account, Role
from models.db import Database
from models.groups import Group
from models.groups.robots import Robot
from tests.cast import SHOP_CHAT
from tests.pages.conftest import NOON, Console, make_console, token_of
from tests.wecom_world import World


@pytest.fixture
def shown(sqlite_database: Database, world: World) -> Console:
    """The demo's console beside a built-in WeCom, with the invented HQ account."""
    console = make_console(sqlite_database, demo=True, emulator_url=world.url)
    with console.db.write() as session:
        session.add(Account(role=Role.HQ, name="周岚", login="demo", created_at=NOON))
    return console


def entered(console: Console, wanted: str = "/console/") -> FlaskClient:
    visitor = console.stranger()
    answer = visitor.post("/demo/enter", data={"csrf": token_of(visitor), "next": wanted})
    assert answer.status_code == 302, answer.text
    return visitor


def address_in(page: str) -> str:
    found = re.search(r'id="f-webhook"[^>]*value="([^"]+)"', page)
    assert found, page
    return found[1]


def test_the_sign_in_page_of_a_demo_has_a_button_that_signs_in(shown: Console) -> None:
    page = shown.stranger().get("/console/sign-in?next=/console/groups").text
    assert 'action="/demo/enter"' in page and 'value="/console/groups"' in page
    assert entered(shown).get("/console/groups").status_code == 200


@pytest.mark.parametrize(
    ("wanted", "where"), [("/console/groups", "/console/groups"), ("https://evil.example/", "/console/")]
)
def test_the_button_leads_where_one_wanted_to_go_and_nowhere_else(
    shown: Console, wanted: str, where: str
) -> None:
    visitor = shown.stranger()
    answer = visitor.post("/demo/enter", data={"csrf": token_of(visitor), "next": wanted})
    assert answer.location == where


def test_outside_the_demo_nobody_gets_in_that_way(sqlite_database: Database) -> None:
    console = make_console(sqlite_database)
    visitor = console.stranger()
    assert "/demo/enter" not in visitor.get("/console/sign-in").text
    for path in ("/demo/enter", "/demo/robot"):
        assert visitor.post(path, data={"csrf": token_of(visitor)}).status_code == 404


@pytest.mark.parametrize("path", ["/console/", "/console/sign-in", "/console/nowhere", "/g/"])
def test_the_stripe_of_every_page_leads_to_the_demo_and_the_phones(
    shown: Console, world: World, path: str
) -> None:
    visitor = shown.stranger() if "sign-in" in path else entered(shown)
    page = visitor.get(path, follow_redirects=path != "/g/").text
    if path == "/g/":  # she is sent to the platform; what it says to a stranger is read
        page = shown.stranger().get("/g/oauth?code=x&state=y").text
    assert 'href="/demo"' in page and f'href="{world.url}/phones/"' in page


def test_a_robot_of_the_built_in_wecom_is_there_to_paste_and_posts(shown: Console, world: World) -> None:
    visitor = entered(shown)
    assert 'hx-post="/demo/robot"' in visitor.get("/console/groups/new").text
    made = shown.post(visitor, "/demo/robot", {"name": "总部周会"})
    address = address_in(made.text)
    assert "总部周会" in made.text and address.startswith(f"{world.url}/cgi-bin/webhook/send?key=")
    said = {"msgtype": "text", "text": {"content": "试"}}
    assert requests.post(address, json=said, timeout=20).json()["errcode"] == 0
    added = shown.post(visitor, "/console/groups/new", {"name": "总部周会", "webhook": address})
    assert added.status_code == 303
    with shown.db.read() as session:
        assert session.exec(select(Robot)).one().key_tail == address[-4:]


def test_for_a_group_that_the_platform_knows_the_robot_is_added_there(shown: Console, world: World) -> None:
    with shown.db.write() as session:
        group = Group(chat_id=SHOP_CHAT, kind="internal", name="店内群", created_at=NOON)
        session.add(group)
        session.flush()
        group_id = group.id
    made = shown.post(entered(shown), "/demo/robot", {"group": str(group_id)})
    said = {"msgtype": "text", "text": {"content": "在中街店说"}}
    requests.post(address_in(made.text), json=said, timeout=20)
    heard = requests.get(f"{world.url}/phone/group/{SHOP_CHAT}", timeout=20).json()["chat"]
    assert "在中街店说" in str(heard[-1])


def test_while_the_built_in_wecom_is_down_the_form_says_so(sqlite_database: Database) -> None:
    console = make_console(sqlite_database, demo=True, emulator_url="http://127.0.0.1:1")
    visitor = console.stranger()
    answer = visitor.post("/demo/robot", data={"csrf": token_of(visitor)})
    assert "没有回答" in answer.text and "f-webhook" not in answer.text
