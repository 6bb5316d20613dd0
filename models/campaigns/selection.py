"""Whom a campaign goes to and whom not: the one function that the composer's count, the preview and the launch call.

The friends of the guides in scope, as sets; then each reason not to contact somebody takes its set away, in a fixed
order, so that everybody stands in exactly one place; then one guide for each customer.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from pyroaring import BitMap, FrozenBitMap
from sqlmodel import Session, col, select

from models import contact_budget
from models.campaigns import Purpose, Task, TaskAudience, conditions
from models.campaigns.audience import TEXT_BYTES, fill
from models.campaigns.reach import Reach, reach
from models.contact_budget import Budget
from models.db import pieces
from models.db.sets import NOBODY, union
from models.friends import Friend, FriendStatus
from models.friends.entry_codes import PROMISED, EntryCode
from models.ledger.channels import CUSTOMER_GROUPS, CUSTOMERS, Channel
from models.org import Guide, Store, guides_in_scope, ids_in_scope
from models.sentences import Sentence

FRIEND, CONDITION, GUIDE = "friend", "condition", "guide"
"""Kinds of reasons beside those of the budget: she is no friend, HQ did not mean her, her guide has no task"""
NO_FRIENDS, NO_GROUPS = "她名下没有可以群发的好友", "她名下没有客户群"
NO_CODE = "她还没有能用的入口码，海报上没有码可印。建好后，下次活动就有她"
NOBODY_THIS_TIME = "她的 {n:,} 位好友这次都不发，每位的原因在好友页"
TOO_LONG = "填上她的门店名后正文有 {size:,} 字节，平台上限 {most:,} 字节"
ALIKE = {
    NOBODY_THIS_TIME: "她的好友这次都不发，每位的原因在好友页",
    TOO_LONG: "填上她的门店名后正文超过平台上限",
}
"""An obstacle that names a number of hers, as that of several guides"""
CONTACT_DAYS = 30
"""Who wrote to a shared customer last is looked up among the sends of so many days."""


class Planned(Protocol):
    """What decides whom a campaign goes to: a campaign, or what HQ is typing."""

    scope: dict[str, list[int]]
    channel: str
    text: str
    second_text: str
    conditions: dict[str, Any]
    purpose: Purpose

    @property
    def way(self) -> Channel: ...

    @property
    def own_poster(self) -> object: ...


@dataclass(frozen=True)
class LeftOut:
    """Why some customers are not contacted."""

    kind: str
    words: str
    members: FrozenBitMap


@dataclass(frozen=True)
class Selection:
    """Everybody whom the guides of a campaign know stands in `members` or in exactly one of `reasons`."""

    to: str
    guides: tuple[Guide, ...] = ()
    known: FrozenBitMap = NOBODY
    reasons: tuple[LeftOut, ...] = ()
    shares: Mapping[int, FrozenBitMap] = field(default_factory=dict)
    """Guide → whom she writes to"""
    obstacles: Mapping[int, str] = field(default_factory=dict)
    """Guide → why she gets nothing to send"""
    shared: FrozenBitMap = NOBODY
    """Friends of several of these guides; one of them writes"""
    budget: Budget | None = None

    @property
    def members(self) -> FrozenBitMap:
        return union(self.shares.values())

    @property
    def start(self) -> int:
        return len(self.known) if self.to in (CUSTOMERS, CUSTOMER_GROUPS) else len(self.guides)

    @property
    def minus(self) -> list[tuple[str, int]]:
        """(reason in words, how many)"""
        return [(one.words, len(one.members)) for one in self.reasons]

    @property
    def reached(self) -> int:
        """`start` minus everything in `minus`"""
        return self.start - sum(number for _, number in self.minus)

    @property
    def sending(self) -> int:
        """Guides who have something to send"""
        return len(self.guides) - len(self.obstacles)

    @property
    def idle(self) -> int:
        """Guides in scope who have nothing to send"""
        return len(self.obstacles)


NOTHING = Selection(CUSTOMERS)


def guides_in(session: Session, scope: dict[str, list[int]]) -> int:
    """How many active guides a scope names."""
    return len(ids_in_scope(session, scope))


def select_audience(
    session: Session, plan: Planned, at: datetime, zone: ZoneInfo, *, number: int | None = None
) -> Selection:
    """As things stand now for a launch at that moment. `number` is the campaign's, whose own contacts do not count."""
    guides = [one for one in guides_in_scope(session, plan.scope) if one.joined_at <= at]
    ids = [one.id or 0 for one in guides]
    hers = reach(session, plan.way.to, ids, at)
    if plan.way.to not in (CUSTOMERS, CUSTOMER_GROUPS):
        return Selection(plan.way.to, tuple(guides), obstacles=_obstacles(session, plan, guides, hers))
    budget = contact_budget.read(session, at, zone, without=number) if plan.way.to == CUSTOMERS else None
    obstacles = _obstacles(session, plan, guides, hers)
    known = union([hers.everybody, *(members for _, members in hers.lapsed)])
    reasons, left = [], known
    for kind, words, members in _exclusions(session, plan, hers, obstacles, at, zone, budget, number):
        if out := left & members:
            reasons.append(LeftOut(kind, words, out))
            left = left - out
    shares, shared = _shared_out(session, plan, hers, obstacles, left, at)
    obstacles |= _idle(hers, shares, left)
    return Selection(plan.way.to, tuple(guides), known, tuple(reasons), shares, obstacles, shared, budget)


