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
from models.org import Branch, Guide, Store, store_of

__all__ = ["NOBODY", "OWNER", "POOL", "QUEUE", "Picked", "choose", "columns", "pick"]


@dataclass(frozen=True)
class Picked:
    """The attributed guide, her store and branch, and why. Nobody at all is a visible queue, never a drop."""

    guide: Guide | None
    store: Store | None
    branch: Branch | None
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
        "branch_id": picked.branch.id if picked.branch else None,
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
    held = rules or live(session, branch_of(session, code, owner, near))
    customer_id = friend.customer_id if friend else None
    return _walked(Walk(sight or Sight(session, now, zone), held, code, owner, customer_id, friend, near))


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
    held = rules or live(session, branch_of(session, code, None, store))
    customer_id = customer.id if customer else None
    return _walked(Walk(sight or Sight(session, now, zone), held, code, None, customer_id, None, store))


def branch_of(
    session: Session, code: EntryCode | None, owner: Guide | None, near: Store | None
) -> int | None:
    """Whose rules hold: the branch of the code's store, of its holder's, of the nearest one, of the owner's."""
    store = session.get(Store, code.store_id) if code and code.store_id else None
    if store is None and code and code.guide_id and (holder := session.get(Guide, code.guide_id)):
        store = store_of(session, holder)
    store = store or near or (store_of(session, owner) if owner else None)
    return store.branch_id if store else None


def _walked(walk: Walk) -> Picked:
    """What stands last is looked at only when all before it has found nobody."""
    for rule in walk.rules.rules:
        name = rule["rule"]
        if not walk.rule:
            RULES[name](walk, rule)
        elif KNOWN[name].part not in (RulePart.LAST, RulePart.QUEUE):
            walk.unseen(name)
    store = (store_of(walk.session, walk.guide) if walk.guide else None) or walk.store
    branch = walk.session.get(Branch, store.branch_id) if store else None
    return Picked(
        walk.guide,
        store,
        branch,
        walk.rule,
        walk.reason,
        walk.steps,
        walk.rules.version,
        walk.sight.now,
        walk.refused,
    )
