"""Whom a plan would reach if it started now: guides, customers, and what is taken off, as a subtraction."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists
from sqlmodel import Session, col, func, select

from models.campaign_tables import GROUP_MASS, MASS, NOTICE, POSTER
from models.codes import PROMISED, EntryCode
from models.friends import FRIEND, HALF, LOST, Friend
from models.groups import CUSTOMER, Group
from models.org import ACTIVE, Guide, Store, in_scope


@dataclass(frozen=True)
class Reckoning:
    """`start` minus everything in `minus` is `reached`."""

    guides: int
    start: int
    minus: tuple[tuple[str, int], ...]
    """(reason in words, how many)"""
    idle: int
    """Guides in scope who would have nobody to send to"""

    @property
    def reached(self) -> int:
        return self.start - sum(number for _words, number in self.minus)


def reckon(session: Session, scope: dict[str, list[int]], channel: str, content: str) -> Reckoning:
    """Count without writing anything."""
    guides = _count(session, _guides(scope), Guide.id)
    if channel == NOTICE:
        return Reckoning(guides, guides, (), 0)
    if channel == GROUP_MASS:
        return _groups(session, scope, guides)
    return _friends(session, scope, guides, needs_code=channel == MASS and content == POSTER)


def _friends(session: Session, scope: dict[str, list[int]], guides: int, *, needs_code: bool) -> Reckoning:
    joined = _guides(scope).join(Friend, col(Friend.owner_id) == col(Guide.id))
    states = dict(session.execute(joined.with_only_columns(Friend.status, func.count()).group_by(col(Friend.status))).all())
    minus = [("已不是好友", int(states.get(LOST, 0))), ("还没通过好友申请", int(states.get(HALF, 0)))]
    sendable = joined.where(Friend.status == FRIEND)
    if needs_code:
        coded = exists().where(col(EntryCode.guide_id) == col(Guide.id), PROMISED)
        minus.append(("导购还没有能用的渠道码", _count(session, sendable.where(~coded), Friend.id)))
        sendable = sendable.where(coded)
    busy = int(session.execute(sendable.with_only_columns(func.count(func.distinct(Guide.id)))).scalar_one())
    return Reckoning(guides, int(sum(states.values())), tuple(one for one in minus if one[1]), guides - busy)


def _groups(session: Session, scope: dict[str, list[int]], guides: int) -> Reckoning:
    joined = _guides(scope).join(Group, col(Group.owner_id) == col(Guide.id)).where(Group.kind == CUSTOMER)
    whole, gone = _count(session, joined, Group.id), _count(session, joined.where(Group.status != "active"), Group.id)
    owners = int(
        session.execute(
            joined.where(Group.status == "active").with_only_columns(func.count(func.distinct(Guide.id)))
        ).scalar_one()
    )
    return Reckoning(guides, whole, (("群已解散", gone),) if gone else (), guides - owners)


def _guides(scope: dict[str, list[int]]) -> Any:
    return (
        select(Guide.id).outerjoin(Store, col(Store.id) == col(Guide.store_id)).where(Guide.status == ACTIVE, in_scope(scope))
    )


def _count(session: Session, query: Any, column: Any) -> int:
    return int(session.execute(query.with_only_columns(func.count(column))).scalar_one())