def remainder(
    session: Session, plan: Planned, frozen: FrozenBitMap, done: Mapping[int, FrozenBitMap], at: datetime
) -> Selection:
    """What is left of a frozen audience for guides who have no task yet: a launch was interrupted and goes on."""
    guides = [
        one for one in guides_in_scope(session, plan.scope) if one.joined_at <= at and one.id not in done
    ]
    hers = reach(session, plan.way.to, [one.id or 0 for one in guides], at)
    obstacles = _obstacles(session, plan, guides, hers)
    left = frozen if _seen_by_all(plan) else frozen - union(done.values())
    shares, shared = _shared_out(session, plan, hers, obstacles, left, at)
    return Selection(
        plan.way.to,
        tuple(guides),
        shares=shares,
        obstacles=obstacles | _idle(hers, shares, left),
        shared=shared,
    )


def _exclusions(
    session: Session,
    plan: Planned,
    hers: Reach,
    obstacles: Mapping[int, str],
    at: datetime,
    zone: ZoneInfo,
    budget: Budget | None,
    number: int | None,
) -> Iterator[tuple[str, str, FrozenBitMap]]:
    """Every reason in its order; whoever stands in two is counted in the first."""
    yield from ((FRIEND, words, members) for words, members in hers.lapsed)
    asked = conditions.read(plan.conditions)
    yield from (
        (CONDITION, words, members) for words, members in conditions.left_out(session, asked, hers, at, zone)
    )
    if budget:
        yield from contact_budget.suppressed(session, budget, plan.channel, plan.purpose, number=number)
    able = union(members for guide, members in hers.friends.items() if guide not in obstacles)
    stuck: dict[str, list[FrozenBitMap]] = {}
    for guide, why in obstacles.items():
        stuck.setdefault(_of_customers(why), []).append(hers.friends.get(guide, NOBODY))
    yield from ((GUIDE, words, union(members) - able) for words, members in stuck.items())


def _of_customers(why: str) -> str:
    """A guide's obstacle as the reason of her customers."""
    return "导购还没有能用的入口码" if why == NO_CODE else "填上店名后正文超过平台上限"


def _obstacles(session: Session, plan: Planned, guides: Iterable[Guide], hers: Reach) -> dict[int, str]:
    """Guide → why she cannot send this, whoever her customers are."""
    found: dict[int, str] = {}
    stores = {one.id: one for one in session.exec(select(Store))}
    coded = _with_code(session) if plan.own_poster else None
    for guide in guides:
        number = guide.id or 0
        store = stores.get(guide.store_id)
        size = max(len(fill(one, guide, store).encode()) for one in (plan.text, plan.second_text))
        if plan.way.to == CUSTOMERS and not hers.friends.get(number):
            found[number] = NO_FRIENDS
        elif plan.way.to == CUSTOMER_GROUPS and not hers.friends.get(number):
            found[number] = NO_GROUPS
        elif plan.way.to == CUSTOMERS and coded is not None and number not in coded:
            found[number] = NO_CODE
        elif size > TEXT_BYTES:
            found[number] = Sentence(TOO_LONG, size=size, most=TEXT_BYTES)
    return found


