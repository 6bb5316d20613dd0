"""对账: one account's friends are made to agree with the platform's list of them.

Compared at once, and changed in pieces, each in a transaction of its own: a list of 100,000 holds up nobody.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pyroaring import FrozenBitMap
from sqlmodel import Session, col, select

from models.db import insert_missing, pieces
from models.friends import Customer, Friend, FriendStatus, LostHow, assignment
from models.friends.friendship import added, lost_together
from models.org import Guide
from models.org.removal_guard import PendingRemoval, too_many
from models.sentences import Sentence
from wecom.limits import ID_LETTERS


@dataclass(frozen=True)
class ListChange:
    """What comparing one account's friends did. `guarded` is why missing ones were not taken as lost."""

    added: int = 0
    lost: int = 0
    guarded: str = ""
    missing: tuple[str, ...] = ()
    """Who waits for the removal guard's yes, by their external userids"""


@dataclass(frozen=True)
class ListDifference:
    """How an account's friends and the platform's list of them differ, before anything is changed."""

    found: tuple[str, ...] = ()
    """Listed, and unknown here"""
    back: tuple[str, ...] = ()
    """Listed, and lost here by the guide or by a transfer"""
    gone: FrozenBitMap = FrozenBitMap()
    """Not listed any more, by the ids of their customers"""
    doubtful: tuple[tuple[str, datetime], ...] = ()
    """Listed, and here the customer had deleted the guide at that time: the platform lists her either way (contract
    14.23), and only the time of their friendship tells whether she came back."""
    guarded: str = ""
    missing: tuple[str, ...] = ()


class _Known(NamedTuple):
    customer_id: int
    status: FriendStatus
    lost_how: str
    lost_at: datetime | None


def compare(
    session: Session,
    owner: Guide,
    external_userids: Iterable[str],
    complete: bool,
    *,
    confirmed: PendingRemoval | None = None,
    removal_guard_percent: int = 5,
) -> ListDifference:
    """What would make one account's friends agree with the platform's list; reads only.

    An incomplete list never takes a friend away (B12). One that misses too many waits for a person's yes to
    just that (B13). Who is gone from the list was deleted by the guide.
    """
    listed = {one for one in external_userids if isinstance(one, str) and 0 < len(one) <= ID_LETTERS}
    known = _known(session, owner)
    active = [one for one, friend in known.items() if friend.status == FriendStatus.FRIEND]
    missing = [one for one in active if one not in listed]
    lost = [
        (one, known[one]) for one in sorted(listed & known.keys()) if known[one].status == FriendStatus.LOST
    ]
    agreed = complete and confirmed is not None and confirmed.allows(missing)
    guarded = "" if agreed else _removal_guard(len(missing), len(active), complete, removal_guard_percent)
    return ListDifference(
        found=tuple(sorted(listed - known.keys())),
        back=tuple(one for one, friend in lost if friend.lost_how != LostHow.CUSTOMER),
        gone=FrozenBitMap() if guarded else FrozenBitMap(known[one].customer_id for one in missing),
        doubtful=tuple(
            (one, friend.lost_at)
            for one, friend in lost
            if friend.lost_how == LostHow.CUSTOMER and friend.lost_at
        ),
        guarded=guarded,
        missing=tuple(missing) if guarded and complete else (),
    )


def apply_list(
    session: Session,
    owner: Guide,
    external_userids: Iterable[str],
    complete: bool,
    now: datetime,
    zone: ZoneInfo,
    *,
    confirmed: PendingRemoval | None = None,
    removal_guard_percent: int = 5,
) -> ListChange:
    """Make one account's friends agree with the platform's list, all in one transaction."""
    difference = compare(
        session,
        owner,
        external_userids,
        complete,
        confirmed=confirmed,
        removal_guard_percent=removal_guard_percent,
    )
    for piece in pieces(difference.found):
        apply_found(session, owner, piece, now, zone)
    apply_back(session, owner, difference.back, now, zone)
    apply_gone(session, owner, difference.gone, now)
    number = len(difference.found) + len(difference.back)
    return ListChange(number, len(difference.gone), difference.guarded, difference.missing)


