"""What a way out of the program must be able to do: one channel per kind of outbox row."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal, Protocol

from sqlmodel import Session

from models.ledger.outbox import Outbox
from scheduler.runtime import Runtime
from wecom.errors import PlatformError
from wecom.limits import violations

Json = dict[str, Any]
OURS = "onetap"
"""The key in a stored request that is for us; it never leaves."""


class NotDeliverable(Exception):
    """This row must not leave: the words are shown to HQ on the row, which becomes not_sent."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class NotYet(Exception):
    """Something else has to happen first: the row is looked at again in so many seconds, and says what it waits for."""

    def __init__(self, seconds: float, words: str) -> None:
        super().__init__(words)
        self.seconds, self.words = seconds, words


def leaving(request: Json) -> Json:
    """The request without what is ours."""
    return {name: value for name, value in request.items() if name != OURS}


def check(channel: str, content: Json) -> None:
    """Refuse beforehand, in words, what the platform would refuse."""
    if wrong := violations(channel, content):
        raise NotDeliverable(wrong[0].words)


@dataclass(frozen=True)
class Verification:
    """What the platform says about a call whose own answer never came."""

    verdict: Literal["sent", "not_sent", "still_unknown"]
    answer: Json = field(default_factory=dict)
    """For sent: what `landed` gets, shaped like the answer of the call itself."""
    words: str = ""


STILL_UNKNOWN = Verification("still_unknown")
NOT_SENT = Verification("not_sent")


def sent(answer: Json) -> Verification:
    return Verification("sent", answer)


class Channel(Protocol):
    """Delivery calls these in order: wait, build, prepare, (the intent is committed), send, landed or failed.

    `ask` is only called for rows whose route says on_unknown = ask, some time after a call without an answer.
    """

    name: ClassVar[str]
    api: ClassVar[str]
    """The platform's API that `send` calls; while its window is closed, rows wait before anything is built."""
    waiting: ClassVar[str]
    """Words for a row that `wait` lets wait."""
    margin_seconds: ClassVar[float]
    """So long before its deadline a row no longer leaves: the call needs time as well."""

    at_once: ClassVar[bool]
    """`build` looks at nothing but the row, and nothing is prepared: claim and intent are one transaction."""

    def wait(self, runtime: Runtime, row: Outbox, now: datetime) -> float:
        """Seconds that this row must wait for a rate window; 0 = go. Raises NotYet for what else it waits for."""

    def build(self, runtime: Runtime, session: Session, row: Outbox, now: datetime) -> Json:
        """Look at the nouns (never change them) and say what should leave; raises NotDeliverable(words) to leave it.

        The session is a reader. What `prepare` needs of the nouns must be in the answer.
        """

    def prepare(self, runtime: Runtime, row: Outbox, request: Json, now: datetime) -> Json:
        """Slow work outside any transaction: draw, upload. Returns the body as it will leave.

        After a 40007 the row comes back with `row.errcode == 40007`: then upload anew, the remembered media is dead.
        """

    def send(self, runtime: Runtime, row: Outbox, request: Json) -> Json:
        """Exactly one platform call that has an effect; raises PlatformError."""

    def landed(self, session: Session, row: Outbox, answer: Json, now: datetime) -> None:
        """The nouns learn that the platform accepted it (in the transaction that settles the row)."""

    def failed(self, session: Session, row: Outbox, words: str, now: datetime) -> None:
        """The nouns learn that it was not sent, and why."""

    def done(self, row: Outbox, error: PlatformError) -> bool:
        """The platform says that it was done already: by this row (it counts as sent), or by somebody else?"""

    def doubtful(self, session: Session, row: Outbox, words: str, now: datetime) -> None:
        """Nobody will ever know whether it arrived (on_unknown = close): whoever can look gets a line."""

    def ask(self, runtime: Runtime, row: Outbox, now: datetime) -> Verification:
        """Read the platform's state back: did the call of this row take effect?"""


class Plain:
    """A channel without waiting, drawing, asking or nouns; real ones say what differs."""

    name: ClassVar[str]
    api: ClassVar[str] = ""
    waiting: ClassVar[str] = "平台限制频率，已排队，没有丢"
    margin_seconds: ClassVar[float] = 0.0
    at_once: ClassVar[bool] = False

    def wait(self, runtime: Runtime, row: Outbox, now: datetime) -> float:
        return 0.0

    def prepare(self, runtime: Runtime, row: Outbox, request: Json, now: datetime) -> Json:
        return request

    def send(self, runtime: Runtime, row: Outbox, request: Json) -> Json:
        return runtime.client.call(self.api, request)

    def landed(self, session: Session, row: Outbox, answer: Json, now: datetime) -> None: ...

    def failed(self, session: Session, row: Outbox, words: str, now: datetime) -> None: ...

    def done(self, row: Outbox, error: PlatformError) -> bool:
        return True

    def doubtful(self, session: Session, row: Outbox, words: str, now: datetime) -> None: ...

    def ask(self, runtime: Runtime, row: Outbox, now: datetime) -> Verification:
        return STILL_UNKNOWN