def _with_code(session: Session) -> set[int | None]:
    """The guides whose own entry code can be printed on a poster, now or as soon as it is made."""
    return set(session.exec(select(EntryCode.guide_id).where(PROMISED)))


def _idle(hers: Reach, shares: Mapping[int, FrozenBitMap], left: FrozenBitMap) -> dict[int, str]:
    """Guide → why she has friends, but nobody to write to."""
    found: dict[int, str] = {}
    for guide in (one for one, share in shares.items() if not share):
        if hers.friends[guide] & left:
            found[guide] = Sentence("她的好友这次都由别的导购发")
        else:
            found[guide] = Sentence(NOBODY_THIS_TIME, n=len(hers.friends[guide]))
    return found


def alike(obstacle: str) -> str:
    """A guide's obstacle without the number that is hers alone, so that those who share it are counted together."""
    return Sentence(ALIKE.get(obstacle.text, "")) or obstacle if isinstance(obstacle, Sentence) else obstacle


# ---- one guide for each customer


def _seen_by_all(plan: Planned) -> bool:
    """A Moments post stands in the feed of every friend of every guide who publishes it."""
    return plan.way.campaign is not None and plan.way.campaign.everybody


def _shared_out(
    session: Session,
    plan: Planned,
    hers: Reach,
    obstacles: Mapping[int, str],
    left: FrozenBitMap,
    at: datetime,
) -> tuple[dict[int, FrozenBitMap], FrozenBitMap]:
    """Guide → whom she writes to, so that everybody who is left stands in one share; and who could stand in several."""
    shares = {one: friends & left for one, friends in hers.friends.items() if one not in obstacles}
    if _seen_by_all(plan):
        return shares, NOBODY
    shared = _several(shares.values())
    return (_one_guide_each(session, shares, shared, at) if shared else shares), shared


def _several(shares: Iterable[FrozenBitMap]) -> FrozenBitMap:
    """Who stands in more than one share."""
    once, more = BitMap(), BitMap()
    for share in shares:
        more |= once & share
        once |= share
    return FrozenBitMap(more)


def _one_guide_each(
    session: Session, shares: Mapping[int, FrozenBitMap], shared: FrozenBitMap, at: datetime
) -> dict[int, FrozenBitMap]:
    """The guide who was last in contact with her writes: by her last confirmed send, else by the newest friendship."""
    latest = _friendships(session, shares, shared)
    for guide, members, sent in _sends(session, shares, at):
        for customer in members & shared & shares[guide]:
            latest[customer, guide] = max(latest.get((customer, guide), sent), sent)
    writer: dict[int, tuple[datetime, int]] = {}
    for (customer, guide), last in latest.items():
        writer[customer] = max(writer.get(customer, (last, -guide)), (last, -guide))
    hers: dict[int, list[int]] = {}
    for customer, (_, guide) in writer.items():
        hers.setdefault(-guide, []).append(customer)
    return {guide: share - shared | FrozenBitMap(hers.get(guide, ())) for guide, share in shares.items()}


def _friendships(
    session: Session, shares: Mapping[int, FrozenBitMap], shared: FrozenBitMap
) -> dict[tuple[int, int], datetime]:
    found = {}
    query = select(Friend.customer_id, Friend.owner_id, Friend.added_at)
    query = query.where(Friend.status == FriendStatus.FRIEND)
    for piece in pieces(list(shared)):
        for customer, guide, added in session.exec(query.where(col(Friend.customer_id).in_(piece))):
            if customer in shares.get(guide, NOBODY):
                found[customer, guide] = added
    return found


def _sends(
    session: Session, shares: Mapping[int, FrozenBitMap], at: datetime
) -> Iterator[tuple[int, FrozenBitMap, datetime]]:
    """What these guides have sent lately, as far as the platform confirmed it: by whom, to whom, when."""
    query = (
        select(Task.guide_id, col(TaskAudience.reached), Task.confirmed_at)
        .join(TaskAudience, col(TaskAudience.task_id) == col(Task.id))
        .where(col(Task.confirmed_at) > at - timedelta(days=CONTACT_DAYS), Task.reached > 0)
    )
    for guide, members, sent in session.exec(query).yield_per(500):
        if guide in shares and sent:
            yield guide, members, sent
