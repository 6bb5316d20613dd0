"""The queue: hung calls starve nobody, offers never keep a caller, failures keep no memory, two modes."""

import gc
import logging
import socket
import threading
import tracemalloc

import pytest
from dramatiq import Actor, Worker
from sqlalchemy import text

from models import org
from models.db import Offer
from models.friends import entry_codes
from models.ledger import inbox
from models.ledger.channels import CHANNELS, CLOSE
from models.ledger.inbox import InboxStatus
from models.ledger.outbox import BULK_LANES, LANES, OutboxStatus
from scheduler.queue import Queue
from scheduler.queue.broker import HELD_BY_ONE_WORKER, THREADS, EmbeddedBroker
from scheduler.queue.feeder import Feeder
from scheduler.queue.lane_slots import PRESSING, OwnPlaces
from tests.scheduler.conftest import working
from tests.services import free_port
from tests.waiting import PATIENCE, until
from tests.wecom_world import WEBHOOK

FAILING = 1_500


def test_a_row_leaves_right_after_its_commit(stage):
    with working(stage):
        row_id = stage.notice()
        until(lambda: stage.row(row_id).status == OutboxStatus.SENT)


def test_what_nobody_offered_is_swept(stage):
    """The process that wrote the row died before its offer: the feeder finds it."""
    row_id = stage.notice()
    with working(stage):
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


def test_lanes_that_may_hang_leave_threads_for_the_welcome():
    assert sum(HELD_BY_ONE_WORKER[lane] for lane in BULK_LANES) <= THREADS - 2
    assert set(HELD_BY_ONE_WORKER) == set(LANES)


def test_a_lane_never_holds_more_than_its_size(sqlite_stage):
    stage, most = sqlite_stage, 0
    group = stage.robot()
    stage.world.chaos({"api": "webhook/send", "delay": 0.3})
    for number in range(10):
        stage.put("robot", group_id=group, payload={"text": f"第 {number} 条"})
    with working(stage):

        def all_sent() -> bool:
            nonlocal most
            most = max(most, len(stage.rows(status=OutboxStatus.CALLING)))
            return len(stage.rows(status=OutboxStatus.SENT)) == 10

        until(all_sent)
    assert 1 <= most <= HELD_BY_ONE_WORKER["robot"]
    assert len(stage.world.ledger("robot")) == 10


def test_a_lane_that_was_too_fast_is_halved_for_a_while_B03():
    places = OwnPlaces()
    full = places.room("quick")
    places.ease("quick")
    assert places.room("quick") == full // 2


def test_an_event_that_waits_in_one_lane_is_not_named_in_another():
    """A friend's event is offered to its own lane; the feeder finds the same row for the lane of all events."""
    places = OwnPlaces()
    assert [places.take(lane, ("inbox", 1)) for lane in ("friend", "inbox")] == [True, False]
    places.free("friend", ("inbox", 1))
    assert places.take("inbox", ("inbox", 1))


def test_everything_else_gives_way_while_many_friends_wait():
    """Measured: without it, 30 friends a second waited 18 s beside a campaign, with it 8 s on the same busy machine."""
    places = OwnPlaces()
    full = places.room("bulk")
    for number in range(PRESSING):
        places.take("inbox", ("inbox", number))
    assert (places.room("bulk"), places.room("quick"), places.room("robot")) == (1, 1, 1)
    assert places.room("welcome") > PRESSING
    places.free("inbox", ("inbox", 0))
    assert places.room("bulk") == full


def test_a_row_that_is_out_is_not_named_twice_and_a_full_lane_takes_no_more():
    places = OwnPlaces(dict.fromkeys(LANES, 2))
    assert [places.take("bulk", ("outbox", n)) for n in (1, 1, 2, 3)] == [True, False, True, False]
    places.free("bulk", ("outbox", 1))
    assert (places.room("bulk"), places.take("bulk", ("outbox", 3))) == (1, True)


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


def test_it_is_alive_while_its_feeder_makes_rounds(sqlite_stage):
    with working(sqlite_stage) as queue:
        until(queue.alive)
        sqlite_stage.clock.move(minutes=5)
        assert not queue.alive()
        queue.feeder.expect("quick")
        queue.feeder.place_freed("quick")
        until(queue.alive)


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


def test_a_feeder_goes_on_after_any_mistake_and_says_it(sqlite_stage, caplog):
    """Whoever tidies stumbles each time: rows are named all the same, and the next round comes."""
    stage, named = sqlite_stage, []
    rows = [stage.notice()]

    def stumble(now) -> None:
        raise ValueError("nobody expected that")

    feeder = Feeder(stage.db, stage.clock, OwnPlaces(), lambda lane, key: named.append((lane, key)), stumble)
    feeder.start()
    until(lambda: len(named) == 1)
    rows.append(stage.notice("后来的"))
    feeder.expect("quick")
    feeder.place_freed("quick")
    until(lambda: len(named) == 2)
    feeder.stop(5)
    assert named == [("quick", ("outbox", row)) for row in rows]
    assert feeder.failures == 1
    assert "ValueError: nobody expected that" in caplog.text


def test_a_thread_that_offers_while_others_work_is_never_refused(stage):
    """Many writers at once: each row leaves exactly once."""
    with working(stage):
        threads = [
            threading.Thread(target=lambda n=n: [stage.notice(f"{n}-{m}") for m in range(4)])
            for n in range(5)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        until(lambda: len(stage.rows(status=OutboxStatus.SENT)) == 20)
    assert len(stage.world.ledger("notice")) == 20


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


# ---- memory


class Broken(Exception):
    """What a failing job raises; it carries something to keep."""

    def __init__(self) -> None:
        super().__init__()
        self.ballast = bytes(20_000)


def test_failing_jobs_leave_memory_flat():
    """Dramatiq's own broker in the process keeps every dead letter: 1,500 of these would be 30 MB."""
    broker = EmbeddedBroker()

    def fail() -> None:
        raise Broken

    actor = Actor(fn=fail, broker=broker, actor_name="fail", queue_name="bulk", priority=0, options={})
    worker = Worker(broker, worker_threads=2, worker_timeout=50)
    threads = logging.getLogger("dramatiq.worker.WorkerThread")  # it would print every failure
    threads.disabled = True
    worker.start()
    try:
        kept = []
        for _ in range(3):
            for _ in range(FAILING // 3):
                actor.send()
            broker.join("bulk", timeout=60_000)
            gc.collect()
            if not tracemalloc.is_tracing():
                tracemalloc.start()
            kept.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
        worker.stop(5_000)
        threads.disabled = False
    assert broker.dead_letters == []
    assert kept[-1] - kept[0] < 2_000_000
