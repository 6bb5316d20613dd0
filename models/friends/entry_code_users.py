"""Who stands behind a printed code: its users follow who is here, on shift and below her daily cap; what hangs on the wall stays.

When somebody joins, moves or leaves, the codes of her store are compared at once; shifts and caps every few minutes, by
the job `code_users`. Each change is one intention to update the same contact way; where nothing changed, nothing is called.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import or_, update
from sqlmodel import Session, col, func, select

from models.db import count_by, pieces
from models.friends import Friend, rule_sets
from models.friends.entry_codes import (
    MAX_USERS,
    EntryCode,
    EntryCodeStatus,
    LeadsTo,
    ask_for,
    intend,
    note,
)
from models.friends.handover import Handover, HandoverKind, HandoverShare
from models.friends.sight import Sight
from models.org import Guide, GuideStatus, Store

LATELY = timedelta(hours=24)
"""Of those who could stand in for a guide, whoever made the fewest friends in so long does."""
PEOPLE_CHANGED = "店里的人变了"
SHIFT_CHANGED = "有人上班、下班，或者到了当天上限"
UPDATABLE = (
    col(EntryCode.leads_to) == LeadsTo.USERS,
    # while the platform is still being asked for it, the row keeps what was asked: the next look compares again
    col(EntryCode.status).not_in([EntryCodeStatus.WAITING, EntryCodeStatus.RETIRED]),
)


def refresh_users(
    session: Session, store_id: int | None, now: datetime, why: str = PEOPLE_CHANGED
) -> list[EntryCode]:
    """Let the codes of a store and of its guides point at who is there now; those that had to change.

    With nobody there a code keeps its last members: the platform refuses a code of nobody, and no scan may be lost.
    """
    if store_id is None:
        return []
    people = list(session.exec(select(Guide).where(Guide.store_id == store_id).order_by(col(Guide.id))))
    holders = _holders(session, people)
    of_store = (col(EntryCode.store_id) == store_id) & col(EntryCode.guide_id).is_(None)
    of_people = col(EntryCode.guide_id).in_(holders)
    codes = session.exec(select(EntryCode).where(or_(of_people, of_store), *UPDATABLE)).all()
    if not codes:
        return []
    here = [one for one in people if one.present]
    fewest = _by_new_friends(session, here, now)
    changed = []
    for code in codes:
        holder = holders.get(code.guide_id)
        if holder and not holder.present and not code.config_id:
            continue  # nobody can have printed it
        users = _of_one(code, holder, here, fewest) if holder else of_many(code, here)
        if users and _differs(code, users):
            _change(session, code, users, now, why)
            changed.append(code)
    session.flush()
    return changed


def _holders(session: Session, people: Sequence[Guide]) -> dict[int | None, Guide]:
    """Guide → who is to be added by her code: she herself; once her handover is confirmed, the first of her successors."""
    ids = [one.id for one in people]
    of_one = select(func.min(HandoverShare.id)).where(HandoverShare.handover_id == Handover.id)
    first = of_one.correlate(Handover)
    heirs = (
        select(Handover.guide_id, HandoverShare.guide_id)
        .join(HandoverShare, col(HandoverShare.id) == first.scalar_subquery())
        .join(Guide, col(Guide.id) == col(Handover.guide_id))
        .where(
            Handover.kind == HandoverKind.LEFT,
            col(Handover.confirmed_at).is_not(None),
            Guide.status == GuideStatus.LEFT,
            col(Handover.left_at) >= col(Guide.left_at),
            or_(col(Handover.guide_id).in_(ids), col(HandoverShare.guide_id).in_(ids)),
        )
    )
    by_id: dict[int | None, Guide] = {one.id: one for one in people}
    passed_on = dict(session.exec(heirs).all())
    own = {number: one for number, one in by_id.items() if number not in passed_on}
    return own | {leaver: by_id[heir] for leaver, heir in passed_on.items() if heir in by_id}


def of_many(code: EntryCode, here: Sequence[Guide]) -> list[str]:
    """A store's code: all who may be offered; while all rest, those who stand in it and are still here."""
    everybody = [one.userid for one in here]
    staying = [userid for userid in code.userids if userid in everybody]
    return ([one.userid for one in here if not one.resting] or staying or everybody)[:MAX_USERS]


def ask_to_refresh(session: Session, store: Store, who: str, now: datetime) -> list[EntryCode]:
    """A person wants the codes of a store to point at who is there now; those that had to change."""
    return [note(session, code, who, now) for code in refresh_users(session, store.id, now)]


