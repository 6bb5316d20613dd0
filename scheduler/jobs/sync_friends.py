"""Comparing every guide's friends with the platform's list of them: in a round that goes on where it was cut.

A round has its own share of the platform's rate. What it does to one guide's friends is done in pieces, and a list
that could not be read to its end takes nobody away.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from pyroaring import FrozenBitMap
from sqlmodel import Session, col, select

from models.db import pieces
from models.friends import reconciliation
from models.friends.reconciliation import ListDifference
from models.org import Guide, GuideStatus, removal_guard
from models.org.removal_guard import PendingRemoval
from models.preferences import Preference, read
from models.sentences import Sentence, together
from scheduler.runtime import Runtime
from wecom import pagination
from wecom.errors import Action, PlatformError
from wecom.pagination import Incomplete

LIST, ONE, MANY = "externalcontact/list", "externalcontact/get", "externalcontact/batch/get_by_user"
A_PAGE = 100
"""Friends in one answer of `MANY` (contract 5)"""
NO_FRIENDS = 84061
LAST_SECOND = 2**32
"""No friendship began later than that."""
KEY = "round.friends"
"""The preference under which a round remembers where it is"""
TOO_OLD = timedelta(hours=20)
"""A round that is cut for longer begins anew."""
QUIET = timedelta(minutes=3)
"""Without a sign of life for so long, nobody is at it any more."""

log = logging.getLogger("onetap.sync")


class _Cut(Exception):
    """The round waits: the platform, or our own share of its rate, says so."""


@dataclass(frozen=True)
class SyncRound:
    """How far the comparison is, and what it did so far."""

    began: datetime
    seen: datetime
    after: int = 0
    """Guides up to this number are done."""
    read: int = 0
    unread: int = 0
    added: int = 0
    lost: int = 0
    back: int = 0


def friend_lists(runtime: Runtime, now: datetime) -> str:
    """Compare every present guide's friends with the platform's list of them; a round that was cut goes on."""
    with runtime.db.read() as session:
        kept = _kept(session)
    fresh = kept is None or now - kept.began > TOO_OLD
    if kept is not None and not fresh and now - kept.seen < QUIET:
        return "正在核对，不用再开始"
    return _go(runtime, SyncRound(now, now) if kept is None or fresh else kept, now)


def go_on(runtime: Runtime, now: datetime) -> str:
    """Go on with a round that was cut."""
    with runtime.db.read() as session:
        kept = _kept(session)
    if kept is None or now - kept.seen < QUIET:
        return ""
    return _go(runtime, kept, now)


def _go(runtime: Runtime, kept: SyncRound, now: datetime) -> str:
    with runtime.db.read() as session:
        percent, guides = read(session).removal_guard_percent, _present(session)
    whose = {str(guide.id) for guide in guides}
    yeses = runtime.db.run(partial(removal_guard.begin, plan="friends", whose=whose))
    confirmed: list[str] = []
    here = [guide for guide in guides if (guide.id or 0) > kept.after]
    for guide in here:
        try:
            kept = _compare(runtime, kept, guide, percent, yeses.get(str(guide.id)), now, confirmed)
        except _Cut:
            free = replace(kept, seen=runtime.clock() - QUIET)
            runtime.db.run(partial(_keep, kept=free))
            return together([_said(kept), Sentence("先停在这里，几分钟后接着核对")], "。")
    runtime.db.run(_forget)
    with runtime.db.read() as session:
        waiting = [_named(session, one) for one in removal_guard.waiting(session, "friends")]
    return together([_said(kept), *confirmed[:3], *waiting[:3]], "。")


def _compare(
    runtime: Runtime,
    kept: SyncRound,
    guide: Guide,
    percent: int,
    yes: PendingRemoval | None,
    now: datetime,
    confirmed: list[str],
) -> SyncRound:
    """One guide; what her list stumbles over stays with her."""
    done = replace(kept, after=guide.id or 0, seen=runtime.clock())
    try:
        difference = _difference(runtime, guide, percent, yes)
        back = _apply(runtime, guide, difference, now)
    except PlatformError as error:
        if error.action in (Action.STOP, Action.WINDOW):
            raise _Cut from error
        done = replace(done, unread=done.unread + 1)
    except _Cut:
        raise
    except Exception as error:
        log.exception("friends of guide %s: %s", guide.id, type(error).__name__)
        done = replace(done, unread=done.unread + 1)
    else:
        if yes and yes.number == len(difference.gone):
            values = {"guide": guide.name, "lost": yes.number, "by": yes.by}
            confirmed.append(Sentence("{guide}少了 {lost} 位（{by}确认过）", **values))
        found = len(difference.found) + len(difference.back)
        done = replace(
            done,
            read=done.read + 1,
            added=done.added + found,
            lost=done.lost + len(difference.gone),
            back=done.back + back,
        )
    runtime.db.run(partial(_keep, kept=done))
    return done


def _difference(runtime: Runtime, guide: Guide, percent: int, yes: PendingRemoval | None) -> ListDifference:
    _take(runtime, LIST)
    try:
        listed = list(runtime.client.call(LIST, {"userid": guide.userid}).get("external_userid") or [])
    except PlatformError as error:
        if error.errcode != NO_FRIENDS:
            raise
        listed = []
    with runtime.db.read() as session:
        return reconciliation.compare(
            session, guide, listed, True, confirmed=yes, removal_guard_percent=percent
        )


def _apply(runtime: Runtime, guide: Guide, difference: ListDifference, now: datetime) -> int:
    """In pieces, each in a transaction of its own; how many had come back without an event."""
    zone = runtime.zone
    for piece in pieces(difference.found):
        runtime.db.run(
            partial(reconciliation.apply_found, owner=guide, external_userids=piece, now=now, zone=zone)
        )
    for piece in pieces(difference.back):
        runtime.db.run(
            partial(reconciliation.apply_back, owner=guide, external_userids=piece, now=now, zone=zone)
        )
    for gone in pieces(list(difference.gone)):
        runtime.db.run(partial(reconciliation.apply_gone, owner=guide, customers=FrozenBitMap(gone), now=now))
    guarded, missing = difference.guarded, difference.missing
    runtime.db.run(
        lambda session: removal_guard.keep(session, "friends", str(guide.id), guarded, missing, now)
    )
    doubtful = difference.doubtful
    if not doubtful:
        return 0
    since = _since(runtime, guide, difference)
    return runtime.db.run(
        lambda session: reconciliation.apply_returned(session, guide, doubtful, since, now, zone)
    )


def _since(runtime: Runtime, guide: Guide, difference: ListDifference) -> Mapping[str, int]:
    """Since when the doubtful ones are her friends: one call for each, or page by page where that takes fewer."""
    names = [one for one, _ in difference.doubtful]
    if len(names) > A_PAGE:
        return _since_by_pages(runtime, guide)
    found = {}
    for one in names:
        _take(runtime, ONE)
        try:
            told = runtime.client.call(ONE, {"external_userid": one})
        except PlatformError as error:
            if error.action in (Action.STOP, Action.WINDOW):
                raise
            continue
        for follow in told.get("follow_user") or []:
            if str(follow.get("userid", "")).lower() == guide.userid_key:
                found[one] = _second(follow.get("createtime"))
    return found


def _since_by_pages(runtime: Runtime, guide: Guide) -> Mapping[str, int]:
    found = {}
    asked = {"userid_list": [guide.userid], "limit": A_PAGE}
    try:
        for number, row in enumerate(pagination.rows(runtime.client, MANY, asked, "external_contact_list")):
            if number % A_PAGE == 0:
                _take(runtime, MANY)
            name = str((row.get("external_contact") or {}).get("external_userid") or "")
            found[name] = _second((row.get("follow_info") or {}).get("createtime"))
    except Incomplete:
        log.warning("friends of guide %s: the pages did not end; what was read counts", guide.id)
    return found


def _second(told: object) -> int:
    return told if isinstance(told, int) and not isinstance(told, bool) and told < LAST_SECOND else 0


def _take(runtime: Runtime, api: str) -> None:
    """One call of the round's own share."""
    if runtime.rate_limits.take("sync", api, runtime.clock()):
        raise _Cut


