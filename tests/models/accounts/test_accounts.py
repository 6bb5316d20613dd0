"""Accounts: the first link, and who signs in by password."""

from datetime import UTC, datetime, timedelta

from models import accounts
from models.accounts import Account, SetupLink
from models.db import Database
from models.encryption import fingerprint

NOW = datetime(2026, 11, 19, 6, 32, tzinfo=UTC)


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
