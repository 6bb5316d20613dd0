"""Who gets in where: every console address, every role, own rows and foreign ones; tokens, hosts, headers, errors."""

import re
from collections.abc import Iterator

import pytest
from flask import abort
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from pages.web import access
from tests.pages.conftest import Console, token_of

SHARED = {"picture_id"}
"""Rows of the whole company: HQ's pictures are in everybody's tasks."""
WORDS = {"verb": "pause", "noun": "stores", "plan": "launch"}
"""Arguments that name no row."""
ROLES = {"zhou": "hq", "chen": "branch", "ma": "manager"}


def console_rules(console: Console) -> Iterator[Rule]:
    return (rule for rule in console.app.url_map.iter_rules() if rule.rule.startswith("/console"))


def address(console: Console, rule: Rule, branch: str) -> str:
    """The rule with rows of this branch filled in: campaign_id -> ids["campaign_east"]."""
    special = {
        "branch_id": branch,
        "store_id": {"northeast": "zhongjie", "east": "nanjing"}[branch],
        "guide_id": {"northeast": "wang", "east": "sun"}[branch],
        "user_id": {"northeast": "chen", "east": "liu"}[branch],
    }

    def fill(found: re.Match[str]) -> str:
        name = found[2]
        if name in WORDS or name in SHARED:
            return WORDS.get(name, "1")
        key = special.get(name) or f"{name.removesuffix('_id')}_{branch}"
        assert key in console.ids, (
            f"{rule.rule}: put a row {key!r} into tests/pages/shop.py, or name the argument <noun>_id"
        )
        return str(console.ids[key])

    return re.sub(r"<(?:(\w+):)?(\w+)>", fill, rule.rule)


def knock(console: Console, client: FlaskClient, rule: Rule, path: str):
    if "GET" in (rule.methods or ()):
        return client.get(path)
    return client.post(path, data={"csrf": console.token(client)})


def test_every_console_address_names_its_gate(console: Console) -> None:
    """Deny by default: a view without a gate answers nobody, so forgetting one shows at once."""
    nameless = [rule.rule for rule in console_rules(console) if not gates_of(console, rule)]
    assert nameless == []


def gates_of(console: Console, rule: Rule) -> frozenset[str]:
    with console.app.app_context():
        return access.gate_of(rule.endpoint)


def test_a_view_without_a_gate_is_shut_even_for_hq(own: Console) -> None:
    own.app.add_url_rule("/console/forgotten", "forgotten", lambda: "secret")
    answer = own.stranger().get("/console/forgotten")
    assert answer.status_code == 302
    from tests.pages.conftest import add_people

    add_people(own)
    assert own.signed_in("zhou").get("/console/forgotten").status_code == 403


def test_strangers_get_in_only_where_everybody_does(console: Console) -> None:
    for rule in console_rules(console):
        if access.EVERYBODY in gates_of(console, rule):
            continue
        client = console.stranger()
        path = address(console, rule, "northeast")
        answer = (
            client.get(path)
            if "GET" in (rule.methods or ())
            else client.post(path, data={"csrf": console.token(client)})
        )
        assert answer.status_code == 302, rule.rule
        assert answer.location.startswith("/console/sign-in"), rule.rule


@pytest.mark.parametrize("who", ["chen", "ma"])
def test_no_role_reaches_a_row_of_another_branch_I01(console: Console, who: str) -> None:
    client = console.signed_in(who)
    walked = 0
    for rule in console_rules(console):
        arguments = rule.arguments - set(WORDS) - SHARED
        if not arguments or access.EVERYBODY in gates_of(console, rule):
            continue
        walked += 1
        answer = knock(console, client, rule, address(console, rule, "east"))
        assert answer.status_code in (403, 404), f"{who} {rule.rule}: {answer.status_code}"
    assert walked >= 8


def test_the_walk_is_not_empty_own_rows_are_reached_I01(console: Console) -> None:
    client = console.signed_in("chen")
    for rule in console_rules(console):
        if (
            rule.arguments - set(WORDS) - SHARED
            and "GET" in (rule.methods or ())
            and "branch" in gates_of(console, rule)
        ):
            answer = client.get(address(console, rule, "northeast"))
            assert answer.status_code in (200, 302, 403), f"{rule.rule}: {answer.status_code}"


