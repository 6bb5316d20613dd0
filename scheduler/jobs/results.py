"""Read back from the platform who confirmed and what became of her customers: no callback tells of it."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from sqlmodel import Session, col, select, update

from models.campaigns import Campaign, Task, looks, results
from models.campaigns.looks import DEMO, PRODUCTION, GroupLook, Look, LookPlan
from models.campaigns.results import Reading
from scheduler.channels.mass import STOPPED
from scheduler.runtime import Runtime
from scheduler.timetable.plan import said
from wecom.errors import Action, PlatformError
from wecom.pagination import Incomplete, rows

LOOKS_AT_ONCE = 200
"""Tasks read in one run; the next run goes on."""
READERS = 4
TOGETHER, RESULTS_TOGETHER = 40, 10_000
"""Guides, and results of customers, that are written in one transaction: together they share what it costs."""
LATER_SECONDS = 600.0
"""What the platform does not let us read, or we cannot write down, is asked for again after so long."""
TASKS = "externalcontact/get_groupmsg_task"
RESULT = "externalcontact/get_groupmsg_send_result"
SHARE = "results"
"""The part of an API's rate that this may use, in wecom/rate_limits.py"""
SPENT = "读结果的次数这一小时用到了上限，轮到了再读"

log = logging.getLogger("onetap.campaigns")
T = TypeVar("T")
Outcome = Reading | PlatformError | None


class Rationed:
    """The platform's API within the part of its rate that reading results may use, counted over all processes."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime

    def call(self, api: str, data: Mapping[str, Any] | None = None) -> dict[str, Any]:
        if wait := self.runtime.rate_limits.take(SHARE, api, self.runtime.clock()):
            raise PlatformError(api, None, Action.WINDOW, SPENT, wait)
        return self.runtime.client.call(api, data)


def collect_results(runtime: Runtime, now: datetime, plan: LookPlan | None = None) -> str:
    """Ask the platform who confirmed, and what became of her customers; there is no callback for it."""
    plan = plan or (DEMO if runtime.demo else PRODUCTION)
    with runtime.db.read() as session:
        some = looks.any_waits(session, now)
        groups = looks.groups_due(session, now, plan, LOOKS_AT_ONCE)
    wanted = runtime.db.run(partial(looks.due, now=now, plan=plan, limit=LOOKS_AT_ONCE)) if some else []
    client, confirmed, announced = Rationed(runtime), 0, 0
    outcomes = _side_by_side(wanted, partial(_read_task, client))
    for together in _portions(outcomes):
        confirmed += _learn_together(runtime, together, now, plan)
    of_groups = _side_by_side(groups, lambda one: _read(client, one.userid, (one.msgid,), "chat_id"))
    for message, outcome in of_groups:
        learn_groups = partial(results.learn_groups, msgid=message.msgid, now=now, plan=plan)
        later = partial(looks.groups_later, msgid=message.msgid)
        announced += _learn(runtime, message, outcome, now, learn_groups, later)
    gather(runtime)
    read = [look.task_id for look, outcome in outcomes if isinstance(outcome, Reading)]
    if read:
        runtime.db.run(partial(_note_time, tasks=read, now=now))
    waiting = sum(not isinstance(outcome, Reading) for _, outcome in [*outcomes, *of_groups])
    return said(
        ("读结果", len(wanted) + len(groups) - waiting),
        ("新确认", confirmed),
        ("新确认的群", announced),
        ("没读成，晚些再读", waiting),
    )


def gather(runtime: Runtime) -> None:
    """Bring what was learnt into the campaigns, piece by piece."""
    with runtime.db.read() as session:
        fresh = results.anything_fresh(session)
    while fresh and runtime.db.run(partial(results.gather, limit=LOOKS_AT_ONCE)):
        pass


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


def _read_task(client: Rationed, look: Look) -> Reading:
    """Who is known to have confirmed is not asked about again, only her customers are."""
    if look.confirmed_at is None:
        return _read(client, look.userid, look.msgids, "external_userid")
    found: dict[str, int] = {}
    for msgid in look.msgids:
        found |= _send_results(client, msgid, look.userid, "external_userid")
    return Reading(look.confirmed_at, found)


def _read(client: Rationed, userid: str, msgids: Sequence[str], name: str) -> Reading:
    """One guide's task: confirmed when every message of it is, with what is known of each customer or group."""
    moments: list[datetime | None] = []
    found: dict[str, int] = {}
    for msgid in msgids:
        try:
            sent_at = _sent_at(client, msgid, userid)
        except PlatformError as error:
            if error.errcode == STOPPED:
                return Reading(over=True)
            raise
        moments.append(sent_at)
        if sent_at is not None:
            found |= _send_results(client, msgid, userid, name)
    known = [moment for moment in moments if moment is not None]
    return Reading(max(known) if len(known) == len(moments) else None, found)


def _sent_at(client: Rationed, msgid: str, userid: str) -> datetime | None:
    """When she tapped send; None while she has not. Only 0 means that she has not (the platform writes 1 and 2)."""
    try:
        for row in rows(client, TASKS, {"msgid": msgid, "limit": 1000}, "task_list"):
            if str(row.get("userid") or "").lower() == userid.lower() and int(row.get("status") or 0):
                sent_at = int(row.get("send_time") or client.runtime.clock().timestamp())
                return datetime.fromtimestamp(sent_at, UTC)
    except Incomplete:
        log.warning("the task list of a mass message does not end")
    return None


def _send_results(client: Rationed, msgid: str, userid: str, name: str) -> dict[str, int]:
    """Customer (or chat) → status. What an endless list did tell is kept; the rest stays unknown."""
    found: dict[str, int] = {}
    body = {"msgid": msgid, "userid": userid, "limit": 1000}
    try:
        for row in rows(client, RESULT, body, "send_list"):
            if whose := str(row.get(name) or row.get("chat_id") or ""):
                found[whose] = int(row.get("status") or 0)
    except Incomplete:
        log.warning("the result list of a mass message does not end")
    return found


def _portions(outcomes: Sequence[tuple[Look, Outcome]]) -> Iterator[Sequence[tuple[Look, Outcome]]]:
    """So many as one short transaction writes."""
    portion: list[tuple[Look, Outcome]] = []
    size = 0
    for look, outcome in outcomes:
        size += len(outcome.results) if isinstance(outcome, Reading) else 0
        portion.append((look, outcome))
        if len(portion) >= TOGETHER or size >= RESULTS_TOGETHER:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def _learn_together(
    runtime: Runtime, outcomes: Sequence[tuple[Look, Outcome]], now: datetime, plan: LookPlan
) -> int:
    """Write down all that could be read in one transaction; where one of them stumbles, each goes by itself."""
    readings = {look.task_id: outcome for look, outcome in outcomes if isinstance(outcome, Reading)}
    alone, news = outcomes, 0
    if len(readings) > 1:
        try:
            news = runtime.db.run(partial(results.learn_all, readings=readings, now=now, plan=plan))
            alone = [(look, outcome) for look, outcome in outcomes if look.task_id not in readings]
        except Exception as error:
            log.warning("%s results are written one by one: %s", len(readings), type(error).__name__)
    for look, outcome in alone:
        learn = partial(results.learn, task_id=look.task_id, now=now, plan=plan)
        news += _learn(runtime, look, outcome, now, learn, partial(looks.later, task_id=look.task_id))
    return news


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
