"""One outbox row on its way out: claim it, write the intent, make the one call, record how it ended."""

import logging
import random
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypeVar

from sqlmodel import Session

from models.ledger import lease, outbox, recovery
from models.ledger.channels import ASK, CHANNELS, REPEAT
from models.ledger.lease import LEASE_SECONDS
from models.ledger.outbox import Outbox, OutboxStatus
from models.sentences import Sentence
from scheduler.channels import SENDERS
from scheduler.channels.attachments import attach
from scheduler.channels.base import Draft, Json, NotDeliverable, NotYet
from scheduler.queue.crash_points import crash_point
from scheduler.queue.failures import tell
from scheduler.runtime import Runtime
from wecom.errors import Action, PlatformError

CALL_SECONDS = LEASE_SECONDS / 2
"""The longest that a call may take; a lease with less left of it is given up before the request leaves."""
MOST_TRIES = 3
MOST_TRIES_UNREACHED = 12
"""When the platform cannot be reached at all, nobody is bothered by trying longer (about half an hour)."""
LONGEST_WAIT = 300.0
LOOKED = timedelta(seconds=1)
"""What was wanted a moment ago still is; longer ago it may have been stopped."""
TOO_LONG = "准备太久，重新排队"
ENDING = "程序正在停止，重新排队"

log = logging.getLogger("onetap.delivery")
T = TypeVar("T")


def deliver(runtime: Runtime, row_id: int) -> bool:
    """Try to send one row, if it is due and nobody else has it. True = the platform asks for fewer calls at a time."""
    claimed = runtime.db.run(lambda session: claim(runtime, session, row_id))
    if claimed is None:
        return False
    claimed.go()
    return claimed.slower


def claim(runtime: Runtime, session: Session, row_id: int) -> "Attempt | None":
    """The try of a row, if it is ours now."""
    now = runtime.clock()
    row = lease.claim(session, row_id, now)
    if row is None:
        return None
    sender, repeated = SENDERS[row.channel], row.request is not None
    if sender.at_once and not repeated:
        with suppress(NotDeliverable):  # said again, and written down, when its turn comes
            draft = sender.build(runtime, session, row, now)
            lease.write_request(session, row, draft.request, now, draft.notes)
    return Attempt(runtime, row, repeated)


