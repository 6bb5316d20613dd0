"""账号与设置: accounts, tokens shown once, the brand's choices checked when saved, and the book of who did what."""

from typing import Any

import pytest
from sqlmodel import col, select

from models import preferences
from models.accounts import Account, LoginSession, api_tokens
from models.accounts.api_tokens import ApiToken
from models.accounts.audit import Audit
from models.encryption import fingerprint
from models.groups import robots
from models.org import Store
from tests.pages.conftest import PASSWORD, Console, page


def send(console: Console, path: str, who: str = "zhou", **form: Any):
    return console.post(console.signed_in(who), path, form)


def users(console: Console) -> list[Account]:
    with console.db.read() as session:
        return list(session.exec(select(Account).order_by(col(Account.id))))


def book(console: Console) -> list[str]:
    with console.db.read() as session:
        return list(session.exec(select(Audit.verb).order_by(col(Audit.id))))


def test_a_new_hq_account_signs_in_with_its_password(console: Console) -> None:
    answer = send(
        console, "/console/accounts", role="hq", name="吴桐", login="wu", password="another-long-one"
    )
    assert answer.status_code == 303
    client = console.stranger()
    signed = console.post(client, "/console/sign-in", {"login": "wu", "password": "another-long-one"})
    assert signed.status_code == 302
    assert "account.add" in book(console)


def test_branches_and_managers_are_known_by_their_userid(console: Console) -> None:
    send(console, "/console/accounts", role="branch", name="李娜", userid="lina", place="东北分公司")
    send(console, "/console/accounts", role="manager", name="高敏", userid="gaomin", place="沈阳中街店")
    lina, gao = users(console)[-2:]
    assert (lina.userid, lina.branch_id, lina.password_hash) == ("lina", console.ids["northeast"], "")
    assert (gao.store_id, gao.branch_id) == (console.ids["zhongjie"], console.ids["northeast"])


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"role": "king", "name": "王"}, "请选总部、分公司或门店"),
        ({"role": "hq", "name": "", "login": "x1", "password": "long-enough-1"}, "姓名要 1 到 20 个字"),
        (
            {"role": "hq", "name": "吴桐", "login": "zhou", "password": "long-enough-1"},
            "已经有人用「zhou」登录了",
        ),
        ({"role": "hq", "name": "吴桐", "login": "wu", "password": "short"}, "密码要 10 到 200 个字"),
        ({"role": "hq", "name": "吴桐", "login": "wu", "password": "aaaaaaaaaaaa"}, "太容易猜到"),
        ({"role": "branch", "name": "李娜", "userid": "lina", "place": "月球"}, "没有叫「月球」的分公司"),
        ({"role": "manager", "name": "李娜", "userid": "", "place": "沈阳中街店"}, "请填她的企业微信账号"),
    ],
)
def test_a_wrong_account_names_its_field_and_is_not_made(
    console: Console, form: dict[str, str], words: str
) -> None:
    before = len(users(console))
    answer = send(console, "/console/accounts", **form)
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    assert len(users(console)) == before


def test_a_store_whose_name_is_not_unique_is_named_by_its_code(console: Console) -> None:
    with console.db.write() as session:
        session.add(Store(code="twin", name="沈阳中街店", branch_id=console.ids["east"]))
    form = {"role": "manager", "name": "高敏", "userid": "gaomin"}
    answer = send(console, "/console/accounts", **form, place="沈阳中街店")
    assert answer.status_code == 422 and "有不止一个叫「沈阳中街店」，请写编号" in answer.get_data(
        as_text=True
    )
    send(console, "/console/accounts", **form, place="twin")
    assert users(console)[-1].branch_id == console.ids["east"]


def test_a_userid_has_one_account_whatever_its_spelling(console: Console) -> None:
    send(console, "/console/accounts", role="branch", name="李娜", userid="LiNa", place="东北分公司")
    answer = send(
        console, "/console/accounts", role="manager", name="李娜", userid="lina", place="沈阳中街店"
    )
    assert "「lina」已经有账号了" in answer.get_data(as_text=True)


def test_switching_off_ends_open_pages_at_once_and_can_be_undone(console: Console) -> None:
    chen = console.signed_in("chen")
    assert chen.get("/console/").status_code == 200
    client = console.signed_in("zhou")
    for _tap in range(2):
        console.post(client, f"/console/accounts/{console.ids['chen']}/off")
    assert chen.get("/console/").status_code == 302
    with console.db.read() as session:
        assert not session.exec(
            select(LoginSession).where(LoginSession.account_id == console.ids["chen"])
        ).all()
    assert book(console).count("account.off") == 1
    console.post(client, f"/console/accounts/{console.ids['chen']}/on")
    assert console.signed_in("chen").get("/console/").status_code == 200


