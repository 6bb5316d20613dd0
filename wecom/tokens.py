"""Access tokens and tickets: fetched once for everybody, renewed early, kept in memory or in Redis."""

import hashlib
import json
import logging
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as WaitedTooLong
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Protocol

import redis
from redis.exceptions import LockError, RedisError

from wecom.errors import Action, PlatformError

EARLY_SECONDS = 300.0
WAIT_SECONDS = 20.0
"""Longer than one whole exchange with the platform"""
LOCK_SECONDS = 40.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Kept:
    """A token or ticket. The stamp tells two fetches apart: the platform often repeats the same value."""

    value: str
    expires_at: float
    """Seconds since 1970"""
    lifetime: float
    stamp: str

    @classmethod
    def new(cls, value: str, lifetime: float, now: datetime) -> "Kept":
        return cls(value, now.timestamp() + lifetime, lifetime, secrets.token_hex(8))

    def fresh(self, now: datetime) -> bool:
        early = min(EARLY_SECONDS, self.lifetime / 2)
        return now.timestamp() < self.expires_at - early

    def __repr__(self) -> str:
        return f"<Kept until {self.expires_at:.0f}>"


Fetch = Callable[[], Kept]


class TokenStore(Protocol):
    """`obtain` answers a fresh one that does not bear the refused stamp, and fetches at most once for all."""

    def obtain(self, name: str, now: datetime, fetch: Fetch, refused: str = "") -> Kept: ...


def token_name(kind: str, corp_id: str, secret: str) -> str:
    """The key of a token: nothing of the secret can be read from it."""
    return hashlib.sha256(f"{kind}\n{corp_id}\n{secret}".encode()).hexdigest()[:32]


class MemoryTokens:
    """In this process: whoever comes while a fetch is under way waits for its result, good or bad."""

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}
        self._flights: dict[str, Future[Kept]] = {}
        self._lock = threading.Lock()

    def obtain(self, name: str, now: datetime, fetch: Fetch, refused: str = "") -> Kept:
        kept = self._read(name)
        if kept and kept.stamp != refused and kept.fresh(now):
            return kept
        with self._lock:
            flight = self._flights.get(name)
            leads = flight is None
            if flight is None:
                flight = self._flights[name] = Future()
        if not leads:
            return self._joined(flight)
        try:
            kept = self._fetch_alone(name, now, fetch, refused)
            flight.set_result(kept)
        except BaseException as error:
            flight.set_exception(error)
            raise
        finally:
            with self._lock:
                del self._flights[name]
        return kept

    def _joined(self, flight: "Future[Kept]") -> Kept:
        try:
            return flight.result(timeout=WAIT_SECONDS)
        except PlatformError as error:
            shared = error.again()
        except WaitedTooLong:
            shared = _busy()
        raise shared

    def _fetch_alone(self, name: str, now: datetime, fetch: Fetch, refused: str) -> Kept:
        # somebody may have landed between our look and our lead
        kept = self._read(name)
        if not (kept and kept.stamp != refused and kept.fresh(now)):
            kept = fetch()
            self._write(name, kept)
        return kept

    def _read(self, name: str) -> Kept | None:
        return self._kept.get(name)

    def _write(self, name: str, kept: Kept) -> None:
        self._kept[name] = kept


class RedisTokens(MemoryTokens):
    """Shared by all processes, under a Redis lock. Without Redis each process goes on alone."""

    def __init__(self, url: str, prefix: str = "onetap:token:") -> None:
        super().__init__()
        self._redis = redis.Redis.from_url(
            url, socket_timeout=2.0, socket_connect_timeout=2.0, decode_responses=True
        )
        self._prefix = prefix

    def close(self) -> None:
        self._redis.close()

    def _fetch_alone(self, name: str, now: datetime, fetch: Fetch, refused: str) -> Kept:
        lock = self._redis.lock(
            f"{self._prefix}{name}:lock", timeout=LOCK_SECONDS, blocking_timeout=WAIT_SECONDS / 2, sleep=0.05
        )
        try:
            got = lock.acquire()
        except RedisError as error:
            log.warning("redis is away (%s), the token is kept in this process", type(error).__name__)
            return super()._fetch_alone(name, now, fetch, refused)
        if not got:
            raise _busy()
        try:
            return super()._fetch_alone(name, now, fetch, refused)
        finally:
            try:
                lock.release()
            except (LockError, RedisError):
                log.warning("the lock of a token had run out before its release")

    def _read(self, name: str) -> Kept | None:
        try:
            found = self._redis.get(self._prefix + name)
            return Kept(**json.loads(str(found))) if found else None
        except RedisError:
            return super()._read(name)
        except (ValueError, TypeError):
            return None  # written by another version: fetch a new one

    def _write(self, name: str, kept: Kept) -> None:
        super()._write(name, kept)
        try:
            life = timedelta(seconds=max(kept.lifetime, 1.0))
            self._redis.set(self._prefix + name, json.dumps(asdict(kept)), ex=life)
        except RedisError as error:
            log.warning("redis is away (%s), the token is kept in this process", type(error).__name__)


def _busy() -> PlatformError:
    return PlatformError("gettoken", None, Action.RETRY, "别的进程正在换访问凭证，稍后自动再试", 5.0)