class Attempt:
    """One try of one row."""

    def __init__(self, runtime: Runtime, row: Outbox, repeated: bool) -> None:
        self.runtime = runtime
        self.row = row
        self.channel, self.sender = CHANNELS[row.channel], SENDERS[row.channel]
        self.repeated = repeated
        """An earlier try of these very bytes may have arrived."""
        self.left = False
        """From now on the call may have taken effect."""
        self.accepted = False
        self.slower = False

    @property
    def now(self) -> datetime:
        return self.runtime.clock()

    def go(self) -> None:
        crash_point("claimed")
        self.mind(self._steps)

    def _steps(self) -> None:
        if self.too_late() or self._has_to_wait():
            return
        request = self._request()
        answer = self.send(request) if request is not None else None
        if answer is not None:
            self.land(answer)

    def mind(self, step: Callable[[], T]) -> T | None:
        """Take a step; None where it ended otherwise, which is decided and written down then."""
        try:
            return self._minded(step)
        except Exception as error:  # whatever a channel stumbles over stays with its row
            log.exception("outbox %s (%s): %s", self.row.id, self.row.channel, type(error).__name__)
            self.stumbled(error)
        return None

    def _minded(self, step: Callable[[], T]) -> T | None:
        try:
            return step()
        except PlatformError as error:
            self._after(error)
        except NotYet as first:
            self.back(first.seconds, first.words, counted=False)
        except NotDeliverable as no:
            self._end(no.status, no.words, no.errcode)
        return None

    def stumbled(self, error: Exception) -> None:
        """Our own mistake: before the call it is tried again, after the call the row says what is not known.

        What was accepted and not written down leaves again where the platform drops the copy, so that its nouns learn it.
        """
        where = traceback.extract_tb(error.__traceback__)[-1]
        words = Sentence(
            "程序出错（{error}，{where}），请把这一行交给技术人员",
            error=type(error).__name__,
            where=where.name,
        )
        if not self.left and self.row.attempts < MOST_TRIES:
            self.back(10.0 * self.row.attempts, words)
            return
        if self.accepted and self._may_repeat():
            self.back(5.0, words, doubt=True)
            return
        status = OutboxStatus.UNKNOWN if self.left or self.repeated else OutboxStatus.NOT_SENT
        if self.accepted and self.channel.on_unknown != ASK:
            status, words = OutboxStatus.SENT, Sentence("平台已收下；{words}", words=words)
        self._end(status, words)

    # ---- before the call

    def too_late(self) -> bool:
        margin = timedelta(seconds=self.channel.margin_seconds)
        late = self.row.deadline is not None and self.now >= self.row.deadline - margin
        if late and self.repeated:
            self._end(OutboxStatus.UNKNOWN, outbox.NO_ANSWER)
        elif late:
            self._end(OutboxStatus.EXPIRED, outbox.too_late(self.row.reason))
        return late

    def _has_to_wait(self) -> bool:
        """A closed window or a full rate window: the row waits before anything is drawn or uploaded in vain."""
        return self.closed() or self.rated(self.sender.wait(self.runtime, self.row, self.now))

    def closed(self) -> bool:
        """Does it wait because the platform closed its API?"""
        channel = self.channel
        if channel.own_keys:
            return False
        seconds = self.runtime.client.closed_seconds(channel.api_of(self.row.payload), self.now)
        if seconds:
            self.back(seconds, "平台说这一段时间太多，正在等待，没有丢", counted=False)
        return bool(seconds)

    def rated(self, seconds: float) -> bool:
        """Does it wait, because its rate window is full for so long?"""
        if seconds:
            self.back(seconds, self.channel.waiting, counted=False)
        return bool(seconds)

    def _request(self) -> Json | None:
        """The body to send, stored as the intent; None when the row is no longer ours."""
        row, runtime, now = self.row, self.runtime, self.now
        if self.repeated and not recovery.repeatable(row, now):
            self._end(OutboxStatus.UNKNOWN, outbox.NO_ANSWER)
            return None
        if row.request is not None and not self.repeated:  # stored with the claim
            crash_point("intent_written")
            return row.request
        if row.request is None:
            with runtime.db.read() as session:
                draft = self.sender.build(runtime, session, row, now)
            draft = attach(runtime, row, draft, now)
            crash_point("prepared")
        else:
            draft = Draft(row.request, row.notes)
        return draft.request if self.write(draft) else None

    def write(self, draft: Draft) -> bool:
        """Store the intent; False when the row is no longer ours."""
        row, now = self.row, self.now
        ours = self.runtime.db.run(
            lambda session: lease.write_request(session, row, draft.request, now, draft.notes)
        )
        if ours:
            crash_point("intent_written")
        else:
            log.warning("outbox %s: lost its lease before the call", row.id)
        return ours

    def send(self, request: Json, looked_at: datetime | None = None) -> Json | None:
        """The one call. Given up when the lease no longer covers it: somebody else may hold the row by now.

        looked_at: when it was last seen that it is still wanted.
        """
        if self.too_late():
            return None
        now = self.now
        assert self.row.lease_until is not None
        if now + timedelta(seconds=CALL_SECONDS) > self.row.lease_until:
            self.back(0, TOO_LONG, counted=False)
            return None
        just_looked = looked_at is not None and timedelta() <= now - looked_at < LOOKED
        if not self.repeated and not just_looked:
            with self.runtime.db.read() as session:
                self.sender.wanted(session, self.row)
        self.left = True
        answer = self.sender.send(self.runtime, self.row, request)
        self.accepted = True
        crash_point("sent_before_record")
        return answer

    # ---- after the call

    def land(self, answer: Json) -> None:
        now = self.now

        def record(session: Session) -> bool:
            in_time = lease.settle(session, self.row, OutboxStatus.SENT, now, answer=answer)
            if in_time or recovery.heard_late(session, self.row, answer, now):
                self.sender.landed(session, self.row, answer, now, self.runtime.zone)
            else:
                self.sender.superfluous(session, self.row, answer, now)
            return in_time

        if not self.runtime.db.run(record):
            log.warning("outbox %s: its answer came after the lease", self.row.id)

    def _after(self, error: PlatformError) -> None:
        """What each kind of failure means for the row."""
        match error.action:
            case Action.WINDOW | Action.STOP:
                self._close(error)
            case Action.SLOWER:
                self.slower = True
                self.back(_spread(error.retry_after or 2.0), error.words, error.errcode, counted=False)
            case Action.DONE:
                self.land({})
            case Action.REFUSED:
                self._end_refused(error.words, error.errcode)
            case Action.UNKNOWN if self.left:
                self._doubt(error)
            case _:
                self._again(error)

    def _again(self, error: PlatformError) -> None:
        """Surely not executed: wait and try again, some times."""
        row = self.row
        most = MOST_TRIES if error.errcode is not None else MOST_TRIES_UNREACHED
        if error.action is Action.REUPLOAD:
            most = 2
        if row.attempts >= most:
            self._end_refused(
                Sentence("试了 {attempts} 次都没成：{words}", attempts=row.attempts, words=error.words),
                error.errcode,
            )
            return
        seconds = (
            0.0 if error.action is Action.REUPLOAD else (error.retry_after or 3.0) * 2 ** (row.attempts - 1)
        )
        self.back(_spread(min(seconds, LONGEST_WAIT)), error.words, error.errcode)

    def _close(self, error: PlatformError) -> None:
        """The platform closed an API or a secret: this row and everything of its kind wait together."""
        seconds = error.retry_after or 60.0
        self.back(seconds, error.words, error.errcode, counted=False)
        if error.reach:
            alike = [
                name
                for name, channel in CHANNELS.items()
                if not channel.own_keys and (error.reach == "secret" or channel.api == error.api)
            ]
            postpone(self.runtime, alike, self.now + timedelta(seconds=seconds), error.words)

    def _doubt(self, error: PlatformError) -> None:
        if self._may_repeat():
            words = "没等到回答，平台会去掉重复，所以原样再发"
            self.back(_spread(5.0 * self.row.attempts), words, error.errcode, doubt=True)
        else:
            self._end(OutboxStatus.UNKNOWN, error.words, error.errcode)

    def _may_repeat(self) -> bool:
        """May the same bytes leave once more, because the platform drops a copy?"""
        row = self.row
        repeats = self.channel.on_unknown == REPEAT and row.attempts < MOST_TRIES
        return repeats and recovery.repeatable(row, self.now)

    def back(
        self,
        seconds: float,
        words: str,
        errcode: int | None = None,
        *,
        counted: bool = True,
        doubt: bool = False,
    ) -> None:
        """Wait. The stored bytes are kept where some try of them, this one or an earlier one, may have arrived."""
        row, due_at, same_bytes = self.row, self.now + timedelta(seconds=seconds), self.repeated or doubt
        self.runtime.db.run(
            lambda session: lease.put_back(
                session, row, due_at, reason=words, errcode=errcode, counted=counted, same_bytes=same_bytes
            )
        )

    def _end_refused(self, words: str, errcode: int | None) -> None:
        """This try surely did not arrive; an earlier one of the same bytes may have, and then nobody knows."""
        if self.repeated:
            self._end(
                OutboxStatus.UNKNOWN,
                Sentence("第一次没等到回答，可能已送达；原样再发时平台说：{words}", words=words),
                errcode,
            )
        else:
            self._end(OutboxStatus.NOT_SENT, words, errcode)

    def _end(self, status: OutboxStatus, words: str, errcode: int | None = None) -> None:
        now = self.now

        def record(session: Session) -> None:
            if lease.settle(session, self.row, status, now, reason=words, errcode=errcode):
                tell(session, self.row, status, words, now)
            elif status == OutboxStatus.UNKNOWN and self.left and self.channel.on_unknown == ASK:
                recovery.doubted_late(session, self.row, words, now)

        self.runtime.db.run(record)


def postpone(runtime: Runtime, channels: Iterable[str], until: datetime, words: str) -> None:
    names = list(channels)
    while runtime.db.run(lambda session: outbox.postpone(session, names, until, words)):
        pass


def _spread(seconds: float) -> float:
    """Not all at the same moment again."""
    return seconds * random.uniform(0.8, 1.2)
