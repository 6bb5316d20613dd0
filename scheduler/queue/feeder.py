"""From the tables to the lanes: what is due, in order, never more than a lane may hold."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from models.db import Database
from models.ledger import inbox, outbox
from models.ledger.outbox import LANES
from scheduler.queue.lane_slots import Key, LaneSlots

SWEEP_SECONDS = 2.0
"""Events and rows with a deadline are swept so often; whatever was not offered after its commit is found here."""
ROUND_SECONDS = 5.0
"""All lanes and the housekeeping."""
URGENT = ("welcome", "inbox")
FETCHED = 100

log = logging.getLogger("onetap.feeder")


class Feeder:
    """One thread per process that works. `send` names a row to the queue; `tidy` looks after deadlines and leases."""

    def __init__(
        self,
        db: Database,
        clock: Callable[[], datetime],
        places: LaneSlots,
        send: Callable[[str, Key], None],
        tidy: Callable[[datetime], object],
    ) -> None:
        self._db, self._clock, self._places, self._send, self._tidy = db, clock, places, send, tidy
        self._ready: dict[str, deque[int]] = {lane: deque() for lane in LANES}
        self._more: dict[str, bool] = dict.fromkeys(LANES, False)
        self._taking = threading.Lock()
        self._wake, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._loop, name="feeder", daemon=True)
        self.swept_at: datetime | None = None
        """When the last round ended, for /readyz."""
        self.failures = 0

    def start(self) -> None:
        self._thread.start()

    def stop(self, seconds: float) -> None:
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def expect(self, lane: str) -> None:
        """A row of this lane could not be offered, because the lane is full: look as soon as there is a place."""
        self._more[lane] = True

    def place_freed(self, lane: str) -> None:
        """An actor is done: if the lane has more, it need not wait for the next round."""
        if self._ready[lane] or self._more[lane]:
            self._wake.set()

    def took(self, lane: str, rows: Collection[int]) -> None:
        """Somebody has these already, with one that was named."""
        with self._taking:
            self._ready[lane] = deque(one for one in self._ready[lane] if one not in rows)

    def _loop(self) -> None:
        next_sweep = next_round = time.monotonic()
        while not self._stop.is_set():
            now = time.monotonic()
            every, urgent = now >= next_round, now >= next_sweep
            if every:  # first, so that what a dead process left is fed in the same round
                self._try(lambda: self._tidy(self._clock()))
            self._try(partial(self._feed_all, every, urgent))
            next_sweep = now + SWEEP_SECONDS if urgent else next_sweep
            next_round = now + ROUND_SECONDS if every else next_round
            self._wake.wait(max(0.0, min(next_sweep, next_round) - time.monotonic()))
            self._wake.clear()

    def _try(self, step: Callable[[], object]) -> None:
        """Without a feeder every lane would starve: it goes on after any mistake, the rows are still there."""
        try:
            step()
        except Exception as error:
            self.failures += 1
            ours = not isinstance(error, SQLAlchemyError | RedisError)
            log.warning("the feeder could not read or offer: %s", type(error).__name__, exc_info=ours)

    def _feed_all(self, every: bool, urgent: bool) -> None:
        for lane in LANES:
            self.feed(lane, afresh=every or (urgent and lane in URGENT))
        self.swept_at = self._clock()

    def feed(self, lane: str, *, afresh: bool) -> int:
        """Name due rows of a lane to the queue until it is full; how many."""
        if not afresh and not self._ready[lane] and not self._more[lane]:
            return 0
        room = self._places.room(lane)
        if room == 0:
            self._more[lane] = self._more[lane] or afresh
            return 0
        if afresh or not self._ready[lane]:
            self._ready[lane] = deque(self._due(lane))
            self._more[lane] = len(self._ready[lane]) == FETCHED
        return self._hand_out(lane, room)

    def _hand_out(self, lane: str, room: int) -> int:
        box = "inbox" if lane == "inbox" else "outbox"
        named = 0
        while named < room and (row_id := self._next(lane)):
            key = (box, row_id)
            if self._places.take(lane, key):
                self._send(lane, key)
                named += 1
        if named == 0 and not self._ready[lane]:  # all of them are out already
            self._more[lane] = False
        return named

    def _next(self, lane: str) -> int | None:
        with self._taking:
            return self._ready[lane].popleft() if self._ready[lane] else None

    def _due(self, lane: str) -> list[int]:
        now = self._clock()
        with self._db.read() as session:
            return (
                inbox.due(session, now, FETCHED)
                if lane == "inbox"
                else outbox.due(session, lane, now, FETCHED)
            )
