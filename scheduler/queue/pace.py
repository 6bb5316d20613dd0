"""The platform's pace after a restart: what may have left lately is counted against the rates again, from the ledger."""

import logging
from collections import Counter
from datetime import datetime, timedelta

from sqlmodel import Session

from models.campaigns import looks
from models.ledger import outbox
from models.ledger.channels import CHANNELS, PER_MEMBER
from models.ledger.lease import LEASE_SECONDS
from models.ledger.outbox import ApiUse, Outbox, OutboxStatus
from scheduler.channels.base import members_of
from scheduler.channels.robot import whose_rate
from scheduler.jobs.results import RESULT, SHARE, TASKS
from scheduler.runtime import Runtime

HOUR = timedelta(hours=1)
FINE = timedelta(minutes=3)
"""So far back a second matters; what is older only counts for the hour, and is counted by the minute."""

log = logging.getLogger("onetap.pace")


def refill(runtime: Runtime, now: datetime) -> int:
    """At the start of a process, or when Redis lost its windows; how many calls were counted again."""
    if not runtime.rate_limits.begin_refill():
        return 0
    with runtime.db.read() as session:
        since = now - HOUR - timedelta(seconds=LEASE_SECONDS)
        rows, of_apis = outbox.called_since(session, since), outbox.apis_called_since(session, since)
        keys, read = _keys(session, rows), looks.read_since(session, since)
    called = Counter[tuple[str, str, datetime]](
        (CHANNELS[row.channel].rate, key, _at_the_latest(row, now))
        for row in rows
        for key in keys.get(row.id, ())
    )
    called.update(
        (CHANNELS[call.channel].rate, CHANNELS[call.channel].api, _at_the_latest(call, now))
        for call in of_apis
    )
    called.update((SHARE, api, at.replace(microsecond=0)) for at in read for api in (TASKS, RESULT))
    for (name, key, at), count in sorted(called.items(), key=lambda one: one[0][2]):
        runtime.rate_limits.refill(name, key, count, at)
    runtime.rate_limits.refilled()
    if called:
        log.info("%d calls of the last hour count against the rates again", sum(called.values()))
    return sum(called.values())


def _keys(session: Session, rows: list[Outbox]) -> dict[int | None, list[str]]:
    """Whose rates each row spent, by the row's id; a robot that nobody can name any more has none."""
    robots: dict[tuple[object, ...], str] = {}
    keys: dict[int | None, list[str]] = {}
    for row in rows:
        if CHANNELS[row.channel].rate == PER_MEMBER:
            keys[row.id] = members_of(row)
            continue
        whose = row.group_id, row.payload.get("robot_id"), row.notes.get("robot")
        if whose not in robots:
            robot = whose_rate(session, row)
            robots[whose] = robot.key_hash if robot else ""
        if robots[whose]:
            keys[row.id] = [robots[whose]]
    return keys


def _at_the_latest(row: Outbox | ApiUse, now: datetime) -> datetime:
    """When the platform may have counted it: before it answered, and what is not known to have ended perhaps just now."""
    ended = row.status not in (OutboxStatus.CALLING, OutboxStatus.QUEUED)
    at = (row.done_at or now) if ended else now
    whole = at.replace(microsecond=0) + timedelta(seconds=1)
    if now - at > FINE:
        whole = at.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return min(whole, now)
