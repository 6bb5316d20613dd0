"""What each assignment rule asks, and how it answers in words. Reads only."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from models.friends import Customer
from models.friends.rule_sets import (
    BEFORE,
    BRANCH_POOL,
    CAP,
    CODE,
    KNOWN,
    LEAST,
    NEAREST,
    ON_SHIFT,
    OWN_GUIDE,
    OWNER,
    POOL,
    QUEUE,
    SHARE,
    TURNS,
    Rule,
    RulePart,
    per_day,
)
from models.friends.walk import Walk
from models.org import Guide, Store
from models.org.shifts import NextShift
from models.sentences import Sentence

NOBODY = "nobody"
"""The queue that HQ alone sees: there is nobody who could take a friend out of the store's"""
NEVER = datetime.min.replace(tzinfo=UTC)
"""When whoever has no friend got her newest"""


def before(walk: Walk, rule: Rule) -> None:
    """Whoever serves the customer already goes on, also when another colleague's code was scanned."""
    known = _served_by(walk) if walk.customer_id else []
    handed_over = walk.sight.handed_over(walk.customer_id) if walk.customer_id and known else set()
    present = next((guide for guide in known if guide.present and guide.id not in handed_over), None)
    if present:
        words = Sentence("加过，一直是{present}在服务，还归她", present=present.name)
        return walk.hit(BEFORE, present, words)
    if known and known[0].id in handed_over:
        return walk.miss(BEFORE, Sentence("加过{known}，已经转接给同事", known=known[0].name))
    if known:
        return walk.miss(BEFORE, Sentence("加过{known}，她已经不在岗", known=known[0].name))
    return walk.miss(BEFORE, Sentence("没有。是第一次加"))


def _served_by(walk: Walk) -> list[Guide]:
    """Before a scan nobody is the owner, so all of the customer's friendships count."""
    owner_id = walk.owner.id or 0 if walk.owner else 0
    served = walk.sight.served_by(walk.customer_id or 0, owner_id)
    if walk.friend and walk.friend.times_added > 1:
        served.append(walk.friend.guide_id)
    return [guide for guide_id in served if (guide := walk.sight.guide(guide_id))]


def own_guide(walk: Walk, rule: Rule) -> None:
    """Who the member system says is hers."""
    customer = walk.session.get(Customer, walk.customer_id) if walk.customer_id else None
    guide = walk.sight.guide(customer.own_guide_id) if customer else None
    if guide is None:
        return walk.miss(OWN_GUIDE, Sentence("会员系统没有告诉我们她的专属导购"))
    if not guide.present:
        return walk.miss(OWN_GUIDE, Sentence("专属导购是{guide}，她已经不在岗", guide=guide.name))
    return walk.hit(OWN_GUIDE, guide, Sentence("专属导购是{guide}", guide=guide.name))


def code(walk: Walk, rule: Rule) -> None:
    """A guide's code means her; a store's code means the store, and the owner if she works there and the rules leave her."""
    found = walk.code
    if found is None:
        strange = walk.friend is not None and walk.friend.strange_state
        if strange:
            return walk.miss(CODE, Sentence("带来的参数不是我们的码，已标出来"))
        return walk.miss(CODE, Sentence("没有扫我们的码，是直接加的"))
    walk.store = walk.sight.store(found.store_id)
    holder = walk.sight.guide(found.guide_id)
    if holder and holder.present:
        return walk.hit(CODE, holder, Sentence("扫的是{holder}的码", holder=holder.name))
    if holder and walk.owner and walk.owner.present and found.userids == [walk.owner.userid]:
        words = Sentence(
            "扫的是{holder}的码，她已经不在岗，码现在归{owner}", holder=holder.name, owner=walk.owner.name
        )
        return walk.hit(CODE, walk.owner, words)
    if holder:
        walk.store = walk.sight.store(holder.store_id) or walk.store
        return walk.miss(CODE, Sentence("扫的是{holder}的码，她已经不在岗", holder=holder.name))
    if walk.store is None:
        return walk.miss(CODE, Sentence("码没有写明是谁的"))
    return _of_store(walk, walk.store)


def _of_store(walk: Walk, store: Store) -> None:
    owner = walk.owner
    if owner is None:
        return walk.narrow(CODE, Sentence("码是{store}的，在店里挑人", store=store.name))
    if not (owner.present and owner.store_id == store.id):
        words = Sentence("扫的是{store}的码，但{owner}不在这家店", store=store.name, owner=owner.name)
        return walk.miss(CODE, words)
    if refusal := _why_not(walk, store, owner):
        words = Sentence(
            "扫的是{store}的码，平台给了{owner}，{why}", store=store.name, owner=owner.name, why=refusal
        )
        return walk.narrow(CODE, words)
    words = Sentence(
        "扫的是{store}的码，平台把好友给了{owner}，她在这家店", store=store.name, owner=owner.name
    )
    return walk.hit(CODE, owner, words)