def stores_with_codes(session: Session) -> list[int]:
    """Stores of which some code holds people: their own, or one of a guide of theirs."""
    own = select(EntryCode.store_id).where(*UPDATABLE, col(EntryCode.guide_id).is_(None))
    hers = select(Guide.store_id).join(EntryCode, col(EntryCode.guide_id) == col(Guide.id)).where(*UPDATABLE)
    return sorted({store_id for query in (own, hers) for store_id in session.exec(query) if store_id})


def resting(session: Session, now: datetime, zone: ZoneInfo) -> set[int]:
    """Present guides whom no code should offer now: off shift, or at the daily cap where the rules of their branch have one."""
    sight, found = Sight(session, now, zone), set[int]()
    branches = dict(session.exec(select(Store.id, Store.branch_id)).all())
    caps = {branch_id: rule_sets.cap(session, branch_id) for branch_id in set(branches.values())}
    query = select(Guide).where(Guide.status == GuideStatus.ACTIVE, col(Guide.store_id).is_not(None))
    for some in pieces(session.exec(query.order_by(col(Guide.id))).all()):
        shifts, today = sight.shifts(some), sight.counts(some)
        for guide in some:
            guide_id, cap = guide.id or 0, caps.get(branches.get(guide.store_id or 0, 0))
            if shifts[guide_id].at > now or (cap is not None and today.get(guide_id, 0) >= cap):
                found.add(guide_id)
    return found


@dataclass(frozen=True)
class RestingNews:
    """Guides who rest (True) and who are back (False) since somebody last looked, and the stores concerned."""

    guides: dict[bool, list[int]]
    stores: list[int]


def resting_news(session: Session, now: datetime, zone: ZoneInfo) -> RestingNews:
    wanted = resting(session, now, zone)
    guides: dict[bool, list[int]] = {True: [], False: []}
    stores = set[int]()
    active = select(Guide.id, Guide.store_id, Guide.resting).where(Guide.status == GuideStatus.ACTIVE)
    for guide_id, store_id, rests in session.exec(active):
        if store_id and rests != (guide_id in wanted):
            guides[not rests].append(guide_id or 0)
            stores.add(store_id)
    return RestingNews(guides, sorted(stores))


def note_resting(session: Session, guides: Sequence[int], rests: bool) -> None:
    """Write down that these guides rest, or are back."""
    session.execute(update(Guide).where(col(Guide.id).in_(guides)).values(resting=rests))


def _of_one(code: EntryCode, holder: Guide, here: Sequence[Guide], fewest: dict[str, int]) -> list[str]:
    """A guide's code: she herself; while she rests or has left, one colleague, the same until he rests as well."""
    # behind /near the rules have just chosen her, on shift or not
    if holder.present and (code.via_id or not holder.resting):
        return [holder.userid]
    free = [one.userid for one in here if not one.resting]
    if standing := [userid for userid in code.userids if userid in free]:
        return standing[:1]
    if free:
        return [min(free, key=lambda userid: fewest.get(userid, 0))]
    everybody = [one.userid for one in here]
    staying = [userid for userid in code.userids if userid in everybody]
    return (staying or ([holder.userid] if holder.present else everybody))[:1]


def _by_new_friends(session: Session, here: Sequence[Guide], now: datetime) -> dict[str, int]:
    """How many friends came to each account lately, by userid."""
    lately = col(Friend.added_at) > now - LATELY
    counted = count_by(session, Friend.owner_id, col(Friend.owner_id).in_([one.id for one in here]), lately)
    return {one.userid: counted.get(one.id, 0) for one in here}


def _differs(code: EntryCode, users: list[str]) -> bool:
    """A reason means that the platform refused the last change, so it may still know the members of before."""
    return users != code.userids or bool(code.reason)


def _change(session: Session, code: EntryCode, users: list[str], now: datetime, why: str) -> None:
    code.userids = users
    if code.config_id:
        key = f"contact_way:{code.state}:{now.timestamp():.3f}"
        intend(session, code, key, now, why, update=True)
    else:
        ask_for(session, code, now)


def used_ways(session: Session) -> int:
    """How many of the corp's contact ways are ours; those that somebody made in the platform are not seen (contract 5.2)."""
    made = col(EntryCode.config_id) != "", col(EntryCode.status) != EntryCodeStatus.RETIRED
    return session.exec(select(func.count()).select_from(EntryCode).where(*made)).one()
