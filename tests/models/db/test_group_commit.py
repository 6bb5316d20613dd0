"""Shared transactions: fewer commits, nothing promised before its commit, nobody hurt by another's failure."""

import sqlite3
import threading
from collections.abc import Callable

from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, select, update

from models.db import Database, Offer, offer
from models.preferences import Preference
from tests.waiting import PATIENCE


class Crowd:
    """Threads whose works come while a writer holds the lock, so that all of them wait at the same time."""

    def __init__(self, database: Database, works: list[Callable[[Session], object]]) -> None:
        self.database = database
        self.answers: list[object] = [None] * len(works)
        self.commits = 0
        threads = [threading.Thread(target=self.do, args=(place, work)) for place, work in enumerate(works)]
        with database.write():
            for number, thread in enumerate(threads, 1):
                thread.start()
                while len(database._group._waiting) < number:
                    thread.join(0.001)
            event.listen(database._urgent, "commit", self.count)
        for thread in threads:
            thread.join()
        event.remove(database._urgent, "commit", self.count)

    def count(self, _connection: object) -> None:
        self.commits += 1

    def do(self, place: int, work: Callable[[Session], object]) -> None:
        try:
            self.answers[place] = self.database.group_commit(work)
        except Exception as error:
            self.answers[place] = error


def note(key: str) -> Callable[[Session], object]:
    def work(session: Session) -> str:
        session.add(Preference(key=key, value="1"))
        offer(session, "inbox", int(key), "inbox")
        return key

    return work


def fail(session: Session) -> None:
    session.add(Preference(key="never", value="1"))
    session.flush()
    raise ValueError("my own mistake")


def keys(database: Database) -> set[str]:
    with database.read() as session:
        return set(session.exec(select(Preference.key)))


def test_works_that_wait_at_the_same_time_share_one_commit(sqlite_database):
    crowd = Crowd(sqlite_database, [note(str(number)) for number in range(8)])
    assert crowd.answers == [str(number) for number in range(8)]
    assert keys(sqlite_database) == set("01234567")
    assert crowd.commits == 1


def test_who_fails_fails_alone(sqlite_database):
    crowd = Crowd(sqlite_database, [note("0"), fail, note("2")])
    assert (crowd.answers[0], crowd.answers[2]) == ("0", "2")
    assert isinstance(crowd.answers[1], ValueError)
    assert keys(sqlite_database) == {"0", "2"}


def test_while_another_process_keeps_the_database_all_who_wait_hear_it_from_one_try(sqlite_url):
    """One after the other, the last of them would have waited for as many times as there are threads."""
    database = Database(sqlite_url, urgent_seconds=0.05)
    database._patience = 20  # for their turn; not for the other process
    tries: list[object] = []
    event.listen(database._urgent, "handle_error", tries.append)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    crowd = Crowd(database, [note(str(number)) for number in range(4)])
    assert all(isinstance(answer, OperationalError) for answer in crowd.answers)
    assert len(tries) == 1
    other.execute("ROLLBACK")
    other.close()
    assert database.group_commit(note("9")) == "9"
    assert keys(database) == {"9"}
    database.close()


def test_work_that_is_not_urgent_lets_a_crowd_pass_but_not_for_ever(sqlite_database):
    sqlite_database.yield_to_callbacks(10 * PATIENCE)  # nobody is there, so it does not wait

    def hold(session: Session) -> None:
        waited.append(sqlite_database.yield_to_callbacks(0.1))

    waited: list[None] = []
    Crowd(sqlite_database, [hold, note("1"), note("2")])
    assert waited == [None], "the crowd was still there, and it went on all the same"
    assert sqlite_database._group.crowd == 0


def test_offers_come_after_the_group_commit(sqlite_database):
    seen: list[tuple[Offer, bool]] = []
    sqlite_database.offer = lambda offers: seen.extend(
        (one, str(one.id) in keys(sqlite_database)) for one in offers
    )
    Crowd(sqlite_database, [note("4"), note("5")])
    assert seen == [(Offer("inbox", 4, "inbox"), True), (Offer("inbox", 5, "inbox"), True)]


def test_what_was_answered_is_there(database: Database):
    """The promise behind "success", on both databases."""

    def promise(first: int) -> None:
        for number in range(first, first + 10):
            database.group_commit(note(str(number)))
            if str(number) not in keys(database):
                broken.append(number)

    broken: list[int] = []
    threads = [threading.Thread(target=promise, args=(first,)) for first in range(0, 60, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (broken, len(keys(database))) == ([], 60)


def test_what_is_urgent_shares_commits_and_nothing_that_another_has_read(sqlite_database):
    """Several new friends are handled at once: one commit, and each finds the rows as they are."""
    database, commits = sqlite_database, []
    with database.write() as session:
        session.add(Preference(key="counter", value="0"))

    def count_up(session: Session) -> int:
        before = int(session.get_one(Preference, "counter").value)
        past_what_was_read = update(Preference).execution_options(synchronize_session=False)
        session.execute(past_what_was_read.values(value=str(before + 1)))
        return before

    def work(place: int) -> None:
        with database.urgently():
            answers[place] = database.run(count_up)

    answers = [0] * 5
    threads = [threading.Thread(target=work, args=(place,)) for place in range(5)]
    with database.write():
        for number, thread in enumerate(threads, 1):
            thread.start()
            while len(database._hasty._waiting) < number:
                thread.join(0.001)
        event.listen(database.engine, "commit", count := commits.append)
    for thread in threads:
        thread.join()
    event.remove(database.engine, "commit", count)
    assert sorted(answers) == [0, 1, 2, 3, 4]
    assert len(commits) == 1, "one for all five"
