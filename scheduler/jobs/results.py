"""Read back from the platform who confirmed and what became of her customers: no callback tells of it."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from sqlmodel import Session, col, select, update

from models.campaigns import Campaign, Task, results
from models.campaigns.results import DEMO, PRODUCTION, GroupLook, Look, PollInterval, Reading
from scheduler.channels.mass import STOPPED
from scheduler.runtime import Runtime
from scheduler.timetable.plan import said
from wecom.errors import Action, PlatformError
from wecom.pagination import Incomplete, rows

LOOKS_AT_ONCE = 200
"""Tasks read in one run; the next run goes on."""
READERS = 4
LATER_SECONDS = 600.0
"""What the platform does not let us read, or we cannot write down, is asked for again after so long."""
RESULT = "externalcontact/get_groupmsg_send_result"

log = logging.getLogger("onetap.campaigns")
T = TypeVar("T")
Outcome = Reading | PlatformError | None


def collect_results(runtime: Runtime, now: datetime, interval: PollInterval | None = None) -> str:
    """Ask the platform who confirmed, and what became of her customers; there is no callback for it."""
    interval = interval or (DEMO if runtime.demo else PRODUCTION)
    with runtime.db.read() as session:
        looks = results.due(session, now, interval, LOOKS_AT_ONCE)
        groups = results.groups_due(session, now, interval, LOOKS_AT_ONCE)
    confirmed = 0
    for look, outcome in _side_by_side(
        looks, lambda one: _read(runtime, one.userid, one.msgids, "external_userid")
    ):
        confirmed += _learn(
            runtime,
            look,
            outcome,
            now,
            partial(results.learn, task_id=look.task_id, now=now, interval=interval),
            partial(results.later, task_id=look.task_id),
        )
    announced = 0
    for message, outcome in _side_by_side(
        groups, lambda one: _read(runtime, one.userid, (one.msgid,), "chat_id")
    ):
        announced += _learn(
            runtime,
            message,
            outcome,
            now,
            partial(results.learn_groups, msgid=message.msgid, now=now, interval=interval),
            partial(results.groups_later, msgid=message.msgid),
        )
    while runtime.db.run(partial(results.gather, limit=LOOKS_AT_ONCE)):
        pass
    if looks:
        runtime.db.run(partial(_note_time, tasks=[look.task_id for look in looks], now=now))
    return said(("读结果", len(looks) + len(groups)), ("新确认", confirmed), ("新确认的群", announced))


def _side_by_side(looks: Sequence[T], read: Callable[[T], Reading]) -> list[tuple[T, Outcome]]:
    """Read some at a time. Once the platform refuses more, the rest is left for the next run."""
    closed = False

    def one(look: T) -> Outcome:
        nonlocal closed
        if closed:
            return None
        try:
            return read(look)
        except PlatformError as error:
            closed = closed or error.action in (Action.WINDOW, Action.STOP)
            return error
        except Exception as error:  # an answer of a shape that nobody expects: no other has to wait for it
            log.exception("%s cannot be read: %s", look, type(error).__name__)
            return PlatformError(RESULT, None, Action.REFUSED, "平台的回答看不懂")

    if not looks:
        return []
    with ThreadPoolExecutor(min(READERS, len(looks)), thread_name_prefix="results") as pool:
        return list(zip(looks, pool.map(one, looks), strict=True))


def _read(runtime: Runtime, userid: str, msgids: Sequence[str], name: str) -> Reading:
    """One guide's task: confirmed when every message of it is, with what is known of each customer or group."""
    moments: list[datetime | None] = []
    found: dict[str, int] = {}
    for msgid in msgids:
        try:
            sent_at = _sent_at(runtime, msgid, userid)
        except PlatformError as error:
            if error.errcode == STOPPED:
                return Reading(over=True)
            raise
        moments.append(sent_at)
        if sent_at is not None:
            found |= _send_results(runtime, msgid, userid, name)
    known = [moment for moment in moments if moment is not None]
    return Reading(max(known) if len(known) == len(moments) else None, found)


def _sent_at(runtime: Runtime, msgid: str, userid: str) -> datetime | None:
    """When she tapped send; None while she has not. Only 0 means that she has not (the platform writes 1 and 2)."""
    try:
        for row in rows(
            runtime.client, "externalcontact/get_groupmsg_task", {"msgid": msgid, "limit": 1000}, "task_list"
        ):
            if str(row.get("userid") or "").lower() == userid.lower() and int(row.get("status") or 0):
                return datetime.fromtimestamp(int(row.get("send_time") or runtime.clock().timestamp()), UTC)
    except Incomplete:
        log.warning("the task list of a mass message does not end")
    return None


def _send_results(runtime: Runtime, msgid: str, userid: str, name: str) -> dict[str, int]:
    """Customer (or chat) → status. What an endless list did tell is kept; the rest stays unknown."""
    found: dict[str, int] = {}
    body = {"msgid": msgid, "userid": userid, "limit": 1000}
    try:
        for row in rows(runtime.client, RESULT, body, "send_list"):
            if whose := str(row.get(name) or row.get("chat_id") or ""):
                found[whose] = int(row.get("status") or 0)
    except Incomplete:
        log.warning("the result list of a mass message does not end")
    return found


def _learn(
    runtime: Runtime,
    look: Look | GroupLook,
    outcome: Outcome,
    now: datetime,
    learn: Callable[..., int],
    later: Callable[..., None],
) -> int:
    """Write down what was read; how many confirmations are news. What one row stumbles over stays with that row."""
    seconds = LATER_SECONDS
    if outcome is None:
        return 0
    if isinstance(outcome, PlatformError):
        seconds = outcome.retry_after or LATER_SECONDS
    else:
        try:
            return runtime.db.run(partial(learn, reading=outcome))
        except Exception as error:
            log.exception("%s cannot be written down: %s", look, type(error).__name__)
    runtime.db.run(partial(later, at=now + timedelta(seconds=seconds)))
    return 0


def _note_time(session: Session, tasks: Sequence[int], now: datetime) -> None:
    read = select(Task.campaign_id).where(col(Task.id).in_(tasks))
    session.execute(update(Campaign).where(col(Campaign.id).in_(read)).values(collected_at=now))
