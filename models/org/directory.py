"""Guides follow the platform's directory: who is a guide of which store, from one event or from the whole list."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from models.db import insert_once, pieces, take_turns
from models.heard import is_news
from models.org import Guide, departments, entries, find_guide, find_or_add_guide, renames
from models.org.departments import DepartmentPlaces
from models.org.entries import DIRECTORY, NAME, PRESENT, DirectoryEntry, Member
from models.org.removal_guard import PendingRemoval, too_many
from models.sentences import Sentence, together

__all__ = ["DepartmentPlaces", "DirectoryChange", "Member", "apply_directory", "department_moved", "joined"]

PLACE = {"departments", "main_department", "leads"}
"""The matters that decide where she works, and as what."""


@dataclass(frozen=True)
class DirectoryChange:
    """What a sync did. `guarded` is why nobody was marked as left although some were missing."""

    added: int = 0
    changed: int = 0
    left: int = 0
    back: int = 0
    guarded: str = ""
    missing: tuple[str, ...] = ()
    """Who waits for the removal guard's yes, by their userids in lower case"""

    @property
    def words(self) -> str:
        said = Sentence(
            "新来 {added} 位，变动 {changed} 位，离开 {left} 位，回来 {back} 位",
            added=self.added,
            changed=self.changed,
            left=self.left,
            back=self.back,
        )
        return together([said, self.guarded], "。")


# ---- one event


def joined(session: Session, member: Member, at: datetime) -> Guide | None:
    """A member was created or changed: the guide she is, or None when she belongs to no store and is not known.

    What is older than the newest word on its matter changes nothing.
    """
    entry = entries.of(session, member.userid)
    news = entries.hear(entry, member, at)
    guide = find_guide(session, member.userid)
    if guide is None:
        return _become(session, entry, at, DepartmentPlaces(session))
    _learn(guide, entry, news, at, DepartmentPlaces(session) if PLACE & news else None)
    session.flush()
    return guide


def gone(session: Session, userid: str, how: str, at: datetime) -> bool:
    """She left the company or the app's visible range: learnt by change_contact, unsubscribe, platform_60111 or sync.

    False when she had left before, is unknown, or was seen here after that. The first word names how.
    """
    entry = entries.of(session, userid)
    news = entries.hear(entry, Member(userid, active=False), at)
    guide = find_guide(session, userid)
    return guide is not None and PRESENT in news and guide.leave(how, at)


def met(session: Session, userid: str, at: datetime) -> Guide:
    """The guide of this account, also by a userid of before; added when a friend of hers is the first to tell of her."""
    guide = find_guide(session, userid)
    if guide is not None and guide.joined_at <= at:
        return guide
    guide = renames.guide_called(session, userid, at)
    if guide is None:
        userid = renames.current(session, userid, at)
        guide = find_or_add_guide(session, userid, at)
        if entry := entries.find(session, userid.lower()):
            _learn(guide, entry, {NAME, "avatar_url", PRESENT, *PLACE}, at, DepartmentPlaces(session))
    return guide


def renamed(session: Session, userid: str, new_userid: str, at: datetime) -> Guide | None:
    """She has another userid; what was told under either of them counts for her. None where nothing was renamed."""
    guide = renames.renamed(session, userid, new_userid, at)
    if guide is not None and (entry := entries.find(session, guide.userid_key)):
        known = {NAME, "avatar_url", *PLACE, *([PRESENT] if entry.present is not None else [])}
        _learn(guide, entry, known, at, DepartmentPlaces(session))
        session.flush()
    return guide


def here(session: Session, userid: str, at: datetime) -> Guide | None:
    """She is in the app's visible range (again); None when she is no guide."""
    return joined(session, Member(userid), at)


def department_moved(
    session: Session, number: int, parent: int | None, at: datetime
) -> dict[int, int | None] | None:
    """A department lies elsewhere now, or nowhere: guides of it and of what lies in it follow.

    Where those worked who moved or became guides, by their ids; None when the word is older than what we knew.
    """
    take_turns(session, DIRECTORY)
    before = DepartmentPlaces(session).of(number)
    if not departments.moved(session, number, parent, at):
        return None
    places = DepartmentPlaces(session)
    if places.of(number) == before:
        return {}
    inside, followed = places.inside(number), dict[int, int | None]()
    told = session.exec(select(DirectoryEntry.userid_key, DirectoryEntry.departments))
    members = entries.all_of(session, [key for key, theirs in told if not inside.isdisjoint(theirs)])
    guides = _guides(session, list(members))
    for userid_key, entry in sorted(members.items()):
        guide, worked_in = guides.get(userid_key), None
        if guide is None:
            guide = _become(session, entry, at, places)
        else:
            worked_in = guide.store_id
            _learn(guide, entry, PLACE, at, places)
        if guide is not None and guide.id and guide.store_id != worked_in:
            followed[guide.id] = worked_in
    session.flush()
    return followed


def _guides(session: Session, userid_keys: Sequence[str]) -> dict[str, Guide]:
    found: dict[str, Guide] = {}
    for piece in pieces(userid_keys):
        some = session.exec(select(Guide).where(col(Guide.userid_key).in_(piece)))
        found |= {guide.userid_key: guide for guide in some}
    return found


def _become(session: Session, entry: DirectoryEntry, at: datetime, places: DepartmentPlaces) -> Guide | None:
    """A member whom we did not know as a guide is one, when she is here and her departments mean a store."""
    if entry.present is False or places.store(entry.departments, entry.main_department) is None:
        return None
    guide = find_or_add_guide(session, entry.userid, at, name=entry.name)
    _learn(guide, entry, {NAME, "avatar_url", *PLACE}, at, places)
    session.flush()
    return guide


