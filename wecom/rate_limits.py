"""How often we may: the platform's rates as moving windows, in this process or shared in Redis."""

import logging
import threading
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import redis
from limits import RateLimitItem, RateLimitItemPerSecond
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

SLACK_SECONDS = 1
"""One second more than the platform's window: our clock starts when we ask, its clock when the call arrives."""


def _rate(amount: int, seconds: int) -> RateLimitItem:
    return RateLimitItemPerSecond(amount, seconds + SLACK_SECONDS, namespace="onetap")


PER_MINUTE, PER_HOUR = 10_000, 150_000
"""Of one API and corp (contract 4.6)"""
RESULTS_SHARE = 3
"""Reading results back may use one part of so many: what leaves for customers needs the rest."""
SYNC_SHARE = 5
"""The nightly comparison may use one part of so many, so that the morning's work never waits for it."""
RATES: dict[str, tuple[RateLimitItem, ...]] = {
    "robot": (_rate(20, 60),),
    "member": (_rate(30, 60), _rate(1000, 3600)),
    "api": (_rate(PER_MINUTE, 60), _rate(PER_HOUR, 3600)),
    "results": (_rate(PER_MINUTE // RESULTS_SHARE, 60), _rate(PER_HOUR // RESULTS_SHARE, 3600)),
    "sync": (_rate(PER_MINUTE // SYNC_SHARE, 60), _rate(PER_HOUR // SYNC_SHARE, 3600)),
    "moment": (_rate(10, 60),),
}
"""Per webhook key (more is answered 45009); per app and member (more is dropped silently); per corp and API; per API
that results are read with, and that the nightly comparison reads; new Moments tasks per corp.
"""
FILLED = "onetap:windows:filled"
FILLING = "onetap:windows:filling"
FILLING_SECONDS = 30
"""So long one process has to count again what left; then another may."""
NOT_FILLED_SECONDS = 1.0
"""What nobody has counted again yet is asked for anew so soon."""
PREFIX = "onetap:"
TAKE = """
if redis.call('exists', 'onetap:windows:filled') == 0 then return '-1' end
local wait = 0
for i, key in ipairs(KEYS) do
  local last = redis.call('lindex', key, ARGV[2 * i] - 1)
  wait = last and math.max(wait, last + ARGV[2 * i + 1] - ARGV[1]) or wait
end
if wait > 0 then return tostring(wait) end
for i, key in ipairs(KEYS) do
  redis.call('lpush', key, ARGV[1])
  redis.call('ltrim', key, 0, ARGV[2 * i] - 1)
  redis.call('expire', key, ARGV[2 * i + 1])
end
return '0'
"""
"""In Redis, at one blow: the seconds until every window has room, or 0 and one grant in each; −1 while Redis does not
know what has left, because it is new or has lost its content.
"""


class _Store(Protocol):
    def take(self, keys: list[tuple[str, RateLimitItem]], at: float) -> float: ...

    def add(self, keys: list[tuple[str, RateLimitItem]], count: int, at: float) -> None: ...


@dataclass
class _Moments:
    """The times of the last grants under one key, oldest first."""

    times: "deque[float]"
    seconds: float


class _MemoryStore:
    """The windows of one process. All rates of a key are granted together or not at all."""

    def __init__(self) -> None:
        self._rows: dict[str, _Moments] = defaultdict(lambda: _Moments(deque(), 0.0))
        self._lock = threading.Lock()
        self._takes = 0

    def take(self, keys: list[tuple[str, RateLimitItem]], at: float) -> float:
        with self._lock:
            self._sweep(at)
            wait = max(self._wait(key, rate, at) for key, rate in keys)
            if wait <= 0:
                for key, rate in keys:
                    self._push(key, rate, 1, at)
        return max(wait, 0.0)

    def add(self, keys: list[tuple[str, RateLimitItem]], count: int, at: float) -> None:
        with self._lock:
            for key, rate in keys:
                self._push(key, rate, count, at)

    def _wait(self, key: str, rate: RateLimitItem, at: float) -> float:
        times = self._rows[key].times
        while times and times[0] <= at - rate.get_expiry():
            times.popleft()
        # the entry that has to leave before one more fits in
        return times[-rate.amount] + rate.get_expiry() - at if len(times) >= rate.amount else 0.0

    def _push(self, key: str, rate: RateLimitItem, count: int, at: float) -> None:
        row = self._rows[key]
        row.seconds = float(rate.get_expiry())
        row.times.extend([at] * min(count, rate.amount))

    def _sweep(self, at: float) -> None:
        """Now and then forget who has been silent for a whole window."""
        self._takes += 1
        if self._takes % 5000:
            return
        silent = [k for k, row in self._rows.items() if not row.times or row.times[-1] <= at - row.seconds]
        for key in silent:
            del self._rows[key]


class _RedisStore:
    """The windows of all processes: lists of the times of the last grants, newest first."""

    def __init__(self, uri: str) -> None:
        self.redis = redis.Redis.from_url(uri, socket_timeout=2.0, socket_connect_timeout=2.0)
        self._take = self.redis.register_script(TAKE)

    def take(self, keys: list[tuple[str, RateLimitItem]], at: float) -> float:
        windows = [number for _, rate in keys for number in (rate.amount, rate.get_expiry())]
        wait = float(self._take([PREFIX + name for name, _ in keys], [at, *windows]))
        return NOT_FILLED_SECONDS if wait < 0 else wait

    def add(self, keys: list[tuple[str, RateLimitItem]], count: int, at: float) -> None:
        # the script would refuse what is over the rate, but these did leave
        with self.redis.pipeline() as change:
            for name, rate in keys:
                key = PREFIX + name
                if count > 0:
                    change.lpush(key, *[at] * min(count, rate.amount))
                change.ltrim(key, 0, rate.amount - 1)
                change.expire(key, rate.get_expiry())
            change.execute()


class RateLimits:
    """Ask before each call: 0.0 means go, anything else is how many seconds to wait."""

    def __init__(self, storage_uri: str = "memory://") -> None:
        self._own = _MemoryStore()
        self._shared = None if storage_uri.startswith("memory") else _RedisStore(storage_uri)
        self._filled = False

    def take(self, name: str, key: str, now: datetime) -> float:
        """One grant under a name of RATES for a key: a robot, a member, an API."""
        return self.take_together(name, [key], now)

    def take_together(self, name: str, of: Iterable[str], now: datetime) -> float:
        """One grant for each of these keys, or none at all."""
        keys, at = [one for key in of for one in _keys(name, key)], now.timestamp()
        if self._shared is not None:
            try:
                return self._shared.take(keys, at)
            except RedisError as error:
                log.warning("redis is away (%s), rates are kept in this process", type(error).__name__)
        return self._own.take(keys, at)

    def refill(self, name: str, key: str, count: int, now: datetime) -> None:
        """At start, oldest first: so many may have left at that time, as the ledger tells."""
        keys, at = _keys(name, key), now.timestamp()
        if self._shared is not None:
            try:
                return self._shared.add(keys, count, at)
            except RedisError as error:
                log.warning("redis is away (%s), rates are kept in this process", type(error).__name__)
        return self._own.add(keys, count, at)

    def begin_refill(self) -> bool:
        """Is this a first start, or has Redis lost its content? Of several processes one hears yes."""
        if self._shared is None:
            return not self._filled
        try:
            redis = self._shared.redis
            return not redis.exists(FILLED) and bool(redis.set(FILLING, "1", nx=True, ex=FILLING_SECONDS))
        except RedisError:
            return False

    def refilled(self) -> None:
        self._filled = True
        if self._shared is not None:
            try:
                self._shared.redis.set(FILLED, "1")
                self._shared.redis.delete(FILLING)
            except RedisError as error:
                log.warning("redis is away (%s), the refill was not noted", type(error).__name__)

    def close(self) -> None:
        if self._shared is not None:
            self._shared.redis.close()


def _keys(name: str, key: str) -> list[tuple[str, RateLimitItem]]:
    return [(rate.key_for(name, key), rate) for rate in RATES[name]]
