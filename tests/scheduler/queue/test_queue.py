"""The queue: hung calls starve nobody, offers never keep a caller, lanes and rates hold."""

import socket
from datetime import timedelta

import pytest
from sqlalchemy import text

from models import org
from models.db import Offer
from models.friends import entry_codes
from models.ledger import inbox
from models.ledger.channels import CHANNELS, CLOSE
from models.ledger.inbox import InboxStatus
from models.ledger.outbox import OutboxStatus
from scheduler.queue import Queue
from scheduler.queue.broker import HELD_BY_ONE_WORKER
from tests.scheduler.conftest import working
from tests.services import free_port
from tests.waiting import PATIENCE, until
from tests.wecom_world import WEBHOOK


def test_a_row_leaves_right_after_its_commit(stage):
    with working(stage):
        row_id = stage.notice()
        until(lambda: stage.row(row_id).status == OutboxStatus.SENT)


def test_an_event_is_handled_from_its_lane(stage):
    with working(stage):
        with stage.db.write() as session:
            inbox_id, _ = inbox.store(
                session,
                source="app",
                key="k",
                kind="nobody.knows",
                actor="sys",
                subject="",
                event_at=None,
                body="<xml><MsgType>event</MsgType><Event>nobody</Event></xml>",
                now=stage.now,
            )

        def status() -> str:
            with stage.db.read() as session:
                return session.get_one(inbox.Inbox, inbox_id).status

        until(lambda: status() == InboxStatus.UNKNOWN_KIND)


def test_a_new_friend_who_waited_too_long_for_a_welcome_makes_room_and_is_handled_with_the_others(
    sqlite_stage, monkeypatch
):
    """In the order of their coming everybody would be late, once more come than can be greeted."""
    monkeypatch.setattr("scheduler.queue.LATE", timedelta(seconds=-60))
    stage, row = sqlite_stage, {"source": "app", "kind": "nobody.knows", "actor": "sys", "subject": ""}
    row |= {"body": "<xml><MsgType>event</MsgType><Event>nobody</Event></xml>", "event_at": None}
    with working(stage) as queue:
        with stage.db.write() as session:
            inbox_id, _ = inbox.store(session, key="k", now=stage.now, lane="friend", **row)

        def status() -> str:
            with stage.db.read() as session:
                return session.get_one(inbox.Inbox, inbox_id).status

        until(lambda: status() == InboxStatus.UNKNOWN_KIND)
        assert queue.put_off == 1
        assert queue.done["friend"] == 1, "and its place was freed"


def test_hung_bulk_calls_do_not_keep_a_welcome_waiting(sqlite_stage):
    """Every call but the welcome's hangs: the welcome is sent while all of them are still hanging."""
    stage = sqlite_stage
    group = stage.robot()
    code = stage.befriend()["welcome_code"]
    apis = ("webhook/send", "externalcontact/add_contact_way", "message/send")
    for caller in (stage.runtime.client, stage.runtime.robots):
        caller._wire.timeout = (3.0, PATIENCE)
    stage.world.chaos(*({"api": api, "delay": PATIENCE, "when": "before"} for api in apis))
    for number in range(30):
        stage.put("robot", group_id=group, payload={"text": f"第 {number} 条"})
        stage.notice(f"第 {number} 条")
    for guide in stage.cast.guides:
        with stage.db.write() as session:
            entry_codes.make_for_guide(session, session.get_one(org.Guide, guide.id), stage.now)
    with working(stage):
        hanging = sum(HELD_BY_ONE_WORKER[lane] for lane in ("robot", "quick")) + len(stage.cast.guides)
        until(lambda: len(stage.rows(status=OutboxStatus.CALLING)) == hanging)
        row_id = stage.welcome(code)
        until(lambda: stage.row(row_id).status == OutboxStatus.SENT)
        assert len(stage.rows(status=OutboxStatus.CALLING)) == hanging
        stage.world.chaos()


def test_an_offer_never_fails_and_never_keeps_its_caller(sqlite_stage):
    """Redis is away: the commit stands, the failure is only counted, the feeder will find the row."""
    stage = sqlite_stage
    queue = Queue(stage.runtime, embedded=False, redis_url=f"redis://127.0.0.1:{free_port()}/0")
    stage.db.offer = queue.offer
    row_id = stage.notice()
    assert (queue.offers_lost, stage.row(row_id).status) == (1, OutboxStatus.QUEUED)
    assert not queue.alive()
    queue.stop(1)


def test_an_offer_does_not_wait_for_a_redis_that_never_answers(sqlite_stage):
    """It takes the connection and then says nothing: a caller who waited for it would never come back."""
    stage = sqlite_stage
    with socket.create_server(("127.0.0.1", 0)) as silent:
        queue = Queue(
            stage.runtime, embedded=False, redis_url=f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        )
        stage.db.offer = queue.offer
        row_id = stage.notice()
        assert (queue.offers_lost, stage.row(row_id).status) == (1, OutboxStatus.QUEUED)
        queue.stop(1)


def test_an_offer_to_a_full_lane_is_left_to_the_feeder(sqlite_stage):
    stage = sqlite_stage
    queue = Queue(stage.runtime)
    size = queue.places.room("bulk")
    queue.offer([Offer("outbox", number, "bulk") for number in range(size + 5)])
    assert (queue.places.room("bulk"), queue.offers_lost) == (0, 5)
    assert queue.counters()["queue_offers_lost"] == 5
    queue.stop(1)


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_when_every_connection_is_cut_the_pool_heals_and_work_goes_on_D01(stage):
    with working(stage):
        first = stage.notice("断线之前")
        until(lambda: stage.row(first).status == OutboxStatus.SENT)
        with stage.db.engine.connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        second = stage.notice("断线之后")
        until(lambda: stage.row(second).status == OutboxStatus.SENT)


def test_more_than_twenty_a_minute_of_one_robot_wait_with_words_B17_H01(sqlite_stage):
    """The twenty-first post of a minute waits for its turn and says so."""
    stage = sqlite_stage
    stage.clock.stop()
    group = stage.robot(WEBHOOK)
    rows = [stage.put("robot", group_id=group, payload={"text": f"第 {n} 条"}) for n in range(22)]
    for row_id in rows:
        stage.deliver(row_id)
    waiting = stage.rows(status=OutboxStatus.QUEUED)
    assert len(waiting) == 2
    assert all("每分钟最多 20 条" in row.reason and row.due_at > stage.now for row in waiting)
    assert {row.attempts for row in waiting} == {0}
    stage.clock.move(seconds=62)
    stage.world.advance(62)
    assert {stage.deliver(row.id).status for row in waiting} == {OutboxStatus.SENT}
    assert len(stage.world.ledger("robot")) == 22
    assert CHANNELS["robot"].on_unknown == CLOSE
