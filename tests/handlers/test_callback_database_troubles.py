"""Callbacks while the database has troubles: 503 before the platform gives up, nothing promised, nothing lost."""

import os
import resource
import sqlite3
import threading
from contextlib import ExitStack, contextmanager

import psycopg
import pytest

from models.db import CONNECTIONS, URGENT_SECONDS, Database
from models.preferences import Preference
from tests import cast
from tests.cast import NOW
from tests.handlers.platform import Platform, friend_event, on_one_database, robot_message
from tests.models.db.postgres import on_postgres

ADDED = friend_event("add_external_contact", cast.WANG, cast.XU, at=NOW, WelcomeCode="WC1")
PLATFORM_GIVES_UP = 5
SLACK = 0.5
"""For the way to us and back."""


@pytest.fixture
def impatient(database, receiver):
    """The program, whose callbacks wait for a twentieth of a second instead of two."""
    receiver.db = Database(database.url, urgent_seconds=0.05)
    made = receiver.db
    yield made
    made.close()


@contextmanager
def kept_by_another_process(database):
    """A second connection that has SQLite's write lock, or PostgreSQL's lock on the table; reading goes on."""
    if database.is_sqlite:
        other = sqlite3.connect(database.url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
    else:
        other = psycopg.connect(database.url.replace("+psycopg", ""))
        other.execute("LOCK TABLE inbox IN SHARE MODE")
    try:
        yield
    finally:
        other.rollback()
        other.close()


def test_both_waits_of_a_callback_end_before_the_platform_gives_up_A01():
    assert 2 * URGENT_SECONDS + SLACK < PLATFORM_GIVES_UP


def test_while_another_process_keeps_the_database_nothing_is_promised_A01(
    impatient, database, platform, people, rows
):
    with kept_by_another_process(database):
        assert platform.send(ADDED).status_code == 503
        answer, _ = platform.say(robot_message("@小霁 签到", cast.WANG))
        assert (answer.status_code, answer.mimetype) == (503, "text/plain")
        assert rows() == []
    assert platform.send(ADDED).status_code == 200
    assert [row.copies for row in rows()] == [1]


@on_one_database
def test_a_writer_who_waits_for_another_process_keeps_no_callback_and_goes_on_later_A01_D02(
    impatient, database, platform, rows
):
    """It has passed the write lock of our own process, and waits in it for up to twenty seconds."""

    def import_something():
        with impatient.write() as session:
            session.add(Preference(key="import", value="done"))

    patient = threading.Thread(target=import_something)
    with kept_by_another_process(database):
        patient.start()
        while not impatient._lock._busy:
            patient.join(0.001)
        assert platform.send(ADDED).status_code == 503
        assert platform.say(robot_message("@小霁 签到", cast.WANG))[0].status_code == 503
        assert patient.is_alive()
    patient.join()
    with database.read() as session:
        assert session.get_one(Preference, "import").value == "done"
    assert platform.send(ADDED).status_code == 200
    assert len(rows()) == 1


@on_one_database
def test_a_crowd_of_callbacks_is_answered_and_each_is_stored_once_when_it_comes_again_A01(
    impatient, database, receiver, app, clock, rows
):
    events = [friend_event("add_external_contact", cast.WANG, f"wm{number}", at=NOW) for number in range(6)]
    answers = []

    def deliver(xml):
        answers.append(Platform(app.test_client(), clock).send(xml).status_code)

    def deliver_all():
        threads = [threading.Thread(target=deliver, args=(xml,)) for xml in events]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    with kept_by_another_process(database):
        deliver_all()
    receiver.db = database  # they come again, and wait as long as in the shop
    deliver_all()
    assert answers == [503] * 6 + [200] * 6
    assert {row.subject for row in rows()} == {f"{cast.WANG} wm{number}" for number in range(6)}


def test_exports_that_use_up_every_connection_leave_callbacks_theirs_D07(database, platform, rows):
    with ExitStack() as exports:
        for _ in range(2 * CONNECTIONS):
            exports.enter_context(database.read()).connection()
        assert platform.send(ADDED).status_code == 200
    assert len(rows()) == 1


@on_postgres
def test_connections_that_a_restart_of_the_server_cut_are_replaced_D01(
    database, postgres_url, platform, rows
):
    assert platform.send(ADDED).status_code == 200
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as server:
        name = database.url.rpartition("/")[2]
        cut = server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        assert cut.rowcount > 0
    assert platform.send(friend_event("add_external_contact", cast.WANG, cast.LIN, at=NOW)).status_code == 200
    assert len(rows()) == 2


@on_one_database
def test_a_full_disk_asks_for_another_try_while_reading_goes_on_and_heals_by_itself_D04(
    database, platform, rows
):
    assert platform.send(ADDED).status_code == 200
    journal = f"{database.url.removeprefix('sqlite:///')}-wal"
    before, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    # no file of this process grows now
    resource.setrlimit(resource.RLIMIT_FSIZE, (os.path.getsize(journal), most))
    try:
        other = friend_event("add_external_contact", cast.WANG, cast.LIN, at=NOW, Nickname="名" * 9000)
        assert platform.send(other).status_code == 503
        assert len(rows()) == 1
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, most))
    assert platform.send(other).status_code == 200
    assert [row.copies for row in rows()] == [1, 1]
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


def test_a_database_without_its_table_asks_for_another_try(platform, database, rows):
    with database.write() as session:
        session.connection().exec_driver_sql("ALTER TABLE inbox RENAME TO inbox_away")
    assert platform.send(ADDED).status_code == 503
    with database.write() as session:
        session.connection().exec_driver_sql("ALTER TABLE inbox_away RENAME TO inbox")
    assert platform.send(ADDED).status_code == 200
    assert len(rows()) == 1
