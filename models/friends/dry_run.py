"""试算: what another order of rules would have done. It walks the same `pick` and `choose` that decide about real friends.

Only what they look at differs: both orders count from midnight on the friends that they themselves would have given.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, or_, true
from sqlmodel import Session, col, select

from models.db import Database, pieces
from models.friends import Customer, Friend, RuleOutcome, assignment, rule_sets
from models.friends.assignment import NOBODY, Picked
from models.friends.entry_codes import EntryCode, EntryCodeKind
from models.friends.imagined import Facts, Imagined
from models.friends.rule_sets import IMPORTED, KNOWN, ON_SHIFT, QUEUE, RulePart, Rules, RuleSet, RuleSetStatus
from models.org import Guide, Store
from models.sentences import Sentence

MOST, USUAL = 10_000, 1_000
"""Scans that one dry run tries"""
DAYS = 7
"""Over which scans are invented: shifts are planned a week ahead, and a cap is counted by day"""
SHOWN = 200
"""Differences that are kept with their words; all are counted."""
REST, FULL, EARLIER, OTHER, WAITS = "off_shift", "full", "earlier", "other", "queue"
CAUSES = {
    REST: Sentence("原来的人下班或休息"),
    FULL: Sentence("原来的人到了上限"),
    EARLIER: Sentence("前面有人换了，轮到别人"),
    OTHER: Sentence("别的规则先命中"),
    WAITS: Sentence("没人能接，进待领"),
}
"""Why somebody else gets her, as the differences are counted"""
ORDER = (WAITS, REST, FULL, OTHER, EARLIER)
"""Those who would wait first; what only follows from other differences last"""


@dataclass(frozen=True)
class Scan:
    """One who came, or could come: with whom, by which code, when."""

    at: datetime
    code: EntryCode | None
    owner: Guide | None
    """None: she has not scanned yet, and the page of the nearest store asks whose code it shows."""
    friend: Friend | None
    name: str


@dataclass(frozen=True)
class DifferentScan:
    """A scan that would have gone to somebody else."""

    scan: Scan
    live: Picked
    draft: Picked
    cause: str
    """One of CAUSES"""
    place: int
    """Of the rule that caused it, in the draft, from 1; 0 where a rule of the live order is missing there"""
    why: str


@dataclass
class Buys:
    """What an order of rules has given, counted in the same way for both."""

    off_shift: int = 0
    """Friends given to somebody who was not on shift"""
    waits: int = 0
    longest_wait: timedelta = timedelta()
    """Until somebody of the store comes on shift"""
    given: dict[tuple[int, date], Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    """Store and day → guide → friends"""

    def spread(self, sizes: dict[int, int]) -> int:
        """By how many friends of one day two guides of one store differ at most"""
        return max(
            (_apart(found, sizes.get(store, 0)) for (store, _), found in self.given.items()), default=0
        )


def _apart(found: Counter[int], present: int) -> int:
    fewest = 0 if present > len(found) else min(found.values())
    return max(found.values()) - fewest


@dataclass
class DryRun:
    """What became of all scans that were tried."""

    tried: int = 0
    changed: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    causes: Counter[str] = field(default_factory=Counter)
    branches: Counter[int | None] = field(default_factory=Counter)
    """Branch → scans that would go to somebody else"""
    live: Buys = field(default_factory=Buys)
    draft: Buys = field(default_factory=Buys)
    spread_live: int = 0
    spread_draft: int = 0
    differences: list[DifferentScan] = field(default_factory=list)
    """As in ORDER, the newest first"""
    last: tuple[Picked, Picked] | None = None
    """What both orders say of the last scan; where it is one friend's, of hers"""


def concerned(session: Session, draft: RuleSet) -> ColumnElement[bool]:
    """Friends of the branches for whom the draft would hold: of its own, else of all without an order of their own."""
    if draft.branch_id is not None:
        return col(Friend.branch_id) == draft.branch_id
    own = [
        one
        for one in session.exec(select(RuleSet.branch_id).where(RuleSet.status == RuleSetStatus.LIVE))
        if one
    ]
    return or_(col(Friend.branch_id).is_(None), col(Friend.branch_id).not_in(own)) if own else true()


