"""The embedded broker: no offer keeps its caller, no failure keeps memory, hung lanes keep no thread of others."""

import gc
import logging
import threading
import tracemalloc

from dramatiq import Actor, Worker

from models.ledger.outbox import BULK_LANES, LANES, OutboxStatus
from scheduler.queue.broker import HELD_BY_ONE_WORKER, THREADS, EmbeddedBroker
from tests.scheduler.conftest import working
from tests.waiting import until

FAILING = 1_500


def test_lanes_that_may_hang_leave_threads_for_the_welcome():
    assert sum(HELD_BY_ONE_WORKER[lane] for lane in BULK_LANES) <= THREADS - 2
    assert set(HELD_BY_ONE_WORKER) == set(LANES)


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
