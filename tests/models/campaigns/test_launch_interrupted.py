"""A launch that is stopped, paused, killed or run twice while it fans out goes on at the exact remainder."""

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlmodel import func, select

from models.accounts.audit import Audit
from models.campaigns import (
    Campaign,
    Task,
    TaskAudience,
    launch,
    lifecycle,
)
from models.db import Database, defaults
from models.friends import Friend
from models.ledger.outbox import Outbox
from models.org import Guide
from tests import cast
from tests.cast import NOW, XU, ZONE
from tests.models.campaigns.planned import MINUTE, after_the_first_piece, planned, read, tasks

ROOT = Path(__file__).parents[3]


@pytest.fixture
def number(database, people, monkeypatch):
    """A plan for four guides, launched one guide at a time; only 王芳 has a friend."""
    monkeypatch.setattr(launch, "GUIDES_AT_ONCE", 1)
    with database.write() as session:
        cast.befriend(session, people.wang, XU, at=NOW - timedelta(days=1))
    return planned(database)


def test_a_stop_in_the_middle_of_the_fan_out_halts_it(database, number):
    after_the_first_piece(
        database, lambda session: lifecycle.cancel(session, session.get_one(Campaign, number), "周岚", NOW)
    )
    launch.launch_due(database, NOW, ZONE)
    assert len(tasks(database, number)) == 1 and read(database, number).planned_at is None
    assert launch.launch_due(database, NOW + MINUTE, ZONE) == [] and len(tasks(database, number)) == 1


def test_a_pause_in_the_middle_goes_on_at_the_remainder(database, number):
    after_the_first_piece(
        database, lambda session: lifecycle.pause(session, session.get_one(Campaign, number), "周岚", NOW)
    )
    launch.launch_due(database, NOW, ZONE)
    assert len(tasks(database, number)) == 1
    with database.write() as session:
        lifecycle.resume(session, session.get_one(Campaign, number), "周岚", NOW + MINUTE)
    launch.launch_due(database, NOW + MINUTE, ZONE)
    assert len(tasks(database, number)) == 4 and read(database, number).planned_at == NOW + MINUTE


LAUNCH = """
import os
import signal
import sys
from datetime import datetime
from zoneinfo import ZoneInfo
from sqlalchemy import event
from models.campaigns import launch
from models.db import Database
launch.GUIDES_AT_ONCE = 50
database, pieces = Database(sys.argv[1]), []

@event.listens_for(database.engine, "after_cursor_execute")
def die(_connection, _cursor, statement, *more):
    if statement.startswith("INSERT INTO task "):
        pieces.append(statement)
    if len(pieces) == 3:
        os.kill(os.getpid(), signal.SIGKILL)

launch.launch_due(database, datetime.fromisoformat(sys.argv[2]), ZoneInfo("Asia/Shanghai"))
"""
"""It dies in the middle of its third piece."""


def test_a_killed_launch_to_thousands_resumes_at_the_exact_remainder_C06(database, people):
    """Everybody once, none twice, by a real SIGKILL; 3,000 on SQLite, 600 on PostgreSQL to save time."""
    total = 3000 if database.is_sqlite else 600
    with database.write() as session:
        rows = [
            {
                "userid": f"g{number:04}",
                "userid_key": f"g{number:04}",
                "store_id": people.zhongjie.id,
                "joined_at": NOW,
            }
            for number in range(total - 4)
        ]
        session.execute(insert(Guide), [{**defaults(Guide), **row} for row in rows])
        ids = session.exec(
            select(Guide.id).where(
                Guide.userid.startswith("g0") | Guide.userid.startswith("g1") | Guide.userid.startswith("g2")
            )
        ).all()
        friends = list(cast.customers(session, *(f"wm{guide}" for guide in ids)))
        session.execute(
            insert(Friend),
            [
                {
                    **defaults(Friend),
                    "customer_id": friend,
                    "owner_id": guide,
                    "added_at": NOW,
                    "changed_at": NOW,
                }
                for guide, friend in zip(ids, friends, strict=True)
            ],
        )
    number = planned(database)
    killed = subprocess.run(
        [sys.executable, "-c", LAUNCH, database.url, NOW.isoformat()],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert killed.returncode == -signal.SIGKILL
    assert len(tasks(database, number)) == 100
    launch.launch_due(database, NOW + MINUTE, ZONE)
    with database.read() as session:
        assert session.exec(select(func.count()).select_from(Task)).one() == total
        assert session.exec(select(func.count(func.distinct(Task.guide_id)))).one() == total
        assert session.exec(select(func.count()).select_from(TaskAudience)).one() == total
        assert session.exec(select(func.count(func.distinct(Outbox.task_id)))).one() == total - 4
        assert session.exec(select(func.count()).select_from(Outbox)).one() == total - 4


def test_two_schedulers_by_mistake_give_each_guide_one_task_C09(database, number):
    started, second = [], Database(database.url)
    threads = [
        threading.Thread(target=lambda db=db: started.extend(launch.launch_due(db, NOW, ZONE)))
        for db in (database, second)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    second.close()
    assert started == [number] and len(tasks(database, number)) == 4
    with database.read() as session:
        assert len(session.exec(select(Outbox)).all()) == 1
        assert len(session.exec(select(Audit).where(Audit.verb == "campaign.freeze")).all()) == 1
