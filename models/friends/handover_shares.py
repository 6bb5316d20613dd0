"""Sharing a handover out: friends in runs of places, groups one after the other, by the plan's rule."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, delete, select

from models.db import rows_changed
from models.friends import Friend, FriendStatus, handover_rules
from models.friends.handover import (
    HandedGroup,
    Handover,
    HandoverShare,
    SuccessorRule,
    TransferredFriend,
    TransferState,
    shares_of,
    undecided,
)
from models.org import Guide
from models.sentences import Sentence

MOST_SUCCESSORS = 50


def share_out(session: Session, handover: Handover) -> None:
    """Give friends and groups to the successors by the plan's rule.

    A draft is shared out anew as a whole; afterwards only those for whom nobody is there.
    """
    shares = shares_of(session, handover.id or 0)
    mine = col(TransferredFriend.handover_id) == handover.id
    open_ = undecided() & mine
    if handover.confirmed_at:
        open_ &= col(TransferredFriend.share_id).is_(None)
        shares = [(share, guide) for share, guide in shares if guide.present]
    places = list(
        session.exec(select(TransferredFriend.place).where(open_).order_by(col(TransferredFriend.place)))
    )
    first = 0
    for share_id, number in _parts(session, handover, shares, len(places)).items():
        if not number:
            continue
        run = places[first : first + number]
        first += number
        session.execute(
            update(TransferredFriend)
            .where(open_, col(TransferredFriend.place).between(run[0], run[-1]))
            .values(share_id=share_id, state=TransferState.GIVEN, words="")
        )
    _give_groups(session, handover, [guide for _, guide in shares])


def _parts(
    session: Session, handover: Handover, shares: Sequence[tuple[HandoverShare, Guide]], number: int
) -> dict[int, int]:
    """How many each share gets, by its id."""
    ids = [share.id or 0 for share, _ in shares]
    if handover.rule == SuccessorRule.LEAST:
        load = handover_rules.loads(session, [guide.id for _, guide in shares])
        return handover_rules.to_the_least(
            number, {share.id or 0: load[guide.id or 0] for share, guide in shares}
        )
    if handover.rule == SuccessorRule.SHARE:
        return handover_rules.by_weight(number, {share.id or 0: share.weight for share, _ in shares})
    return handover_rules.evenly(number, ids)


def _give_groups(session: Session, handover: Handover, owners: Sequence[Guide]) -> None:
    """One after the other; a group that has moved stays moved."""
    groups = session.exec(
        select(HandedGroup)
        .where(
            HandedGroup.handover_id == handover.id,
            col(HandedGroup.done_at).is_(None),
            col(HandedGroup.outbox_id).is_(None),
        )
        .order_by(col(HandedGroup.id))
    ).all()
    for place, one in enumerate(groups):
        if handover.confirmed_at and one.guide_id is not None:
            continue
        one.guide_id = owners[place % len(owners)].id if owners else None


def keep_shares(session: Session, handover: Handover, weights: Mapping[int, int]) -> None:
    """The successors of a draft are these; those of a running plan are these as well."""
    known = {share.guide_id: share for share, _ in shares_of(session, handover.id or 0)}
    if not handover.confirmed_at:
        mine = col(TransferredFriend.handover_id) == handover.id
        session.execute(update(TransferredFriend).where(mine, undecided()).values(share_id=None))
        out = [share.id for guide_id, share in known.items() if guide_id not in weights]
        session.execute(delete(HandoverShare).where(col(HandoverShare.id).in_(out)))
    for guide_id, weight in weights.items():
        if share := known.get(guide_id):
            share.weight = weight
        else:
            session.add(HandoverShare(handover_id=handover.id or 0, guide_id=guide_id, weight=weight))
    session.flush()


def forget_lost(session: Session, handover: Handover, now: datetime) -> int:
    """Friends who ended it meanwhile, or of whom she did, are nobody's to hand over."""
    lost = select(Friend.id).where(
        Friend.owner_id == handover.guide_id, col(Friend.status) != FriendStatus.FRIEND
    )
    statement = (
        update(TransferredFriend)
        .where(
            col(TransferredFriend.handover_id) == handover.id,
            col(TransferredFriend.outbox_id).is_(None),
            col(TransferredFriend.state).in_(
                [TransferState.GIVEN, TransferState.REFUSED, TransferState.LIMITED]
            ),
            col(TransferredFriend.friend_id).in_(lost),
        )
        .values(state=TransferState.NOT_FRIEND, words="", ended_at=now)
    )
    return rows_changed(session, statement)


def release_leavers(session: Session, handover: Handover, now: datetime) -> int:
    """A successor has left as well: those of hers whom nobody asked yet wait for another one."""
    gone = [(share, guide) for share, guide in shares_of(session, handover.id or 0) if not guide.present]
    free = [TransferState.GIVEN, TransferState.LIMITED]
    released = 0
    for share, guide in gone:
        number = rows_changed(
            session,
            update(TransferredFriend)
            .where(
                col(TransferredFriend.share_id) == share.id,
                col(TransferredFriend.state).in_(free),
                col(TransferredFriend.outbox_id).is_(None),
            )
            .values(share_id=None),
        )
        session.execute(
            update(HandedGroup)
            .where(
                col(HandedGroup.handover_id) == handover.id,
                col(HandedGroup.guide_id) == guide.id,
                col(HandedGroup.done_at).is_(None),
                col(HandedGroup.outbox_id).is_(None),
            )
            .values(guide_id=None)
        )
        if number:
            words = Sentence("{name}也离职了，{n} 位要另选人", name=guide.name, n=number)
            handover.tell(now, words, "", "care")
        released += number
    return released
