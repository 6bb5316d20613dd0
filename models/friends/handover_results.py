"""What became of a handover's friends and groups: by the call's own answer, by polling, and by events, in any order."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models import groups
from models.friends import Customer, Friend, FriendStatus, LostHow, friendship
from models.friends.handover import (
    HandedGroup,
    Handover,
    HandoverShare,
    TransferredFriend,
    TransferState,
)
from models.groups import Group
from models.ledger.outbox import Outbox
from models.org import Guide, store_of
from models.sentences import Sentence
from wecom.limits import TRANSFER_HOURS

RULE = "handover"
"""`Friend.rule` of who came by a handover"""
ALREADY = {40100, 40129}
"""She was asked before, by an answer that got lost or by somebody in the admin console: polling tells the rest."""
BUSY = {-1, 6000}
"""Surely not asked; by the next call she may be."""
NO_FRIEND = {40096, 40131, 84061}
DONE, WAITING, REFUSED, FULL = 1, 2, 3, 4
"""As the platform numbers what became of a transfer (contract 5.5); anything else is no record"""
SOON, LATER = timedelta(minutes=10), timedelta(hours=1)
"""How often it is asked: when 24 hours are over, and before"""
NEWS = timedelta(seconds=5)
"""So long after an event it is asked: one reading for all customers who move in the same moment"""
RETRY = timedelta(hours=1)
MOST_ASKED = 3
"""So often a call may leave no trace before a person has to decide."""
FULL_WORDS = "{name}的客户数满了，换一位"
STRANGE = "平台没有说结果，换一位再问"


# ---- the call's own answer


def taken_up(
    session: Session, row: Outbox, answers: Mapping[str, int], words: Mapping[int, str], now: datetime
) -> None:
    """The platform took the call: who was asked, and who not and why. `answers`: external userid → errcode (B11).

    A customer whom the answer does not name may have been asked: she counts as waiting, and polling decides.
    """
    share = session.get(HandoverShare, row.subject_id)
    if share is None:
        return
    share.blocked, share.retry_at = "", None
    for one, external_userid in _of_call(session, row):
        code = answers.get(external_userid, 0)
        one.outbox_id = None
        if code == 0 or code in ALREADY:
            one.state, one.words = TransferState.WAITING, ""
            one.asked, one.asked_at = one.asked + 1, now
            one.due_at, one.ended_at = now + timedelta(hours=TRANSFER_HOURS), None
        elif code in NO_FRIEND:
            one.state, one.words, one.ended_at = TransferState.NOT_FRIEND, "", now
        elif code in BUSY and one.asked < MOST_ASKED:
            one.asked += 1
        else:
            _nobody_s(one, words.get(code, ""), now)
    look = now + SOON
    share.look_at = look if share.look_at is None else min(share.look_at, look)
    session.flush()


def _nobody_s(one: TransferredFriend, words: str, now: datetime) -> None:
    """The platform does not allow it, or not to her: somebody has to choose anew."""
    one.state, one.words, one.share_id, one.ended_at = TransferState.LIMITED, words, None, now


def refused(session: Session, row: Outbox, words: str, now: datetime) -> None:
    """The platform refused the whole call, or it never left: it is tried again later, and the page says why."""
    share, rows = session.get(HandoverShare, row.subject_id), _of_call(session, row)
    if share is None or not rows:
        return
    for one, _ in rows:
        one.outbox_id = None
    if not any(one.state == TransferState.GIVEN for one, _ in rows):
        return  # nobody of them has to be asked any more
    share.retry_at = now + RETRY
    if share.blocked != words:
        share.blocked = words
        handover = session.get_one(Handover, share.handover_id, with_for_update=True)
        name = session.get_one(Guide, share.guide_id).name
        handover.tell(now, Sentence("{name}接不了，先放下", name=name), words, "care")
    session.flush()


def _of_call(session: Session, row: Outbox) -> Sequence[tuple[TransferredFriend, str]]:
    """Those of whom this row is still the call, with their external userids."""
    query = (
        select(TransferredFriend, Customer.external_userid)
        .join(Customer, col(Customer.id) == col(TransferredFriend.customer_id))
        .where(TransferredFriend.outbox_id == row.id)
    )
    return session.exec(query.order_by(col(TransferredFriend.place))).all()


# ---- polling


def to_look(session: Session, now: datetime, limit: int) -> list[int]:
    """Successors of whose customers the platform is to be asked now, longest due first."""
    query = select(HandoverShare.id).where(col(HandoverShare.look_at) <= now)
    found = session.exec(query.order_by(col(HandoverShare.look_at)).limit(limit))
    return [one for one in found if one is not None]


def heard(
    session: Session,
    share_id: int,
    told: Mapping[str, tuple[int, datetime | None]],
    now: datetime,
    zone: ZoneInfo,
) -> int:
    """The platform's whole list between two accounts: external userid → (status, since). How many changed."""
    share = session.get_one(HandoverShare, share_id, with_for_update=True)
    handover = session.get_one(Handover, share.handover_id, with_for_update=True)
    query = (
        select(TransferredFriend, Customer.external_userid)
        .join(Customer, col(Customer.id) == col(TransferredFriend.customer_id))
        .where(TransferredFriend.share_id == share.id, TransferredFriend.state == TransferState.WAITING)
    )
    successor, counted = session.get_one(Guide, share.guide_id), dict.fromkeys(TransferState, 0)
    for one, external_userid in session.exec(query.order_by(col(TransferredFriend.place))).all():
        status, at = told.get(external_userid, (0, None))
        if _told(session, handover, one, successor, status, at, now, zone):
            counted[TransferState(one.state)] += 1
    session.flush()
    _look_again(session, share, now)
    _say(handover, successor, counted, now)
    return sum(counted.values())


