"""Wrong passwords make their sender wait, longer each time, and nobody else."""

from datetime import datetime, timedelta

from sqlmodel import select

from models.accounts.throttle import OWN, RULES, PasswordAttempt, Throttle
from models.db import Database
from tests.models.accounts.test_accounts import NOW

MINUTE = timedelta(minutes=1)


def tries(
    database: Database,
    count: int,
    login: str = "zhou",
    address: str = "10.0.0.1",
    now: datetime = NOW,
    browser: str = "",
) -> list[bool]:
    """Wrong passwords, one after the other; which of them were looked at."""
    found = []
    for _ in range(count):
        with database.write() as session:
            found.append(PasswordAttempt(login, address, browser).begin(session, now) is None)
    return found


def succeeds(database: Database, login: str, address: str, browser: str = "", now: datetime = NOW) -> bool:
    """Whether the right password gets in."""
    attempt = PasswordAttempt(login, address, browser)
    with database.write() as session:
        if attempt.begin(session, now):
            return False
        attempt.right(session, now)
    return True


def test_ten_tries_are_free_then_each_wrong_one_doubles_the_wait_I06(database: Database) -> None:
    assert tries(database, 12) == [True] * 10 + [False] * 2
    now = NOW
    for minutes in (1, 2, 4, 8, 15, 15):
        assert tries(database, 1, now=now + minutes * MINUTE - timedelta(seconds=1)) == [False]
        now += minutes * MINUTE
        assert tries(database, 1, now=now) == [True]
    assert tries(database, 11, now=now + timedelta(hours=1)) == [True] * 10 + [False], "begins anew"


def test_whoever_knows_the_right_one_gets_in_however_many_wrong_ones_come_from_elsewhere_I06(
    database: Database,
) -> None:
    tries(database, 11)
    assert succeeds(database, "zhou", "10.0.0.2")
    assert tries(database, 1) == [False], "which does not help who guesses"


def test_behind_the_same_proxy_a_browser_that_she_used_before_keeps_its_way_I06(database: Database) -> None:
    tries(database, 11)
    assert not succeeds(database, "zhou", "10.0.0.1")
    assert succeeds(database, "zhou", "10.0.0.1", browser="her desk")
    assert tries(database, 12, browser="a stolen desk") == [True] * 10 + [False] * 2


def test_forty_colleagues_behind_one_proxy_are_not_one_attacker_I06(database: Database) -> None:
    for number in range(40):
        tries(database, 4, login=f"colleague{number}")
        assert succeeds(database, f"colleague{number}", "10.0.0.1")
    assert succeeds(database, "zhou", "10.0.0.1")


def test_a_spray_of_logins_from_one_address_is_slowed_down_I06(database: Database) -> None:
    answers = [tries(database, 1, login=f"user{n}")[0] for n in range(202)]
    assert answers == [True] * RULES["address"].free + [False] * 2
    with database.read() as session:
        assert len(session.exec(select(Throttle)).all()) <= 2 * RULES["address"].free + 1
    assert succeeds(database, "zhou", "10.0.0.9")


def test_one_login_guessed_from_everywhere_is_slowed_down_but_not_where_she_is_known_I06(
    database: Database,
) -> None:
    for number in range(RULES["login"].free):
        assert tries(database, 1, address=f"10.0.1.{number}") == [True]
    assert tries(database, 1, address="10.0.2.1") == [False]
    assert succeeds(database, "zhou", "10.0.2.1", browser="her desk")
    assert succeeds(database, "zhou", "10.0.2.1", now=NOW + timedelta(seconds=6))


def test_upper_and_lower_case_are_one_login(database: Database) -> None:
    tries(database, 10)
    assert tries(database, 1, login="ZHOU") == [False]


def test_the_right_password_forgets_the_wrong_ones_of_this_login_there(database: Database) -> None:
    tries(database, 5)
    assert succeeds(database, "zhou", "10.0.0.1")
    with database.read() as session:
        kept = {one.name: one.failures for one in session.exec(select(Throttle))}
    assert kept == {"address:10.0.0.1": 5, "login:zhou": 5}


def test_a_very_long_login_is_counted_too(database: Database) -> None:
    assert tries(database, OWN.free + 1, login="x" * 500)[-1] is False
