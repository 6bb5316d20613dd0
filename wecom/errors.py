"""What went wrong on the wire, and what to do about it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import Literal

from wecom.sentences import Sentence

PLATFORM_ZONE = timezone(timedelta(hours=8))
"""The platform counts days and months in its own time zone."""
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
STOP_SECONDS = 300.0
MOST_DETAIL = 300


class Action(StrEnum):
    """What the caller does next. Only UNKNOWN leaves open whether the platform has done it."""

    RETRY = "retry"
    """Surely not executed; again after retry_after"""
    WINDOW = "window"
    """This API is closed for retry_after seconds, for everybody"""
    SLOWER = "slower"
    """Too many at the same time; again with fewer in parallel"""
    STOP = "stop"
    """Secret, permission or address; a person has to act"""
    REFUSED = "refused"
    """A permanent no, the words say why"""
    REUPLOAD = "reupload"
    """The media id has expired: upload again, then once more"""
    DONE = "done"
    """Somebody, perhaps we, did it already"""
    UNKNOWN = "unknown"
    """May have been executed: never repeated blindly"""


Reach = Literal["", "api", "secret"]
"""What a failure closes besides its own call"""


class PlatformError(Exception):
    """The one exception of every call to the platform; it never holds a secret."""

    def __init__(
        self,
        api: str,
        errcode: int | None,
        action: Action,
        words: str,
        retry_after: float | None = None,
        detail: str = "",
        reach: Reach = "",
    ) -> None:
        super().__init__(api, errcode, action.value, words)
        self.api = api
        self.errcode = errcode
        self.action = action
        self.words = words
        self.retry_after = retry_after
        self.detail = detail
        self.reach = reach

    def __str__(self) -> str:
        code = "" if self.errcode is None else f" {self.errcode}"
        return f"{self.api}{code} [{self.action}] {self.words}"

    def again(self) -> "PlatformError":
        """A fresh copy, for another thread that waited for the same answer."""
        return PlatformError(
            self.api, self.errcode, self.action, self.words, self.retry_after, self.detail, self.reach
        )


BadKind = Literal["too_big", "malformed", "bad_signature", "stale", "wrong_receiver"]
BAD_STATUS: dict[BadKind, int] = {
    "too_big": 413,
    "malformed": 400,
    "bad_signature": 403,
    "stale": 403,
    "wrong_receiver": 403,
}


class BadCallback(Exception):
    """A callback that is not accepted: the kind for counters, the status for the answer, words for people."""

    def __init__(self, kind: BadKind, words: str) -> None:
        super().__init__(kind, words)
        self.kind = kind
        self.status = BAD_STATUS[kind]
        self.words = words

    def __str__(self) -> str:
        return f"{self.kind}: {self.words}"


@dataclass(frozen=True)
class Verdict:
    """One line of the error table."""

    action: Action
    words: str
    retry_after: float | None = None
    reach: Reach = ""


_SECRET_PARAMETERS = re.compile(
    r"((?<![A-Za-z_])(?:access_token|corpsecret|secret|key|code|ticket|response_code|jsapi_ticket|welcome_code|media_id"
    r"|echostr|msg_signature)[\"']?\s*[=:]\s*[\"']?)[^&\s\"',})]+",
    re.IGNORECASE,
)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without the given secrets and without the values of parameters that are secrets."""
    for secret in secrets:
        if len(secret) >= 6:
            text = text.replace(secret, "***")
    return _SECRET_PARAMETERS.sub(r"\1***", text)


def window_seconds(errmsg: str, now: datetime) -> float:
    """How long a window stays closed: the minute's, unless the answer names a longer one."""
    if re.search(r"\bmonth(ly)?\b|每月|当月", errmsg, re.IGNORECASE):
        return 30 * DAY
    if re.search(r"\b(day|daily)\b|每天|每日|当天|当日", errmsg, re.IGNORECASE):
        local = now.astimezone(PLATFORM_ZONE)
        midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        return (midnight - local).total_seconds()
    if re.search(r"\bhour(ly)?\b|小时", errmsg, re.IGNORECASE):
        return HOUR
    return MINUTE


def broken(api: str, *, effect: bool, executed: bool, words: str, detail: str = "") -> PlatformError:
    """No usable answer. An effect that may have happened stays unknown; all else is simply repeated."""
    if effect and executed:
        said = Sentence("{words}。可能已经执行，也可能没有，所以没有重发", words=Sentence(words))
        return PlatformError(api, None, Action.UNKNOWN, said, None, detail)
    if effect:
        said = Sentence("{words}。这次没有执行，稍后自动再试", words=Sentence(words))
    else:
        said = Sentence("{words}。稍后自动再试", words=Sentence(words))
    return PlatformError(api, None, Action.RETRY, said, 5.0 if executed else 10.0, detail)