# ---- the round's memory


def _present(session: Session) -> list[Guide]:
    query = select(Guide).where(Guide.status == GuideStatus.ACTIVE).order_by(col(Guide.id))
    return list(session.exec(query))


def _kept(session: Session) -> SyncRound | None:
    row = session.get(Preference, KEY)
    if row is None:
        return None
    values = json.loads(row.value)
    moments = {name: datetime.fromisoformat(values[name]) for name in ("began", "seen")}
    return SyncRound(**values | moments)


def _keep(session: Session, kept: SyncRound) -> None:
    moments = {"began": kept.began.isoformat(), "seen": kept.seen.isoformat()}
    session.merge(Preference(key=KEY, value=json.dumps(asdict(kept) | moments)))


def _forget(session: Session) -> None:
    row = session.get(Preference, KEY)
    if row is not None:
        session.delete(row)


def _said(kept: SyncRound) -> str:
    words = Sentence(
        "核对 {read} 位导购的好友，补上 {added} 位，不再是好友 {lost} 位",
        read=kept.read,
        added=kept.added,
        lost=kept.lost,
    )
    back = Sentence("{n} 位删过又回来的，补上了", n=kept.back) if kept.back else ""
    left_out = Sentence("{guides} 位没有读到，好友不变", guides=kept.unread) if kept.unread else ""
    return together([words, back, left_out], "。")


def _named(session: Session, pending: PendingRemoval) -> str:
    guide = session.get(Guide, int(pending.whose))
    return together([guide.name if guide else pending.whose, pending.words], "：")
