"""Rows of one campaign on their way out together: what each would ask and write alone is asked and written for all.

Nothing else changes for a row: it has a lease and a fence of its own, its intent is committed before its call, the calls
are single, and whatever goes wrong is decided for it alone (delivery.py).
"""

import logging
import time
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Protocol

from sqlmodel import Session

from models.ledger import lease
from scheduler.channels import SENDERS
from scheduler.channels.attachments import Held, attach
from scheduler.channels.base import Built, Draft, Json, Refusal
from scheduler.queue.crash_points import crash_point
from scheduler.queue.delivery import ENDING, TOO_LONG, Attempt, claim
from scheduler.runtime import Runtime

PREPARED_SECONDS = 10.0
"""A portion draws and uploads for so long; who is not ready then comes with the next one, and loses no try."""
RECORDED_SECONDS = 2.0
"""An answer waits for its record so long at most."""

log = logging.getLogger("onetap.delivery")
Prepared = tuple[Attempt, Draft]
Answered = tuple[Attempt, Json]


class PortionLane(Protocol):
    """What a portion needs to know of the lane that it is taken from."""

    def out(self) -> Sequence[int]:
        """Rows that have been named to somebody: they are left to them."""

    def took(self, rows: Sequence[int]) -> None:
        """These need not be named any more."""

    def breathe(self) -> bool:
        """Between two rows: whoever is more urgent goes first. False: the program ends, what has not left stays here."""


def deliver_together(runtime: Runtime, row_id: int, lane: PortionLane) -> bool:
    """Try to send one row, with those that stand beside it. True = the platform asks for fewer calls at a time."""
    attempts = runtime.db.run(lambda session: _claimed(runtime, session, row_id, lane))
    if not attempts:
        return False
    if len(attempts) == 1:
        attempts[0].go()
    else:
        lane.took([one.row.id or 0 for one in attempts[1:]])
        Portion(runtime, attempts, lane).go()
    return any(one.slower for one in attempts)


def _claimed(runtime: Runtime, session: Session, row_id: int, lane: PortionLane) -> list[Attempt]:
    first = claim(runtime, session, row_id)
    if first is None:
        return []
    more = first.sender.together - 1
    if more <= 0 or first.repeated or first.row.attempts > 1:
        return [first]
    rows = lease.claim_alike(session, first.row, more, runtime.clock(), skip=lane.out())
    return [first, *(Attempt(runtime, row, repeated=False) for row in rows)]


class Portion:
    """One try of several rows."""

    def __init__(self, runtime: Runtime, attempts: Sequence[Attempt], lane: PortionLane) -> None:
        self.runtime, self.attempts, self.lane = runtime, attempts, lane
        self.sender = SENDERS[attempts[0].row.channel]

    def go(self) -> None:
        for _ in self.attempts:
            crash_point("claimed")
        drafts = self._drafts([one for one in self.attempts if not (one.too_late() or one.closed())])
        written, looked_at = self._written(*self._attached(drafts))
        self._sent(written, looked_at)

    # ---- before the calls

    def _drafts(self, attempts: Sequence[Attempt]) -> list[Prepared]:
        """What each will say, of those that may go now."""
        if not attempts:
            return []
        now = self.runtime.clock()
        try:
            with self.runtime.db.read() as session:
                built = self.sender.build_all(self.runtime, session, [one.row for one in attempts], now)
        except Exception as error:  # whatever one of them stumbles over is no matter of the others
            log.warning("%s rows go one by one: %s", len(attempts), type(error).__name__)
            for attempt in attempts:
                attempt.go()
            return []
        drafts = []
        for attempt, made in zip(attempts, built, strict=True):
            draft = attempt.mind(partial(_or_raised, made))
            if draft and not attempt.rated(self.sender.rated(self.runtime, attempt.row, now)):
                drafts.append((attempt, draft))
        return drafts

    def _attached(self, drafts: Sequence[Prepared]) -> tuple[list[Prepared], Held]:
        """Drawn and uploaded, one after the other."""
        now, began = self.runtime.clock(), time.monotonic()
        with self.runtime.db.read() as session:
            held = Held.of_posters(session, [draft for _, draft in drafts], now)
        ready: list[Prepared] = []
        for attempt, draft in drafts:
            if self._ends(attempt):
                continue
            if ready and time.monotonic() - began > PREPARED_SECONDS:
                attempt.back(0, TOO_LONG, counted=False)
                continue
            whole = attempt.mind(partial(attach, self.runtime, attempt.row, draft, now, held))
            if whole:
                ready.append((attempt, whole))
                crash_point("prepared")
        return ready, held

    def _written(self, ready: Sequence[Prepared], held: Held) -> tuple[list[Prepared], datetime | None]:
        """The intents, in one commit, of those that are still wanted; and when that was seen of all of them."""
        now = self.runtime.clock()

        def write(session: Session) -> list[Refusal | None]:
            refusals = self.sender.wanted_all(session, [one.row for one, _ in ready])
            wanted = [
                (one.row, draft.request, draft.notes)
                for (one, draft), no in zip(ready, refusals, strict=True)
                if no is None
            ]
            if wanted:
                lease.write_requests(session, wanted, now)
            held.keep(session, now)
            return refusals

        if not ready:
            return [], now
        try:
            refusals = self.runtime.db.run(write)
        except Exception as error:  # somebody else has one of them by now, or it stumbles: the others go on
            log.warning("%s intents are written one by one: %s", len(ready), type(error).__name__)
            self.runtime.db.run(lambda session: held.keep(session, now))
            return [(one, draft) for one, draft in ready if one.mind(partial(one.write, draft))], None
        written = []
        for (attempt, draft), no in zip(ready, refusals, strict=True):
            if no is None:
                crash_point("intent_written")
                written.append((attempt, draft))
            else:
                attempt.mind(partial(_or_raised, no))
        return written, now

    def _ends(self, attempt: Attempt) -> bool:
        """Does it stay here, because the program ends?"""
        if self.lane.breathe():
            return False
        attempt.back(0, ENDING, counted=False)
        return True

    # ---- the calls, and after them

    def _sent(self, written: Sequence[Prepared], looked_at: datetime | None) -> None:
        answered: list[Answered] = []
        first = time.monotonic()
        for attempt, draft in written:
            if self._ends(attempt):
                continue
            answer = attempt.mind(partial(attempt.send, draft.request, looked_at))
            if answer is not None:
                first = first if answered else time.monotonic()
                answered.append((attempt, answer))
            if answered and time.monotonic() - first > RECORDED_SECONDS:
                self._land(answered)
                answered = []
        self._land(answered)

    def _land(self, answered: Sequence[Answered]) -> None:
        """Written down together; where one of them stumbles or came too late, each by itself."""
        now = self.runtime.clock()
        rows = [(attempt.row, answer) for attempt, answer in answered]

        def record(session: Session) -> None:
            lease.settle_sent(session, rows, now)
            self.sender.landed_all(session, rows, now, self.runtime.zone)

        if len(rows) > 1:
            try:
                self.runtime.db.run(record)
            except Exception as error:
                log.warning("%s answers are written one by one: %s", len(rows), type(error).__name__)
            else:
                return
        for attempt, answer in answered:
            attempt.mind(partial(attempt.land, answer))


def _or_raised(built: Built) -> Draft:
    if isinstance(built, Draft):
        return built
    raise built
