"""What the sender of a channel must be able to do; what is known of the channel itself stands in models/ledger/channels.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal, Protocol, cast
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models.campaigns.announcements import Announcement, AnnouncementStatus
from models.campaigns.files import StoredFile
from models.campaigns.pictures import Picture, PosterPlan
from models.ledger.channels import CHANNELS, PER_MEMBER, PER_ROBOT, Channel
from models.ledger.outbox import Outbox, OutboxStatus
from scheduler.runtime import Runtime
from wecom.errors import Action, PlatformError, broken
from wecom.limits import violations

Json = dict[str, Any]


class NotDeliverable(Exception):
    """This row must not leave: the words are shown to HQ on the row, which becomes not_sent.

    Where nobody has to care, its status says so: cancelled (HQ or the directory ended it), or needless.
    """

    def __init__(
        self, words: str, status: OutboxStatus = OutboxStatus.NOT_SENT, errcode: int | None = None
    ) -> None:
        super().__init__(words)
        self.words, self.status, self.errcode = words, status, errcode


class NotYet(Exception):
    """Something else has to happen first: the row is looked at again in so many seconds, and says what it waits for."""

    def __init__(self, seconds: float, words: str) -> None:
        super().__init__(words)
        self.seconds, self.words = seconds, words


def check(channel: str, content: Json) -> None:
    """Refuse beforehand, in words, what the platform would refuse."""
    if wrong := violations(channel, content):
        raise NotDeliverable(wrong[0].words)


def refuse_stopped(announcement: Announcement) -> None:
    """HQ's stop counts for what waits in a process, too."""
    if announcement.status == AnnouncementStatus.CANCELLED:
        raise NotDeliverable("公告已停止，没有再发", OutboxStatus.CANCELLED)


def members_of(row: Outbox) -> list[str]:
    """Whose budget a message to members spends: that of a guide, of several, or of HQ's own people."""
    guides = row.payload.get("guides") or [row.guide_id or row.payload.get("userid")]
    return [str(one) for one in guides]


@dataclass(frozen=True)
class Bytes:
    """Something that HQ uploaded: read from its row only when the platform does not hold it already."""

    model: type[Picture] | type[StoredFile]
    row_id: int
    sha256: str
    size: int
    name: str


@dataclass(frozen=True)
class Part:
    """One attachment as the platform takes it, and what must be uploaded before it can name it."""

    msgtype: str
    """image, link, miniprogram, video, file"""
    card: Json = field(default_factory=dict)
    """What it says besides the upload"""
    media: Bytes | PosterPlan | None = None


@dataclass(frozen=True)
class Draft:
    """What a row will say: the body for the platform, and beside it what only we need."""

    request: Json
    notes: Json = field(default_factory=dict)
    """Kept with the row (`Outbox.notes`) for `send`, `landed` and `failed`."""
    parts: tuple[Part, ...] = ()
    """Still to be drawn and uploaded, and then attached, in this order."""


@dataclass(frozen=True)
class Verification:
    """What the platform says about a call whose own answer never came."""

    verdict: Literal[OutboxStatus.SENT, OutboxStatus.NOT_SENT, OutboxStatus.UNKNOWN]
    answer: Json = field(default_factory=dict)
    """For sent: what `landed` gets, shaped like the answer of the call itself."""
    words: str = ""


def naming(answer: Json, api: str, name: str, *, told: str = "", most: int = 128) -> Json:
    """An answer that names what was made, and in a list whom it left out (`told`). Of any other nobody knows what it
    made, so that it is looked for as if no answer had come (B08)."""
    value, left_out = answer.get(name), answer.get(told) or []
    if isinstance(value, str) and 0 < len(value) <= most and isinstance(left_out, list):
        return answer
    raise broken(api, effect=True, executed=True, words="平台的回答不完整", detail=name)


STILL_UNKNOWN = Verification(OutboxStatus.UNKNOWN)
NOT_SENT = Verification(OutboxStatus.NOT_SENT)


def refused(error: PlatformError, words: str = "") -> PlatformError:
    """「已做过」, but not by this row: nothing of it arrived."""
    error.action, error.words = Action.REFUSED, words or error.words
    return error


def needless(error: PlatformError) -> NotDeliverable:
    """The platform did not take it, and nothing is lost by that."""
    return NotDeliverable(error.words, OutboxStatus.NEEDLESS, error.errcode)


def sent(answer: Json) -> Verification:
    return Verification(OutboxStatus.SENT, answer)


Refusal = NotDeliverable | NotYet
Built = Draft | Refusal


