"""The write lock before the database: writers in order, urgent ones first, nobody for ever."""

import threading
import time

import pytest

from models.db.write_lock import Busy, WriteLock


def order_through_the_gate(who: list[tuple[str, bool]]) -> list[str]:
    """They come one after the other while somebody is inside; in which order do they get in?"""
    lock, order = WriteLock(), []

    def wait_in_line(name: str, urgent: bool) -> None:
        with lock.pass_through(urgent):
            order.append(name)

    with lock.pass_through(False):
        threads = []
        for number, one in enumerate(who, 1):
            threads.append(threading.Thread(target=wait_in_line, args=one))
            threads[-1].start()
            while sum(len(line) for line in lock._lines.values()) < number:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    return order


def test_the_gate_lets_writers_in_in_the_order_in_which_they_came():
    assert order_through_the_gate([(name, False) for name in "abcdef"]) == list("abcdef")


def test_urgent_writers_go_first_and_a_flood_of_them_does_not_keep_the_others_out():
    """A callback waits for one handler at most; handlers wait for a few callbacks."""
    came = [("a", False), ("b", False), *((f"U{number}", True) for number in range(6))]
    assert order_through_the_gate(came) == ["U0", "U1", "U2", "U3", "a", "U4", "U5", "b"]


def test_a_gate_that_everybody_has_left_is_open():
    lock = WriteLock()
    for urgent in (False, True, False):
        with lock.pass_through(urgent):
            pass
    assert not lock._busy


def test_who_may_not_wait_leaves_the_line_and_whoever_stood_behind_gets_in():
    lock, inside = WriteLock(), []

    def wait_in_line() -> None:
        with lock.pass_through(True):
            inside.append("behind")

    behind = threading.Thread(target=wait_in_line)
    with lock.pass_through(False):
        with pytest.raises(Busy), lock.pass_through(True, patience=0.01):
            inside.append("too late")
        behind.start()
    behind.join()
    assert inside == ["behind"] and not lock._busy
