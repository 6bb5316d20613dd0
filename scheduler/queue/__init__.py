"""The queue: lanes of messages that name rows, and the actors that take them."""

import logging
import threading
import time
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from dramatiq import Actor, Message, Worker
from dramatiq.errors import BrokerConnectionError
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from handlers import registry
from handlers.registry import HandlerContext
from models.db import Offer
from models.ledger.outbox import LANES
from scheduler.queue import pace, recovery
from scheduler.queue.broker import OFFER_SECONDS, THREADS, EmbeddedBroker, close, shared_broker
from scheduler.queue.feeder import Feeder
from scheduler.queue.lane_slots import HASTY_LANES, Key, LaneSlots, OwnPlaces, SharedPlaces
from scheduler.queue.portion import deliver_together
from scheduler.runtime import Runtime

WORKER_SECONDS = 5.0
"""The longest that a worker's own command to Redis may take."""
IDLE_MS = 500
"""How long a thread without work sleeps before it looks whether it should end."""
YIELD_SECONDS = 0.3
"""The longest that the handling of an event waits for callbacks that are being answered: those come first."""
BREATH_SECONDS, BREATH_LOOK_SECONDS = 1.0, 0.02
"""So long one of several rows that go together waits for new friends at most, and how often it looks"""
QUIET_SECONDS = 30.0
"""A feeder that made no round for so long is not well."""
LATE = timedelta(seconds=16)
"""A new friend whose event waited for so long is past a welcome: she makes room for those who are not."""
PRIORITY = {lane: place for place, lane in enumerate(LANES)}

log = logging.getLogger("onetap.queue")