def _why_not(walk: Walk, store: Store, owner: Guide) -> str:
    """What the rules that narrow have against her, in words; empty when they leave her."""
    narrowing = [one for one in walk.rules.rules if KNOWN[one["rule"]].part == RulePart.NARROW]
    if narrowing:
        walk.sight.hold(store)
    for one in narrowing:
        if words := REFUSALS[one["rule"]](walk, one, store, [owner]).get(owner.id or 0):
            return words
    return ""


def nearest(walk: Walk, rule: Rule) -> None:
    """The store that the page of the nearest store found, or that the customer chose there."""
    if walk.store:
        return walk.miss(NEAREST, Sentence("门店已经定下：{store}", store=walk.store.name))
    if walk.near is None:
        return walk.miss(NEAREST, Sentence("没有位置，也没有选过门店"))
    walk.store = walk.near
    return walk.narrow(NEAREST, Sentence("定在{store}", store=walk.near.name))


def _narrowed(walk: Walk, rule: Rule) -> None:
    """Leave those of the store's guides against whom the rule has nothing."""
    name, store = rule["rule"], walk.store
    if store is None:
        return walk.miss(name, Sentence("没有指定门店，不用看"))
    some = walk.those_left(store)
    if not some:
        return walk.miss(name, Sentence("{store}已经没有可挑的人", store=store.name))
    refusals = REFUSALS[name](walk, rule, store, some)
    walk.refused.update({guide_id: (name, words) for guide_id, words in refusals.items()})
    walk.people = [guide for guide in some if guide.id not in refusals]
    if walk.people:
        words = Sentence("{n} 位里留下 {left} 位", n=len(some), left=len(walk.people))
        return walk.narrow(name, words)
    first = next(iter(refusals.values()))
    return walk.miss(name, Sentence("{n} 位都不行：{first}", n=len(some), first=first))


def _off_shift(walk: Walk, rule: Rule, store: Store, some: Sequence[Guide]) -> dict[int, str]:
    """Guide → why she is not on shift, in words"""
    shifts = walk.sight.shifts(some)
    names = {guide.id or 0: guide.name for guide in some}
    return {
        guide_id: _shift_words(names[guide_id], shift, walk)
        for guide_id, shift in shifts.items()
        if shift.at > walk.sight.now
    }


def _shift_words(name: str, shift: NextShift, walk: Walk) -> Sentence:
    local = shift.at.astimezone(walk.sight.zone)
    today = local.date() == walk.sight.midnight.date()
    if shift.off:
        return Sentence("{name}今天休息", name=name)
    if today and shift.own:
        return Sentence("{name} {time} 才上班", name=name, time=f"{local:%H:%M}")
    if today:
        return Sentence("店里 {time} 开门", time=f"{local:%H:%M}")
    return Sentence("{name}已经下班", name=name)


def _full(walk: Walk, rule: Rule, store: Store, some: Sequence[Guide]) -> dict[int, str]:
    """Guide → that she has as many new friends today as one may have, in words"""
    most = per_day(rule, store.branch_id)
    today = walk.sight.counts(some)
    return {
        guide.id or 0: Sentence("{name}到了 {most} 位", name=guide.name, most=most)
        for guide in some
        if today.get(guide.id or 0, 0) >= most
    }


REFUSALS: dict[str, Callable[[Walk, Rule, Store, Sequence[Guide]], dict[int, str]]] = {
    ON_SHIFT: _off_shift,
    CAP: _full,
}
"""Whom a rule that narrows takes out of some guides, and why"""


def _chosen(walk: Walk, rule: Rule) -> None:
    """Only where a rule has named a store: without one, the friend follows the account."""
    name, store = rule["rule"], walk.store
    if store is None:
        return walk.miss(name, Sentence("没有指定门店，跟着账号走"))
    found = CHOICES[name](walk, rule, store)
    if found is None and walk.people is not None:
        return walk.miss(name, Sentence("{store}已经没有可挑的人", store=store.name))
    if found is None:
        return walk.miss(name, Sentence("{store}现在没有在岗的导购", store=store.name))
    guide, words = found
    return walk.hit(name, guide, words)


def _least(walk: Walk, rule: Rule, store: Store) -> tuple[Guide, str] | None:
    found = walk.least_loaded(store)
    if found is None:
        return None
    words = "{store}的{guide}，今天新好友 {count} 位，最少"
    return found[0], Sentence(words, store=store.name, guide=found[0].name, count=found[1])


def _turns(walk: Walk, rule: Rule, store: Store) -> tuple[Guide, str] | None:
    some = walk.those_left(store)
    last = walk.sight.last(some)
    waited = {guide.id: last.get(guide.id or 0, NEVER) for guide in some}
    guide = min(some, key=lambda one: (waited[one.id], one.id or 0), default=None)
    words = "{store}的{guide}，轮到她了"
    return (guide, Sentence(words, store=store.name, guide=guide.name)) if guide else None


