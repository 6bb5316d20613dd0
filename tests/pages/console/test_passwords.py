"""我的密码: HQ changes its own password; the rules are those of the set-up, other sessions end, guessing is slow."""

import pytest
from flask.testing import FlaskClient
from sqlmodel import select

from models.accounts import Account, passwords
from models.accounts.audit import Audit
from models.accounts.throttle import OWN
from tests.pages.conftest import PASSWORD, Console

NEW = "a-new-one-for-zhou"


def change(console: Console, client: FlaskClient, old: str = PASSWORD, password: str = NEW, again: str = NEW):
    return console.post(client, "/console/password", {"old": old, "password": password, "again": again})


def signs_in(console: Console, password: str) -> bool:
    answer = console.post(console.stranger(), "/console/sign-in", {"login": "zhou", "password": password})
    return answer.status_code == 302


def test_a_new_password_ends_every_other_session_and_keeps_this_one_under_a_new_cookie_I05(
    console: Console,
) -> None:
    here, elsewhere, chen = console.signed_in("zhou"), console.signed_in("zhou"), console.signed_in("chen")
    before = here.get_cookie("onetap_console").value
    assert change(console, here).location == "/console/password?done=changed"
    assert "密码改好了" in here.get("/console/password?done=changed").get_data(as_text=True)
    assert here.get_cookie("onetap_console").value != before
    assert elsewhere.get("/console/").status_code == 302
    assert chen.get("/console/").status_code == 200
    copied = console.stranger()
    copied.set_cookie("onetap_console", before)
    assert copied.get("/console/").status_code == 302


def test_only_the_new_password_signs_in_and_the_change_is_written_down(console: Console) -> None:
    change(console, console.signed_in("zhou"))
    assert signs_in(console, NEW)
    assert not signs_in(console, PASSWORD)
    with console.db.read() as session:
        written = session.exec(select(Audit).where(Audit.verb == "account.password")).one()
    assert written.actor == "周岚"
    assert NEW not in written.model_dump_json()


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"old": "not-the-old-one"}, "原密码不对"),
        ({"old": ""}, "原密码不对"),
        ({"password": "short", "again": "short"}, "密码要 10 到 200 个字，现在是 5 个"),
        ({"password": "x" * 201, "again": "x" * 201}, "密码要 10 到 200 个字，现在是 201 个"),
        ({"password": "aaaaaaaaaaaa", "again": "aaaaaaaaaaaa"}, "太容易猜到"),
        ({"again": "something-else"}, "两次输入的密码不一样"),
        ({"password": PASSWORD, "again": PASSWORD}, "和原来的一样"),
    ],
)
def test_a_wrong_wish_is_explained_at_its_field_and_changes_nothing(
    console: Console, form: dict[str, str], words: str
) -> None:
    client, other = console.signed_in("zhou"), console.signed_in("zhou")
    answer = change(console, client, **form)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert words in text
    assert not any(value in text for value in form.values() if value)
    assert [one.get("/console/").status_code for one in (client, other)] == [200, 200]
    assert signs_in(console, PASSWORD)


def test_guessing_the_old_password_is_shut_after_a_few_and_does_not_shut_the_door_I06(
    console: Console,
) -> None:
    client = console.signed_in("zhou")
    for _guess in range(OWN.free):
        assert change(console, client, old="a guess").status_code == 422
    shut = change(console, client)
    assert shut.status_code == 429
    assert "原密码试错的次数太多，1 分钟后再来" in shut.get_data(as_text=True)
    assert signs_in(console, PASSWORD)
    console.clock.advance(minutes=16)
    assert change(console, client).status_code == 303


def test_the_right_password_forgets_the_wrong_ones(console: Console) -> None:
    client = console.signed_in("zhou")
    for _guess in range(OWN.free - 1):
        change(console, client, old="a guess")
    assert change(console, client).status_code == 303
    assert (
        change(console, client, old=NEW, password="yet-another-one", again="yet-another-one").status_code
        == 303
    )


def test_only_hq_has_a_password_to_change(console: Console) -> None:
    for who in ("chen", "ma"):
        assert console.signed_in(who).get("/console/password").status_code == 403
        assert change(console, console.signed_in(who)).status_code == 403


def test_an_account_without_a_password_cannot_be_given_one_by_an_open_browser(console: Console) -> None:
    with console.db.write() as session:
        session.get_one(Account, console.ids["zhou"]).password_hash = ""
    assert change(console, console.signed_in("zhou"), old="").status_code == 422


def test_an_unknown_login_costs_a_real_check_and_never_fits() -> None:
    assert not passwords.is_right("nobody has this password", None)
    assert not passwords.is_right("anything at all", None)
