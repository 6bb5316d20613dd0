"""Who serves a new friend: the rules of her branch in their order, the first that fits decides, and each says why in words.

`choose` asks before a scan whose code is shown, `pick` after it who serves the friend that the platform gave to an
account. Both walk the same rules, and so does a dry run.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models.friends import Customer, Friend
from models.friends.assignment_rules import NOBODY, RULES
from models.friends.entry_codes import EntryCode
from models.friends.rule_sets import KNOWN, OWNER, POOL, QUEUE, RulePart, Rules, live
from models.friends.sight import Sight
from models.friends.walk import Walk
from models.org import Guide, Store

__all__ = ["NOBODY", "OWNER", "POOL", "QUEUE", "Picked", "choose", "columns", "pick"]


@dataclass(frozen=True)
class Picked:
    """The attributed guide, her store and branch, and why. Nobody at all is a visible queue, never a drop."""

    guide: Guide | None
    store: Store | None
    branch_id: int | None
    rule: str
    reason: str
    steps: list[dict[str, str]]
    version: int
    """Of the rules; 0 are those that were there from the beginning."""
    at: datetime
    refused: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Guide → the rule that took her out, and its words"""


def columns(picked: Picked) -> dict[str, Any]:
    """The decision as the columns of a friendship."""
    return {
        "guide_id": picked.guide.id if picked.guide else None,
        "store_id": picked.store.id if picked.store else None,
        "branch_id": picked.branch_id,
        "rule": picked.rule,
        "reason": picked.reason,
        "steps": picked.steps,
        "rules_version": picked.version,
        "unclaimed_at": None if picked.guide else picked.at,
    }


def pick(
    session: Session,
    code: EntryCode | None,
    owner: Guide,
    now: datetime,
    zone: ZoneInfo,
    *,
    friend: Friend | None = None,
    near: Store | None = None,
    rules: Rules | None = None,
    sight: Sight | None = None,
) -> Picked:
    """Decide who serves a friend that the platform gave to `owner`. Reads only.

    rules: to try others than those that hold; sight: to try them where things are not as they are now.
    """
    sight = sight or Sight(session, now, zone)
    where = store_of_rules(sight, code, owner, near)
    held = rules or live(session, where.branch_id if where else None)
    customer_id = friend.customer_id if friend else None
    return _walked(Walk(sight, held, code, owner, customer_id, friend, near))


def choose(
    session: Session,
    code: EntryCode | None,
    store: Store | None,
    now: datetime,
    zone: ZoneInfo,
    *,
    customer: Customer | None = None,
    rules: Rules | None = None,
    sight: Sight | None = None,
) -> Picked:
    """Decide whose code is shown to somebody who has scanned none yet, near `store` or having chosen it. Reads only."""
    sight = sight or Sight(session, now, zone)
    where = store_of_rules(sight, code, None, store)  # a name, so that it is not read once more
    held = rules or live(session, where.branch_id if where else None)
    customer_id = customer.id if customer else None
    return _walked(Walk(sight, held, code, None, customer_id, None, store))


def store_of_rules(
    sight: Sight, code: EntryCode | None, owner: Guide | None, near: Store | None
) -> Store | None:
    """Whose branch's rules hold: the code's store, its holder's, the nearest one, the owner's."""
    store = sight.store(code.store_id) if code else None
    if store is None and code and (holder := sight.guide(code.guide_id)):
        store = sight.store(holder.store_id)
    return store or near or (sight.store(owner.store_id) if owner else None)


def _walked(walk: Walk) -> Picked:
    """What stands last is looked at only when all before it has found nobody."""
    for rule in walk.rules.rules:
        name = rule["rule"]
        if not walk.rule:
            RULES[name](walk, rule)
        elif KNOWN[name].part not in (RulePart.LAST, RulePart.QUEUE):
            walk.unseen(name)
    store = (walk.sight.store(walk.guide.store_id) if walk.guide else None) or walk.store
    return Picked(
        walk.guide,
        store,
        store.branch_id if store else None,
        walk.rule,
        walk.reason,
        walk.steps,
        walk.rules.version,
        walk.sight.now,
        walk.refused,
    )