def replay(db: Database, draft: RuleSet, zone: ZoneInfo, now: datetime, number: int = USUAL) -> DryRun:
    """The last scans once more, in their order, in pieces."""
    with db.read() as session:
        decided = col(Friend.times_added) > 0, col(Friend.rule) != IMPORTED
        wanted = select(Friend.id).where(concerned(session, draft), *decided)
        newest = wanted.order_by(col(Friend.added_at).desc(), col(Friend.id).desc()).limit(min(number, MOST))
        ids = [one or 0 for one in session.exec(newest)][::-1]
        oldest = session.get(Friend, ids[0]) if ids else None
        first = (oldest.added_at if oldest else now).astimezone(zone).date()
    return _tried(db, draft, zone, pieces(ids), _of_friends, first)


def invented(db: Database, draft: RuleSet, zone: ZoneInfo, now: datetime, number: int = USUAL) -> DryRun:
    """Scans that nobody made: customers come by the stores' own pages, evenly over stores, hours and the coming days."""
    chance = Random(number)
    with db.read() as session:
        stores = select(Store.id)
        if draft.branch_id is not None:
            stores = stores.where(Store.branch_id == draft.branch_id)
        codes = [
            EntryCode(state="", kind=EntryCodeKind.STORE, store_id=one, created_at=now)
            for one in session.exec(stores.order_by(col(Store.id)))
        ]
    midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
    scans = sorted(
        (
            midnight + timedelta(days=chance.randrange(DAYS), minutes=chance.randrange(9 * 60, 23 * 60)),
            chance.randrange(len(codes)),
        )
        for _ in range(min(number, MOST) if codes else 0)
    )
    return _tried(
        db, draft, zone, pieces([(at, codes[one]) for at, one in scans]), _of_pages, midnight.date()
    )


def of_one(db: Database, draft: RuleSet, zone: ZoneInfo, now: datetime, friend_id: int) -> DryRun:
    """One friend's scan once more, as if it were now."""

    def scans(session: Session, ids: Sequence[int]) -> Iterator[Scan]:
        for scan in _of_friends(session, ids):
            yield Scan(now, scan.code, scan.owner, scan.friend, scan.name)

    return _tried(db, draft, zone, [[friend_id]], scans, now.astimezone(zone).date())


def _of_friends(session: Session, ids: Sequence[int]) -> Iterator[Scan]:
    query = (
        select(Friend, Customer.name, Guide, EntryCode)
        .join(Customer, col(Customer.id) == col(Friend.customer_id))
        .join(Guide, col(Guide.id) == col(Friend.owner_id))
        .join(EntryCode, col(EntryCode.id) == col(Friend.code_id), isouter=True)
        .where(col(Friend.id).in_(ids))
        .order_by(col(Friend.added_at), col(Friend.id))
    )
    for friend, name, owner, code in session.exec(query).all():
        yield Scan(friend.added_at, code, owner, friend, name)


def _of_pages(session: Session, some: Sequence[tuple[datetime, EntryCode]]) -> Iterator[Scan]:
    return (Scan(at, code, None, None, "") for at, code in some)


Piece = TypeVar("Piece")


