"""Friendships: a customer was added or lost, who serves them, what the platform told us about them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pyroaring import FrozenBitMap
from sqlalchemy import bindparam, update
from sqlmodel import Session, col, select

from models.accounts import audit
from models.db import insert_once, pieces
from models.friends import (
    Customer,
    Friend,
    FriendStatus,
    LostHow,
    assignment,
    attribution,
    entry_codes,
    shown_codes,
)
from models.friends.welcome import put_welcome
from models.heard import is_news
from models.ledger import outbox
from models.names import plain_name
from models.org import Guide, directory
from wecom.limits import ID_LETTERS

NO_FRIENDS = "已经不是好友了，欢迎语没有发"
THE_CUSTOMER = (
    select(Customer).where(col(Customer.external_userid) == bindparam("external_userid")).with_for_update()
)
"""Made once: they run for every event, and building them takes longer than running them"""
THE_FRIENDSHIP = select(Friend).where(
    col(Friend.owner_id) == bindparam("owner_id"), col(Friend.customer_id) == bindparam("customer_id")
)


def find(session: Session, userid: str, external_userid: str) -> Friend | None:
    """The friendship of this account and this customer, whatever its status."""
    query = (
        select(Friend)
        .join(Guide, col(Guide.id) == col(Friend.owner_id))
        .join(Customer, col(Customer.id) == col(Friend.customer_id))
        .where(Guide.userid_key == userid.lower(), Customer.external_userid == external_userid)
    )
    return session.exec(query).one_or_none()


@dataclass(frozen=True)
class Meeting:
    """What the platform's word that two became friends has led to."""

    friend: Friend
    owner: Guide
    welcome: str = ""
    """queued; late (its code had died on the way), missed (we were too slow), used; empty without a code"""


def added(
    session: Session,
    userid: str,
    external_userid: str,
    at: datetime,
    now: datetime,
    zone: ZoneInfo,
    *,
    state: str = "",
    welcome_code: str = "",
    inbox_id: int | None = None,
    half: bool = False,
) -> Meeting:
    """The platform gave a customer to this account: befriend, attribute, welcome.

    `at` is the event's own time: one that is older than what we know (she was deleted later, but that word
    came first) fills in the history and brings nobody back.
    """
    at = at.replace(microsecond=0)  # the platform counts whole seconds
    owner = directory.met(session, userid, at)
    customer = _customer(session, external_userid, at)
    friend = _friendship(session, owner, customer, at)
    with session.no_autoflush:  # the row is written once, below
        _befriend(session, friend, owner, state, at, now, zone, half=half)
        greet = welcome_code and friend.status != FriendStatus.LOST
        welcome = put_welcome(session, friend, owner, welcome_code, at, now, inbox_id) if greet else ""
    session.flush()
    return Meeting(friend, owner, welcome)


def _befriend(
    session: Session,
    friend: Friend,
    owner: Guide,
    state: str,
    at: datetime,
    now: datetime,
    zone: ZoneInfo,
    *,
    half: bool,
) -> None:
    """What the word of a friendship changes in its row, which may be new, ended, or know better already."""
    first = friend.times_added == 0
    came_back = friend.status == FriendStatus.LOST and is_news(at, friend.changed_at)
    if first or came_back:
        friend.times_added += 1
        friend.added_at, friend.state, friend.code_id = at, "", None
    code = _keep_state(session, friend, state)
    if first or came_back or code:
        _attribute(session, friend, code, owner, now, zone, came_back=came_back)
    if is_news(at, friend.changed_at):
        full = friend.status == FriendStatus.FRIEND and not came_back
        friend.status = FriendStatus.HALF if half and not full else FriendStatus.FRIEND
        friend.lost_how, friend.lost_at = "", None
        friend.changed_at = at


def _attribute(
    session: Session,
    friend: Friend,
    code: entry_codes.EntryCode | None,
    owner: Guide,
    now: datetime,
    zone: ZoneInfo,
    *,
    came_back: bool = False,
) -> None:
    """Decide who serves this friend, and write down why."""
    picked = assignment.pick(session, code, owner, now, zone, friend=friend)
    if code and code.guide_id:
        shown_codes.take(session, code.guide_id, now)
    values = assignment.columns(picked)
    attribution.changes(session, friend, values, audit.SYSTEM, now, came_back=came_back)


def lost(
    session: Session,
    userid: str,
    external_userid: str,
    how: LostHow,
    at: datetime,
    now: datetime,
) -> Friend:
    """The friendship ended. Its row stays, also when its beginning has not reached us yet."""
    at = at.replace(microsecond=0)
    owner = directory.met(session, userid, at)
    customer = _customer(session, external_userid, at)
    friend = _friendship(session, owner, customer, at)
    if friend.times_added == 0 and not friend.lost_how:
        friend.lost_how, friend.lost_at = how, at
    elif is_news(at, friend.changed_at) and friend.status != FriendStatus.LOST:
        friend.status, friend.lost_how, friend.lost_at, friend.changed_at = FriendStatus.LOST, how, at, at
        if friend.welcome_id:
            outbox.cancel(session, [friend.welcome_id], now, NO_FRIENDS)
    session.flush()
    return friend


