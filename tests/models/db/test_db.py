"""The database recipe: writers in order, nothing lost, offers only after the commit, collisions run again."""

import threading
import time
from contextlib import nullcontext

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlmodel import Session, select

from models.db import Database, Offer, count, count_by, insert_once, offer
from models.ledger.inbox import Inbox
from models.org import Guide, GuideStatus
from models.preferences import Preference
from tests.cast import NOW, play
from tests.models.db.postgres import on_postgres, sees_deadlocks_soon
from tests.waiting import PATIENCE

WRITERS, TURNS = 8, 12


def count_up(session: Session) -> None:
    note = session.get_one(Preference, "counter", with_for_update=True)
    note.value = str(int(note.value) + 1)


def test_concurrent_read_then_write_loses_no_update(database: Database):
    with database.write() as session:
        session.add(Preference(key="counter", value="0"))

    def work() -> None:
        for _ in range(TURNS):
            database.run(count_up)

    threads = [threading.Thread(target=work) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        assert session.get_one(Preference, "counter").value == str(WRITERS * TURNS)


def test_what_is_urgent_goes_first_in_all_that_it_writes(tmp_path):
    """A friend's event writes several times, in functions that know nothing of urgency."""
    database, order = Database(f"sqlite:///{tmp_path}/lock.sqlite3"), []

    def write(name: str) -> None:
        with database.urgently() if name == "friend" else nullcontext(), database.write():
            order.append(name)
        with database.write():
            order.append(f"{name} again")

    with database.write():
        threads = [threading.Thread(target=write, args=(name,)) for name in ("campaign", "friend")]
        for number, thread in enumerate(threads, 1):
            thread.start()
            while sum(len(line) for line in database._lock._lines.values()) < number:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    database.close()
    assert order[:2] == ["friend", "campaign"]
    assert sorted(order[2:]) == ["campaign again", "friend again"], "the urgency ends with its block"


def test_rows_are_counted_by_condition_and_by_value(database: Database):
    with database.write() as session:
        cast = play(session)
        cast.zhou.status = GuideStatus.LEFT
        store = cast.zhongjie.id
    with database.read() as session:
        assert count(session, Guide) == 4
        assert count(session, Guide, Guide.store_id == store) == 3
        assert count(session, Guide, Guide.store_id == store, Guide.status == GuideStatus.LEFT) == 0
        assert count_by(session, Guide.status) == {"active": 3, "left": 1}
        assert count_by(session, Guide.status, Guide.store_id == store) == {"active": 3}


def test_an_offer_is_made_after_the_commit_and_only_then(database: Database):
    seen: list[tuple[list[Offer], int]] = []

    def look(offers) -> None:
        with database.read() as session:
            seen.append((list(offers), len(session.exec(select(Preference)).all())))

    database.offer = look
    with database.write() as session:
        session.add(Preference(key="a", value="1"))
        offer(session, "outbox", 7, "welcome")
        assert seen == []
    assert seen == [([Offer("outbox", 7, "welcome")], 1)]


def test_a_transaction_that_fails_offers_nothing_and_leaves_nothing(database: Database):
    seen: list[object] = []
    database.offer = seen.append
    with pytest.raises(RuntimeError), database.write() as session:
        session.add(Preference(key="a", value="1"))
        offer(session, "outbox", 7, "welcome")
        raise RuntimeError
    with database.read() as session:
        assert session.exec(select(Preference)).all() == []
    assert seen == []
    with database.write() as session:  # and the lock is free again
        session.add(Preference(key="b", value="2"))


def test_a_reader_sees_the_last_commit_while_a_writer_is_at_work(database: Database):
    with database.write() as session:
        session.add(Preference(key="a", value="before"))
    with database.write() as writer:
        writer.get_one(Preference, "a").value = "after"
        writer.flush()
        with database.read() as reader:
            assert reader.get_one(Preference, "a").value == "before"


def test_the_same_key_is_inserted_once(database: Database):
    values = {"key": "k", "source": "app", "received_at": NOW}
    with database.write() as session:
        first = insert_once(session, Inbox, values)
        assert first is not None
        assert insert_once(session, Inbox, values) is None
        row = session.get_one(Inbox, first)
        assert (row.status, row.copies, row.received_at) == ("stored", 1, NOW)


@on_postgres
def test_a_deadlock_runs_the_whole_transaction_again_and_its_effect_is_there_once_D03(database: Database):
    sees_deadlocks_soon(database)
    with database.write() as session:
        session.add_all([Preference(key="a", value="0"), Preference(key="b", value="0")])
    barrier = threading.Barrier(2, timeout=PATIENCE)
    tries: list[str] = []

    def cross(first: str, second: str) -> None:
        def work(session: Session) -> None:
            tries.append(first)
            for key in (first, second):
                note = session.get_one(Preference, key, with_for_update=True)
                note.value = str(int(note.value) + 1)
                session.flush()
                if key == first and len(tries) <= 2:
                    barrier.wait()

        database.run(work)

    threads = [threading.Thread(target=cross, args=pair) for pair in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        assert [session.get_one(Preference, key).value for key in "ab"] == ["2", "2"]
    assert len(tries) > 2, "one of them ran again; PostgreSQL may make both give way at the same moment"


def test_an_error_that_is_no_collision_is_not_tried_again(database: Database):
    tries: list[int] = []

    def clash(session: Session) -> None:
        tries.append(1)
        session.execute(text("INSERT INTO preference (key, value) VALUES ('a', ''), ('a', '')"))

    with pytest.raises(IntegrityError):
        database.run(clash)
    assert tries == [1]


def test_without_begin_immediate_the_second_of_two_writers_would_have_been_refused(sqlite_url: str):
    """What the recipe is for: a writer that began as a reader cannot become one while another has written."""
    one, two = Database(sqlite_url), Database(sqlite_url)
    with one.read() as session, two.write() as other:
        session.exec(select(Preference)).all()
        other.add(Preference(key="a", value="1"))
        other.commit()
        session.add(Preference(key="b", value="2"))
        with pytest.raises(OperationalError, match="locked"):
            session.flush()
    one.close()
    two.close()


def test_an_error_of_the_database_does_not_repeat_what_was_to_be_written(database: Database):
    """Its text ends in logs and on pages."""
    with pytest.raises(IntegrityError) as refused, database.write() as session:
        for _ in range(2):
            session.add(Preference(key="brand.secret", value="hush-hush"))
            session.flush()
            session.expunge_all()
    assert "hush-hush" not in str(refused.value) and "parameters" in str(refused.value)


@on_postgres
def test_a_process_that_stands_still_in_a_transaction_keeps_no_row_locked(database_url: str, monkeypatch):
    """HQ's stop would wait for a frozen worker for as long as it is frozen."""
    monkeypatch.setattr("models.db.IDLE_SECONDS", 1)
    frozen, other = Database(database_url), Database(database_url)
    with other.write() as session:
        session.add(Preference(key="counter", value="0"))
    with pytest.raises(DBAPIError, match="idle-in-transaction"), frozen.write() as session:
        count_up(session)
        session.flush()  # and here it stands still
        other.run(count_up)
    with other.read() as session:
        assert session.get_one(Preference, "counter").value == "1"
    for one in (frozen, other):
        one.close()
