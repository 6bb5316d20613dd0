"""Wrong passwords shut the way in for a while, for that login and that address only."""

from datetime import datetime, timedelta

from sqlmodel import select

from models.accounts import throttle
from models.accounts.throttle import Throttle
from models.db import Database
from tests.models.accounts.test_accounts import NOW


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