def lost_together(
    session: Session, userid: str, customers: FrozenBitMap, how: LostHow, at: datetime, now: datetime
) -> None:
    """The same for many customers of one account, whose rows are here; a few statements for all of them."""
    at = at.replace(microsecond=0)
    owner = directory.met(session, userid, at)
    hers = col(Friend.owner_id) == owner.id
    for piece in pieces(list(customers)):
        session.execute(
            select(Customer.id)
            .where(col(Customer.id).in_(piece))
            .order_by(col(Customer.id))
            .with_for_update()
        )
        seen = update(Customer).where(col(Customer.id).in_(piece), col(Customer.seen_at) < at)
        session.execute(seen.values(seen_at=at))
        these = hers & col(Friend.customer_id).in_(piece)
        there = {one for (one,) in session.execute(select(Friend.customer_id).where(these))}
        for customer_id in sorted(set(piece) - there):
            _put_blank(session, owner.id, customer_id, at)
        unheard = (col(Friend.times_added) == 0) & (col(Friend.lost_how) == "")
        older = col(Friend.changed_at) < at + timedelta(seconds=1)  # as `is_news` counts
        session.execute(update(Friend).where(these, unheard).values(lost_how=how, lost_at=at))
        ended = (
            update(Friend)
            .where(these, col(Friend.times_added) > 0, older, col(Friend.status) != FriendStatus.LOST)
            .values(status=FriendStatus.LOST, lost_how=how, lost_at=at, changed_at=at)
            .returning(col(Friend.welcome_id))
        )
        welcomes = [one for one in session.execute(ended).scalars().all() if one]
        if welcomes:
            outbox.cancel(session, welcomes, now, NO_FRIENDS)


def handed_over(session: Session, ended: Friend, now: datetime, zone: ZoneInfo) -> None:
    """A transfer ended this friendship: whoever has the customer now serves her, also when word of that came first."""
    if ended.status != FriendStatus.LOST or ended.lost_how != LostHow.TRANSFER:
        return
    hers = select(Friend).where(
        Friend.customer_id == ended.customer_id,
        Friend.guide_id == ended.owner_id,
        Friend.owner_id != ended.owner_id,
        Friend.status != FriendStatus.LOST,
    )
    for friend in session.exec(hers.order_by(col(Friend.added_at).desc(), col(Friend.id).desc())).all():
        code = session.get(entry_codes.EntryCode, friend.code_id) if friend.code_id else None
        _attribute(session, friend, code, session.get_one(Guide, friend.owner_id), now, zone)
        session.flush()


def changed(session: Session, userid: str, external_userid: str) -> Friend | None:
    """The guide edited the customer's remark or tags: read the details again at the next sync."""
    friend = find(session, userid, external_userid)
    if friend is not None:
        friend.detailed_at = None
    return friend


def described(
    session: Session,
    external_userid: str,
    now: datetime,
    *,
    name: str,
    avatar_url: str = "",
    kind: int = 1,
    unionid: str = "",
) -> Customer:
    """The platform told us who the customer is."""
    customer = _customer(session, external_userid, now)
    customer.name = plain_name(name, 128) or customer.name
    customer.avatar_url = avatar_url[:500] or customer.avatar_url
    customer.kind, customer.unionid = kind, unionid[:64] or customer.unionid
    session.execute(update(Friend).where(col(Friend.customer_id) == customer.id).values(detailed_at=now))
    session.flush()
    return customer


def to_describe(session: Session, limit: int) -> list[str]:
    """Customers whose name was never read, or has changed since, newest friends first."""
    query = (
        select(Customer.external_userid)
        .join(Friend, col(Friend.customer_id) == col(Customer.id))
        .where(col(Friend.detailed_at).is_(None), Friend.status == FriendStatus.FRIEND)
        .order_by(col(Friend.added_at).desc())
        .limit(limit)
    )
    return list(dict.fromkeys(session.exec(query)))


def _customer(session: Session, external_userid: str, at: datetime) -> Customer:
    """The customer's row, locked: the events of one customer wait for each other."""
    if not 0 < len(external_userid) <= ID_LETTERS:
        raise ValueError("ExternalUserID 缺失或太长")
    insert_once(session, Customer, {"external_userid": external_userid, "seen_at": at}, key="external_userid")
    customer = session.exec(THE_CUSTOMER, params={"external_userid": external_userid}).one()
    if customer.seen_at < at:
        customer.seen_at = at
    return customer


def _friendship(session: Session, owner: Guide, customer: Customer, at: datetime) -> Friend:
    """Their row; a new one says only that there is, or was, a friendship: it was never added, and never lost."""
    _put_blank(session, owner.id, customer.id, at)
    ids = {"owner_id": owner.id, "customer_id": customer.id}
    return session.exec(THE_FRIENDSHIP, params=ids).one()


def _put_blank(session: Session, owner_id: int | None, customer_id: int | None, at: datetime) -> None:
    ids = {"owner_id": owner_id, "customer_id": customer_id}
    blank = {**ids, "status": FriendStatus.LOST, "added_at": at, "changed_at": at, "times_added": 0}
    insert_once(session, Friend, blank, key=("owner_id", "customer_id"))


def _keep_state(session: Session, friend: Friend, state: str) -> entry_codes.EntryCode | None:
    """Keep the first state of this friendship that means one of our codes; the code, when it is news."""
    if friend.code_id is not None or not state:
        return None
    code = entry_codes.find(session, state)
    friend.state = state[:64] if code or not friend.state else friend.state
    friend.code_id = code.id if code else None
    return code
