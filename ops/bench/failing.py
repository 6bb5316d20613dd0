"""A program that lets jobs fail and prints how much memory is kept: `python -m ops.bench.failing JOBS BROKER`."""

import gc
import json
import logging
import sys
from collections.abc import Callable

from dramatiq import Actor, Worker
from dramatiq.brokers.stub import StubBroker

from ops.bench.machine import resident_bytes
from scheduler.queue.broker import EmbeddedBroker

BALLAST = 20_000
"""Bytes that each failure carries with it, as an exception with its frames does."""
PIECES = 10
BROKERS: dict[str, Callable[[], StubBroker]] = {"ours": EmbeddedBroker, "stub": StubBroker}
"""Ours, and Dramatiq's own as it comes."""


class Broken(Exception):
    """What the jobs raise."""

    def __init__(self) -> None:
        super().__init__()
        self.ballast = bytes(BALLAST)


def fail() -> None:
    raise Broken


def run(jobs: int, broker: StubBroker) -> list[int]:
    """Resident memory after each tenth of the jobs."""
    logging.disable(logging.CRITICAL)  # every failure would be printed
    actor = Actor(
        fn=fail, broker=broker, actor_name="fail", queue_name="bulk", priority=0, options={"max_retries": 0}
    )
    worker = Worker(broker, worker_threads=4, worker_timeout=50)
    worker.start()
    kept = []
    for _ in range(PIECES):
        for _ in range(jobs // PIECES):
            actor.send()
        broker.join("bulk", fail_fast=False, timeout=300_000)
        gc.collect()
        kept.append(resident_bytes())
    worker.stop()
    return kept


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]), BROKERS[sys.argv[2]]())))
