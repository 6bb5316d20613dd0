"""A session: new at each sign-in, kept as a hash, ended on the server."""

from datetime import timedelta

from sqlmodel import select

from models.accounts import Account, LoginSession, expiry, lifecycle
from tests.pages.conftest import PASSWORD, Console, token_of
from tests.pages.guide import own_phone


def test_signing_in_gives_a_new_session_and_ends_the_old_one_I05(console: Console) -> None:
    client = console.signed_in("zhou")
    first = client.get_cookie("onetap_console").value
    console.post(client, "/console/sign-in", {"login": "chen", "password": PASSWORD})
    second = client.get_cookie("onetap_console").value
    assert first != second
    thief = console.stranger()
    thief.set_cookie("onetap_console", first)
    assert thief.get("/console/").status_code == 302


def test_a_session_that_a_stranger_planted_is_not_taken_over_I05(console: Console) -> None:
    client = console.stranger()
    client.set_cookie("onetap_console", "planted-by-somebody")
    client.post("/console/sign-in", data={"login": "zhou", "password": PASSWORD, "csrf": token_of(client)})
    assert client.get_cookie("onetap_console").value != "planted-by-somebody"


def test_only_the_hash_of_a_session_is_stored(console: Console) -> None:
    client = console.signed_in("zhou")
    with console.db.read() as session:
        row = session.exec(select(LoginSession)).one()
    assert client.get_cookie("onetap_console").value not in row.model_dump_json()


def test_the_cookie_is_for_our_server_alone(console: Console) -> None:
    console.site.public_url = "https://onetap.example"
    answer = console.stranger().get("/console/sign-in", headers={"Host": "onetap.example"})
    seed = answer.headers["Set-Cookie"]
    assert all(flag in seed for flag in ("HttpOnly", "SameSite=Lax", "Secure", "Path=/"))
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]


def test_signing_out_ends_the_session_on_the_server(console: Console) -> None:
    client = console.signed_in("zhou")
    kept = client.get_cookie("onetap_console").value
    assert console.post(client, "/console/sign-out").location == "/console/sign-in"
    client.set_cookie("onetap_console", kept)
    assert client.get("/console/").status_code == 302


def test_a_session_ends_after_half_a_day(console: Console) -> None:
    client = console.signed_in("zhou")
    console.clock.advance(hours=11, minutes=59)
    assert client.get("/console/").status_code == 200
    console.clock.advance(minutes=2)
    assert client.get("/console/").status_code == 302


def test_a_switched_off_account_and_a_new_role_count_from_the_next_request_I07(console: Console) -> None:
    client = console.signed_in("chen")
    assert client.get("/console/campaigns/new").status_code == 200
    with console.db.write() as session:
        user = session.get_one(Account, console.ids["chen"])
        user.role, user.store_id = "manager", console.ids["zhongjie"]
    assert client.get("/console/campaigns/new").status_code == 403
    with console.db.write() as session:
        session.get_one(Account, console.ids["chen"]).active = False
    assert client.get("/console/").status_code == 302


def test_a_new_password_can_end_all_sessions_I05(console: Console) -> None:
    clients = [console.signed_in("zhou") for _ in range(2)]
    with console.db.write() as session:
        lifecycle.end_sessions(session, session.get_one(Account, console.ids["zhou"]))
    assert [client.get("/console/").status_code for client in clients] == [302, 302]


def test_a_guide_s_cookie_opens_no_console(console: Console) -> None:
    client = console.signed_in("zhou")
    stranger = console.stranger()
    stranger.set_cookie("onetap_guide", client.get_cookie("onetap_console").value)
    assert stranger.get("/console/").status_code == 302


def test_old_sessions_are_forgotten(console: Console) -> None:
    console.signed_in("zhou")
    with console.db.write() as session:
        expiry.forget_old(session, console.clock.now + timedelta(days=8))
        assert session.exec(select(LoginSession)).all() == []


def test_in_the_demo_each_phone_is_its_own_guide_though_one_browser_opens_them_all(console: Console) -> None:
    console.site.demo = True
    phone = own_phone.phone(console)
    assert phone.get("/g/").status_code == 200
    for whose, hers in (("wangfang", True), ("gaomin", False), ("WangFang", True)):
        phone.set_cookie("onetap_wecom_member", whose)
        assert (phone.get("/g/").status_code == 200) is hers
    console.site.demo = False
    phone.set_cookie("onetap_wecom_member", "gaomin")
    assert phone.get("/g/").status_code == 200
