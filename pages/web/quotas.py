"""How often somebody may: counted per window of time, by Redis for all processes together, else in this one."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from flask.sansio.app import App
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

REDIS: dict[str, Any] = {"key_prefix": "onetap", "wrap_exceptions": True, "socket_timeout": 2.0}
KEY = "onetap.quotas"
NAMESPACE = "pages"

log = logging.getLogger(__name__)


def install(app: App, redis_url: str) -> None:
    """This process counts for itself where there is no Redis, and while Redis is away."""
    shared = [storage_from_string(redis_url, **REDIS)] if redis_url else []
    app.extensions[KEY] = [FixedWindowRateLimiter(storage) for storage in (*shared, MemoryStorage())]


def take(name: str, most: int, window: timedelta, now: datetime) -> int:
    """Count one more; the seconds until the next window when this one is full, else 0."""
    item, place, wait = _window(name, most, window, now)
    return 0 if _asked(lambda limiter: limiter.hit(item, *place)) else wait


def wait(name: str, most: int, window: timedelta, now: datetime) -> int:
    """The seconds until there is room, without counting; 0 when there is."""
    item, place, wait = _window(name, most, window, now)
    return 0 if _asked(lambda limiter: limiter.test(item, *place)) else wait


def first(name: str, life: timedelta) -> bool:
    """Whether nobody has taken this name in its life before: exactly one of several at the same moment hears yes."""
    item = RateLimitItemPerSecond(1, int(life.total_seconds()), namespace=NAMESPACE)
    return _asked(lambda limiter: limiter.hit(item, "once", name))


def _window(
    name: str, most: int, window: timedelta, now: datetime
) -> tuple[RateLimitItem, tuple[str, str], int]:
    """The windows follow the clock of the program, so they begin for all processes at the same moment."""
    seconds = int(window.total_seconds())
    number, gone = divmod(int(now.timestamp()), seconds)
    return (
        RateLimitItemPerSecond(most, seconds, namespace=NAMESPACE),
        (name, str(number)),
        seconds - gone,
    )


def _asked(ask: Callable[[FixedWindowRateLimiter], bool]) -> bool:
    for limiter in current_app.extensions[KEY]:
        try:
            return ask(limiter)
        except StorageError as error:
            log.warning("redis is away (%s), this process counts for itself", error)
    return True
