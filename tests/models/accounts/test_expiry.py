"""What has ended is forgotten, what still counts is kept."""

from datetime import timedelta

from sqlmodel import select

from models.accounts import LoginSession, expiry
from models.accounts.idempotency import IdempotencyKey
from models.accounts.throttle import Throttle
from models.db import Database
from tests.models.accounts.test_accounts import NOW
from tests.models.accounts.test_throttle import tries


def test_wrong_passwords_of_a_past_window_are_forgotten_and_a_shut_door_stays_shut(
    database: Database,
) -> None:
    """Whoever sprays invented logins leaves no table that grows for ever."""
    tries(database, 30)
    tries(database, 1, login="sprayed", address="10.0.0.2", now=NOW - timedelta(hours=1))
    with database.write() as session:
        expiry.forget_old(session, NOW)
        assert {one.name for one in session.exec(select(Throttle))} == {
            "login:zhou",
            "address:10.0.0.1",
            "pair:10.0.0.1 zhou",
        }
    assert tries(database, 1) == [False]


def test_what_ended_is_forgotten_and_what_counts_is_kept(database: Database) -> None:
    month = timedelta(days=30)
    with database.write() as session:
        for name, ends in (("over", NOW - expiry.RECOGNISED), ("on", NOW + timedelta(minutes=1))):
            session.add(
                LoginSession(realm="guide", token_hash=name, csrf="c", created_at=NOW, expires_at=ends)
            )
        for name, at in (("old", NOW - month), ("new", NOW)):
            session.add(IdempotencyKey(key=name, body_hash="h", status=200, answer="{}", created_at=at))
        expiry.forget_old(session, NOW)
        assert list(session.exec(select(LoginSession.token_hash))) == ["on"]
        assert list(session.exec(select(IdempotencyKey.key))) == ["new"]
