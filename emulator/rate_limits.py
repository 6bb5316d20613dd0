"""Counts how often something happened lately, by the built-in WeCom's clock."""

import threading
from collections import defaultdict, deque


class QuotaWindows:
    """Sliding windows: `take` says whether one more fits into the last so many seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[tuple[str, str], deque[float]] = defaultdict(deque)
        self._closed: dict[tuple[str, str], float] = {}

    def take(self, name: str, key: str, limit: int, seconds: float, now: float) -> bool:
        with self._lock:
            seen = self._fresh((name, key), seconds, now)
            if len(seen) >= limit:
                return False
            seen.append(now)
            return True

    def take_or_close(self, name: str, key: str, limit: int, seconds: float, now: float) -> bool:
        """As `take`, but one too many closes the window for its own length, as 45009 does."""
        if self.closed(name, key, seconds, now):
            return False
        with self._lock:
            seen = self._fresh((name, key), seconds, now)
            if len(seen) >= limit:
                self._closed[name, key] = now + seconds
                return False
            seen.append(now)
            return True

    def closed(self, name: str, key: str, seconds: float, now: float) -> bool:
        """Whether one too many closed it less than its own length ago."""
        with self._lock:
            until = self._closed.get((name, key), 0.0)
        return until - seconds <= now < until

    def _fresh(self, at: tuple[str, str], seconds: float, now: float) -> deque[float]:
        seen = self._seen[at]
        while seen and not now - seconds < seen[0] <= now:
            seen.popleft()
        return seen

    def clear(self) -> None:
        with self._lock:
            self._seen.clear()
            self._closed.clear()
