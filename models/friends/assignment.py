"""Who serves a new friend: rules in order, the first that fits decides, and each says why in words."""

from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, bindparam
from sqlmodel import Session, col, func, select

from models.friends import Friend, FriendStatus, LostHow, RuleOutcome
from models.friends.entry_codes import EntryCode
from models.org import Branch, Guide, GuideStatus, Store
from models.sentences import Sentence

BEFORE, CODE, LEAST = "before", "code", "least"
OWNER, POOL, BRANCH_POOL, NOBODY = "owner", "store_pool", "branch_pool", "nobody"
QUESTIONS = {
    BEFORE: Sentence("以前加过我们的人吗"),
    CODE: Sentence("码是谁的"),
    LEAST: Sentence("店里谁今天新好友最少"),
}
FALLBACK = Sentence("都没有命中，跟着谁")


@dataclass(frozen=True)
class Picked:
    """The attributed guide, her store and branch, and why. Nobody at all is a visible queue, never a drop."""

    guide: Guide | None
    store: Store | None
    branch: Branch | None
    rule: str
    reason: str
    steps: list[dict[str, str]]


@dataclass
class _Walk:
    """The rules on their way: what they look at, what each answered, and whom one of them found."""

    session: Session
    code: EntryCode | None
    owner: Guide
    friend: Friend | None
    now: datetime
    zone: ZoneInfo
    steps: list[dict[str, str]] = field(default_factory=list)
    guide: Guide | None = None
    store: Store | None = None
    rule: str = ""
    reason: str = ""

    def miss(self, rule: str, answer: str) -> None:
        self.steps.append(
            {"rule": rule, "question": QUESTIONS[rule], "answer": answer, "outcome": RuleOutcome.MISSED}
        )

    def hit(self, rule: str, guide: Guide | None, answer: str, question: str = "") -> None:
        self.guide, self.rule, self.reason = guide, rule, answer
        self.steps.append(
            {
                "rule": rule,
                "question": question or QUESTIONS[rule],
                "answer": answer,
                "outcome": RuleOutcome.HIT,
            }
        )


def columns(picked: Picked) -> dict[str, Any]:
    """The decision as the columns of a friendship."""
    return {
        "guide_id": picked.guide.id if picked.guide else None,
        "store_id": picked.store.id if picked.store else None,
        "branch_id": picked.branch.id if picked.branch else None,
        "rule": picked.rule,
        "reason": picked.reason,
        "steps": picked.steps,
    }


def pick(
    session: Session,
    code: EntryCode | None,
    owner: Guide,
    now: datetime,
    zone: ZoneInfo,
    *,
    friend: Friend | None = None,
) -> Picked:
    """Decide who serves a friend that the platform gave to `owner`. Reads only; also used to try a rule out."""
    walk = _Walk(session, code, owner, friend, now, zone)
    for rule in (_before, _code, _least):
        if not walk.rule:
            rule(walk)
    seen = {step["rule"] for step in walk.steps}
    walk.steps += [
        {"rule": rule, "question": question, "answer": "", "outcome": RuleOutcome.UNSEEN}
        for rule, question in QUESTIONS.items()
        if rule not in seen
    ]
    if not walk.rule:
        _fall_back(walk)
    store = session.get(Store, walk.guide.store_id) if walk.guide and walk.guide.store_id else walk.store
    branch = session.get(Branch, store.branch_id) if store else None
    return Picked(walk.guide, store, branch, walk.rule, walk.reason, walk.steps)


OTHERS = (
    select(Friend.guide_id)
    .where(
        col(Friend.customer_id) == bindparam("customer_id"),
        col(Friend.owner_id) != bindparam("owner_id"),
        col(Friend.status) != FriendStatus.LOST,
    )
    .order_by(col(Friend.added_at), col(Friend.id))
)


def _before(walk: _Walk) -> None:
    """Whoever serves the customer already goes on, also when another colleague's code was scanned."""
    friend = walk.friend
    if friend is None:
        return walk.miss(BEFORE, Sentence("没有。是第一次加"))
    served = list(
        walk.session.exec(OTHERS, params={"customer_id": friend.customer_id, "owner_id": walk.owner.id})
    )
    if friend.times_added > 1:
        served.append(friend.guide_id)
    known = [guide for guide_id in served if guide_id and (guide := walk.session.get(Guide, guide_id))]
    handed_over = _handed_over(walk.session, friend.customer_id) if known else set()
    present = next((guide for guide in known if guide.present and guide.id not in handed_over), None)
    if present:
        return walk.hit(
            BEFORE, present, Sentence("加过，一直是{present}在服务，还归她", present=present.name)
        )
    if known and known[0].id in handed_over:
        return walk.miss(BEFORE, Sentence("加过{known}，已经转接给同事", known=known[0].name))
    if known:
        return walk.miss(BEFORE, Sentence("加过{known}，她已经不在岗", known=known[0].name))
    return walk.miss(BEFORE, Sentence("没有。是第一次加"))