class Queue:
    """Messages only name rows: (box, id). A lost one is found by the feeder, a repeated one finds the row taken.

    `offer` works at once, for every process; `start` adds the threads of a process that does the work.
    """

    def __init__(self, runtime: Runtime, *, embedded: bool = True, redis_url: str = "") -> None:
        self.runtime = runtime
        self.broker = EmbeddedBroker() if embedded else shared_broker(redis_url, seconds=WORKER_SECONDS)
        self._offering = self.broker if embedded else shared_broker(redis_url, seconds=OFFER_SECONDS)
        self.places: LaneSlots = (
            OwnPlaces() if isinstance(self.broker, EmbeddedBroker) else SharedPlaces(self.broker)
        )
        self._handler_context = HandlerContext(zone=runtime.zone, public_url=runtime.public_url)
        self._actors = {lane: self._actor(lane) for lane in LANES}
        self._worker: Worker | None = None
        self.feeder = Feeder(runtime.db, runtime.clock, self.places, self._send, self._tidy)
        self._lock = threading.Lock()
        self.running = False
        self.offers_lost = 0
        """Offers after a commit that failed or found the lane full; the feeder found their rows later."""
        self.put_off = 0
        """Turns of the lane `friend` that found nobody: who waited too long for a welcome is handled with the others."""
        self.done: dict[str, int] = dict.fromkeys(LANES, 0)
        """Messages worked off per lane, since the start of this process."""

    # ---- what the program calls

    def start(self) -> None:
        """Threads and feeder of a process that works; nothing of it exists before, so a server may fork first.

        Nothing leaves before it is known how much may have left a moment ago.
        """
        # nothing can be claimed either then, and the feeder counts in its first round
        with suppress(SQLAlchemyError):
            pace.refill(self.runtime, self.runtime.clock())
        self.running = True
        self._worker = Worker(self.broker, worker_threads=THREADS, worker_timeout=IDLE_MS)
        self._worker.start()
        self.feeder.start()

    def offer(self, offers: Sequence[Offer]) -> None:
        """Name rows right after their commit. It never fails and never keeps the caller: the feeder finds the rest."""
        for offered in offers:
            key = (offered.box, offered.id)
            try:
                if not self.places.take(offered.lane, key):
                    self.feeder.expect(offered.lane)
                    self._count_lost()
                    continue
                self._offering.enqueue(self._message(offered.lane, key))
            except (RedisError, BrokerConnectionError) as error:
                log.warning("an offer after commit failed: %s", type(error).__name__)
                self.places.free(offered.lane, key)
                self._count_lost(len(offers))
                return

    def stop(self, seconds: float = 20.0) -> None:
        """Take no more, finish what runs, within `seconds`; what is not finished lapses and is decided later."""
        self.running = False
        self.feeder.stop(min(5.0, seconds))
        if self._worker:
            self._worker.stop(timeout=int(max(1.0, seconds - 3) * 1000))
        close(self.broker)
        if self._offering is not self.broker:
            close(self._offering)

    def alive(self) -> bool:
        """Does work get done? A process that only offers asks whether the lanes can be reached."""
        if self.running:
            swept_at = self.feeder.swept_at
            return (
                swept_at is not None
                and abs((self.runtime.clock() - swept_at).total_seconds()) < QUIET_SECONDS
            )
        try:
            return isinstance(self.broker, EmbeddedBroker) or bool(self.broker.client.ping())
        except RedisError:
            return False

    def counters(self) -> dict[str, int]:
        """Numbers of this process, for /metrics."""
        done = {f"queue_done_{lane}": number for lane, number in self.done.items()}
        return {
            **done,
            "queue_offers_lost": self.offers_lost,
            "queue_put_off": self.put_off,
            "queue_feeder_failures": self.feeder.failures,
        }

    # ---- the actors

    def _actor(self, lane: str) -> "Actor[[str, int], None]":
        def work(box: str, row_id: int) -> None:
            self._work(lane, (box, row_id))

        return Actor(
            work,
            broker=self.broker,
            actor_name=f"onetap.{lane}",
            queue_name=lane,
            priority=PRIORITY[lane],
            options={},
        )

    def _work(self, lane: str, key: Key) -> None:
        """One message. It never raises: what goes wrong stands on the row, and a row left alone comes again."""
        box, row_id = key
        try:
            if not self.running:
                return
            if lane == "inbox":
                self.runtime.db.yield_to_callbacks(YIELD_SECONDS)
            with self.runtime.db.urgently() if lane in HASTY_LANES else nullcontext():
                self._handle_or_deliver(lane, box, row_id)
        except SQLAlchemyError as error:
            log.warning(
                "%s %s comes again: the database did not answer (%s)", box, row_id, type(error).__name__
            )
        finally:
            self.places.free(lane, key)
            self.done[lane] += 1
            self.feeder.place_freed(lane)

    def _handle_or_deliver(self, lane: str, box: str, row_id: int) -> None:
        if lane == "friend":
            self._greet_newest()
        elif box == "inbox":
            registry.handle(self.runtime.db, row_id, self.runtime.clock(), self._handler_context)
        elif deliver_together(self.runtime, row_id, LaneOfPortions(self, lane)):
            self.places.ease(lane)

    def _greet_newest(self) -> None:
        """A message of this lane is a turn: whoever has it takes the newest friend who can still be in time."""
        now = self.runtime.clock()
        if not registry.handle_newest(self.runtime.db, "friend", now - LATE, now, self._handler_context):
            self.put_off += 1

    def _send(self, lane: str, key: Key) -> None:
        self.broker.enqueue(self._message(lane, key))

    def _message(self, lane: str, key: Key) -> "Message[None]":
        return self._actors[lane].message(*key)

    def _tidy(self, now: datetime) -> None:
        pace.refill(self.runtime, now)
        recovery.expire(self.runtime, now)
        recovery.lapse(self.runtime, now)

    def _count_lost(self, number: int = 1) -> None:
        with self._lock:
            self.offers_lost += number


@dataclass(frozen=True)
class LaneOfPortions:
    """The lane from which an actor takes several rows at a time."""

    queue: Queue
    name: str

    def out(self) -> list[int]:
        return self.queue.places.out(self.name)

    def took(self, rows: Sequence[int]) -> None:
        self.queue.feeder.took(self.name, set(rows))

    def breathe(self) -> bool:
        for _ in range(round(BREATH_SECONDS / BREATH_LOOK_SECONDS)):
            if not (self.queue.running and self.queue.places.pressed(self.name)):
                break
            time.sleep(BREATH_LOOK_SECONDS)
        return self.queue.running
