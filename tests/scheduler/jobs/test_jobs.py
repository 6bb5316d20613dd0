"""What happens because time passed: launching, pruning, refilling rates, and closed windows that are shared."""

import os
import sqlite3
from contextlib import closing
from datetime import timedelta

from sqlmodel import select

from models import preferences
from models.ledger import inbox, outbox
from models.ledger.closed_windows import close_window, open_windows
from models.ledger.inbox import Inbox, InboxStatus
from models.ledger.outbox import Outbox, OutboxStatus
from posters.shelf import keep
from scheduler import JOBS, jobs
from scheduler.queue.closed_windows import StoredClosedWindows

DAY = timedelta(days=1)


def test_what_looks_every_few_seconds_takes_no_write_lock_while_there_is_nothing_to_do(sqlite_stage):
    often = [plan for plan in JOBS if 0 < plan.every <= 10]
    with closing(sqlite3.connect(sqlite_stage.db.engine.url.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert {plan.name: plan.run(sqlite_stage.runtime, sqlite_stage.now) for plan in often} == {
            plan.name: "" for plan in often
        }


def store_event(stage, key: str, age: timedelta, status: str = InboxStatus.HANDLED) -> None:
    with stage.db.write() as session:
        row_id, _ = inbox.store(
            session,
            source="app",
            key=key,
            kind="x",
            actor="sys",
            subject="",
            body="<xml>手机号</xml>",
            event_at=None,
            now=stage.now - age,
        )
        session.get_one(Inbox, row_id).status = status


def bodies(stage) -> dict[str, bool]:
    with stage.db.read() as session:
        return {row.key: bool(row.body) for row in session.exec(select(Inbox))}


def test_bodies_are_forgotten_after_thirty_days_and_rows_after_four_hundred_L06(stage):
    for key, days in (("fresh", 3), ("old", 31), ("ancient", 401)):
        store_event(stage, key, days * DAY)
    store_event(stage, "parked", 31 * DAY, InboxStatus.PARKED)
    words = jobs.prune(stage.runtime, stage.now)
    assert bodies(stage) == {"fresh": True, "old": False, "parked": True}
    assert words == "清空回调原文 2，清掉回调 1"
    assert jobs.prune(stage.runtime, stage.now) == ""


def test_the_brand_decides_how_long_things_are_kept(stage):
    with stage.db.write() as session:
        preferences.change(session, "周岚", stage.now, keep_bodies_days=2, keep_ledger_days=100)
    store_event(stage, "old", 3 * DAY)
    stage.put("notice", now=stage.now - 101 * DAY, status=OutboxStatus.SENT)
    stage.put("notice", now=stage.now - 101 * DAY)
    jobs.prune(stage.runtime, stage.now)
    assert bodies(stage) == {"old": False}
    assert [row.status for row in stage.rows()] == [OutboxStatus.QUEUED]


def test_many_old_rows_go_in_pieces(sqlite_stage):
    stage, old = sqlite_stage, sqlite_stage.now - 500 * DAY
    with stage.db.write() as session:
        for number in range(1200):
            outbox.put(session, "notice", f"old:{number}", now=old, status=OutboxStatus.SENT)
    assert jobs.prune(stage.runtime, stage.now) == "清掉投递 1200"


def test_posters_that_nobody_asks_for_are_drawn_again_when_they_are_wanted(sqlite_stage):
    stage = sqlite_stage
    for name, days in (("old", 31), ("new", 29)):
        path = stage.runtime.shelf.path(name)
        keep(path, b"a strip")
        os.utime(path, ((stage.now - days * DAY).timestamp(),) * 2)
    assert jobs.prune(stage.runtime, stage.now) == "清掉海报 1"
    assert not stage.runtime.shelf.path("old").exists() and stage.runtime.shelf.path("new").exists()


def test_guides_without_a_code_get_one_and_nobody_gets_two(stage):
    assert jobs.make_codes(stage.runtime, stage.now) == "申请入口码 4"
    assert jobs.make_codes(stage.runtime, stage.now) == ""
    assert len(stage.rows(channel="contact_way")) == 4


def test_a_closed_window_is_seen_by_every_process_and_after_a_restart(stage):
    one, two = (StoredClosedWindows(stage.db, stage.clock) for _ in range(2))
    until = stage.now + timedelta(minutes=5)
    assert one.until("api:x") is None and two.until("api:x") is None
    one.close("api:x", until, "太多")
    assert one.until("api:x") == until
    stage.clock.move(seconds=3)
    assert two.until("api:x") == until
    assert StoredClosedWindows(stage.db, stage.clock).until("api:x") == until


def test_a_window_that_somebody_opened_again_is_open_a_moment_later(stage):
    closed_windows = stage.runtime.closed_windows
    closed_windows.close("api:x", stage.now + timedelta(hours=1), "太多")
    with stage.db.write() as session:
        for row in open_windows(session, stage.now):
            session.delete(row)
    stage.clock.move(seconds=3)
    assert closed_windows.until("api:x") is None


def test_windows_that_ended_are_forgotten(stage):
    stage.db.run(
        lambda session: close_window(session, "api:x", stage.now + timedelta(minutes=1), "太多", stage.now)
    )
    stage.clock.move(minutes=2)
    jobs.forget_windows(stage.runtime, stage.now)
    with stage.db.read() as session:
        assert open_windows(session, stage.now - DAY) == []


def test_the_ledger_keeps_the_same_numbers_that_a_recount_gives(stage):
    for number in range(4):
        stage.deliver(stage.notice("" if number == 2 else f"第 {number} 条"))
    with stage.db.read() as session:
        counted = outbox.counts(session)
        rows = list(session.exec(select(Outbox.status)))
    assert counted == {status: rows.count(status) for status in set(rows)} == {"sent": 3, "not_sent": 1}