def _share(walk: Walk, rule: Rule, store: Store) -> tuple[Guide, str] | None:
    """Whose friends of today are furthest below her part."""
    own: dict[str, int] = rule.get("guides", {})
    parts = {
        guide.id or 0: own.get(str(guide.id), rule["manager"] if guide.is_manager else 100)
        for guide in walk.those_left(store)
    }
    some = [guide for guide in walk.those_left(store) if parts[guide.id or 0]]
    today = walk.sight.counts(some)

    def filled(guide: Guide) -> tuple[float, int]:
        return (today.get(guide.id or 0, 0) + 1) / parts[guide.id or 0], guide.id or 0

    guide = min(some, key=filled, default=None)
    if guide is None:
        return None
    count = today.get(guide.id or 0, 0)
    words = "{store}的{guide}，今天新好友 {count} 位，离她那一份最远"
    return guide, Sentence(words, store=store.name, guide=guide.name, count=count)


CHOICES: dict[str, Callable[[Walk, Rule, Store], tuple[Guide, str] | None]] = {
    LEAST: _least,
    TURNS: _turns,
    SHARE: _share,
}
"""How one of those who are left is taken"""


def owner(walk: Walk, rule: Rule) -> None:
    """The friend follows the account."""
    whose = walk.owner
    if whose is None:
        return walk.miss(OWNER, Sentence("还没扫，不知道平台会给谁"))
    if whose.present:
        return walk.hit(OWNER, whose, Sentence("好友在{owner}的账号里，归她", owner=whose.name))
    walk.store = walk.store or walk.sight.store(whose.store_id)
    return walk.miss(OWNER, Sentence("{owner}已经不在岗", owner=whose.name))


def pool(walk: Walk, rule: Rule) -> None:
    """Anybody of the store who has not left the company, on shift or not."""
    if walk.store is None:
        return walk.miss(POOL, Sentence("没有指定门店，不用看"))
    walk.people = None
    found = walk.least_loaded(walk.store)
    if found is None:
        return walk.miss(POOL, Sentence("{store}没有在岗的导购", store=walk.store.name))
    whose = walk.owner
    if whose and not whose.present:
        words = Sentence("{owner}已经不在岗，归同店的{found}", owner=whose.name, found=found[0].name)
    else:
        words = Sentence("{store}的{found}，今天新好友最少", store=walk.store.name, found=found[0].name)
    return walk.hit(POOL, found[0], words)


def branch_pool(walk: Walk, rule: Rule) -> None:
    """Anybody of the branch."""
    if walk.store is None:
        return walk.miss(BRANCH_POOL, Sentence("没有指定门店，不用看"))
    found = walk.least_loaded(walk.store, whole_branch=True)
    if found is None:
        words = Sentence("{store}和分公司都没有在岗的导购", store=walk.store.name)
        return walk.miss(BRANCH_POOL, words)
    words = Sentence(
        "{store}没有在岗的导购，归同一分公司的{found}", store=walk.store.name, found=found[0].name
    )
    return walk.hit(BRANCH_POOL, found[0], words)


def queue(walk: Walk, rule: Rule) -> None:
    """The friend waits in the store's queue; where nobody could take her out of it, in that of HQ."""
    if walk.store is None and walk.owner:
        walk.store = walk.sight.store(walk.owner.store_id)
    whose, store = walk.owner, walk.store
    if store is None and whose and not whose.present:
        words = Sentence("{owner}已经不在岗，也没有门店，等总部指定", owner=whose.name)
        return walk.hit(QUEUE, None, words, name=NOBODY)
    if store is None:
        return walk.hit(QUEUE, None, Sentence("没有定下门店，等总部指定"), name=NOBODY)
    if not walk.sight.anybody_in_branch(store):
        words = Sentence("{store}和分公司都没有在岗的导购，等总部指定", store=store.name)
        return walk.hit(QUEUE, None, words, name=NOBODY)
    words = Sentence("{store}待领，{n} 分钟没人领转分公司待领", store=store.name, n=rule["minutes"])
    return walk.hit(QUEUE, None, words)


RULES: dict[str, Callable[[Walk, Any], None]] = {
    BEFORE: before,
    OWN_GUIDE: own_guide,
    CODE: code,
    NEAREST: nearest,
    ON_SHIFT: _narrowed,
    CAP: _narrowed,
    LEAST: _chosen,
    TURNS: _chosen,
    SHARE: _chosen,
    OWNER: owner,
    POOL: pool,
    BRANCH_POOL: branch_pool,
    QUEUE: queue,
}
"""Each rule by its name"""
