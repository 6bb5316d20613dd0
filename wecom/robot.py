"""Robots speak: a webhook into an internal group, and the smart robot's later answer to one message."""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from wecom.answers import json_bytes, judge
from wecom.client import PLATFORM_URL, utc_now
from wecom.errors import Action, PlatformError, broken
from wecom.hold import Hold
from wecom.replies import markdown_message
from wecom.transport import LostCall, Timeout, Wire

SEND = "webhook/send"
ANSWER = "aibot/response"


class WebhookRobot:
    """Posts into groups by key. The key is the whole secret: it is in no error, log or name."""

    def __init__(
        self,
        base_url: str = PLATFORM_URL,
        *,
        hold: Hold,
        proxy: str = "",
        timeout: Timeout = (3.0, 10.0),
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._wire = Wire(base_url, proxy=proxy, timeout=timeout)
        self.hold = hold
        self.clock = clock

    def close(self) -> None:
        self._wire.close()

    def send_text(self, key: str, content: str, mention: Sequence[str] = ()) -> dict[str, Any]:
        """A text; `mention` holds userids or "@all"."""
        text: dict[str, Any] = {"content": content}
        if mention:
            text["mentioned_list"] = list(mention)
        return self.send(key, {"msgtype": "text", "text": text})

    def send_markdown(self, key: str, content: str) -> dict[str, Any]:
        return self.send(key, markdown_message(content))

    def send_image(self, key: str, picture: bytes) -> dict[str, Any]:
        """A JPEG or PNG of at most 2 MB."""
        image = {
            "base64": base64.b64encode(picture).decode("ascii"),
            "md5": hashlib.md5(picture, usedforsecurity=False).hexdigest(),
        }
        return self.send(key, {"msgtype": "image", "image": image})

    def send(self, key: str, message: Mapping[str, Any]) -> dict[str, Any]:
        """One message, one request: what is not known to have failed is never sent again from here."""
        name = robot_hold(key)
        until, now = self.hold.until(name), self.clock()
        if until is not None and until > now:
            left = (until - now).total_seconds()
            words = f"这个机器人一分钟最多 20 条，还要等 {left:.0f} 秒，没有丢"
            raise PlatformError(SEND, None, Action.WINDOW, words, left)
        outcome = self._post(SEND, {"key": key}, message)
        if isinstance(outcome, dict):
            return outcome
        if outcome.action is Action.WINDOW and outcome.retry_after is not None:
            self.hold.close(name, now + timedelta(seconds=outcome.retry_after), outcome.words)
        raise outcome

    def answer(self, response_url: str, message: Mapping[str, Any]) -> dict[str, Any]:
        """The smart robot's later answer: each address works once, within an hour of the question."""
        outcome = self._post(ANSWER, {"response_code": self._code(response_url)}, message)
        if isinstance(outcome, PlatformError):
            raise outcome
        return outcome

    def _code(self, response_url: str) -> str:
        """The code of an address that is the platform's own; nothing is ever posted elsewhere."""
        asked, own = urlsplit(response_url), urlsplit(self._wire.base_url + ANSWER)
        codes = parse_qs(asked.query).get("response_code", [])
        here = (asked.scheme, asked.netloc, asked.path) == (own.scheme, own.netloc, own.path)
        if not here or len(codes) != 1:
            raise PlatformError(ANSWER, None, Action.REFUSED, "回答的地址不是平台的，没有发送")
        return codes[0]

    def _post(
        self, api: str, params: Mapping[str, str], message: Mapping[str, Any]
    ) -> dict[str, Any] | PlatformError:
        body = json_bytes(api, message)
        try:
            answer = self._wire.ask("POST", api, params=params, body=body)
        except LostCall as error:
            return broken(api, effect=True, executed=error.executed, words=error.words, detail=error.detail)
        return judge(api, answer, self.clock(), effect=True, secrets=tuple(params.values()))


def robot_hold(key: str) -> str:
    """The name under which one robot is held; the key cannot be read from it."""
    return f"robot:{hashlib.sha256(key.encode()).hexdigest()[:32]}"