@pytest.mark.parametrize("who", list(ROLES))
def test_roles_open_exactly_what_the_gates_say(console: Console, who: str) -> None:
    client = console.signed_in(who)
    for rule in console_rules(console):
        gate = gates_of(console, rule)
        if rule.arguments or "GET" not in (rule.methods or ()) or access.EVERYBODY in gate:
            continue
        answer = client.get(rule.rule)
        assert (answer.status_code == 403) == (ROLES[who] not in gate), (
            f"{who} {rule.rule}: {answer.status_code}"
        )


def test_an_account_without_a_branch_sees_nothing(console: Console) -> None:
    from models.accounts import Account

    with console.db.write() as session:
        session.get_one(Account, console.ids["chen"]).branch_id = None
    client = console.signed_in("chen")
    for name in ("campaign_northeast", "campaign_east"):
        assert client.get(f"/console/campaigns/{console.ids[name]}").status_code == 404


def test_a_branch_may_look_at_hq_s_campaign_but_not_change_it(console: Console) -> None:
    client, number = console.signed_in("chen"), console.ids["campaign_northeast"]
    assert client.get(f"/console/campaigns/{number}").status_code == 200
    assert console.post(client, f"/console/campaigns/{number}/pause").status_code == 403
    assert client.get(f"/console/campaigns/{number}/stop").status_code == 403


@pytest.mark.parametrize("who", ["stranger", "zhou"])
def test_every_change_needs_the_token_I04(console: Console, who: str) -> None:
    client = console.stranger() if who == "stranger" else console.signed_in(who)
    walked = 0
    for rule in console.app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or rule.rule.startswith(("/callback/", "/api/", "/t/")):
            continue
        path = (
            address(console, rule, "northeast")
            if rule.rule.startswith("/console")
            else re.sub(r"<[^>]+>", "x", rule.rule)
        )
        for data in ({}, {"csrf": "0" * 128}, {"csrf": "zz"}):
            walked += 1
            assert client.post(path, data=data).status_code == 400, path
        assert client.post(path, json={}, headers={"HX-Request": "true"}).status_code == 400, path
    assert walked > 10


def test_htmx_sends_the_token_as_a_header_I04(console: Console) -> None:
    client = console.signed_in("zhou")
    answer = client.post(
        "/console/campaigns/preview",
        data={"text": "您好"},
        headers={"X-CSRF": token_of(client, "/console/"), "HX-Request": "true"},
    )
    assert answer.status_code == 200


def test_a_token_of_the_console_is_not_one_of_the_guide_pages_I04(console: Console) -> None:
    client = console.signed_in("zhou")
    answer = client.post("/g/tasks/x/said", data={"csrf": console.token(client)})
    assert answer.status_code == 400


def test_tokens_look_different_in_every_answer(console: Console) -> None:
    client = console.signed_in("zhou")
    assert len({token_of(client, "/console/") for _ in range(3)}) == 3


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost:99999", "", "a b"])
def test_a_foreign_host_gets_no_page_I11(console: Console, host: str) -> None:
    answer = console.stranger().get("/console/sign-in", headers={"Host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.get_data(as_text=True)


def test_the_public_address_and_only_it_is_ours_I11(console: Console) -> None:
    console.site.public_url = "https://onetap.example"
    for host, status in (
        ("onetap.example", 200),
        ("onetap.example:8443", 200),
        ("127.0.0.1", 400),
        ("localhost", 400),
    ):
        assert console.stranger().get("/console/sign-in", headers={"Host": host}).status_code == status, host


def test_a_forwarded_address_is_not_believed_I11(console: Console) -> None:
    answer = console.stranger().get(
        "/console/", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    )
    assert "evil" not in answer.location


def test_private_pages_are_kept_by_nobody_I11(console: Console) -> None:
    client = console.signed_in("zhou")
    for path in ("/console/", "/console/campaigns", "/console/sign-in"):
        assert client.get(path).headers["Cache-Control"] == "no-store", path


def test_every_answer_carries_the_strict_policy_I03(console: Console) -> None:
    client = console.signed_in("zhou")
    for path in ("/console/", "/console/nothing", "/assets/none.css", "/elsewhere"):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'"), path
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "data:" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_demo_may_frame_its_own_pages(console: Console) -> None:
    console.site.demo = True
    page = console.stranger().get("/console/sign-in")
    assert "frame-ancestors 'self'" in page.headers["Content-Security-Policy"]
    assert "TEST" in page.get_data(as_text=True)


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
