"""The platform's directory: who is a guide of which store, from one event or from the whole list."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from models.db import insert_once, pieces
from models.names import plain_name
from models.org import Guide, Store, find_guide, find_or_add_guide
from models.org.removal_guard import PendingRemoval, too_many


@dataclass(frozen=True)
class Member:
    """Somebody in the platform's directory, as an event or a sync tells it; what it left out is empty or None."""

    userid: str
    name: str = ""
    departments: tuple[int, ...] = ()
    is_manager: bool | None = None
    avatar_url: str = ""
    active: bool = True
    """False: disabled or left, though still listed"""


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
        said = f"新来 {self.added} 位，变动 {self.changed} 位，离开 {self.left} 位，回来 {self.back} 位"
        return f"{said}。{self.guarded}" if self.guarded else said


class DepartmentPlaces:
    """Which store a member's departments mean."""

    def __init__(self, session: Session, parents: Mapping[int, int] | None = None) -> None:
        query = select(Store.id, Store.department_id).where(col(Store.department_id).is_not(None))
        rows = session.exec(query)
        self._stores = {department: store_id for store_id, department in rows if department is not None}
        self._owned = set(self._stores.values())
        self._parents = parents or {}

    def store(self, departments: Iterable[int]) -> int | None:
        """The store of the first department that is one, or lies inside one."""
        for department in departments:
            seen: set[int] = set()
            while department not in seen:
                if department in self._stores:
                    return self._stores[department]
                seen.add(department)
                department = self._parents.get(department, department)
        return None

    def by_department(self, store_id: int | None) -> bool:
        """Whether the directory decides who works in this store (and not an imported list)."""
        return store_id in self._owned


def joined(
    session: Session, member: Member, at: datetime, *, places: DepartmentPlaces | None = None
) -> Guide | None:
    """A member was created or changed: the guide she is, or None when she belongs to no store and is not known.

    Word that is older than her leaving changes nothing.
    """
    places = places or DepartmentPlaces(session)
    guide = find_guide(session, member.userid)
    if guide is None:
        if not member.active or places.store(member.departments) is None:
            return None
        guide = find_or_add_guide(session, member.userid, at, name=member.name)
    if guide.left_at is not None and at < guide.left_at:
        return guide
    _learn(guide, member, places, at)
    session.flush()
    return guide


def apply_directory(
    session: Session,
    members: Iterable[Member],
    complete: bool,
    now: datetime,
    *,
    parents: Mapping[int, int] | None = None,
    confirmed: PendingRemoval | None = None,
    removal_guard_percent: int = 20,
) -> DirectoryChange:
    """Make the guides agree with the directory, which was read from `now` on; what happened meanwhile stands.

    An incomplete list never makes anybody leave (B12). A complete one that misses too many waits until a
    person confirms just that (B13): a narrowed visible range looks just like everybody leaving.
    """
    places = DepartmentPlaces(session, parents)
    known = {guide.userid_key: guide for guide in session.exec(select(Guide))}
    active = [guide for guide in known.values() if guide.present and guide.joined_at <= now]
    listed = _merged(members)
    added = changed = back = 0
    for member in listed.values():
        guide = known.get(member.userid.lower())
        if guide is None:
            if places.store(member.departments):  # others are HQ, not guides
                added += _add(session, _new(member, places, now))
        elif guide.left_at is None or guide.left_at <= now:
            back += not guide.present
            changed += _learn(guide, member, places, now)
    missing = [guide for guide in active if guide.userid_key not in listed]
    gone = tuple(guide.userid_key for guide in missing)
    agreed = complete and confirmed is not None and confirmed.allows(gone)
    guarded = "" if agreed else _removal_guard(len(missing), len(active), complete, removal_guard_percent)
    if not guarded:
        for guide in missing:
            guide.leave("sync", now)
    session.flush()
    _seen(session, list(listed), now)
    left = 0 if guarded else len(missing)
    return DirectoryChange(added, changed, left, back, guarded, gone if guarded and complete else ())


def _seen(session: Session, userid_keys: Sequence[str], now: datetime) -> None:
    """The directory named them. In bulk: row by row it would be most of what a sync writes."""
    for piece in pieces(userid_keys):
        some = col(Guide.userid_key).in_(piece)
        session.execute(
            update(Guide).where(some).values(synced_at=now).execution_options(synchronize_session=False)
        )


def _merged(members: Iterable[Member]) -> dict[str, Member]:
    """Who is there: one row per person, however often and in however many departments a page named her."""
    merged: dict[str, Member] = {}
    for member in members:
        if not member.active:
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
        return f"名单没有读全，有 {missing} 位没读到，谁也不算离开"
    if missing == active or too_many(missing, active, percent):
        words = f"在岗 {active} 位里一下少了 {missing} 位，先没有照做"
        return f"{words}。请核对应用的可见范围，确实离开再由总部确认"
    return ""


def _learn(guide: Guide, member: Member, places: DepartmentPlaces, at: datetime) -> bool:
    """Take over what the directory says of a guide; True when something was new."""
    if not member.active:
        return guide.leave("change_contact", at)
    store_id = places.store(member.departments)
    moved = store_id is not None or (member.departments and places.by_department(guide.store_id))
    told = {
        "name": plain_name(member.name, 64) or guide.name,
        "avatar_url": member.avatar_url[:500] or guide.avatar_url,
        "is_manager": guide.is_manager if member.is_manager is None else member.is_manager,
        "store_id": store_id if moved else guide.store_id,
    }
    news = {name: value for name, value in told.items() if getattr(guide, name) != value}
    for name, value in news.items():
        setattr(guide, name, value)
    back = not guide.present
    guide.come_back(at)
    return bool(news) or back


def _add(session: Session, guide: Guide) -> bool:
    """False when an event of hers added her while the directory was being compared."""
    return insert_once(session, Guide, guide.model_dump(exclude={"id"}), key="userid_key") is not None


def _new(member: Member, places: DepartmentPlaces, now: datetime) -> Guide:
    guide = Guide(userid=member.userid, userid_key=member.userid.lower(), joined_at=now, synced_at=now)
    guide.name = member.userid
    _learn(guide, member, places, now)
    return guide
