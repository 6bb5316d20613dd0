"""Whom a task reaches: the guide's own friends or groups, frozen at the launch, and her text with her names filled in."""

from collections import defaultdict
from collections.abc import Sequence, Sized
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyroaring import FrozenBitMap
from sqlalchemy import exists
from sqlmodel import Session, col, func, select

from models import placeholders
from models.campaigns import Campaign
from models.friends import Friend, FriendStatus
from models.friends.entry_codes import PROMISED, EntryCode
from models.groups import Group, GroupKind, GroupStatus
from models.ledger.channels import CHANNELS, CUSTOMER_GROUPS, CUSTOMERS, MASS
from models.org import Guide, Store, active_in
from models.sentences import Sentence
from wecom.limits import limit_of

TEXT_BYTES = limit_of(MASS, "text").most
"""The platform's and our column's room for one text; a long store name may push a text over it."""
NOT_FRIENDS = {FriendStatus.LOST: "已不是好友", FriendStatus.HALF: "还没通过好友申请"}
NO_GROUP = "群已解散"
NAMES = {"门店名": "门店", "导购名": "我", "门店地址": ""}
"""What may be filled in, and what stands there for a guide of whom we do not know it."""


def fill(text: str, guide: Guide, store: Store | None) -> str:
    """The text as this guide's customers read it. Only the three names are replaced, once; all else is literal."""
    known = {
        "导购名": guide.customer_name,
        "门店名": store.name if store else "",
        "门店地址": store.address if store else "",
    }
    named = text if guide.customer_name else placeholders.nameless(text)
    return placeholders.fill(
        named, {name: " ".join(known[name].split()) or blank for name, blank in NAMES.items()}
    )


def whom(campaign: Campaign, count: int) -> str:
    """How many of what a campaign goes to, in words; empty for a notice, which reaches no customer."""
    use = campaign.way.campaign
    return Sentence("{count:,} {unit}", count=count, unit=Sentence(use.unit)) if use and use.confirmed else ""


def targets(
    session: Session, campaign: Campaign, guides: Sequence[int], frozen_at: datetime
) -> dict[int, FrozenBitMap]:
    """Per guide the customers (or customer groups) that were hers when the campaign was frozen and still are."""
    found: dict[int, list[int]] = defaultdict(list)
    if campaign.way.to == CUSTOMERS:
        friends = select(Friend.owner_id, Friend.customer_id).where(
            col(Friend.owner_id).in_(guides),
            Friend.status == FriendStatus.FRIEND,
            Friend.added_at <= frozen_at,
        )
        for owner, customer in session.exec(friends):
            found[owner].append(customer)
    if campaign.way.to == CUSTOMER_GROUPS:
        groups = select(Group.owner_id, Group.id).where(
            col(Group.owner_id).in_(guides),
            Group.kind == GroupKind.CUSTOMER,
            Group.status == GroupStatus.ACTIVE,
            Group.created_at <= frozen_at,
        )
        for keeper, group in session.exec(groups):
            found[keeper or 0].append(group or 0)
    return {guide: FrozenBitMap(members) for guide, members in found.items()}


def with_code(session: Session, guides: Sequence[int]) -> set[int]:
    """Those of the guides whose own entry code can be printed on a poster, now or as soon as it is made."""
    coded = select(EntryCode.guide_id).where(col(EntryCode.guide_id).in_(guides), PROMISED)
    return {guide_id for guide_id in session.exec(coded) if guide_id is not None}


def obstacle(campaign: Campaign, customers: Sized, text: str, coded: bool) -> str:
    """Why this guide gets nothing to send, in words; empty when nothing stands in the way."""
    if campaign.way.to == CUSTOMERS and not len(customers):
        return "她名下没有可以群发的好友"
    if campaign.way.to == CUSTOMER_GROUPS and not len(customers):
        return "她名下没有客户群"
    if campaign.way.to == CUSTOMERS and campaign.own_poster and not coded:
        return "她还没有能用的渠道码，海报上没有码可印。建好后，下次活动就有她"
    if (size := len(text.encode())) > TEXT_BYTES:
        return Sentence(
            "填上她的门店名后正文有 {size:,} 字节，平台上限 {most:,} 字节",
            size=size,
            most=TEXT_BYTES,
        )
    return ""


def part_size(channel: str) -> int:
    """Customers or groups that one mass message may hold (contract 6.1)."""
    way = CHANNELS[channel]
    return way.most(way.campaign.receivers) if way.campaign else 1


def parts(channel: str, customers: int) -> int:
    """Calls that a task of so many customers takes."""
    return max(1, -(-customers // part_size(channel)))


def part_of(channel: str, members: FrozenBitMap, number: int) -> FrozenBitMap:
    """The members of one call. By the order of their ids, so that it is the same call after a crash."""
    size = part_size(channel)
    return members[number * size : (number + 1) * size]


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


NOBODY_YET = Reckoning(0, 0, (), 0)


def guides_in(session: Session, scope: dict[str, list[int]]) -> int:
    """How many active guides a scope names."""
    return _count(session, active_in(scope), Guide.id)


def reckon(
    session: Session, scope: dict[str, list[int]], channel: str, *, with_poster: bool = False
) -> Reckoning:
    """Count without writing anything."""
    guides = guides_in(session, scope)
    to = CHANNELS[channel].to
    if to == CUSTOMERS:
        return _friends(session, scope, guides, needs_code=with_poster)
    if to == CUSTOMER_GROUPS:
        return _groups(session, scope, guides)
    return Reckoning(guides, guides, (), 0)


def _friends(session: Session, scope: dict[str, list[int]], guides: int, *, needs_code: bool) -> Reckoning:
    joined: Any = active_in(scope).join(Friend, col(Friend.owner_id) == col(Guide.id))
    states = dict(
        session.execute(
            joined.with_only_columns(Friend.status, func.count()).group_by(col(Friend.status))
        ).all()
    )
    minus = [(words, int(states.get(status, 0))) for status, words in NOT_FRIENDS.items()]
    sendable = joined.where(Friend.status == FriendStatus.FRIEND)
    if needs_code:
        coded = exists().where(col(EntryCode.guide_id) == col(Guide.id), PROMISED)
        minus.append(("导购还没有能用的渠道码", _count(session, sendable.where(~coded), Friend.id)))
        sendable = sendable.where(coded)
    busy = int(session.execute(sendable.with_only_columns(func.count(func.distinct(Guide.id)))).scalar_one())
    return Reckoning(guides, int(sum(states.values())), tuple(one for one in minus if one[1]), guides - busy)


def _groups(session: Session, scope: dict[str, list[int]], guides: int) -> Reckoning:
    joined = (
        active_in(scope)
        .join(Group, col(Group.owner_id) == col(Guide.id))
        .where(Group.kind == GroupKind.CUSTOMER)
    )
    whole = _count(session, joined, Group.id)
    gone = _count(session, joined.where(Group.status != GroupStatus.ACTIVE), Group.id)
    owners = int(
        session.execute(
            joined.where(Group.status == GroupStatus.ACTIVE).with_only_columns(
                func.count(func.distinct(Guide.id))
            )
        ).scalar_one()
    )
    return Reckoning(guides, whole, ((NO_GROUP, gone),) if gone else (), guides - owners)


def _count(session: Session, query: Any, column: Any) -> int:
    return int(session.execute(query.with_only_columns(func.count(column))).scalar_one())
