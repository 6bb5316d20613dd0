"""The tables in the database: made whole or not at all, and the same as the models."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import event, inspect, true
from sqlmodel import col, select

from models import migrate, stats
from models.accounts import Account, LoginSession, Role
from models.campaigns import Campaign, Card, CardMessage, Task, cards
from models.db import Database
from models.friends import friendship
from models.groups import Group
from models.groups.robots import Robot
from models.ledger import inbox, lease, outbox
from models.ledger.outbox import Outbox, OutboxStatus
from tests import cast, conftest
from tests.cast import NOW
from tests.waiting import PATIENCE

ROOT = Path(__file__).parent.parent.parent
DIES_IN_THE_MIDDLE = """
import os, signal, sys
from alembic import op
from models import migrate
from models.db import Database
made, make = [], op.create_table
def create_table(*given, **options):
    made.append(given)
    if len(made) == 15:
        os.kill(os.getpid(), signal.SIGKILL)
    return make(*given, **options)
op.create_table = create_table
migrate.upgrade(Database(sys.argv[1]))
"""
"""Brings a database to the newest revision, and dies by kill -9 before its fifteenth table."""


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request, tmp_path):
    """A database without a single table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/new.sqlite3"
        return
    server, name = request.getfixturevalue("postgres_url"), f"empty_{next(conftest.numbers)}"
    conftest.on_server(server, f"CREATE DATABASE {name}")
    yield conftest.sibling(server, name)
    conftest.on_server(server, f"DROP DATABASE {name} WITH (FORCE)")


