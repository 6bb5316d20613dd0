"""What pages and the API show of handovers; queries only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, func, select

from models.friends import Customer, handover_rules
from models.friends.handover import (
    OPEN_HANDOVERS,
    HandedGroup,
    Handover,
    HandoverShare,
    HandoverStatus,
    SixNumbers,
    TransferredFriend,
    TransferState,
    numbers_of,
    share_numbers,
    shares_of,
)
from models.groups import Group
from models.org import Guide, Store

KEPT = timedelta(days=30)
"""A handover that is over stays in the list for so long."""


class HandoverStanding(StrEnum):
    """What a handover waits for, the most pressing first."""

    NOBODY = "nobody"
    """Somebody has to be chosen."""
    WRITING = "writing"
    """Its friends are still being written down."""
    MANAGER = "manager"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


ORDER = tuple(HandoverStanding)


@dataclass(frozen=True)
class HandoverLine:
    """One handover with its six numbers."""

    handover: Handover
    guide: Guide
    store: Store | None
    numbers: SixNumbers

    @property
    def standing(self) -> HandoverStanding:
        if self.handover.status == HandoverStatus.STOPPED:
            return HandoverStanding.STOPPED
        if self.handover.planned_at is None:
            return HandoverStanding.WRITING
        if self.numbers.successor:
            return HandoverStanding.NOBODY
        if self.handover.confirmed_at is None:
            return HandoverStanding.MANAGER
        running = self.handover.status == HandoverStatus.RUNNING
        return HandoverStanding.RUNNING if running else HandoverStanding.DONE


@dataclass(frozen=True)
class ShareLine:
    """One successor: her part, and how many friends she has already."""

    share: HandoverShare
    guide: Guide
    has: int
    numbers: SixNumbers
    due_at: datetime | None = None
    """When the first of those who wait have had their 24 hours"""


@dataclass(frozen=True)
class HandedGroupLine:
    """One customer group that goes with her."""

    row: HandedGroup
    group: Group
    owner: Guide | None


def lines(
    session: Session, scope: ColumnElement[bool], now: datetime, limit: int = 200
) -> list[HandoverLine]:
    """Open handovers and those of the last days, what needs a person first, then by when she left."""
    shown = or_(col(Handover.status).in_(OPEN_HANDOVERS), col(Handover.finished_at) > now - KEPT)
    query = (
        select(Handover, Guide, Store)
        .join(Guide, col(Guide.id) == col(Handover.guide_id))
        .outerjoin(Store, col(Store.id) == col(Handover.store_id))
        .where(scope, shown)
        .order_by(col(Handover.left_at), col(Handover.id))
        .limit(limit)
    )
    rows = session.exec(query).all()
    numbers = numbers_of(session, col(Handover.id).in_([handover.id for handover, _, _ in rows]))
    found = [
        HandoverLine(handover, guide, store, numbers.get(handover.id or 0, SixNumbers()))
        for handover, guide, store in rows
    ]
    return sorted(found, key=lambda one: ORDER.index(one.standing))


def line(session: Session, handover: Handover) -> HandoverLine:
    """The one."""
    numbers = numbers_of(session, col(Handover.id) == handover.id)
    store = session.get(Store, handover.store_id) if handover.store_id else None
    guide = session.get_one(Guide, handover.guide_id)
    return HandoverLine(handover, guide, store, numbers.get(handover.id or 0, SixNumbers()))


def share_lines(session: Session, handover: Handover) -> list[ShareLine]:
    """Its successors, each with her numbers: given = done + waiting + refused + no longer friends."""
    shares = shares_of(session, handover.id or 0)
    has = handover_rules.loads(session, [guide.id for _, guide in shares])
    numbers = share_numbers(session, handover.id or 0)
    due = dict(
        session.exec(
            select(TransferredFriend.share_id, func.min(TransferredFriend.due_at))
            .where(
                TransferredFriend.handover_id == handover.id,
                TransferredFriend.state == TransferState.WAITING,
            )
            .group_by(col(TransferredFriend.share_id))
        ).all()
    )
    return [
        ShareLine(
            share,
            guide,
            has.get(guide.id or 0, 0),
            numbers.get(share.id or 0, SixNumbers()),
            due.get(share.id),
        )
        for share, guide in shares
    ]


def group_lines(session: Session, handover: Handover) -> list[HandedGroupLine]:
    query = (
        select(HandedGroup, Group, Guide)
        .join(Group, col(Group.id) == col(HandedGroup.group_id))
        .outerjoin(Guide, col(Guide.id) == col(HandedGroup.guide_id))
        .where(HandedGroup.handover_id == handover.id)
    )
    return [HandedGroupLine(*row) for row in session.exec(query.order_by(col(HandedGroup.id))).all()]


def customers(
    session: Session, handover: Handover, states: Sequence[TransferState], limit: int
) -> list[tuple[TransferredFriend, Customer]]:
    """Friends in these states, with their names."""
    query = (
        select(TransferredFriend, Customer)
        .join(Customer, col(Customer.id) == col(TransferredFriend.customer_id))
        .where(TransferredFriend.handover_id == handover.id, col(TransferredFriend.state).in_(states))
    )
    return list(session.exec(query.order_by(col(TransferredFriend.place)).limit(limit)).all())


def of_guide(session: Session, guide_id: int) -> Handover | None:
    """Her newest handover."""
    query = select(Handover).where(Handover.guide_id == guide_id).order_by(col(Handover.id).desc())
    return session.exec(query.limit(1)).first()


def for_manager(session: Session, store_id: int) -> list[HandoverLine]:
    """Drafts that the manager of this store may confirm."""
    query = select(Handover).where(
        Handover.store_id == store_id,
        Handover.status == HandoverStatus.DRAFT,
        col(Handover.planned_at).is_not(None),
    )
    return [line(session, one) for one in session.exec(query.order_by(col(Handover.id)))]
