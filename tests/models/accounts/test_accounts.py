"""Accounts: wrong passwords counted, the first link, the book of who did what."""

from datetime import UTC, datetime, timedelta

from sqlmodel import select

from models import accounts
from models.accounts import Account, LoginSession, SetupLink, audit, expiry, throttle
from models.accounts.audit import Audit
from models.accounts.idempotency import IdempotencyKey
from models.accounts.throttle import Throttle
from models.db import Database
from models.encryption import fingerprint

NOW = datetime(2026, 11, 19, 6, 32, tzinfo=UTC)


def tries(
    database: Database, count: int, login: str = "zhou", address: str = "10.0.0.1", now: datetime = NOW
) -> list[bool]:
    found = []
    for _ in range(count):
        with database.write() as session:
            found.append(throttle.try_sign_in(session, login, address, now) is None)
    return found


def test_ten_tries_of_a_login_then_the_door_is_shut_for_a_quarter_of_an_hour(database: Database) -> None:
    assert tries(database, 12) == [True] * 10 + [False] * 2
    assert tries(database, 1, now=NOW + timedelta(minutes=14)) == [False]
    assert tries(database, 1, now=NOW + timedelta(minutes=16)) == [True]


def test_upper_and_lower_case_are_one_login(database: Database) -> None:
    tries(database, 10)
    assert tries(database, 1, login="ZHOU", address="10.0.0.2") == [False]


def test_a_slow_spray_from_one_address_is_shut(database: Database) -> None:
    answers = [tries(database, 1, login=f"user{n}")[0] for n in range(41)]
    assert answers == [True] * 40 + [False]


def test_another_login_from_another_address_is_not_punished(database: Database) -> None:
    tries(database, 12)
    assert tries(database, 1, login="chen", address="10.0.0.9") == [True]


def test_the_right_password_forgets_the_login_not_the_address(database: Database) -> None:
    tries(database, 5)
    with database.write() as session:
        throttle.signed_in_well(session, "zhou")
        assert [one.name for one in session.exec(select(Throttle))] == ["address:10.0.0.1"]


def test_a_very_long_login_is_counted_too(database: Database) -> None:
    assert tries(database, 11, login="x" * 500)[-1] is False


def test_wrong_passwords_of_a_past_window_are_forgotten_and_a_shut_door_stays_shut(
    database: Database,
) -> None:
    """Whoever sprays invented logins leaves no table that grows for ever."""
    tries(database, 30)
    tries(database, 1, login="sprayed", address="10.0.0.2", now=NOW - timedelta(minutes=15))
    with database.write() as session:
        expiry.forget_old(session, NOW)
        assert {one.name for one in session.exec(select(Throttle))} == {"login:zhou", "address:10.0.0.1"}
    assert tries(database, 1) == [False]


def test_what_ended_is_forgotten_and_what_counts_is_kept(database: Database) -> None:
    month = timedelta(days=30)
    with database.write() as session:
        for name, ends in (("over", NOW), ("on", NOW + timedelta(minutes=1))):
            session.add(
                LoginSession(realm="guide", token_hash=name, csrf="c", created_at=NOW, expires_at=ends)
            )
        for name, at in (("old", NOW - month), ("new", NOW)):
            session.add(IdempotencyKey(key=name, body_hash="h", status=200, answer="{}", created_at=at))
        expiry.forget_old(session, NOW)
        assert list(session.exec(select(LoginSession.token_hash))) == ["on"]
        assert list(session.exec(select(IdempotencyKey.key))) == ["new"]


def test_the_set_up_link_needs_an_empty_house(database: Database) -> None:
    with database.write() as session:
        session.add(
            SetupLink(token_hash=fingerprint("t"), created_at=NOW, expires_at=NOW + timedelta(hours=1))
        )
    with database.write() as session:
        assert accounts.open_link(session, fingerprint("t"), NOW)
        assert accounts.open_link(session, fingerprint("u"), NOW) is None
        assert accounts.open_link(session, fingerprint("t"), NOW + timedelta(hours=1)) is None
        session.add(Account(role="hq", name="周岚", login="zhou", created_at=NOW))
    with database.read() as session:
        assert accounts.open_link(session, fingerprint("t"), NOW) is None


def test_only_active_accounts_with_a_password_sign_in_by_password(database: Database) -> None:
    with database.write() as session:
        session.add(Account(role="hq", name="a", login="a", password_hash="x", created_at=NOW))
        session.add(Account(role="hq", name="b", login="b", password_hash="x", active=False, created_at=NOW))
        session.add(Account(role="branch", name="c", login="c", created_at=NOW))
    with database.read() as session:
        assert [bool(accounts.find_login(session, login)) for login in ("a", "b", "c", "d")] == [
            True,
            False,
            False,
            False,
        ]


def test_the_book_keeps_long_words_short(database: Database) -> None:
    with database.write() as session:
        audit.record(session, "周岚" * 60, "登录", "账号", NOW, "x" * 900)
    with database.read() as session:
        line = session.exec(select(Audit)).one()
    assert (len(line.actor), len(line.detail)) == (64, 500)