def _told(
    session: Session,
    handover: Handover,
    one: TransferredFriend,
    successor: Guide,
    status: int,
    at: datetime | None,
    now: datetime,
    zone: ZoneInfo,
) -> bool:
    """One customer's news; False where there is none."""
    over = one.due_at is not None and one.due_at + SOON <= now
    if status == DONE:
        moved(session, handover, one, successor, min(at or now, now), now, zone)
    elif status == REFUSED:
        one.state, one.ended_at = TransferState.REFUSED, now
        one.words = Sentence("不同意{name}", name=successor.name)
    elif status == FULL:
        _nobody_s(one, Sentence(FULL_WORDS, name=successor.name), now)
    elif status != WAITING and over:
        # no record although its time is over: the call left no trace, so she is asked again, and not for ever
        if one.asked < MOST_ASKED:
            one.state, one.due_at = TransferState.GIVEN, None
        else:
            _nobody_s(one, Sentence(STRANGE), now)
    else:
        return False
    return True


def _look_again(session: Session, share: HandoverShare, now: datetime) -> None:
    """Often where 24 hours are over, seldom before, never where nobody waits."""
    due = session.exec(
        select(TransferredFriend.due_at)
        .where(TransferredFriend.share_id == share.id, TransferredFriend.state == TransferState.WAITING)
        .order_by(col(TransferredFriend.due_at))
        .limit(1)
    ).first()
    if due is None:
        share.look_at = None
    else:
        share.look_at = now + SOON if due <= now else min(due, now + LATER)


def _say(handover: Handover, successor: Guide, counted: Mapping[TransferState, int], now: datetime) -> None:
    if done := counted[TransferState.DONE]:
        words = Sentence("{n} 位接好", n=done)
        handover.tell(now, words, Sentence("{name}现在服务他们", name=successor.name), "done")
    if no := counted[TransferState.REFUSED]:
        handover.tell(now, Sentence("{n} 位不同意{name}", n=no, name=successor.name), "", "care")
    if full := counted[TransferState.LIMITED]:
        handover.tell(now, Sentence("{n} 位要换人接", n=full), "", "care")


def moved(
    session: Session,
    handover: Handover,
    one: TransferredFriend,
    successor: Guide,
    at: datetime,
    now: datetime,
    zone: ZoneInfo,
) -> None:
    """She has changed hands. Events may have said so before, may follow, or may be lost: the rows are the same."""
    leaver = session.get_one(Guide, handover.guide_id)
    customer = session.get_one(Customer, one.customer_id)
    old = session.get_one(Friend, one.friend_id)
    if old.status != FriendStatus.LOST:
        friendship.lost(session, leaver.userid, customer.external_userid, LostHow.TRANSFER, at, now)
    new = friendship.find(session, successor.userid, customer.external_userid)
    if new is None or new.status != FriendStatus.FRIEND:
        new = friendship.added(session, successor.userid, customer.external_userid, at, now, zone).friend
    new.guide_id, new.store_id, new.branch_id = successor.id, *_place_of(session, successor, new)
    new.rule, new.reason = RULE, Sentence("{name}交接来的", name=leaver.name)
    one.state, one.words, one.ended_at = TransferState.DONE, "", at