def apply_found(
    session: Session, owner: Guide, external_userids: Sequence[str], now: datetime, zone: ZoneInfo
) -> None:
    """Friends that no event told us of."""
    _found(session, owner, external_userids, _whole(now), now, zone)


def apply_back(
    session: Session, owner: Guide, external_userids: Sequence[str], now: datetime, zone: ZoneInfo
) -> None:
    """Friends who were lost here, and are friends."""
    for one in external_userids:
        added(session, owner.userid, one, _whole(now), now, zone)


def apply_gone(session: Session, owner: Guide, customers: FrozenBitMap, now: datetime) -> None:
    """Friends whom the platform does not list any more."""
    if customers:
        lost_together(session, owner.userid, customers, LostHow.GUIDE, _whole(now), now)


def apply_returned(
    session: Session,
    owner: Guide,
    doubtful: Sequence[tuple[str, datetime]],
    since: Mapping[str, int],
    now: datetime,
    zone: ZoneInfo,
) -> int:
    """Customers who had deleted the guide and are her friends since a later time: their event got lost. How many.

    `since`: when the platform says that each friendship began, in its whole seconds.
    """
    back = [
        (one, datetime.fromtimestamp(since[one], UTC))
        for one, lost_at in doubtful
        if since.get(one, 0) > lost_at.timestamp()
    ]
    for one, at in back:
        added(session, owner.userid, one, min(at, _whole(now)), now, zone)
    return len(back)


def _whole(now: datetime) -> datetime:
    """Events count whole seconds."""
    return now.replace(microsecond=0)


def _known(session: Session, owner: Guide) -> dict[str, _Known]:
    """Every friendship of the account, ended ones too, by the customer's external userid: columns, for there may be many."""
    rows = session.execute(
        select(Customer.external_userid, Friend.customer_id, Friend.status)
        .add_columns(col(Friend.lost_how), col(Friend.lost_at))
        .join(Customer, col(Customer.id) == col(Friend.customer_id))
        .where(col(Friend.owner_id) == owner.id)
    )
    return {external_userid: _Known(*rest) for external_userid, *rest in rows}


def _found(
    session: Session,
    owner: Guide,
    external_userids: Sequence[str],
    at: datetime,
    now: datetime,
    zone: ZoneInfo,
) -> None:
    """Friends that no event told us of, in bulk: those nobody else serves follow the account."""
    strangers = [{"external_userid": one, "seen_at": at} for one in external_userids]
    insert_missing(session, Customer, strangers, key=("external_userid",))
    ids = select(Customer.external_userid, Customer.id).where(
        col(Customer.external_userid).in_(external_userids)
    )
    known = dict(session.exec(ids).all())
    served = set(
        session.exec(
            select(Friend.customer_id).where(
                col(Friend.customer_id).in_(list(known.values())), Friend.status != FriendStatus.LOST
            )
        )
    )
    picked = assignment.pick(session, None, owner, now, zone)
    values = {
        **assignment.columns(picked),
        "reason": Sentence("对账时发现的。{reason}", reason=picked.reason),
    }
    for external_userid, customer_id in known.items():
        if customer_id in served:
            added(session, owner.userid, external_userid, at, now, zone)
    row = {"owner_id": owner.id, "status": FriendStatus.FRIEND, "added_at": at, "changed_at": at, **values}
    new = [{**row, "customer_id": one} for one in known.values() if one not in served]
    # an event may be quicker
    insert_missing(session, Friend, new, key=("owner_id", "customer_id"))


def _removal_guard(missing: int, active: int, complete: bool, percent: int) -> str:
    if not missing:
        return ""
    if not complete:
        return Sentence("好友名单没有读全，有 {missing} 位没读到，谁也不算走了", missing=missing)
    if too_many(missing, active, percent):
        return Sentence(
            "{active} 位好友里一下少了 {missing} 位，先没有照做，等总部确认", active=active, missing=missing
        )
    return ""
