"""/demo outside of the demo, and who is signed in there."""

import pytest

from models.accounts import Account, Role
from models.db import Database
from tests.pages.demo.app import NOW, app_on

PATHS = ("", "/state.json", "/hq", "/timeline.json", "/timeline/inbox-1.json")


@pytest.mark.parametrize("path", PATHS)
def test_outside_the_demo_there_is_no_such_page(sqlite_database: Database, path: str):
    assert app_on(sqlite_database, demo=False).test_client().get(f"/demo{path}").status_code == 404


@pytest.mark.parametrize("path", ["/step/1", "/restart", "/break/kill"])
def test_outside_the_demo_no_button_does_anything(sqlite_database: Database, path: str):
    assert app_on(sqlite_database, demo=False).test_client().post(f"/demo{path}").status_code in (400, 404)


def test_a_button_needs_the_pages_own_token(sqlite_database: Database):
    assert app_on(sqlite_database, demo=True).test_client().post("/demo/break/kill").status_code == 400


def test_one_visit_signs_the_browser_in_as_the_invented_hq(sqlite_database: Database):
    with sqlite_database.write() as session:
        session.add(Account(role=Role.HQ, name="周岚", login="demo", created_at=NOW))
    client = app_on(sqlite_database, demo=True).test_client()
    answer = client.get("/demo")
    assert answer.status_code == 302 and client.get_cookie("onetap_console") is not None
    assert client.get("/console/campaigns").status_code == 200


def test_a_browser_under_another_name_of_this_host_is_brought_to_the_public_address(
    sqlite_database: Database,
):
    answer = app_on(sqlite_database, demo=True).test_client().get("/demo", headers={"Host": "127.0.0.1:8000"})
    assert answer.headers["Location"] == "http://localhost/demo"


def test_before_the_first_visit_there_is_nothing_to_poll(sqlite_database: Database):
    assert app_on(sqlite_database, demo=True).test_client().get("/demo/state.json").status_code == 409


def test_while_the_built_in_wecom_is_down_the_page_says_so(sqlite_database: Database):
    answer = app_on(sqlite_database, demo=True).test_client().get("/demo?signed")
    assert answer.status_code == 503 and "内置的企业微信没有回答" in answer.text


def test_a_page_that_shall_not_play_by_itself_stays_so_after_signing_in(sqlite_database: Database):
    with sqlite_database.write() as session:
        session.add(Account(role=Role.HQ, name="周岚", login="demo", created_at=NOW))
    answer = app_on(sqlite_database, demo=True).test_client().get("/demo?hold")
    assert answer.headers["Location"] == "/demo?signed&hold"
