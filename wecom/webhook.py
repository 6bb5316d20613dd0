"""Webhook robots: one post into an internal group."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from wecom.client import PLATFORM_URL, utc_now
from wecom.closed_windows import ClosedWindows, note_closed, seconds_closed
from wecom.errors import Action, PlatformError, broken
from wecom.responses import json_bytes, judge
from wecom.sentences import Sentence
from wecom.transport import LostCall, Timeout, Wire

SEND = "webhook/send"


class WebhookRobot:
    """Posts into groups by key. The key is the whole secret: it is in no error, log or name."""

    def __init__(
        self,
        base_url: str = PLATFORM_URL,
        *,
        closed_windows: ClosedWindows,
        proxy: str = "",
        timeout: Timeout = (3.0, 10.0),
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._wire = Wire(base_url, proxy=proxy, timeout=timeout)
        self.closed_windows = closed_windows
        self.clock = clock

    def close(self) -> None:
        self._wire.close()

    def send(self, key: str, message: Mapping[str, Any]) -> dict[str, Any]:
        """One message, one request: what is not known to have failed is never sent again from here."""
        name, now = robot_window(key), self.clock()
        if left := seconds_closed(self.closed_windows, [name], now):
            words = Sentence("这个机器人一分钟最多 20 条，还要等 {left:.0f} 秒，没有丢", left=left)
            raise PlatformError(SEND, None, Action.WINDOW, words, left)
        outcome = self._post(key, message)
        if isinstance(outcome, dict):
            return outcome
        if outcome.action is Action.WINDOW and outcome.retry_after is not None:
            note_closed(
                self.closed_windows, name, now + timedelta(seconds=outcome.retry_after), outcome.words
            )
        raise outcome

    def _post(self, key: str, message: Mapping[str, Any]) -> dict[str, Any] | PlatformError:
        body = json_bytes(SEND, message)
        try:
            answer = self._wire.ask("POST", SEND, params={"key": key}, body=body)
        except LostCall as error:
            return broken(SEND, effect=True, executed=error.executed, words=error.words, detail=error.detail)
        return judge(SEND, answer, self.clock(), effect=True, secrets=(key,))


def robot_window(key: str) -> str:
    """The name under which one robot's window is closed; the key cannot be read from it."""
    return f"robot:{hashlib.sha256(key.encode()).hexdigest()[:32]}"
