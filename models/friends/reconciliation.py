"""对账: one account's friends are made to agree with the platform's list of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models.db import insert_once, pieces
from models.friends import Customer, Friend, FriendStatus, LostHow, assignment
from models.friends.friendship import added, lost
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


def apply_list(
    session: Session,
    owner: Guide,
    external_userids: Iterable[str],
    complete: bool,
    now: datetime,
    zone: ZoneInfo,
    *,
    confirmed: PendingRemoval | None = None,
    removal_guard_percent: int = 20,
) -> ListChange:
    """Make one account's friends agree with the platform's list.

    An incomplete list never takes a friend away (B12). One that misses too many waits for a person's yes to
    just that (B13). The platform still lists whom the customer deleted (contract 14.23): she comes back by an
    event only, and who is gone from the list was deleted by the guide.
    """
    listed = {one for one in external_userids if isinstance(one, str) and 0 < len(one) <= ID_LETTERS}
    known = _known(session, owner)
    active = [one for one, friend in known.items() if friend.status == FriendStatus.FRIEND]
    missing = [one for one in active if one not in listed]
    moment = now.replace(microsecond=0)  # events count whole seconds
    back = sorted(
        one
        for one in listed & known.keys()
        if known[one].status == FriendStatus.LOST and known[one].lost_how != LostHow.CUSTOMER
    )
    for external_userid in back:
        added(session, owner.userid, external_userid, moment, now, zone)
    found = sorted(listed - known.keys())
    for piece in pieces(found):
        _found(session, owner, piece, moment, now, zone)
    agreed = complete and confirmed is not None and confirmed.allows(missing)
    guarded = "" if agreed else _removal_guard(len(missing), len(active), complete, removal_guard_percent)
    for external_userid in [] if guarded else missing:
        lost(session, owner.userid, external_userid, LostHow.GUIDE, moment, now)
    waits = tuple(missing) if guarded and complete else ()
    return ListChange(len(found) + len(back), 0 if guarded else len(missing), guarded, waits)


def _known(session: Session, owner: Guide) -> dict[str, Friend]:
    """Every friendship of the account, ended ones too, by the customer's external userid."""
    rows = session.exec(
        select(Friend, Customer.external_userid)
        .join(Customer, col(Customer.id) == col(Friend.customer_id))
        .where(Friend.owner_id == owner.id)
    )
    return {external_userid: friend for friend, external_userid in rows}


def _found(
    session: Session,
    owner: Guide,
    external_userids: Sequence[str],
    at: datetime,
    now: datetime,
    zone: ZoneInfo,
) -> None:
    """Friends that no event told us of, in bulk: those nobody else serves follow the account."""
    for one in external_userids:
        insert_once(session, Customer, {"external_userid": one, "seen_at": at}, key="external_userid")
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
        else:
            row = {
                "owner_id": owner.id,
                "customer_id": customer_id,
                "status": FriendStatus.FRIEND,
                "added_at": at,
                "changed_at": at,
            }
            # an event may be quicker
            insert_once(session, Friend, {**row, **values}, key=("owner_id", "customer_id"))


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
