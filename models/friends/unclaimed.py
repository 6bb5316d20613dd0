"""待领: friends for whom the rules found nobody. They wait in their store, then in the branch, until somebody claims them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, func, select

from models.errors import Refused
from models.friends import Customer, Friend, FriendStatus, attribution, rule_sets
from models.org import Guide, Store, store_of
from models.sentences import Sentence

CLAIMED, GIVEN = "claimed", "given"
"""She took the friend out of the queue, or somebody gave her the friend"""
WAITED = Sentence("待领以后，谁接的")
MOST = 20
"""So many are shown to one guide at once"""
WAITING = (col(Friend.guide_id).is_(None), col(Friend.status) != FriendStatus.LOST)


@dataclass(frozen=True)
class Unclaimed:
    """One who waits."""

    friend: Friend
    customer: Customer
    store: Store | None
    since: datetime

    def age(self, now: datetime) -> timedelta:
        return max(now - self.since, timedelta())


def minutes_of(session: Session, branch_id: int | None) -> int:
    """So long a friend waits for her store alone."""
    return rule_sets.live(session, branch_id).minutes


def within_reach(session: Session, guide: Guide, now: datetime) -> ColumnElement[bool]:
    """Whom she may claim: those of her store, and those of the branch that have waited too long for theirs."""
    store = store_of(session, guide)
    if store is None:
        return and_(col(Friend.id).is_(None), *WAITING)
    before = now - timedelta(minutes=minutes_of(session, store.branch_id))
    of_branch = and_(
        col(Friend.branch_id) == store.branch_id,
        func.coalesce(Friend.unclaimed_at, Friend.added_at) <= before,
    )
    return and_(*WAITING, or_(col(Friend.store_id) == store.id, of_branch))


def waiting(session: Session, where: ColumnElement[bool], most: int = MOST) -> list[Unclaimed]:
    """Those who wait, the longest first."""
    query = (
        select(Friend, Customer, Store)
        .join(Customer, col(Customer.id) == col(Friend.customer_id))
        .join(Store, col(Store.id) == col(Friend.store_id), isouter=True)
        .where(*WAITING, where)
        .order_by(func.coalesce(Friend.unclaimed_at, Friend.added_at), col(Friend.id))
        .limit(most)
    )
    return [
        Unclaimed(friend, customer, store, friend.unclaimed_at or friend.added_at)
        for friend, customer, store in session.exec(query)
    ]


def how_many(session: Session, where: ColumnElement[bool]) -> tuple[int, datetime | None]:
    """How many wait, and since when the first of them does."""
    since = func.min(func.coalesce(Friend.unclaimed_at, Friend.added_at))
    return session.exec(select(func.count(), since).select_from(Friend).where(*WAITING, where)).one()


def claim(session: Session, friend_id: int, guide: Guide, now: datetime) -> Friend:
    """She takes a friend who waits. Refused, in words, when she may not, or when somebody was quicker."""
    friend = _waits(session, friend_id)
    near = select(Friend.id).where(Friend.id == friend_id, within_reach(session, guide, now))
    if session.exec(near).first() is None:
        raise Refused(Sentence("这位好友还在别的店待领，轮不到你的店"))
    reason = Sentence("{guide}领走了", guide=guide.name)
    return attribution.belongs(session, friend, guide, CLAIMED, WAITED, reason, guide.name, now)


def give(session: Session, friend_id: int, guide: Guide, who: str, now: datetime) -> Friend:
    """Somebody in an office, or her manager, gives her a friend who waits."""
    friend = _waits(session, friend_id)
    if not guide.present:
        raise Refused(Sentence("{guide}已经不在岗，换一位", guide=guide.name))
    reason = Sentence("{who}给了{guide}", who=who, guide=guide.name)
    return attribution.belongs(session, friend, guide, GIVEN, WAITED, reason, who, now)


def _waits(session: Session, friend_id: int) -> Friend:
    friend = session.get(Friend, friend_id, with_for_update=True, populate_existing=True)
    if friend is None or friend.status == FriendStatus.LOST:
        raise Refused(Sentence("这位客户已经不是好友了，不用领"))
    if friend.guide_id is not None:
        served = session.get_one(Guide, friend.guide_id)
        raise Refused(Sentence("{guide}已经在服务这位好友了", guide=served.name))
    return friend
