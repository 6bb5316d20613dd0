"""How fast a token, or a stranger without one, may come: counted per minute in this process."""

import threading
from datetime import datetime
from typing import cast

from flask import current_app
from flask.sansio.app import App

from pages.api.problems import refuse

PER_MINUTE = 1200
STRANGERS_PER_MINUTE = 60
MOST_NAMES = 10_000
KEY = "onetap.api_pace"


class RateLimit:
    """Calls per name in the current minute; everything older is forgotten when the minute turns."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minute = 0
        self._counts: dict[str, int] = {}

    def count(self, name: str, now: datetime) -> int:
        """This call included; names beyond the most that are kept share one count."""
        minute = int(now.timestamp()) // 60
        with self._lock:
            if minute != self._minute:
                self._minute, self._counts = minute, {}
            if name not in self._counts and len(self._counts) >= MOST_NAMES:
                name = "others"
            self._counts[name] = self._counts.get(name, 0) + 1
            return self._counts[name]


def install(app: App) -> None:
    app.extensions[KEY] = RateLimit()


def check(name: str, *, known: bool, now: datetime) -> None:
    """429 for whoever comes too fast, with the seconds until the next minute."""
    most = PER_MINUTE if known else STRANGERS_PER_MINUTE
    if cast(RateLimit, current_app.extensions[KEY]).count(name, now) > most:
        wait = 60 - int(now.timestamp()) % 60
        refuse(429, f"每分钟最多 {most:,} 次，请等 {wait} 秒再来", headers={"Retry-After": str(wait)})
