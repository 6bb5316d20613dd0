"""How fast a token, or a stranger without one, may come: counted per minute, by Redis for all processes together."""

import logging
from datetime import datetime
from typing import Any

from flask import current_app
from flask.sansio.app import App
from limits import RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from pages.api.problems import refuse

PER_MINUTE = 1200
STRANGERS_PER_MINUTE = 60
REDIS: dict[str, Any] = {"key_prefix": "onetap", "wrap_exceptions": True, "socket_timeout": 2.0}
KEY = "onetap.api_rate_limit"

log = logging.getLogger(__name__)


def install(app: App, redis_url: str) -> None:
    """This process counts for itself where there is no Redis, and while Redis is away."""
    shared = [storage_from_string(redis_url, **REDIS)] if redis_url else []
    app.extensions[KEY] = [FixedWindowRateLimiter(storage) for storage in (*shared, MemoryStorage())]


def check(name: str, *, known: bool, now: datetime) -> None:
    """429 for whoever comes too fast, with the seconds until the next minute."""
    most = PER_MINUTE if known else STRANGERS_PER_MINUTE
    minute, second = divmod(int(now.timestamp()), 60)
    for limiter in current_app.extensions[KEY]:
        try:
            if limiter.hit(RateLimitItemPerMinute(most, namespace="api"), name, str(minute)):
                return
            break
        except StorageError as error:
            log.warning("redis is away (%s), the API is counted in this process", error)
    wait = 60 - second
    refuse(429, f"每分钟最多 {most:,} 次，请等 {wait} 秒再来", headers={"Retry-After": str(wait)})