def _tried(
    db: Database,
    draft: RuleSet,
    zone: ZoneInfo,
    parts: Iterable[Sequence[Piece]],
    scans: Callable[[Session, Sequence[Piece]], Iterable[Scan]],
    first: date,
) -> DryRun:
    """Each scan by the order that holds and by the draft; a short reading transaction for each piece."""
    found, lives = DryRun(), dict[int | None, Rules]()
    with db.read() as session:
        facts = Facts(session, zone, first)
        sights = Imagined(session, zone, facts), Imagined(session, zone, facts)
    drafted = Rules(tuple(draft.rules), draft.version)
    for part in parts:
        with db.read() as session:
            some = list(scans(session, part))
            facts.meet(session, [scan.friend.customer_id for scan in some if scan.friend])
            for sight in sights:
                sight.session = session
            for scan in some:
                where = assignment.store_of_rules(sights[0], scan.code, scan.owner, None)
                branch_id = where.branch_id if where else None
                if branch_id not in lives:
                    lives[branch_id] = rule_sets.live(session, branch_id)
                orders = zip((lives[branch_id], drafted), sights, strict=True)
                live, other = (_decided(session, scan, rules, sight) for rules, sight in orders)
                _note(found, scan, live, other, drafted, sights)
    sizes = {store_id: len(people) for store_id, people in facts.present.items()}
    found.spread_live, found.spread_draft = found.live.spread(sizes), found.draft.spread(sizes)
    found.differences.sort(key=lambda one: (ORDER.index(one.cause), -one.scan.at.timestamp()))
    return found


def _decided(session: Session, scan: Scan, rules: Rules, sight: Imagined) -> Picked:
    """By the same two functions as a real friend"""
    sight.at(session, scan.at)
    if scan.owner is None:
        picked = assignment.choose(session, scan.code, None, scan.at, sight.zone, rules=rules, sight=sight)
    else:
        picked = assignment.pick(
            session, scan.code, scan.owner, scan.at, sight.zone, friend=scan.friend, rules=rules, sight=sight
        )
    sight.took(picked.guide)
    return picked


def _note(
    found: DryRun,
    scan: Scan,
    live: Picked,
    draft: Picked,
    rules: Rules,
    sights: tuple[Imagined, Imagined],
) -> None:
    found.tried += 1
    found.first_at, found.last_at = found.first_at or scan.at, scan.at
    for buys, picked, sight in ((found.live, live, sights[0]), (found.draft, draft, sights[1])):
        _count(buys, picked, sight)
    found.last = live, draft
    if (live.guide and live.guide.id) == (draft.guide and draft.guide.id):
        return
    found.changed += 1
    difference = DifferentScan(scan, live, draft, *_cause(live, draft, rules))
    found.causes[difference.cause] += 1
    found.branches[draft.branch_id] += 1
    if found.causes[difference.cause] <= SHOWN:
        found.differences.append(difference)


def _count(buys: Buys, picked: Picked, sight: Imagined) -> None:
    guide, store = picked.guide, picked.store
    if guide is None:
        buys.waits += 1
        comes = [one.at for one in sight.shifts(sight.present(store)).values()] if store else []
        buys.longest_wait = max(buys.longest_wait, min(comes, default=sight.now) - sight.now)
        return
    buys.off_shift += sight.shifts([guide])[guide.id or 0].at > sight.now
    if store:
        buys.given[store.id or 0, sight.midnight.date()][guide.id or 0] += 1


def _cause(live: Picked, draft: Picked, rules: Rules) -> tuple[str, int, str]:
    """Why somebody else gets her: what it is counted as, the rule's place in the draft, its words."""
    names = [one["rule"] for one in rules.rules]
    hers = draft.refused.get(live.guide.id or 0) if live.guide else None
    if draft.guide is None:
        step = next((one for one in draft.steps if draft.refused and _left_nobody(one)), None)
        rule, why = (step["rule"], step["answer"]) if step else (QUEUE, draft.reason)
        return WAITS, names.index(rule) + 1, why
    if hers:
        return (REST if hers[0] == ON_SHIFT else FULL), names.index(hers[0]) + 1, hers[1]
    if live.rule == draft.rule:
        return EARLIER, names.index(draft.rule) + 1, draft.reason
    if live.rule not in (*names, NOBODY):
        words = Sentence("草稿里没有「{question}」", question=KNOWN[live.rule].question)
        return OTHER, 0, words
    return OTHER, names.index(draft.rule) + 1, draft.reason


def _left_nobody(step: Mapping[str, str]) -> bool:
    known = KNOWN.get(step["rule"])
    return known is not None and known.part == RulePart.NARROW and step["outcome"] == RuleOutcome.MISSED
