"""What a running handover asks of the platform next, as rows of the outbox: 100 customers a call, 300 groups a day."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_, update
from sqlmodel import Session, col, select

from models.db import count
from models.friends.handover import (
    HandedGroup,
    Handover,
    HandoverKind,
    HandoverShare,
    HandoverStatus,
    TransferredFriend,
    TransferState,
)
from models.ledger import outbox
from models.ledger.channels import GROUP_OWNER, GROUP_OWNER_LEFT, TRANSFER, TRANSFER_LEFT
from models.org import Guide
from models.sentences import Sentence
from wecom.limits import GROUPS_PER_DAY, limit_of

CUSTOMERS_A_CALL = limit_of("transfer", "external_userid").most
GROUPS_A_CALL = limit_of("group_owner", "chat_id_list").most
CALLS_AT_ONCE = 5
"""Of one handover in one run: several leavers of one day go side by side."""


def running(session: Session, limit: int) -> list[int]:
    """Handovers that were confirmed and are not over, longest confirmed first."""
    query = select(Handover.id).where(
        Handover.status == HandoverStatus.RUNNING, col(Handover.planned_at).is_not(None)
    )
    return [one for one in session.exec(query.order_by(col(Handover.confirmed_at)).limit(limit)) if one]


def put_transfers(session: Session, handover_id: int, now: datetime) -> int:
    """The next calls for customers of whom nobody has asked yet; how many customers they hold."""
    handover = session.get_one(Handover, handover_id, with_for_update=True)
    if handover.status != HandoverStatus.RUNNING:
        return 0
    leaver = session.get_one(Guide, handover.guide_id)
    asked = calls = 0
    for share, successor in _able(session, handover, now):
        while calls < CALLS_AT_ONCE and (rows := _next(session, share)):
            _put(session, handover, share, successor, leaver, rows, now)
            asked, calls = asked + len(rows), calls + 1
    return asked


def _able(session: Session, handover: Handover, now: datetime) -> Sequence[tuple[HandoverShare, Guide]]:
    """Successors who can take over now."""
    query = (
        select(HandoverShare, Guide)
        .join(Guide, col(Guide.id) == col(HandoverShare.guide_id))
        .where(
            HandoverShare.handover_id == handover.id,
            or_(col(HandoverShare.retry_at).is_(None), col(HandoverShare.retry_at) <= now),
        )
        .order_by(col(HandoverShare.id))
    )
    return session.exec(query).all()


def _next(session: Session, share: HandoverShare) -> list[TransferredFriend]:
    query = select(TransferredFriend).where(
        TransferredFriend.share_id == share.id,
        TransferredFriend.state == TransferState.GIVEN,
        col(TransferredFriend.outbox_id).is_(None),
    )
    return list(session.exec(query.order_by(col(TransferredFriend.place)).limit(CUSTOMERS_A_CALL)))


def _put(
    session: Session,
    handover: Handover,
    share: HandoverShare,
    successor: Guide,
    leaver: Guide,
    rows: Sequence[TransferredFriend],
    now: datetime,
) -> None:
    left = handover.kind == HandoverKind.LEFT
    row_id = outbox.put(
        session,
        TRANSFER_LEFT if left else TRANSFER,
        f"transfer:{share.id}:{rows[0].id}:{rows[0].asked}:{now.timestamp():.3f}",
        now=now,
        since=handover.confirmed_at,
        subject_id=share.id,  # and no guide_id: of two accounts in one call, nobody knows whom 40003 means
        target=Sentence("{n} 位客户，换给{name}", n=len(rows), name=successor.name),
        why=Sentence("{leaver}的客户交接", leaver=leaver.name),
        payload={"friends": [one.id for one in rows]},
    )
    ids = [one.id for one in rows]
    session.execute(
        update(TransferredFriend).where(col(TransferredFriend.id).in_(ids)).values(outbox_id=row_id)
    )
    session.flush()
    session.expire_all()


# ---- groups


def put_groups(session: Session, handover_id: int, now: datetime, zone: ZoneInfo) -> int:
    """The next groups of the leaver, as many as the platform lets one owner hand over on one day."""
    handover = session.get_one(Handover, handover_id, with_for_update=True)
    if handover.status != HandoverStatus.RUNNING:
        return 0
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    mine = col(HandedGroup.handover_id) == handover.id
    moved = count(session, HandedGroup, mine, col(HandedGroup.done_at) >= today)
    under_way = count(
        session,
        HandedGroup,
        mine,
        col(HandedGroup.outbox_id).is_not(None),
        col(HandedGroup.done_at).is_(None),
    )
    room = GROUPS_PER_DAY - moved - under_way
    waiting = and_(
        mine,
        col(HandedGroup.done_at).is_(None),
        col(HandedGroup.outbox_id).is_(None),
        col(HandedGroup.guide_id).is_not(None),
        col(HandedGroup.words) == "",
    )
    put = 0
    for owner in session.exec(select(HandedGroup.guide_id).where(waiting).distinct()).all():
        rows = session.exec(
            select(HandedGroup)
            .where(waiting, HandedGroup.guide_id == owner)
            .order_by(col(HandedGroup.id))
            .limit(max(0, min(GROUPS_A_CALL, room - put)))
        ).all()
        if rows and owner:
            _put_groups(session, handover, session.get_one(Guide, owner), rows, now)
            put += len(rows)
    return put


def _put_groups(
    session: Session, handover: Handover, owner: Guide, rows: Sequence[HandedGroup], now: datetime
) -> None:
    left = handover.kind == HandoverKind.LEFT
    row_id = outbox.put(
        session,
        GROUP_OWNER_LEFT if left else GROUP_OWNER,
        f"groups:{handover.id}:{rows[0].id}:{now.timestamp():.3f}",
        now=now,
        since=handover.confirmed_at,
        subject_id=handover.id,
        guide_id=owner.id,
        target=Sentence("{n} 个客户群，群主改为{name}", n=len(rows), name=owner.name),
        why="交接客户群",
        payload={"groups": [one.id for one in rows]},
    )
    for one in rows:
        one.outbox_id = row_id
    session.flush()


# ---- the end


def end_finished(session: Session, handover_id: int, now: datetime) -> bool:
    """Over once everybody is done, has refused or is gone, and every group has moved or cannot."""
    handover = session.get_one(Handover, handover_id, with_for_update=True)
    mine = col(TransferredFriend.handover_id) == handover.id
    still = [TransferState.GIVEN, TransferState.WAITING, TransferState.LIMITED]
    left = count(session, TransferredFriend, mine, col(TransferredFriend.state).in_(still))
    groups = count(
        session,
        HandedGroup,
        col(HandedGroup.handover_id) == handover.id,
        col(HandedGroup.done_at).is_(None),
        HandedGroup.words == "",
    )
    if left or groups or handover.status != HandoverStatus.RUNNING:
        return False
    handover.status, handover.finished_at = HandoverStatus.DONE, now
    done = count(session, TransferredFriend, mine, TransferredFriend.state == TransferState.DONE)
    handover.tell(now, Sentence("办完了，接好 {n} 位", n=done), "", "done")
    return True
