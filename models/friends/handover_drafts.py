"""A handover's beginning: drafted as soon as a guide has left, or when a person asks for it, and every friend written down.

However we learnt that she left (an event, the nightly comparison, the platform's refusal, a person), her row says so,
and that is all that this looks at. Everything here may be done twice without harm.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, exists
from sqlmodel import Session, col, func, select

from models.accounts import audit, leaving
from models.db import PIECE, count, insert_missing, take_turns
from models.errors import Refused
from models.friends import Friend, FriendStatus, entry_code_users, handover_rules
from models.friends.handover import (
    MESSAGE_LETTERS,
    OPEN_HANDOVERS,
    RULE_WORDS,
    HandedGroup,
    Handover,
    HandoverKind,
    HandoverStatus,
    TransferredFriend,
    open_of,
    shares_of,
)
from models.friends.handover_shares import MOST_SUCCESSORS, keep_shares, share_out
from models.groups import Group, GroupKind, GroupStatus
from models.names import text_fault
from models.org import Guide, GuideStatus, store_of
from models.sentences import Sentence

LEARNT = {
    "change_contact": Sentence("通讯录里移除了她"),
    "unsubscribe": Sentence("她不在应用的可见范围了"),
    "sync": Sentence("夜里对账时发现的"),
    "by_hand": Sentence("有人说她离职了"),
}
"""`Guide.left_how` in words; of anything else the platform told us when we asked"""
RENAMED = "renamed"
"""Her second row: she is still here, under another userid."""


def leavers(session: Session, limit: int) -> list[Guide]:
    """Guides who left, still have friends or groups, and have no plan for it."""
    friends = exists().where(col(Friend.owner_id) == col(Guide.id), col(Friend.status) == FriendStatus.FRIEND)
    groups = exists().where(
        col(Group.owner_id) == col(Guide.id),
        col(Group.kind) == GroupKind.CUSTOMER,
        col(Group.status) == GroupStatus.ACTIVE,
    )
    planned = exists().where(
        col(Handover.guide_id) == col(Guide.id),
        col(Handover.kind) == HandoverKind.LEFT,
        col(Handover.left_at) >= col(Guide.left_at),
    )
    query = select(Guide).where(
        Guide.status == GuideStatus.LEFT, Guide.left_how != RENAMED, ~planned, friends | groups
    )
    return list(session.exec(query.order_by(col(Guide.left_at), col(Guide.id)).limit(limit)))


def draft(session: Session, guide: Guide, now: datetime) -> Handover | None:
    """A plan for somebody who left; one that was begun while she worked goes on as hers. None when there is one."""
    take_turns(session, f"handover:{guide.id}")
    left_at = guide.left_at or now
    how = LEARNT.get(guide.left_how, Sentence("平台说她已不在"))
    begun = open_of(session, guide.id or 0, lock=True)
    if begun is not None and begun.kind == HandoverKind.LEFT:
        return None
    if begun is None:
        begun = _new(session, guide, HandoverKind.LEFT, left_at, now)
    else:  # the platform hands over a leaver's customers by another call, and without a message
        begun.kind, begun.left_at, begun.message, begun.planned_at = HandoverKind.LEFT, left_at, "", None
    begun.tell(left_at, Sentence("{guide}离职", guide=guide.name), how, "care")
    session.flush()
    return begun


def begin_on_job(
    session: Session,
    guide: Guide,
    who: str,
    now: datetime,
    *,
    message: str = "",
    friends: Sequence[int] | None = None,
    groups: bool = False,
) -> Handover:
    """A person wants colleagues to serve her friends while she goes on working: all of them, or just these.

    Her customer groups stay hers unless they are wanted, too.
    """
    take_turns(session, f"handover:{guide.id}")
    if not guide.present:
        raise Refused(Sentence("{guide}已经离职，她的交接在离职交接里", guide=guide.name))
    if open_of(session, guide.id or 0):
        raise Refused(Sentence("{guide}已经有一份交接没办完，先办完那一份", guide=guide.name))
    message = message.strip()
    if len(message) > MESSAGE_LETTERS:
        raise Refused(faults={"message": Sentence("给客户的话最多 {n} 个字", n=MESSAGE_LETTERS)})
    if fault := text_fault(message):
        raise Refused(faults={"message": fault})
    handover = _new(session, guide, HandoverKind.ON_JOB, now, now)
    handover.message = message
    handover.tell(now, Sentence("{who}要给{guide}的客户换人", who=who, guide=guide.name))
    if groups:
        _take_groups(session, handover)
    session.flush()
    if friends is not None:
        these = list(dict.fromkeys(friends))
        if not 0 < len(these) <= PIECE:
            raise Refused(faults={"friends": Sentence("一次选 1 到 {n} 位客户，或全部", n=PIECE)})
        if _write_down(session, handover, PIECE, col(Friend.id).in_(these)) < len(these):
            raise Refused(faults={"friends": Sentence("选的人里有的不是{guide}的好友", guide=guide.name)})
        settle(session, handover, now)
    audit.note(session, who, "handover.begin", handover.id, guide.name, now)
    return handover


def _new(session: Session, guide: Guide, kind: HandoverKind, left_at: datetime, now: datetime) -> Handover:
    store = store_of(session, guide)
    handover = Handover(
        guide_id=guide.id or 0,
        kind=kind,
        left_at=left_at,
        drafted_at=now,
        store_id=store.id if store else None,
        branch_id=store.branch_id if store else None,
    )
    session.add(handover)
    session.flush()
    return handover


def she_left(session: Session, guide: Guide, who: str, now: datetime) -> bool:
    """A person says that she left, before the directory does. False when we knew.

    The platform hands over her customers only once an administrator has removed her; should she be listed at night,
    she is back.
    """
    if not guide.leave("by_hand", now):
        return False
    leaving.left(session, guide.userid, now, now, removed=False)
    entry_code_users.refresh_users(session, guide.store_id, now)
    audit.note(session, who, "guide.left", guide.id, guide.name, now)
    return True


def to_plan(session: Session, limit: int) -> list[Handover]:
    """Drafts whose friends are not all written down."""
    query = select(Handover).where(
        col(Handover.planned_at).is_(None),
        col(Handover.status).in_(OPEN_HANDOVERS),
    )
    return list(session.exec(query.order_by(col(Handover.id)).limit(limit)))


def write_down(session: Session, handover_id: int, now: datetime) -> int:
    """The next piece of her friends; after the last one the successors are found. How many were written."""
    handover = session.get_one(Handover, handover_id, with_for_update=True)
    if handover.planned_at or not handover.open:
        return 0
    written = _write_down(session, handover, PIECE)
    if written < PIECE:
        settle(session, handover, now)
    return written


def add_new_friends(session: Session, handover: Handover) -> None:
    """A leaver's friends who came since it was drafted, one piece of them at most."""
    if handover.kind == HandoverKind.LEFT:
        _write_down(session, handover, PIECE)


