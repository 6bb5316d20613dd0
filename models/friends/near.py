"""/near: whose code a visitor is shown. The store is hers to choose, the guide the rules' to choose, before any scan."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from models.friends import assignment, entry_codes, shown_codes
from models.friends.entry_code_users import used_ways
from models.friends.entry_codes import MOST_WAYS, EntryCode, EntryCodeStatus, LeadsTo
from models.friends.rule_sets import BEFORE, LEAST, NEAREST, Rules, live
from models.friends.shown_codes import FoundBy
from models.friends.sight import Sight
from models.org import Guide, GuideStatus, Store, find_guide
from models.org.nearest import Position, StoreMap, map_of
from models.sentences import Sentence

FULL_FROM = 0.9
"""From this share of the platform's contact ways on, guides' own codes are shown: printed ones need the rest."""


@dataclass(frozen=True)
class OfferedCode:
    """Whose code it is that a visitor sees."""

    code: EntryCode
    guide: Guide
    """Whom a scan adds"""
    reason: str


def find(session: Session, state: str) -> EntryCode | None:
    """The code that somebody scanned to come here; also one that nobody prints any more."""
    code = entry_codes.find(session, state)
    return code if code is not None and code.leads_to == LeadsTo.NEAR else None


def stores_of(session: Session, code: EntryCode) -> list[Store]:
    """The stores that a code may lead to: its branch's, or all; not those that closed for good, or have nobody."""
    return list(session.exec(select(Store).where(*_led_to_by(code)).order_by(col(Store.id))))


def stores_on_map(session: Session, code: EntryCode) -> StoreMap:
    """Those of them of which somebody has said where they are."""
    placed = select(Store.id, Store.latitude, Store.longitude).where(
        *_led_to_by(code), col(Store.latitude).is_not(None), col(Store.longitude).is_not(None)
    )
    return map_of(tuple(Position(*one) for one in session.exec(placed.order_by(col(Store.id)))))


def _led_to_by(code: EntryCode) -> tuple[ColumnElement[bool], ...]:
    staffed = select(Guide.store_id).where(Guide.status == GuideStatus.ACTIVE)
    open_ones = col(Store.id).in_(staffed), ~col(Store.closed)
    return (*open_ones, col(Store.branch_id) == code.branch_id) if code.branch_id else open_ones


def reach(session: Session, store: Store) -> float | None:
    """So many metres away a store is still near, by the rules of its branch; None where they do not say."""
    rule = live(session, store.branch_id).of(NEAREST)
    return rule["km"] * 1000.0 if rule else None


def show(
    session: Session,
    code: EntryCode,
    store: Store,
    found_by: FoundBy,
    now: datetime,
    zone: ZoneInfo,
    *,
    before: int = 0,
) -> OfferedCode | None:
    """Let the rules choose a guide of this store, and show her code; None while nobody there has one that works.

    before: whom this browser was shown last time. Whoever looked at a code and comes again sees the same one.
    """
    sight = Sight(session, now, zone)
    # of two visitors at one moment the second counts whom the first was shown, and finds the code that was asked for
    sight.hold(store)
    for guide, rule, reason in _candidates(sight, code, store, before):
        shown = _code_of(session, code, guide, now)
        if shown is not None:
            page = {"code_id": code.id, "store_id": store.id, "found_by": found_by, "reason": reason}
            shown_codes.show(session, guide, rule, now, **page)
            # while she rests, her badge may add a colleague
            adds = find_guide(session, shown.userids[0]) if shown.userids else None
            return OfferedCode(shown, adds or guide, reason)
    return None


def _candidates(sight: Sight, code: EntryCode, store: Store, before: int) -> Iterator[tuple[Guide, str, str]]:
    """Whose code is to be shown, the rule that says so and its words; the next one where she has no code yet."""
    again = sight.session.get(Guide, before) if before else None
    if again and again.present and not again.resting and again.store_id == store.id:
        yield again, BEFORE, Sentence("上次看到的是{guide}，还是她", guide=again.name)
    # a till's code speaks of its own store alone; whoever goes on to another one has left it behind
    of_here = code if code.store_id == store.id else None
    rules = _with_nearest(live(sight.session, store.branch_id))
    picked = assignment.choose(sight.session, of_here, store, sight.now, sight.zone, rules=rules, sight=sight)
    if picked.guide:
        yield picked.guide, picked.rule, picked.reason
    here = [one for one in sight.present(store) if picked.guide is None or one.id != picked.guide.id]
    today = sight.counts(here)
    for guide in sorted(here, key=lambda one: (one.resting, today.get(one.id or 0, 0), one.id or 0)):
        words = (
            Sentence("{first}的码还没做好，先给{guide}的", first=picked.guide.name, guide=guide.name)
            if picked.guide
            else Sentence("按规则这会儿没有人接，先给{guide}的，今天新好友最少", guide=guide.name)
        )
        yield guide, LEAST, words


def _with_nearest(rules: Rules) -> Rules:
    """On this page the store is known before any rule asks: her position or she herself has chosen it."""
    if rules.of(NEAREST):
        return rules
    return Rules(({"rule": NEAREST}, *rules.rules), rules.version)


def _code_of(session: Session, code: EntryCode, guide: Guide, now: datetime) -> EntryCode | None:
    """Her code for whoever comes by this one; asked of the platform when it is wanted first, her own until it is made."""
    hers = select(EntryCode).where(EntryCode.via_id == code.id, EntryCode.guide_id == guide.id)
    made = session.exec(hers).first()
    if made is not None and made.status == EntryCodeStatus.READY:
        return made
    in_use = code.status != EntryCodeStatus.RETIRED
    if made is None and in_use and used_ways(session) < MOST_WAYS * FULL_FROM:
        whose = {"guide_id": guide.id, "store_id": guide.store_id, "via_id": code.id}
        made = entry_codes.new(session, code.kind, code.name, now, userids=[guide.userid], **whose)
        entry_codes.ask_for(session, made, now)
    own = entry_codes.of_guide(session, guide.id or 0)
    return own if own is not None and own.status == EntryCodeStatus.READY else None
