"""An expired session signs in again and brings the text back; nothing that somebody wrote is lost."""

import json
import re
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from models.accounts import Account
from models.accounts.expiry import forget_old
from pages.web import formatting
from posters.pictures import MAX_BYTES
from tests.pages.conftest import PASSWORD, Console, token_of
from tests.pages.plan_form import PLAN

NEW = "/console/campaigns/new"
WRITTEN = {**PLAN, "text": "下雪了，您的围巾到店了。\n来试试吧", "do": "save"}


def late(
    console: Console, client: FlaskClient, path: str = NEW, headers: dict[str, str] | None = None
) -> TestResponse:
    """She wrote all morning: the form is sent after her session has run out."""
    form = {**WRITTEN, "csrf": token_of(client, NEW), "store": [str(console.ids["zhongjie"])]}
    console.clock.advance(hours=13)
    return client.post(path, data=form, headers={"Referer": f"http://localhost{NEW}", **(headers or {})})


def sign_in(client: FlaskClient, page: str, login: str = "zhou") -> TestResponse:
    said = client.get(page).get_data(as_text=True)
    wanted = re.search(r'name="next" value="([^"]+)"', said)
    assert wanted
    form = {"login": login, "password": PASSWORD, "next": unescape(wanted[1]), "csrf": token_of(client)}
    return client.post("/console/sign-in", data=form)


def kept(client: FlaskClient, path: str = NEW) -> dict[str, Any]:
    """What the page puts back into its form."""
    found = re.search(r'data-kept="([^"]*)"', client.get(path).get_data(as_text=True))
    return json.loads(unescape(found[1])) if found else {}


def test_what_was_written_comes_back_after_signing_in_again_J03(console: Console) -> None:
    client = console.signed_in("zhou")
    answer = late(console, client)
    assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/console/sign-in")
    assert "你写的还在" in client.get(answer.location).get_data(as_text=True)
    assert sign_in(client, answer.location).location == NEW
    back = kept(client)
    assert back["action"] == NEW
    assert ["text", WRITTEN["text"]] in back["fields"]
    assert ["store", str(console.ids["zhongjie"])] in back["fields"]
    assert "csrf" not in dict(back["fields"])
    assert "还没有保存" in client.get(NEW).get_data(as_text=True)
    assert not kept(client, "/console/campaigns")


@pytest.mark.parametrize("end", ["sent", "dropped"])
def test_once_it_is_sent_or_dropped_it_is_gone(console: Console, end: str) -> None:
    client = console.signed_in("zhou")
    sign_in(client, late(console, client).location)
    if end == "sent":
        assert console.post(client, NEW, {**WRITTEN, "name": "", "kept": "1"}).status_code == 422
        assert kept(client), "what is not taken stays"
        assert console.post(client, NEW, {**WRITTEN, "kept": "1"}).status_code == 303
    else:
        assert console.post(client, "/console/kept/drop", {"next": NEW}).location == NEW
    assert not kept(client)


@pytest.mark.parametrize("field", ["upload", "file"])
def test_a_large_file_beside_it_does_not_lose_what_was_written(console: Console, field: str) -> None:
    """A picture above 64 KB: the whole form was refused before anybody looked whose it was."""
    client = console.signed_in("zhou")
    form = {**WRITTEN, "csrf": token_of(client, NEW), field: (BytesIO(b"x" * 400_000), "a.jpg")}
    console.clock.advance(hours=13)
    answer = client.post(NEW, data=form, headers={"Referer": f"http://localhost{NEW}"})
    assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/console/sign-in")
    sign_in(client, answer.location)
    assert ["text", WRITTEN["text"]] in kept(client)["fields"]
    assert "文件" in client.get(NEW).get_data(as_text=True)


@pytest.mark.parametrize("who", ["a stranger", "signed out", "switched off", "of last month", "another page"])
def test_nobody_else_s_large_file_is_read(console: Console, who: str) -> None:
    client, path = console.signed_in("zhou"), NEW
    form = {**WRITTEN, "csrf": token_of(client, NEW), "upload": (BytesIO(b"x" * 400_000), "a.jpg")}
    match who:
        case "a stranger":
            client = console.stranger()
            client.set_cookie("onetap_console", "invented")
        case "signed out":
            copied = client.get_cookie("onetap_console").value
            console.post(client, "/console/sign-out")
            client.set_cookie("onetap_console", copied)
        case "another page":
            path = "/console/sign-in"
    console.clock.advance(days=30 if who == "of last month" else 1)
    with console.db.write() as session:
        forget_old(session, console.clock.now)
        if who == "switched off":
            session.get_one(Account, console.ids["zhou"]).active = False
    answer = client.post(path, data=form, headers={"Referer": f"http://localhost{NEW}"})
    assert answer.status_code == 413
    assert f"图片最大 {formatting.size(MAX_BYTES)}，表格最大" in answer.get_data(as_text=True)


def test_nobody_else_sees_it_and_a_day_later_nobody(console: Console) -> None:
    client = console.signed_in("zhou")
    sign_in(client, late(console, client).location, "chen")
    assert not kept(client)
    assert kept(console.signed_in("zhou"))
    console.clock.advance(hours=25)
    assert not kept(console.signed_in("zhou"))


def test_only_a_form_of_ours_is_kept_I04(console: Console) -> None:
    client = console.signed_in("zhou")
    console.clock.advance(hours=13)
    assert client.post(NEW, data={**WRITTEN, "csrf": "0" * 128}).status_code == 400
    assert not kept(console.signed_in("zhou"))


def test_passwords_are_never_kept(console: Console) -> None:
    client, page = console.signed_in("zhou"), "/console/password"
    form = {"old": PASSWORD, "password": "another-horse", "again": "another-horse"}
    form["csrf"] = token_of(client, page)
    console.clock.advance(hours=13)
    assert client.post(page, data=form, headers={"Referer": f"http://localhost{page}"}).status_code == 303
    text = console.signed_in("zhou").get(page).get_data(as_text=True)
    assert PASSWORD not in text and "another-horse" not in text


def test_a_fragment_is_told_to_sign_in_and_its_page_is_kept(console: Console) -> None:
    client = console.signed_in("zhou")
    more = {"HX-Request": "true", "HX-Current-URL": f"http://localhost{NEW}"}
    answer = late(console, client, "/console/campaigns/preview", more)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"].startswith(f"/console/sign-in?next={NEW}")


@pytest.mark.parametrize("days", [1, 8])
def test_after_a_week_a_session_is_not_known_any_more(console: Console, days: int) -> None:
    client = console.signed_in("zhou")
    form = {**WRITTEN, "csrf": token_of(client, NEW)}
    console.clock.advance(days=days)
    with console.db.write() as session:
        forget_old(session, console.clock.now)
    assert client.post(NEW, data=form).status_code == (303 if days == 1 else 400)


def test_a_guide_whose_session_ran_out_comes_back_to_her_page(console: Console) -> None:
    phone = console.stranger()
    phone.set_cookie("onetap_guide", "of last week")
    answer = phone.post("/g/tasks/abc/said", headers={"Referer": "http://localhost/g/tasks/abc"})
    assert (answer.status_code, answer.location) == (303, "/g/tasks/abc")