def of_those_back(session: Session) -> list[tuple[Handover, Guide]]:
    """Drafts for guides who turned out to be here."""
    query = (
        select(Handover, Guide)
        .join(Guide, col(Guide.id) == col(Handover.guide_id))
        .where(
            Handover.kind == HandoverKind.LEFT,
            Handover.status == HandoverStatus.DRAFT,
            Guide.status == GuideStatus.ACTIVE,
        )
    )
    return list(session.exec(query).all())


def end_for_those_back(session: Session, now: datetime) -> int:
    """Nobody was told anything, and nothing has to be done."""
    found = of_those_back(session)
    for handover, guide in found:
        handover.status, handover.finished_at = HandoverStatus.STOPPED, now
        handover.tell(now, Sentence("{guide}又回来了，不用交接", guide=guide.name))
    return len(found)


def _write_down(session: Session, handover: Handover, limit: int, *which: ColumnElement[bool]) -> int:
    known = select(TransferredFriend.friend_id).where(TransferredFriend.handover_id == handover.id)
    friends = session.exec(
        select(Friend.id, Friend.customer_id)
        .where(
            Friend.owner_id == handover.guide_id,
            Friend.status == FriendStatus.FRIEND,
            col(Friend.id).not_in(known),
            *which,
        )
        .order_by(col(Friend.id))
        .limit(limit)
    ).all()
    last = session.exec(
        select(func.coalesce(func.max(TransferredFriend.place), -1)).where(
            TransferredFriend.handover_id == handover.id
        )
    ).one()
    rows = [
        {
            "handover_id": handover.id,
            "friend_id": friend_id,
            "customer_id": customer_id,
            "place": last + number,
        }
        for number, (friend_id, customer_id) in enumerate(friends, start=1)
    ]
    insert_missing(session, TransferredFriend, rows, key=("handover_id", "friend_id"))
    return len(rows)


def settle(session: Session, handover: Handover, now: datetime) -> None:
    """Every friend stands in it: find successors and share her friends and groups out."""
    first = handover.planned_at is None and not shares_of(session, handover.id or 0)
    handover.planned_at = now
    rows = count(session, TransferredFriend, TransferredFriend.handover_id == handover.id)
    if first:
        found = handover_rules.in_store(session, handover.store_id, handover.guide_id)
        keep_shares(session, handover, {guide.id or 0: 1 for guide in found[:MOST_SUCCESSORS]})
        words = Sentence("方案草稿，{n} 位好友", n=rows)
        more = (
            Sentence("{rule}，{n} 位接手", rule=Sentence(RULE_WORDS[handover.rule]), n=len(found))
            if found
            else Sentence("店里没人能接，要分公司选人")
        )
        handover.tell(now, words, more, "step" if found else "care")
    if handover.kind == HandoverKind.LEFT:
        _take_groups(session, handover)
    share_out(session, handover)
    session.flush()


def _take_groups(session: Session, handover: Handover) -> None:
    """Customer groups that she owns."""
    owned = select(Group.id).where(
        Group.owner_id == handover.guide_id,
        Group.kind == GroupKind.CUSTOMER,
        Group.status == GroupStatus.ACTIVE,
    )
    rows = [
        {"handover_id": handover.id, "group_id": group_id}
        for group_id in session.exec(owned.order_by(col(Group.id)))
    ]
    insert_missing(session, HandedGroup, rows, key=("handover_id", "group_id"))
