"""How far the end of the story is: a guide has left, and her customers follow their new guides, but for one."""

from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from models.friends import Customer
from models.friends.handover import (
    Handover,
    HandoverKind,
    HandoverShare,
    SixNumbers,
    TransferredFriend,
    TransferState,
    numbers_of,
)
from models.org import Guide, GuideStatus, find_guide


@dataclass(frozen=True)
class Leaving:
    """How far the handover of this run is."""

    handover: Handover
    leaver: Guide
    manager: Guide | None
    numbers: SixNumbers
    unasked: int
    """Friends whom the platform has not been asked about"""
    follower: str
    """The customer to look at: who refused, and in the end one who followed"""
    beside: str
    """In whose chat"""

    @property
    def planned(self) -> bool:
        return self.handover.planned_at is not None

    @property
    def asked(self) -> bool:
        return self.handover.confirmed_at is not None and not self.unasked

    @property
    def over(self) -> bool:
        """A day has passed, and nobody waits any more."""
        return self.asked and not self.numbers.waiting


def of_leaver(session: Session, userid: str, decliner: str) -> Leaving | None:
    """Her handover, as soon as there is one; `decliner`: the customer who refused."""
    leaver = find_guide(session, userid) if userid else None
    if leaver is None:
        return None
    mine = Handover.guide_id == leaver.id, Handover.kind == HandoverKind.LEFT
    handover = session.exec(select(Handover).where(*mine).order_by(col(Handover.id).desc())).first()
    if handover is None:
        return None
    number = handover.id or 0
    of_it = col(TransferredFriend.handover_id) == number
    unasked = select(func.count()).where(of_it, TransferredFriend.state == TransferState.GIVEN)
    manager = select(Guide).where(
        Guide.store_id == handover.store_id, col(Guide.is_manager), Guide.status == GuideStatus.ACTIVE
    )
    found = numbers_of(session, col(Handover.id) == number).get(number, SixNumbers())
    follower, beside = _follower(session, number, leaver, decliner)
    return Leaving(
        handover,
        leaver,
        session.exec(manager).first(),
        found,
        session.exec(unasked).one(),
        follower,
        beside,
    )


def _follower(session: Session, number: int, leaver: Guide, decliner: str) -> tuple[str, str]:
    query = (
        select(Customer.external_userid, Guide.userid)
        .join(TransferredFriend, col(TransferredFriend.customer_id) == col(Customer.id))
        .join(HandoverShare, col(HandoverShare.id) == col(TransferredFriend.share_id))
        .join(Guide, col(Guide.id) == col(HandoverShare.guide_id))
        .where(TransferredFriend.handover_id == number)
        .order_by(col(TransferredFriend.place))
    )
    moved = session.exec(query.where(TransferredFriend.state == TransferState.DONE)).first()
    if moved:
        return moved
    first = session.exec(query).first()
    return (decliner or first[0], leaver.userid) if first else ("", "")
