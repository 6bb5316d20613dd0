"""How many messages of each lane are out, so that a lane never holds more than its size."""

import threading
import time
from collections import defaultdict
from typing import Protocol

from models.ledger.outbox import BULK_LANES, LANES
from scheduler.queue.broker import HELD_BY_ONE_WORKER, SharedBroker

Key = tuple[str, int]
"""(box, row id)"""
ROOMY = 1000
"""Messages of a quick-moving lane that may wait in this process; the others hold what one worker holds."""
HASTY_LANES = ("welcome", "friend")
"""Their rows die within 20 seconds."""
URGENT_LANES = (*HASTY_LANES, "inbox")
PRESSING = 8
"""So many messages of more urgent lanes are out, and a lane holds one: other events wait for new friends, and what
draws and calls waits for all events.
"""
AGED_SECONDS = 2.0
"""Once several are out and the oldest for so long, no bulk begins until they are through."""
EASED_SECONDS = 60.0
SHARED = 200
"""Messages of one lane that may wait on Redis, for all workers together."""
FORGOTTEN_SECONDS = 15.0
"""After so long a row that was named on Redis and is still due is named again: its message may be lost."""


class LaneSlots(Protocol):
    def take(self, lane: str, key: Key) -> bool:
        """A place for this row; False when the lane is full or the row is out already."""

    def free(self, lane: str, key: Key) -> None: ...

    def room(self, lane: str) -> int: ...

    def out(self, lane: str) -> list[int]:
        """Rows that are out and had better be left to whoever they were named to."""

    def pressed(self, lane: str) -> bool:
        """Should what is being done in this lane let others go first?"""

    def ease(self, lane: str) -> None:
        """The platform wants fewer calls at a time: half as many in this lane, for a minute."""


class OwnPlaces:
    """Exact, for the broker in the process."""

    def __init__(self, sizes: dict[str, int] | None = None) -> None:
        roomy = {lane: ROOMY for lane in LANES if lane not in (*BULK_LANES, "quick")}
        self._sizes = sizes or HELD_BY_ONE_WORKER | roomy
        self._out: dict[str, dict[Key, float]] = defaultdict(dict)
        """Since when, the oldest first"""
        self._eased: dict[str, float] = {}
        self._lock = threading.Lock()

    def take(self, lane: str, key: Key) -> bool:
        with self._lock:
            out = self._out[lane]
            if any(key in named for named in self._out.values()) or len(out) >= self._size(lane):
                return False
            out[key] = time.monotonic()
            return True

    def free(self, lane: str, key: Key) -> None:
        with self._lock:
            self._out[lane].pop(key, None)

    def room(self, lane: str) -> int:
        with self._lock:
            return max(0, self._size(lane) - len(self._out[lane]))

    def out(self, lane: str) -> list[int]:
        with self._lock:
            return [row_id for _, row_id in self._out[lane]]

    def pressed(self, lane: str) -> bool:
        with self._lock:
            return lane in BULK_LANES and self._size(lane) <= 1

    def ease(self, lane: str) -> None:
        with self._lock:
            self._eased[lane] = time.monotonic() + EASED_SECONDS

    def _size(self, lane: str) -> int:
        size = self._sizes[lane]
        if lane in BULK_LANES and self._hasty_ones_age():
            return 0
        before = {"inbox": HASTY_LANES}.get(lane, URGENT_LANES)
        if lane not in HASTY_LANES and sum(len(self._out[one]) for one in before) >= PRESSING:
            return 1
        return max(1, size // 2) if self._eased.get(lane, 0.0) > time.monotonic() else size

    def _hasty_ones_age(self) -> bool:
        """Several, so that one slow call of the platform stops no campaign."""
        out = [self._out[lane] for lane in HASTY_LANES if self._out[lane]]
        oldest = min((next(iter(named.values())) for named in out), default=0.0)
        return sum(map(len, out)) >= PRESSING and time.monotonic() - oldest > AGED_SECONDS


class SharedPlaces:
    """Nearly exact, for Redis: other processes put and take as well, and a message named twice is harmless."""

    def __init__(self, broker: SharedBroker) -> None:
        self._broker = broker
        self._named: dict[Key, float] = {}
        self._eased: dict[str, float] = {}
        self._lock = threading.Lock()

    def take(self, lane: str, key: Key) -> bool:
        now = time.monotonic()
        with self._lock:
            if now - self._named.get(key, -FORGOTTEN_SECONDS) < FORGOTTEN_SECONDS:
                return False
            if len(self._named) > 10 * SHARED:
                self._named = {key: at for key, at in self._named.items() if now - at < FORGOTTEN_SECONDS}
            self._named[key] = now
            return True

    def free(self, lane: str, key: Key) -> None:
        with self._lock:
            self._named.pop(key, None)

    def room(self, lane: str) -> int:
        size = SHARED // 10 if self._eased.get(lane, 0.0) > time.monotonic() else SHARED
        return max(0, size - self._broker.waiting(lane))

    def out(self, lane: str) -> list[int]:
        return []  # nearly all that is due waits on Redis: whoever comes for a row that has gone goes empty

    def pressed(self, lane: str) -> bool:
        return False

    def ease(self, lane: str) -> None:
        self._eased[lane] = time.monotonic() + EASED_SECONDS
