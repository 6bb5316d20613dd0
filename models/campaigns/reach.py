"""Whom the guides of a scope know: their friends or groups as sets, one per guide, and those who are none any more."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pyroaring import FrozenBitMap
from sqlmodel import Session, col, select

from models.db import pieces
from models.db.sets import NOBODY, grouped, union
from models.friends import Friend, FriendStatus
from models.groups import Group, GroupKind, GroupStatus
from models.ledger.channels import CUSTOMER_GROUPS, CUSTOMERS

NOT_FRIENDS = {FriendStatus.LOST: "已不是好友", FriendStatus.HALF: "还没通过好友申请"}
NO_GROUP = "群已解散"
GUIDES_AT_ONCE = 1000
"""So many guides' friends are read in one query: the texts of 2,000,000 friends together would take 15 MB."""


@dataclass(frozen=True)
class Reach:
    """Of some guides, whom they can write to and whom they cannot."""

    friends: Mapping[int, FrozenBitMap] = field(default_factory=dict)
    """Guide → her friends, or her customer groups"""
    lapsed: tuple[tuple[str, FrozenBitMap], ...] = ()
    """Why somebody whom they know cannot be written to by any of them, and who"""

    @property
    def everybody(self) -> FrozenBitMap:
        return union(self.friends.values())


def reach(session: Session, to: str, guides: Sequence[int], at: datetime) -> Reach:
    """As it was at that moment: who came later is not in it."""
    if to == CUSTOMERS:
        return _friends(session, guides, at)
    if to == CUSTOMER_GROUPS:
        return _groups(session, guides, at)
    return Reach()


def since(session: Session, guides: Iterable[int], at: datetime) -> dict[int, FrozenBitMap]:
    """Guide → those who became her friends after that moment."""
    wanted, found = set(guides), defaultdict(list)
    # grouped by the database, SQLite would read all friendships in the order of their owners
    newcomers = select(Friend.owner_id, Friend.customer_id).where(Friend.added_at > at)
    for guide, customer in session.execute(newcomers):
        if guide in wanted:
            found[guide].append(customer)
    return {guide: FrozenBitMap(members) for guide, members in found.items()}


def _friends(session: Session, guides: Sequence[int], at: datetime) -> Reach:
    newer = since(session, guides, at)
    friends: dict[int, FrozenBitMap] = {}
    others: dict[str, list[FrozenBitMap]] = defaultdict(list)
    for piece in pieces(guides, GUIDES_AT_ONCE):
        found = grouped(
            session,
            Friend.customer_id,
            [col(Friend.owner_id), col(Friend.status)],
            col(Friend.owner_id).in_(piece),
        )
        for (guide, status), members in found.items():
            known = members - newer.get(guide, NOBODY)
            if status == FriendStatus.FRIEND:
                friends[guide] = known
            else:
                others[status].append(known)
    return Reach(friends, _lapsed(union(friends.values()), {s: union(others[s]) for s in NOT_FRIENDS}))


def _lapsed(
    friends: FrozenBitMap, others: Mapping[FriendStatus, FrozenBitMap]
) -> tuple[tuple[str, FrozenBitMap], ...]:
    """Each stands in the first that holds, and in none when another guide is her friend."""
    taken, found = friends, []
    for status, members in others.items():
        found.append((NOT_FRIENDS[status], members - taken))
        taken = taken | members
    return tuple(found)


def _groups(session: Session, guides: Sequence[int], at: datetime) -> Reach:
    friends: dict[int, FrozenBitMap] = {}
    gone: list[FrozenBitMap] = []
    for piece in pieces(guides, GUIDES_AT_ONCE):
        hers = (
            Group.kind == GroupKind.CUSTOMER,
            col(Group.owner_id).in_(piece),
            Group.created_at <= at,
        )
        found = grouped(session, col(Group.id), [col(Group.owner_id), col(Group.status)], *hers)
        for (guide, status), members in found.items():
            if status == GroupStatus.ACTIVE:
                friends[guide] = members
            else:
                gone.append(members)
    return Reach(friends, ((NO_GROUP, union(gone)),))
