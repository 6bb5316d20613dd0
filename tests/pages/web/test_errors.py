"""What went wrong is said in words, with the next step, and nothing of our own inside."""

import re

import pytest
from flask import abort

from models.org import Branch
from pages.web import access
from tests.pages.conftest import Console


def test_a_crash_shows_a_number_and_no_traceback_I12(own: Console, caplog: pytest.LogCaptureFixture) -> None:
    @access.anybody
    def crash() -> str:
        raise RuntimeError("secret-detail")

    own.app.add_url_rule("/console/crash", "crash", crash)
    answer = own.stranger().get("/console/crash")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert "secret-detail" not in page
    assert "Traceback" not in page
    number = re.search(r"编号 ([0-9a-f]{8})", page)
    assert number
    assert number[1] in caplog.text
    assert "secret-detail" in caplog.text


def test_errors_say_what_to_do_next(console: Console) -> None:
    client = console.signed_in("ma")
    for path, status, words in (
        ("/console/campaigns/9999", 404, "没有这一页"),
        ("/console/campaigns/new", 403, "这里不归你看"),
    ):
        answer = client.get(path)
        assert answer.status_code == status
        assert words in answer.get_data(as_text=True)


def test_an_error_for_the_api_is_a_problem_and_for_a_callback_plain_text(own: Console) -> None:
    own.app.add_url_rule("/api/v1/teapot", "teapot", lambda: abort(418))
    own.app.add_url_rule("/callback/none", "none", lambda: abort(403))
    problem = own.stranger().get("/api/v1/teapot")
    assert problem.mimetype == "application/problem+json"
    assert problem.get_json()["status"] == 418
    assert own.stranger().get("/callback/none").mimetype == "text/plain"


def test_a_method_that_an_address_does_not_take_names_those_that_it_takes(console: Console) -> None:
    client = console.signed_in("zhou")
    for path in ("/console/campaigns", "/api/v1/branches", "/console/settings"):
        answer = client.open(path, method="PUT", headers={"X-CSRF": console.token(client)})
        assert answer.status_code == 405, path
        assert "GET" in answer.headers["Allow"], path


def test_who_was_too_late_with_the_same_thing_is_told_and_sees_no_crash(own: Console) -> None:
    @access.anybody
    def collide() -> str:
        for _twice in range(2):
            with own.db.write() as session:
                session.add(Branch(code="northeast", name="东北分公司"))
        return ""

    own.app.add_url_rule("/console/collide", "collide", collide)
    answer = own.stranger().get("/console/collide")
    assert answer.status_code == 409
    assert "同一时刻有人写了同一样东西" in answer.get_data(as_text=True)
