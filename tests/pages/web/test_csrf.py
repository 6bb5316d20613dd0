"""Every change carries the token of its own browser and realm."""

import re

import pytest

from tests.pages.conftest import PASSWORD, Console, token_of
from tests.pages.web.test_access import address


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


def test_a_new_secret_key_signs_nobody_out_and_spoils_no_open_form(console: Console) -> None:
    signed_in, opened, late = console.signed_in("zhou"), console.stranger(), console.stranger()
    form, late_form = (
        {"login": "zhou", "password": PASSWORD, "csrf": token_of(browser)} for browser in (opened, late)
    )
    [old] = console.site.secret_keys
    console.site.secret_keys = ["the new key", old]
    assert signed_in.get("/console/").status_code == 200
    assert opened.post("/console/sign-in", data=form).status_code == 302
    console.site.secret_keys = ["the new key"]
    assert signed_in.get("/console/").status_code == 200
    assert late.post("/console/sign-in", data=late_form).status_code == 400, "the old key is gone for good"


def test_the_token_of_another_browser_does_not_sign_in(console: Console) -> None:
    stolen = token_of(console.stranger())
    answer = console.stranger().post(
        "/console/sign-in", data={"login": "zhou", "password": PASSWORD, "csrf": stolen}
    )
    assert answer.status_code == 400