def _handed_over(session: Session, customer_id: int) -> set[int]:
    """Whose friendship with the customer was ended by a transfer to a colleague: they serve her no more."""
    ended = Friend.status == FriendStatus.LOST, Friend.lost_how == LostHow.TRANSFER
    return set(session.exec(select(Friend.owner_id).where(Friend.customer_id == customer_id, *ended)))


def _code(walk: _Walk) -> None:
    """A guide's code means her; a store's code means the owner if she works there."""
    code, owner = walk.code, walk.owner
    if code is None:
        strange = walk.friend is not None and walk.friend.strange_state
        if strange:
            return walk.miss(CODE, Sentence("带来的参数不是我们的码，已标出来"))
        return walk.miss(CODE, Sentence("没有扫我们的码，是直接加的"))
    walk.store = walk.session.get(Store, code.store_id) if code.store_id else None
    holder = walk.session.get(Guide, code.guide_id) if code.guide_id else None
    if holder and holder.present:
        return walk.hit(CODE, holder, Sentence("扫的是{holder}的码", holder=holder.name))
    if holder:
        walk.store = walk.session.get(Store, holder.store_id) if holder.store_id else walk.store
        return walk.miss(CODE, Sentence("扫的是{holder}的码，她已经不在岗", holder=holder.name))
    if walk.store is None:
        return walk.miss(CODE, Sentence("码没有写明是谁的"))
    if owner.present and owner.store_id == walk.store.id:
        words = Sentence(
            "扫的是{store}的码，平台把好友给了{owner}，她在这家店", store=walk.store.name, owner=owner.name
        )
        return walk.hit(CODE, owner, words)
    return walk.miss(
        CODE, Sentence("扫的是{store}的码，但{owner}不在这家店", store=walk.store.name, owner=owner.name)
    )


def _least(walk: _Walk) -> None:
    """Only where a code named a store: without one, the friend follows the account."""
    if walk.store is None:
        return walk.miss(LEAST, Sentence("没有指定门店，跟着账号走"))
    found = _least_loaded(walk, walk.store)
    if found is None:
        return walk.miss(LEAST, Sentence("{store}现在没有在岗的导购", store=walk.store.name))
    guide, count = found
    return walk.hit(
        LEAST,
        guide,
        Sentence(
            "{store}的{guide}，今天新好友 {count} 位，最少",
            store=walk.store.name,
            guide=guide.name,
            count=count,
        ),
    )


def _fall_back(walk: _Walk) -> None:
    """The owner; else her store, else her branch; else a queue that HQ sees."""
    owner = walk.owner
    if owner.present:
        return walk.hit(OWNER, owner, Sentence("好友在{owner}的账号里，归她", owner=owner.name), FALLBACK)
    walk.store = walk.store or (walk.session.get(Store, owner.store_id) if owner.store_id else None)
    if walk.store is None:
        return walk.hit(
            NOBODY, None, Sentence("{owner}已经不在岗，也没有门店，等总部指定", owner=owner.name), FALLBACK
        )
    if found := _least_loaded(walk, walk.store):
        words = Sentence("{owner}已经不在岗，归同店的{found}", owner=owner.name, found=found[0].name)
        return walk.hit(POOL, found[0], words, FALLBACK)
    if found := _least_loaded(walk, walk.store, whole_branch=True):
        words = Sentence(
            "{store}没有在岗的导购，归同一分公司的{found}", store=walk.store.name, found=found[0].name
        )
        return walk.hit(BRANCH_POOL, found[0], words, FALLBACK)
    words = Sentence("{store}和分公司都没有在岗的导购，等总部指定", store=walk.store.name)
    return walk.hit(NOBODY, None, words, FALLBACK)


def _least_loaded(walk: _Walk, store: Store, *, whole_branch: bool = False) -> tuple[Guide, int] | None:
    """The present guide with the fewest friends of today, and how many.

    The store's row is locked first, so that a hundred scans at one moment are still spread evenly.
    """
    session = walk.session
    session.exec(select(Store.id).where(Store.id == store.id).with_for_update()).one()
    today = datetime.combine(walk.now.astimezone(walk.zone).date(), time(), walk.zone)
    count, last = func.count(col(Friend.id)), func.max(col(Friend.added_at))
    of_today = and_(col(Friend.guide_id) == col(Guide.id), col(Friend.added_at) >= today)
    query = (
        select(Guide, count)
        .join(Friend, of_today, isouter=True)
        .where(Guide.status == GuideStatus.ACTIVE)
        .group_by(col(Guide.id))
        .order_by(count, last.asc().nulls_first(), col(Guide.id))
        .limit(1)
    )
    if whole_branch:
        query = query.join(Store, col(Store.id) == col(Guide.store_id)).where(
            Store.branch_id == store.branch_id
        )
    else:
        query = query.where(Guide.store_id == store.id)
    found = session.exec(query).first()
    return (found[0], found[1]) if found else None
