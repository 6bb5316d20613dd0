"""The two brokers that spread the work: one inside the process, one on Redis. Neither is the truth; the tables are."""

from collections import defaultdict
from typing import Any

import redis
from dramatiq import Broker
from dramatiq.broker import Consumer, MessageProxy
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import Middleware

from models.ledger.outbox import BULK_LANES, LANES

THREADS = 16
HELD_BY_ONE_WORKER = {"welcome": THREADS, "friend": 4, "inbox": 8, "quick": 4, "robot": 3, "bulk": 7}
"""Messages of a lane that one worker process holds at most, running or waiting for a thread.

Lanes whose calls may hang for long (quick, robot, bulk) together leave two threads free: a welcome always starts.
"""
OFFER_SECONDS = 0.3
"""The longest that an offer after a commit may keep its caller waiting."""
MIDDLEWARE: tuple[type[Middleware], ...] = ()
"""None. Retries are rows with a due_at, results are rows, limits of age are deadlines of rows."""

assert sum(HELD_BY_ONE_WORKER[lane] for lane in (*BULK_LANES, "quick")) <= THREADS - 2
assert set(HELD_BY_ONE_WORKER) == set(LANES)


class DropsAll(list[MessageProxy]):
    """Where dead letters go: 5,000 of them were measured to keep 114 MB, and the row tells what went wrong."""

    def append(self, message: MessageProxy) -> None:
        """Nobody reads it."""


class EmbeddedBroker(StubBroker):
    """Dramatiq's broker in the process, without its memory of everything that ever failed."""

    def __init__(self) -> None:
        super().__init__(middleware=[made() for made in MIDDLEWARE])
        self.dead_letters_by_queue = defaultdict(DropsAll)

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = 100) -> Consumer:
        return super().consume(queue_name, HELD_BY_ONE_WORKER.get(queue_name, 1), timeout)


class SharedBroker(RedisBroker):
    """Dramatiq's broker on Redis; each worker takes from a lane only what that lane may hold of it."""

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = 5000) -> Consumer:
        return super().consume(queue_name, HELD_BY_ONE_WORKER.get(queue_name, 1), timeout)

    def waiting(self, lane: str) -> int:
        """Messages of a lane that nobody has finished."""
        return int(self.do_qsize(lane))


def shared_broker(url: str, *, seconds: float) -> SharedBroker:
    """A broker on Redis whose every command ends within `seconds`."""
    options: dict[str, Any] = {"socket_timeout": seconds, "socket_connect_timeout": seconds}
    client = redis.Redis(connection_pool=redis.ConnectionPool.from_url(url, **options))
    made = [each() for each in MIDDLEWARE]
    broker: SharedBroker = SharedBroker(
        client=client, middleware=made, namespace="onetap", dead_message_ttl=60_000
    )  # type: ignore[no-untyped-call]
    return broker


def close(broker: Broker) -> None:
    broker.close()
    if isinstance(broker, SharedBroker):
        broker.client.close()
