"""The queue on Redis: several processes share the work, and Redis may lose everything."""

from models.ledger.outbox import OutboxStatus
from scheduler.queue import Queue
from scheduler.queue.broker import close, shared_broker
from scheduler.queue.lane_slots import SharedPlaces
from tests.waiting import until


def test_distributed_workers_share_the_work_and_nothing_leaves_twice(stage, redis_url):
    rows = [stage.notice(f"第 {n} 条") for n in range(20)]
    one = Queue(stage.runtime, embedded=False, redis_url=redis_url)
    two = Queue(stage.runtime, embedded=False, redis_url=redis_url)
    one.start()
    two.start()
    try:
        until(lambda: len(stage.rows(status=OutboxStatus.SENT)) == len(rows))
    finally:
        one.stop(20)
        two.stop(20)
    assert len(stage.world.ledger("notice")) == len(rows)


def test_a_message_lost_by_redis_is_named_again(sqlite_stage, redis_url):
    """Redis was emptied between the offer and the work: the row is still there, and its turn comes again."""
    stage = sqlite_stage
    web = Queue(stage.runtime, embedded=False, redis_url=redis_url)
    stage.db.offer = web.offer
    row_id = stage.notice()
    assert web.broker.waiting("quick") == 1
    web.broker.client.flushall()
    stage.db.offer = None
    worker = Queue(stage.runtime, embedded=False, redis_url=redis_url)
    worker.start()
    try:
        until(lambda: stage.row(row_id).status == OutboxStatus.SENT)
    finally:
        worker.stop(20)
        web.stop(1)


def test_shared_places_name_a_row_again_only_after_a_while(redis_url):
    broker = shared_broker(redis_url, seconds=2)
    places = SharedPlaces(broker)
    assert [places.take("bulk", ("outbox", 1)) for _ in range(2)] == [True, False]
    places.free("bulk", ("outbox", 1))
    assert places.take("bulk", ("outbox", 1))
    room = places.room("bulk")
    places.ease("bulk")
    assert places.room("bulk") < room
    close(broker)
