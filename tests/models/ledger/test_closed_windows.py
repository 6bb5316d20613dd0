"""Closed windows: everybody waits until the same moment, and a shorter word never opens a longer one."""

from datetime import timedelta

from models.db import Database
from models.ledger.closed_windows import close_window, forget_windows, open_windows
from tests.cast import NOW
from tests.wecom.failures import at_once

MINUTE = timedelta(minutes=1)
NAME = "window:corp:externalcontact/add_msg_template"


def close(database: Database, until, words: str = "太多", name: str = NAME) -> None:
    database.run(lambda session: close_window(session, name, until, words, NOW))


def closed(database: Database, now) -> dict:
    with database.read() as session:
        return {row.name: (row.until, row.words) for row in open_windows(session, now)}


def test_a_closed_window_is_seen_until_it_ends(database: Database):
    close(database, NOW + MINUTE)
    assert closed(database, NOW) == {NAME: (NOW + MINUTE, "太多")}
    assert closed(database, NOW + MINUTE) == {}


def test_a_shorter_window_does_not_reopen_a_longer_one(database: Database):
    close(database, NOW + 60 * MINUTE, "这一小时太多")
    close(database, NOW + MINUTE, "这一分钟太多")
    assert closed(database, NOW)[NAME] == (NOW + 60 * MINUTE, "这一小时太多")
    close(database, NOW + 90 * MINUTE, "今天太多")
    assert closed(database, NOW)[NAME] == (NOW + 90 * MINUTE, "今天太多")


def test_calls_that_are_refused_at_the_same_moment_close_it_together(database: Database):
    for number in range(20):
        name = f"window:corp:{number}"
        ends = iter([NOW + minutes * MINUTE for minutes in range(1, 7)])
        failed = [
            one
            for one in at_once(6, lambda name=name, ends=ends: close(database, next(ends), name=name))
            if one
        ]
        assert (failed, closed(database, NOW)[name][0]) == ([], NOW + 6 * MINUTE)


def test_windows_that_ended_are_forgotten(database: Database):
    close(database, NOW + MINUTE)
    close(database, NOW + 9 * MINUTE, name="secret:abc")
    database.run(lambda session: forget_windows(session, NOW + 2 * MINUTE))
    assert set(closed(database, NOW)) == {"secret:abc"}
