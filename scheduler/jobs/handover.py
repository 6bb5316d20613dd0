"""Handovers go on: drafts for who left, calls for who was confirmed, and what became of the customers, over days."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlmodel import Session

from models.friends import handover_calls, handover_drafts, handover_notices, handover_results
from models.friends.handover import Handover, HandoverKind, HandoverShare
from models.friends.handover_shares import forget_lost, release_leavers
from models.org import Guide
from scheduler.channels.transfer_left import results
from scheduler.runtime import Runtime
from scheduler.timetable.plan import said
from wecom.errors import Action, PlatformError

LEAVERS_AT_ONCE, PIECES_AT_ONCE, HANDOVERS_AT_ONCE = 20, 10, 50
LOOKS_AT_ONCE = 30
"""Calls of one run that ask for results; a list of more than 1,000 customers takes several."""
APIS = {
    HandoverKind.LEFT: "externalcontact/resigned/transfer_result",
    HandoverKind.ON_JOB: "externalcontact/transfer_result",
}


def draft(runtime: Runtime, now: datetime) -> str:
    """Draft plans for guides who left, and write their friends down, a piece at a time."""
    with runtime.db.read() as session:
        leavers = handover_drafts.leavers(session, LEAVERS_AT_ONCE)
    drafted = 0
    for guide in leavers:
        drafted += runtime.db.run(partial(_draft, guide_id=guide.id or 0, now=now))
    with runtime.db.read() as session:
        unplanned = [one.id or 0 for one in handover_drafts.to_plan(session, PIECES_AT_ONCE)]
    written = 0
    for number in unplanned:
        written += runtime.db.run(partial(handover_drafts.write_down, handover_id=number, now=now))
    back = told = 0
    if _untrue(runtime, now):
        back, told = runtime.db.run(partial(_keep_true, runtime=runtime, now=now))
    return said(
        ("离职交接草稿", drafted), ("列出好友", written), ("回来了不用交接", back), ("告诉店长", told)
    )


def _draft(session: Session, guide_id: int, now: datetime) -> bool:
    return handover_drafts.draft(session, session.get_one(Guide, guide_id), now) is not None


def _untrue(runtime: Runtime, now: datetime) -> bool:
    """Read first: while there is nothing to mend or to say, nobody waits for a lock."""
    with runtime.db.read() as session:
        return bool(
            handover_drafts.of_those_back(session) or handover_notices.due(session, now, runtime.zone)
        )


def _keep_true(session: Session, runtime: Runtime, now: datetime) -> tuple[int, int]:
    """Whoever is back needs no handover; managers hear of what waits for them."""
    back = handover_drafts.end_for_those_back(session, now)
    return back, handover_notices.tell_managers(session, now, runtime.zone, runtime.public_url)


def go_on(runtime: Runtime, now: datetime) -> str:
    """Write the next calls of handovers that were confirmed, and end those with nothing left to do."""
    with runtime.db.read() as session:
        numbers = handover_calls.running(session, HANDOVERS_AT_ONCE)
    asked = moved = ended = 0
    for number in numbers:
        asked += runtime.db.run(partial(_transfers, handover_id=number, now=now))
        runtime.db.run(partial(handover_results.groups_found, handover_id=number, now=now))
        moved += runtime.db.run(
            partial(handover_calls.put_groups, handover_id=number, now=now, zone=runtime.zone)
        )
        ended += runtime.db.run(partial(handover_calls.end_finished, handover_id=number, now=now))
    return said(("请客户换人", asked), ("换了群主的群", moved), ("办完交接", ended))


def _transfers(session: Session, handover_id: int, now: datetime) -> int:
    handover = session.get_one(Handover, handover_id, with_for_update=True)
    forget_lost(session, handover, now)
    release_leavers(session, handover, now)
    return handover_calls.put_transfers(session, handover_id, now)


def look(runtime: Runtime, now: datetime) -> str:
    """Ask the platform what became of customers who were told; a closed window ends the run, and the next goes on."""
    with runtime.db.read() as session:
        waiting = handover_results.to_look(session, now, LOOKS_AT_ONCE)
    changed = unread = 0
    for share_id in waiting:
        if runtime.rate_limits.take("results", APIS[HandoverKind.LEFT], now):
            break
        with runtime.db.read() as session:
            api, pair = _pair(session, share_id)
        try:
            told = results(runtime, api, *pair)
        except PlatformError as error:
            if error.action in (Action.STOP, Action.WINDOW):
                break
            told = None
        if told is None:
            unread += 1
            runtime.db.run(partial(_later, share_id=share_id, now=now))
            continue
        learn: Callable[[Session], int] = partial(
            handover_results.heard, share_id=share_id, told=told, now=now, zone=runtime.zone
        )
        changed += runtime.db.run(learn)
    return said(("交接有结果", changed), ("没读到、稍后再问", unread))


def _pair(session: Session, share_id: int) -> tuple[str, tuple[str, str]]:
    share = session.get_one(HandoverShare, share_id)
    handover = session.get_one(Handover, share.handover_id)
    leaver, successor = session.get_one(Guide, handover.guide_id), session.get_one(Guide, share.guide_id)
    return APIS[HandoverKind(handover.kind)], (leaver.userid, successor.userid)


def _later(session: Session, share_id: int, now: datetime) -> None:
    session.get_one(HandoverShare, share_id).look_at = now + handover_results.SOON
