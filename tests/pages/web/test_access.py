"""Who gets in where: every console address, every role, own rows and foreign ones; tokens, hosts, headers, errors."""

import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from pages.web import access
from tests.pages.conftest import Console
from tests.pages.shop import give_picture

WORDS = {
    "verb": "pause",
    "noun": "stores",
    "plan": "launch",
    "kind": "csv",
    "step": "submit",
    "design": "look",
    "form": "png",
}
"""Arguments that name no row."""
ROLES = {"zhou": "hq", "chen": "branch", "ma": "manager"}


@pytest.fixture
def console(console: Console) -> Console:
    """The shop, with a picture in the campaign of each branch."""
    for branch in ("northeast", "east"):
        give_picture(console, branch)
    return console


def console_rules(console: Console) -> Iterator[Rule]:
    return (rule for rule in console.app.url_map.iter_rules() if rule.rule.startswith("/console"))


def address(console: Console, rule: Rule, branch: str) -> str:
    """The rule with rows of this branch filled in: campaign_id -> ids["campaign_east"]."""
    special = {
        "branch_id": branch,
        "store_id": {"northeast": "zhongjie", "east": "xinjiekou"}[branch],
        "guide_id": {"northeast": "wangfang", "east": "sunjiayi"}[branch],
        "account_id": {"northeast": "chen", "east": "liu"}[branch],
    }

    def fill(found: re.Match[str]) -> str:
        name = found[2]
        if name in WORDS:
            return WORDS[name]
        key = special.get(name) or f"{name.removesuffix('_id')}_{branch}"
        assert key in console.ids, (
            f"{rule.rule}: put a row {key!r} into tests/pages/shop.py, or name the argument <noun>_id"
        )
        return str(console.ids[key])

    return re.sub(r"<(?:([^<>:]+):)?(\w+)>", fill, rule.rule)


def knock(console: Console, client: FlaskClient, rule: Rule, path: str):
    if "GET" in (rule.methods or ()):
        return client.get(path)
    return client.post(path, data={"csrf": console.token(client)})


def test_every_console_address_names_its_roles(console: Console) -> None:
    """Deny by default: a view without roles answers nobody, so forgetting one shows at once."""
    nameless = [rule.rule for rule in console_rules(console) if not roles_of(console, rule)]
    assert nameless == []


def roles_of(console: Console, rule: Rule) -> frozenset[str]:
    with console.app.app_context():
        return access.roles_of(rule.endpoint)


def test_a_view_without_roles_is_shut_even_for_hq(own: Console) -> None:
    own.app.add_url_rule("/console/forgotten", "forgotten", lambda: "secret")
    answer = own.stranger().get("/console/forgotten")
    assert answer.status_code == 302
    from tests.pages.conftest import add_people

    add_people(own)
    assert own.signed_in("zhou").get("/console/forgotten").status_code == 403


def test_strangers_get_in_only_where_everybody_does(console: Console) -> None:
    for rule in console_rules(console):
        if access.EVERYBODY in roles_of(console, rule):
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
        arguments = rule.arguments - set(WORDS)
        if not arguments or access.EVERYBODY in roles_of(console, rule):
            continue
        walked += 1
        answer = knock(console, client, rule, address(console, rule, "east"))
        assert answer.status_code in (403, 404), f"{who} {rule.rule}: {answer.status_code}"
    assert walked >= 8


def test_the_walk_is_not_empty_own_rows_are_reached_I01(console: Console) -> None:
    client = console.signed_in("chen")
    for rule in console_rules(console):
        if (
            rule.arguments - set(WORDS)
            and "GET" in (rule.methods or ())
            and "branch" in roles_of(console, rule)
        ):
            with client.get(address(console, rule, "northeast")) as answer:
                assert answer.status_code in (200, 302, 403), f"{rule.rule}: {answer.status_code}"


@pytest.mark.parametrize("who", list(ROLES))
def test_roles_open_exactly_what_the_views_say(console: Console, who: str) -> None:
    client = console.signed_in(who)
    for rule in console_rules(console):
        allowed = roles_of(console, rule)
        if rule.arguments or "GET" not in (rule.methods or ()) or access.EVERYBODY in allowed:
            continue
        answer = client.get(rule.rule)
        assert (answer.status_code == 403) == (ROLES[who] not in allowed), (
            f"{who} {rule.rule}: {answer.status_code}"
        )