class Sender(Protocol):
    """Delivery calls these in order: wait, build, (its picture is made, the intent committed), wanted, send, landed or failed.

    `ask` is only called for rows whose channel says on_unknown = ask, some time after a call without an answer. Where
    several rows go `together`, `build_all`, `wanted_all` and `landed_all` stand for their like, and `rated` for `wait`.
    """

    name: ClassVar[str]
    together: ClassVar[int]
    """Rows of one campaign that are claimed, built, written and settled in one transaction each; the calls stay single."""
    at_once: ClassVar[bool]
    """`build` looks at nothing but the row, and has no picture: claim and intent are one transaction."""

    def wait(self, runtime: Runtime, row: Outbox, now: datetime) -> float:
        """Seconds that this row must wait for a rate window; 0 = go. Raises NotYet for what else it waits for."""

    def build(self, runtime: Runtime, session: Session, row: Outbox, now: datetime) -> Draft:
        """Look at the nouns (never change them) and say what should leave; raises NotDeliverable(words) to leave it.

        The session is a reader.
        """

    def rated(self, runtime: Runtime, row: Outbox, now: datetime) -> float:
        """Seconds that this row must wait for a rate window alone."""

    def build_all(
        self, runtime: Runtime, session: Session, rows: Sequence[Outbox], now: datetime
    ) -> list[Built]:
        """What each should say, or why it must not leave, or not yet; one for each row."""

    def wanted(self, session: Session, row: Outbox) -> None:
        """The last look before the call: raises NotDeliverable for what was stopped since `build`, NotYet for a pause."""

    def wanted_all(self, session: Session, rows: Sequence[Outbox]) -> list[Refusal | None]:
        """The same; one for each row."""

    def send(self, runtime: Runtime, row: Outbox, request: Json) -> Json:
        """Exactly one platform call that has an effect; raises PlatformError.

        Its action DONE counts as sent: a channel that knows better raises `refused(error)` instead.
        """

    def landed(self, session: Session, row: Outbox, answer: Json, now: datetime, zone: ZoneInfo) -> None:
        """The nouns learn that the platform accepted it (in the transaction that settles the row)."""

    def landed_all(
        self, session: Session, landed: Sequence[tuple[Outbox, Json]], now: datetime, zone: ZoneInfo
    ) -> None:
        """The same for several rows and their answers."""

    def superfluous(self, session: Session, row: Outbox, answer: Json, now: datetime) -> None:
        """The platform accepted this call after its lease had ended, and another copy of it has left since."""

    def failed(self, session: Session, row: Outbox, words: str, now: datetime) -> None:
        """The nouns learn why it was not sent; or, of a row that stays unknown, that nobody will ever know."""

    def ask(self, runtime: Runtime, row: Outbox, now: datetime) -> Verification:
        """Read the platform's state back: did the call of this row take effect?"""


class Plain:
    """A sender without asking or nouns, at its channel's rate; real ones say what differs."""

    name: ClassVar[str]
    at_once: ClassVar[bool] = False
    together: ClassVar[int] = 1

    @property
    def channel(self) -> Channel:
        return CHANNELS[self.name]

    def wait(self, runtime: Runtime, row: Outbox, now: datetime) -> float:
        return self.rated(runtime, row, now)

    def rated(self, runtime: Runtime, row: Outbox, now: datetime) -> float:
        rate = self.channel.rate
        if not rate:
            return 0.0
        if rate == PER_MEMBER:
            return runtime.rate_limits.take_together(rate, members_of(row), now)
        return runtime.rate_limits.take(rate, "" if rate == PER_ROBOT else self.channel.api, now)

    def build_all(
        self, runtime: Runtime, session: Session, rows: Sequence[Outbox], now: datetime
    ) -> list[Built]:
        return [_built(cast(Sender, self), runtime, session, row, now) for row in rows]

    def wanted(self, session: Session, row: Outbox) -> None: ...

    def wanted_all(self, session: Session, rows: Sequence[Outbox]) -> list[Refusal | None]:
        return [self._unwanted(session, row) for row in rows]

    def _unwanted(self, session: Session, row: Outbox) -> Refusal | None:
        try:
            self.wanted(session, row)
        except (NotDeliverable, NotYet) as no:
            return no
        return None

    def send(self, runtime: Runtime, row: Outbox, request: Json) -> Json:
        return runtime.client.call(self.channel.api_of(row.payload), request)

    def landed(self, session: Session, row: Outbox, answer: Json, now: datetime, zone: ZoneInfo) -> None: ...

    def landed_all(
        self, session: Session, landed: Sequence[tuple[Outbox, Json]], now: datetime, zone: ZoneInfo
    ) -> None:
        for row, answer in landed:
            self.landed(session, row, answer, now, zone)

    def superfluous(self, session: Session, row: Outbox, answer: Json, now: datetime) -> None: ...

    def failed(self, session: Session, row: Outbox, words: str, now: datetime) -> None: ...

    def ask(self, runtime: Runtime, row: Outbox, now: datetime) -> Verification:
        return STILL_UNKNOWN


def _built(sender: Sender, runtime: Runtime, session: Session, row: Outbox, now: datetime) -> Built:
    try:
        return sender.build(runtime, session, row, now)
    except (NotDeliverable, NotYet) as no:
        return no


class TakeBack(Plain):
    """payload: what names it. Nobody can be asked whether it was taken back, but taking it back again changes nothing."""

    named_by: ClassVar[str] = "msgid"

    def build(self, runtime: Runtime, session: Session, row: Outbox, now: datetime) -> Draft:
        return Draft({self.named_by: str(row.payload[self.named_by])})

    def ask(self, runtime: Runtime, row: Outbox, now: datetime) -> Verification:
        named = {self.named_by: str(row.payload[self.named_by])}
        return sent(runtime.client.call(self.channel.api, named))