def _learn(
    guide: Guide, entry: DirectoryEntry, news: Collection[str], at: datetime, places: DepartmentPlaces | None
) -> bool:
    """Take over what is news of a guide (`places`: for news of where she works); True when something changed."""
    told = {
        "name": entry.name if NAME in news and entry.name else guide.name,
        "avatar_url": entry.avatar_url if "avatar_url" in news else guide.avatar_url,
        **(_place(guide, entry, places) if places and PLACE & set(news) else {}),
    }
    changes = {name: value for name, value in told.items() if getattr(guide, name) != value}
    for name, value in changes.items():
        setattr(guide, name, value)
    if PRESENT in news and entry.present is False:
        return guide.leave("change_contact", at) or bool(changes)
    back = PRESENT in news and not guide.present
    if back:
        guide.come_back(at)
    return bool(changes) or back


def _place(guide: Guide, entry: DirectoryEntry, places: DepartmentPlaces) -> dict[str, int | bool | None]:
    """Where she works: an imported list decides only where no department does. She leads it if she leads the
    department that made the store."""
    store_id = places.store(entry.departments, entry.main_department, guide.store_id)
    if store_id is None and not (entry.departments and places.by_department(guide.store_id)):
        return {}
    leads = guide.is_manager and store_id == guide.store_id
    if entry.leads is not None:
        leads = store_id is not None and any(places.of(one) == store_id for one in entry.leads)
    return {"store_id": store_id, "is_manager": leads}


# ---- the whole list


def apply_directory(
    session: Session,
    members: Iterable[Member],
    complete: bool,
    now: datetime,
    *,
    parents: Mapping[int, int] | None = None,
    fully: bool = True,
    confirmed: PendingRemoval | None = None,
    removal_guard_percent: int = 5,
) -> DirectoryChange:
    """Make the guides agree with the directory, which was read from `now` on; what happened meanwhile stands.

    An incomplete list never makes anybody leave (B12). A complete one that misses too many waits until a
    person confirms just that (B13): a narrowed visible range looks just like everybody leaving. `fully`: names
    and positions were told, too, and not only who is in which department.
    """
    listed = _merged(members)
    take_turns(session, DIRECTORY)
    departments.listed(session, parents or {}, now)
    places = DepartmentPlaces(session)
    known = {guide.userid_key: guide for guide in session.exec(select(Guide))}
    heard = entries.all_of(session, [*known, *(member.userid for member in listed.values())])
    # nobody saw these here after the list was read
    here_before = [one for one in known.values() if one.present]
    active = [one for one in here_before if is_news(now, heard[one.userid_key].heard_at(PRESENT))]
    added = changed = back = 0
    for key, member in listed.items():
        entry = heard[key]
        news = entries.hear(entry, member, now, compared=True)
        if guide := known.get(key):
            back += PRESENT in news and not guide.present
            changed += _learn(guide, entry, news, now, places)
        else:
            added += _add(session, entry, places, now)
    missing = [guide for guide in active if guide.userid_key not in listed]
    absent = tuple(guide.userid_key for guide in missing)
    agreed = complete and confirmed is not None and confirmed.allows(absent)
    guarded = "" if agreed else _removal_guard(len(missing), len(active), complete, removal_guard_percent)
    if not guarded:
        for guide in missing:
            gone(session, guide.userid, "sync", now)
    session.flush()
    _seen(session, list(listed), now, fully)
    left = 0 if guarded else len(missing)
    return DirectoryChange(added, changed, left, back, guarded, absent if guarded and complete else ())


def _seen(session: Session, userid_keys: Sequence[str], now: datetime, fully: bool) -> None:
    """The directory named them. In bulk: row by row it would be most of what a sync writes."""
    entries.listed(session, userid_keys, now, fully=fully)
    for piece in pieces(userid_keys):
        some = update(Guide).where(col(Guide.userid_key).in_(piece)).values(synced_at=now)
        session.execute(some.execution_options(synchronize_session=False))


def _merged(members: Iterable[Member]) -> dict[str, Member]:
    """Who is there: one row per person, however often and in however many departments a page named her."""
    merged: dict[str, Member] = {}
    for member in members:
        if member.active is False:
            continue
        seen = merged.get(member.userid.lower())
        both = (*seen.departments, *member.departments) if seen else member.departments
        merged[member.userid.lower()] = replace(seen or member, departments=tuple(dict.fromkeys(both)))
    return merged


def _removal_guard(missing: int, active: int, complete: bool, percent: int) -> str:
    """Why the missing must not be taken as left; empty when they may."""
    if not missing:
        return ""
    if not complete:
        return Sentence("名单没有读全，有 {missing} 位没读到，谁也不算离开", missing=missing)
    if missing == active or too_many(missing, active, percent):
        words = Sentence(
            "在岗 {active} 位里一下少了 {missing} 位，先没有照做", active=active, missing=missing
        )
        return Sentence("{words}。请核对应用的可见范围，确实离开再由总部确认", words=words)
    return ""


def _add(session: Session, entry: DirectoryEntry, places: DepartmentPlaces, now: datetime) -> bool:
    """A guide, if she works in a store: others are HQ. False also when an event of hers has just added her."""
    if entry.present is False or places.store(entry.departments, entry.main_department) is None:
        return False
    guide = Guide(userid=entry.userid, userid_key=entry.userid_key, joined_at=now, synced_at=now)
    guide.name = entry.userid
    _learn(guide, entry, {NAME, "avatar_url", *PLACE}, now, places)
    return insert_once(session, Guide, guide.model_dump(exclude={"id"}), key="userid_key") is not None