def test_killed_in_the_middle_of_a_migration_the_next_start_finds_nothing_half_made_C10(empty_url):
    killed = subprocess.run(
        [sys.executable, "-c", DIES_IN_THE_MIDDLE, empty_url], cwd=ROOT, capture_output=True, timeout=PATIENCE
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    database = Database(empty_url)
    assert migrate.current(database) == ""
    migrate.upgrade(database)
    assert migrate.current(database) == migrate.newest()
    database.close()


def test_the_migrations_make_what_the_models_say(database):
    command.check(migrate.config(database))


def test_notes_of_ours_move_out_of_stored_requests_and_back(empty_url):
    """And the rest of a request stays the bytes that it was: a repeat has to be the same."""
    database = Database(empty_url)
    migrate.upgrade(database)
    sent, plain = {"touser": "wangfang", "agentid": 1, "msgtype": "text"}, {"text": {"content": "onetap"}}
    with database.write() as session:
        for key, request, notes in (("a", sent, {"version": 3, "tasks": [7]}), ("b", plain, {})):
            row_id = outbox.put(session, "notice", key, now=NOW)
            lease.write_request(session, lease.claim(session, row_id, NOW), request, NOW, notes)
        outbox.put(session, "notice", "c", now=NOW)
    database.close()
    command.downgrade(migrate.config(database), "0003")
    with database.engine.connect() as connection:
        requests = connection.exec_driver_sql(
            "SELECT CAST(request AS TEXT) FROM outbox ORDER BY id"
        ).scalars()
        assert json.loads(requests.first()) == sent | {"onetap": {"version": 3, "tasks": [7]}}
    migrate.upgrade(database)
    with database.read() as session:
        rows = session.exec(select(Outbox).order_by(col(Outbox.id))).all()
    assert [list((row.request or {}).items()) for row in rows] == [[*sent.items()], [*plain.items()], []]
    assert [row.notes for row in rows] == [{"version": 3, "tasks": [7]}, {}, {}]
    database.close()


def test_columns_that_nobody_read_go_and_their_rows_stay_whole_on_both_ways(empty_url):
    gone = {"campaign": "reminded_at", "task": "media_at", "group_chat": "member_version"}

    def columns():
        found = inspect(database.engine)
        return {
            table
            for table, column in gone.items()
            if column in [one["name"] for one in found.get_columns(table)]
        }

    def names():
        with database.read() as session:
            rows = session.exec(
                select(Campaign.name, Task.code, Group.name).join(Task).join(Group, true())
            ).all()
            return [tuple(row) for row in rows]

    database = Database(empty_url)
    migrate.upgrade(database)
    with database.write() as session:
        wang = cast.play(session).wang
        group = cast.internal_group(session)
        plan = cast.add(session, Campaign(name="初雪", launch_at=NOW, ends_at=NOW, created_at=NOW))
        cast.add(session, Task(code="first", campaign_id=plan.id, guide_id=wang.id, created_at=NOW))
        known = [("初雪", "first", group.name)]
    database.close()
    command.downgrade(migrate.config(database), "0004")
    assert (columns(), names()) == (set(gone), known)
    migrate.upgrade(database)
    assert (columns(), names()) == (set(), known)
    database.close()


def test_updates_that_the_platform_could_not_take_before_are_no_failures_any_more(empty_url):
    """They were red for ever: 没送出, with nothing that anybody could mend."""
    failed = {
        "no code": ("card_update", None, "没有可用的更新凭证"),
        "used up": ("card_update", 60140, "这张卡片的更新凭证已用过或过期，页面上的状态为准"),
        "no code yet": ("contact_way", None, "渠道码还没有建好，不用更新"),
        "not allowed": ("card_update", 48002, "这个应用没有这项权限"),
        "a card": ("card", None, "平台不收"),
        "a code": ("contact_way", None, "平台不收"),
    }
    database = Database(empty_url)
    migrate.upgrade(database)
    with database.write() as session:
        for key, (channel, errcode, reason) in failed.items():
            row = session.get_one(Outbox, outbox.put(session, channel, key, now=NOW))
            row.status, row.errcode, row.reason = OutboxStatus.NOT_SENT, errcode, reason
    database.close()
    command.downgrade(migrate.config(database), "0009")
    migrate.upgrade(database)
    with database.read() as session:
        now = dict(session.exec(select(Outbox.key, Outbox.status)).all())
    assert {key for key, status in now.items() if status == OutboxStatus.NEEDLESS} == {
        "no code",
        "used up",
        "no code yet",
    }
    assert len(now) == len(failed)
    database.close()


def test_keys_of_robots_and_sessions_outlive_their_new_names_on_both_ways(empty_url):
    def columns():
        found = inspect(database.engine)
        kept = {"robot": {"sealed_key", "encrypted_key"}, "login_session": {"user_id", "account_id"}}
        return {
            one["name"]
            for table, names in kept.items()
            for one in found.get_columns(table)
            if one["name"] in names
        }

    def rows():
        with database.read() as session:
            robot, login = session.exec(select(Robot)).one(), session.exec(select(LoginSession)).one()
            return robot.encrypted_key, login.token_hash, session.get_one(Account, login.account_id).name

    database = Database(empty_url)
    migrate.upgrade(database)
    with database.write() as session:
        group = cast.internal_group(session)
        cast.add(session, Robot(group_id=group.id, encrypted_key="gAAAA", key_hash="one", created_at=NOW))
        account = cast.add(session, Account(role=Role.HQ, name="周岚", login="zhou", created_at=NOW))
        opened = {
            "realm": "console",
            "token_hash": "first",
            "csrf": "c",
            "created_at": NOW,
            "expires_at": NOW,
        }
        cast.add(session, LoginSession(account_id=account.id, **opened))
    database.close()
    command.downgrade(migrate.config(database), "0005")
    assert columns() == {"sealed_key", "user_id"}
    migrate.upgrade(database)
    assert (columns(), rows()) == ({"encrypted_key", "account_id"}, ("gAAAA", "first", "周岚"))
    database.close()


def test_a_card_on_its_way_becomes_a_message_for_one_and_lands_on_both_ways(empty_url):
    database = Database(empty_url)
    migrate.upgrade(database)
    with database.write() as session:
        wang = cast.play(session).wang
        message = cast.add(session, CardMessage(task_key="card-2026-11-19-a-0a", created_at=NOW))
        code = {"code": "c", "key": "k", "at": NOW.isoformat()}
        values = {"guide_id": wang.id, "period": "2026-11-19.a", "codes": [code], "created_at": NOW}
        card = cast.add(session, Card(**values, message_id=message.id)).id
        outbox.put(session, "card", "gone", now=NOW, subject_id=message.id)
        for channel, subject in (("card", message.id), ("card_update", card)):
            outbox.put(session, channel, channel, now=NOW, subject_id=subject, status=OutboxStatus.SENT)
    database.close()
    command.downgrade(migrate.config(database), "0022")
    with database.engine.begin() as connection:
        key = connection.exec_driver_sql("SELECT task_key FROM card").scalar()
        connection.exec_driver_sql(
            """UPDATE outbox SET status = 'calling', notes = '{"version": 3, "tasks": [7]}' WHERE status = 'sent'"""
        )
    migrate.upgrade(database)
    with database.read() as session:
        rows = {row.key: row for row in session.exec(select(Outbox))}
        assert (rows["gone"].status, rows["gone"].subject_id) == (OutboxStatus.CANCELLED, card)
        assert rows["card"].notes == rows["card_update"].notes == {"cards": {str(card): 3}}
        assert rows["card_update"].payload["task_key"] == key
        mine = session.get_one(Card, card)
        assert session.get_one(CardMessage, mine.message_id).task_key == key and mine.codes == [
            code | {"key": key}
        ]
        assert rows["card"].subject_id == mine.message_id
    database.close()


def see_that_a_card_is_up_to_date(session):
    wang = cast.play(session).wang
    known = {"codes": [], "version": 1, "sent_at": NOW, "created_at": NOW}
    known["codes"] = [{"code": "c", "key": "k", "at": NOW.isoformat()}]
    cards.catch_up(session, cast.add(session, Card(guide_id=wang.id, period="2026-11-19.a", **known)), NOW)


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        (see_that_a_card_is_up_to_date, "ix_outbox_subject_id"),
        (lambda session: friendship.to_describe(session, 40), "ix_friend_to_describe"),
        (lambda session: stats.arrivals(session, NOW, NOW, cast.ZONE, true()), "ix_friend_lost_at"),
        (lambda session: inbox.forget_bodies(session, NOW), "ix_inbox_bodies"),
        (lambda session: outbox.called_since(session, NOW), "ix_outbox_called"),
    ],
    ids=[
        "each tap",
        "every few seconds",
        "each look at the overview",
        "each piece of the night",
        "each start",
    ],
)
def test_what_is_asked_often_is_found_by_its_index(sqlite_database, asked, index):
    """Without one it reads as many rows as a year has left."""
    said = []
    with sqlite_database.write() as session:
        event.listen(sqlite_database.engine, "before_cursor_execute", lambda *given: said.append(given[2:4]))
        asked(session)
        queries = [one for one in said if one[0].startswith(("SELECT", "UPDATE"))]
        connection = session.connection()
        plans = [
            connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}", values).all()
            for words, values in queries
        ]
    assert index in str(plans)