def test_nobody_locks_herself_out(console: Console) -> None:
    answer = send(console, f"/console/accounts/{console.ids['zhou']}/off")
    assert answer.status_code == 409
    assert console.signed_in("zhou").get("/console/").status_code == 200


def test_passwords_and_hashes_are_on_no_page(console: Console) -> None:
    text = page(console, "/console/accounts")
    assert PASSWORD not in text
    assert "argon2" not in text


# ---- tokens


def test_a_token_is_shown_once_and_stored_as_a_hash(console: Console) -> None:
    answer = send(console, "/console/tokens", name="商城", writes="1")
    text = answer.get_data(as_text=True)
    token = text.partition(api_tokens.PREFIX)[2].partition("<")[0]
    assert answer.headers["Cache-Control"] == "no-store"
    with console.db.read() as session:
        row = session.exec(select(ApiToken).where(ApiToken.name == "商城")).one()
    assert row.writes
    assert row.token_hash == fingerprint(api_tokens.PREFIX + token)
    assert token not in page(console, "/console/tokens")


def test_a_revoked_token_opens_nothing_any_more(console: Console) -> None:
    text = send(console, "/console/tokens", name="商城").get_data(as_text=True)
    token = api_tokens.PREFIX + text.partition(api_tokens.PREFIX)[2].partition("<")[0]
    with console.db.read() as session:
        row = api_tokens.find(session, token)
    assert row is not None
    for _tap in range(2):
        send(console, f"/console/tokens/{row.id}/revoke")
    with console.db.read() as session:
        assert api_tokens.find(session, token) is None
    assert book(console).count("token.revoke") == 1


def test_a_token_needs_a_name(console: Console) -> None:
    answer = send(console, "/console/tokens", name=" ")
    assert answer.status_code == 422
    assert api_tokens.PREFIX not in answer.get_data(as_text=True)


# ---- the brand


def test_the_brand_s_choices_are_saved_and_written_down(console: Console) -> None:
    send(console, "/console/settings", name="霁野", welcome="您好，我是{导购名}", keep_bodies_days="7")
    with console.db.read() as session:
        assert preferences.read(session).name == "霁野"
        assert preferences.read(session).keep_bodies_days == 7
    assert "brand.change" in book(console)
    assert "<b>霁野</b>" in page(console, "/console/settings")


def test_hq_reads_what_the_robot_is_called_where_that_is_another_name(console: Console) -> None:
    assert "群里最近叫它" not in page(console, "/console/settings")
    with console.db.write() as session:
        robots.learn_name(session, "店小二")
    assert "群里最近叫它「店小二」" in page(console, "/console/settings")
    send(console, "/console/settings", robot_name="店小二")
    assert "群里最近叫它" not in page(console, "/console/settings")


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"name": ""}, "品牌名不能空着"),
        ({"welcome": "好" * 1300}, "欢迎语最多"),
        ({"keep_bodies_days": "forever"}, "回调原文保留天数要在 1 到 3650 之间"),
        ({"removal_guard_percent": "0"}, "对账刹车"),
        ({"robot_name": "霁" * 20}, "机器人的名字最多 16 个字"),
    ],
)
def test_a_wrong_choice_names_its_limit_and_nothing_is_saved(
    console: Console, form: dict[str, str], words: str
) -> None:
    answer = send(console, "/console/settings", **({"name": "霁野"} | form))
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    with console.db.read() as session:
        assert preferences.read(session) == preferences.Preferences()


def test_the_welcome_is_shown_as_a_customer_reads_it(console: Console) -> None:
    text = send(console, "/console/settings/preview", welcome="{门店名}的{导购名}，{别的}<b>粗</b>").get_data(
        as_text=True
    )
    assert "沈阳中街店的王芳，{别的}&lt;b&gt;粗" in text


# ---- the book


def test_the_book_is_searched_and_only_hq_reads_it(console: Console) -> None:
    send(console, "/console/settings", name="霁野")
    for text in ("brand", "品牌名", "修改"):
        assert "<td>修改<small>品牌名</small></td>" in page(console, f"/console/audit?q={text}")
    assert "品牌名" not in page(console, "/console/audit?q=token")
    for path in (
        "/console/audit",
        "/console/accounts",
        "/console/tokens",
        "/console/settings",
        "/console/setup",
    ):
        assert console.signed_in("chen").get(path).status_code == 403
