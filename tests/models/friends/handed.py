"""Handovers on the way, for tests: 王芳 has left and has friends, her colleagues take over."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from models.friends import handover_calls, handover_drafts, handover_plan, handover_results
from models.friends.handover import (
    Handover,
    HandoverShare,
    SixNumbers,
    SuccessorRule,
    TransferredFriend,
    numbers_of,
)
from models.ledger.outbox import Outbox, OutboxStatus
from models.org import Guide
from tests import cast
from tests.cast import NOW


def customers(number: int) -> list[str]:
    return [f"wmHers{place:03}" for place in range(number)]


def left(session: Session, people: cast.Cast, friends: int = 5, now: datetime = NOW) -> Handover:
    """王芳 has left; her friends are written down and shared out."""
    wang = session.get_one(Guide, people.wang.id)
    for one in customers(friends):
        cast.befriend(session, wang, one)
    wang.leave("change_contact", now)
    session.flush()
    handover = handover_drafts.draft(session, wang, now)
    assert handover is not None
    while handover.planned_at is None:
        handover_drafts.write_down(session, handover.id or 0, now)
    return handover


def confirmed(
    session: Session,
    people: cast.Cast,
    friends: int = 5,
    *,
    successors: Sequence[Guide] = (),
    now: datetime = NOW,
) -> Handover:
    """The same, confirmed by 高敏; 赵倩 alone takes over unless others are named."""
    handover = left(session, people, friends, now)
    if successors:
        weights = {one.id or 0: 1 for one in successors}
        handover_plan.choose(session, handover.id or 0, SuccessorRule.STORE, weights, "高敏", now)
    assert handover_plan.confirm(session, handover.id or 0, "高敏", now)
    return handover


def calls(session: Session) -> list[Outbox]:
    """The calls that wait to leave for customers, oldest first."""
    query = select(Outbox).where(
        col(Outbox.channel).in_(["transfer", "transfer_left"]), Outbox.status == OutboxStatus.QUEUED
    )
    return list(session.exec(query.order_by(col(Outbox.id))))


def asked(
    session: Session, handover: Handover, codes: dict[str, int] | None = None, now: datetime = NOW
) -> None:
    """The next calls leave, and the platform takes them; `codes`: what it says of whom."""
    handover_calls.put_transfers(session, handover.id or 0, now)
    for row in calls(session):
        handover_results.taken_up(session, row, codes or {}, {}, now)
        row.status = OutboxStatus.SENT
    session.flush()


def share(session: Session, handover: Handover) -> HandoverShare:
    query = select(HandoverShare).where(HandoverShare.handover_id == handover.id)
    return session.exec(query.order_by(col(HandoverShare.id))).first()  # type: ignore[return-value]


def six(session: Session, handover: Handover) -> SixNumbers:
    session.flush()
    return numbers_of(session, col(Handover.id) == handover.id).get(handover.id or 0, SixNumbers())


def rows(session: Session, handover: Handover) -> list[TransferredFriend]:
    query = select(TransferredFriend).where(TransferredFriend.handover_id == handover.id)
    return list(session.exec(query.order_by(col(TransferredFriend.place))))