def _place_of(session: Session, successor: Guide, friend: Friend) -> tuple[int | None, int | None]:
    store = store_of(session, successor)
    return (store.id, store.branch_id) if store else (friend.store_id, friend.branch_id)


# ---- events


def waiting_with(session: Session, successor: str, external_userid: str) -> list[TransferredFriend]:
    """Transfers of this customer to this account that wait."""
    query = (
        select(TransferredFriend)
        .join(HandoverShare, col(HandoverShare.id) == col(TransferredFriend.share_id))
        .join(Guide, col(Guide.id) == col(HandoverShare.guide_id))
        .join(Customer, col(Customer.id) == col(TransferredFriend.customer_id))
        .where(
            Customer.external_userid == external_userid,
            Guide.userid_key == successor.lower(),
            TransferredFriend.state == TransferState.WAITING,
        )
    )
    return list(session.exec(query))


def news(session: Session, successor: str, external_userid: str, now: datetime) -> bool:
    """She has become a friend of this account while a transfer to it waits; False where none of ours does.

    Perhaps the transfer brought her, perhaps she came by herself: the platform's own list decides, and is read now.
    """
    waiting = waiting_with(session, successor, external_userid)
    for one in waiting:
        share = session.get_one(HandoverShare, one.share_id)
        look = now + NEWS
        share.look_at = look if share.look_at is None else min(share.look_at, look)
    session.flush()
    return bool(waiting)


def failed(session: Session, successor: str, external_userid: str, why: str, now: datetime) -> bool:
    """The event of a transfer that did not take place; False where none of ours waits."""
    waiting = waiting_with(session, successor, external_userid)
    for one in waiting:
        share = session.get_one(HandoverShare, one.share_id)
        name = session.get_one(Guide, share.guide_id).name
        if why == "customer_limit_exceed":
            _nobody_s(one, Sentence(FULL_WORDS, name=name), now)
        else:
            one.state, one.ended_at = TransferState.REFUSED, now
            one.words = Sentence("不同意{name}", name=name)
    session.flush()
    return bool(waiting)


# ---- groups


def groups_moved(session: Session, row: Outbox, failed: Mapping[str, str], now: datetime) -> None:
    """The platform changed the owners, but of those that it named. It sends no event for that (contract 1.4)."""
    owner = session.get(Guide, row.guide_id)
    query = select(HandedGroup, Group).join(Group, col(Group.id) == col(HandedGroup.group_id))
    for one, group in session.exec(query.where(HandedGroup.outbox_id == row.id)).all():
        if words := failed.get(group.chat_id):
            one.words, one.outbox_id = words, None
            groups.changed(
                session, group.chat_id, now
            )  # perhaps it has moved: a call may have been made twice
            continue
        one.done_at, one.words = now, ""
        groups.place(session, group, owner)
        groups.changed(session, group.chat_id, now)
    session.flush()


def groups_refused(session: Session, row: Outbox, words: str, now: datetime) -> None:
    for one in session.exec(select(HandedGroup).where(HandedGroup.outbox_id == row.id)):
        one.words, one.outbox_id = words, None
    session.flush()


def groups_found(session: Session, handover_id: int, now: datetime) -> int:
    """Groups that belong to their new owner by what was read from the platform, whatever a call said. How many."""
    query = (
        select(HandedGroup)
        .join(Group, col(Group.id) == col(HandedGroup.group_id))
        .where(
            HandedGroup.handover_id == handover_id,
            col(HandedGroup.done_at).is_(None),
            col(HandedGroup.guide_id) == col(Group.owner_id),
        )
    )
    found = session.exec(query).all()
    for one in found:
        one.done_at, one.words, one.outbox_id = now, "", None
    session.flush()
    return len(found)
