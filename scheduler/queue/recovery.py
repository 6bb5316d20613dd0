"""Rows whose end nobody wrote down: deadlines that passed, leases that lapsed, answers that never came.

Each gets its end here: by the clock, by the platform's own state, or by the word of a person who looked.
"""

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models import delivery_decisions
from models.ledger import recovery
from models.ledger.channels import ASK, CHANNELS
from models.ledger.outbox import Outbox, OutboxStatus
from models.sentences import Sentence
from scheduler.channels import SENDERS
from scheduler.channels.base import Verification
from scheduler.queue.delivery import MOST_TRIES
from scheduler.queue.failures import tell
from scheduler.runtime import Runtime
from scheduler.timetable.plan import said
from wecom.errors import Action, PlatformError

MOST_TRIES_IN_DOUBT = 2
"""A mass message that the platform surely did not make leaves once more by itself; after that a person decides."""
ASKED_AT_ONCE = 50
"""Unknown rows asked about in one run; the next run goes on."""

log = logging.getLogger("onetap.reconcile")


def expire(runtime: Runtime, now: datetime) -> int:
    """Rows that were too late to leave, with the nouns told."""

    def end(session: Session) -> int:
        rows = recovery.expire(session, now)
        for row in rows:
            tell(session, row, row.status, row.reason, now)
        return len(rows)

    return runtime.db.run(end)


def lapse(runtime: Runtime, now: datetime) -> int:
    """Calls whose process died: each is decided in a transaction of its own, as its channel declares."""
    with runtime.db.read() as session:
        rows = recovery.lapsed(session, now)
    for row in rows:
        status = _alone(runtime, row, partial(_lapse_one, row=row, now=now))
        if status:
            log.warning("outbox %s (%s): no answer within its lease, now %s", row.id, row.channel, status)
    return len(rows)


def _alone(
    runtime: Runtime, row: Outbox, step: Callable[[Session], OutboxStatus | None]
) -> OutboxStatus | None:
    """What one row's noun stumbles over stays with that row: it is logged, and the others go on."""
    try:
        return runtime.db.run(step)
    except Exception as error:
        log.exception("outbox %s (%s): %s", row.id, row.channel, type(error).__name__)
        return None


def _lapse_one(session: Session, row: Outbox, now: datetime) -> OutboxStatus | None:
    status = recovery.lapse(session, row, now)
    if status in (OutboxStatus.NOT_SENT, OutboxStatus.UNKNOWN):
        settled = session.get_one(Outbox, row.id)
        tell(session, settled, status, settled.reason, now)
    return status


def decide(session: Session, row: Outbox, sent: bool, who: str, now: datetime, zone: ZoneInfo) -> None:
    """A person looked and says what became of an unknown call; its nouns learn it. Refused when it was decided before.

    Where the platform can be asked, asking goes on: only it knows the number of her task, or a code's picture.
    """
    delivery_decisions.decide(session, row, sent, who, now)
    if sent:
        SENDERS[row.channel].landed(session, row, {}, now, zone)
    else:
        tell(session, row, OutboxStatus.NOT_SENT, row.reason, now)


def ask(runtime: Runtime, now: datetime) -> str:
    """Ask the platform what became of unknown calls, where it can tell; in words for the timetable."""
    channels = [name for name, channel in CHANNELS.items() if channel.on_unknown == ASK]
    with runtime.db.read() as session:
        rows = recovery.to_ask(session, channels, now, ASKED_AT_ONCE)
    verdicts, closed = Counter[str](), set[str]()
    for row in rows:
        if row.channel in closed:
            continue
        try:
            answer = SENDERS[row.channel].ask(runtime, row, now)
        except PlatformError as error:
            answer = Verification(OutboxStatus.UNKNOWN, words=error.words)
            # its later rows wait; other channels ask other APIs
            if error.action in (Action.STOP, Action.WINDOW):
                closed.add(row.channel)
                continue
        except Exception as error:
            # an answer of a shape that nobody expects: no other row has to wait for it
            log.exception("outbox %s (%s): %s", row.id, row.channel, type(error).__name__)
            answer = Verification(OutboxStatus.UNKNOWN, words="平台的回答看不懂")
        learn = partial(_learn, row=row, answer=answer, now=runtime.clock(), zone=runtime.zone)
        verdict = _alone(runtime, row, learn)
        if not verdict:  # asked again as seldom as one that the platform cannot tell
            runtime.db.run(
                partial(recovery.found_out, row=row, status=OutboxStatus.UNKNOWN, now=now, reason=row.reason)
            )
        verdicts[verdict or OutboxStatus.UNKNOWN] += 1
    return said(*((words, verdicts[status]) for status, words in VERDICTS.items()))


VERDICTS = {
    OutboxStatus.SENT: "查实已送达",
    OutboxStatus.QUEUED: "查实没送达已重排",
    OutboxStatus.NOT_SENT: "查实没送达",
    OutboxStatus.UNKNOWN: "还不清楚",
}


def _learn(
    session: Session, row: Outbox, answer: Verification, now: datetime, zone: ZoneInfo
) -> OutboxStatus:
    """Write down what the platform's state says about an unknown row; the row's new status."""
    if row.settled_by:
        return _complete(session, row, answer, now, zone)
    if answer.verdict == OutboxStatus.UNKNOWN:
        recovery.found_out(session, row, OutboxStatus.UNKNOWN, now, reason=answer.words or row.reason)
        return OutboxStatus.UNKNOWN
    if answer.verdict == OutboxStatus.SENT:
        words = answer.words or "没等到回答，后来向平台查实已收下"
        if recovery.found_out(session, row, OutboxStatus.SENT, now, reason=words, answer=answer.answer):
            found = session.get_one(Outbox, row.id)
            SENDERS[row.channel].landed(session, found, answer.answer, now, zone)
        return OutboxStatus.SENT
    words = answer.words or "没等到回答，后来向平台查实没有收下"
    most = MOST_TRIES_IN_DOUBT if CHANNELS[row.channel].confirmed else MOST_TRIES
    if row.attempts < most and (row.deadline is None or now < row.deadline):
        recovery.found_out(
            session, row, OutboxStatus.QUEUED, now, reason=Sentence("{words}，重新排队", words=words)
        )
        return OutboxStatus.QUEUED
    if recovery.found_out(session, row, OutboxStatus.NOT_SENT, now, reason=words):
        tell(session, session.get_one(Outbox, row.id), OutboxStatus.NOT_SENT, words, now)
    return OutboxStatus.NOT_SENT


def _complete(
    session: Session, row: Outbox, answer: Verification, now: datetime, zone: ZoneInfo
) -> OutboxStatus:
    """A person said that it arrived, and that stands; what only the platform can tell of it is added."""
    kept = session.get_one(Outbox, row.id)
    kept.asked_at = now
    if answer.verdict != OutboxStatus.SENT:
        return OutboxStatus.UNKNOWN
    kept.answer = answer.answer
    SENDERS[row.channel].landed(session, kept, answer.answer, now, zone)
    return OutboxStatus.SENT
