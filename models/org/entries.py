"""What the platform's directory last said of each member, whoever she is: who is a guide of which store follows from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, update
from sqlmodel import Field, Session, col, select

from models.db import insert_once, pieces, take_turns
from models.heard import Hearing, is_news
from models.names import plain_name
from models.org import Guide

NAME, PRESENT = "name", "present"
DIRECTORY = "directory"
"""A word on a member and one on her department, at the same moment, would not see each other: they take turns."""
LISTED = ("departments", PRESENT)
"""What every comparison tells; the rest only one with the app's own secret."""


@dataclass(frozen=True)
class Member:
    """Somebody in the platform's directory, as an event or a sync tells it; what it left out is empty or None."""

    userid: str
    name: str = ""
    departments: tuple[int, ...] = ()
    main_department: int | None = None
    leads: tuple[bool, ...] | None = None
    """Whether she leads each of her departments, in their order"""
    avatar_url: str = ""
    active: bool | None = True
    """False: disabled or left, though still listed; None: nothing was said of it"""


class DirectoryEntry(Hearing, table=True):
    """A member's entry. It outlives her leaving, so that no older word brings her back."""

    __tablename__ = "directory_entry"

    id: int | None = Field(default=None, primary_key=True)
    userid: str = Field(max_length=64)
    userid_key: str = Field(max_length=64, unique=True)
    name: str = Field(default="", max_length=64)
    avatar_url: str = Field(default="", max_length=500)
    departments: list[int] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    main_department: int | None = None
    leads: list[int] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    """The departments that she leads; None while nobody said."""
    present: bool | None = None
    listed_at: datetime | None = None
    """When a comparison last found her in the directory."""
    told_at: datetime | None = None
    """The same, when it told her name and position as well."""

    def heard_at(self, matter: str) -> datetime | None:
        compared = self.listed_at if matter in LISTED else self.told_at
        heard = super().heard_at(matter)
        return max(heard, compared) if heard and compared else heard or compared


def of(session: Session, userid: str) -> DirectoryEntry:
    """Her entry, locked; made when we hear of her for the first time."""
    take_turns(session, DIRECTORY)
    return all_of(session, [userid])[userid.lower()]


def all_of(session: Session, userids: Sequence[str]) -> dict[str, DirectoryEntry]:
    """Their entries, locked, by their userids in lower case; what the rows of known guides say is in new ones."""
    found: dict[str, DirectoryEntry] = {}
    for piece in pieces(sorted({userid.lower(): userid for userid in userids}.items())):
        wanted = dict(piece)
        known = _named(session, list(wanted))
        fresh = {key: userid for key, userid in wanted.items() if key not in known}
        guides = session.exec(select(Guide).where(col(Guide.userid_key).in_(list(fresh))))
        met = {one.userid_key: {"present": one.present, "heard": {PRESENT: _second(one)}} for one in guides}
        for key, userid in fresh.items():
            values = {"userid": userid, "userid_key": key, **met.get(key, {})}
            insert_once(session, DirectoryEntry, values, key="userid_key")
        found |= known | (_named(session, list(fresh)) if fresh else {})
    return found


def compare(session: Session, members: Sequence[Member], now: datetime) -> None:
    """Take over what a comparison told of some members, before the guides are made to agree with it: in short
    transactions, because on the first night everybody is new."""
    found = all_of(session, [member.userid for member in members])
    for member in members:
        hear(found[member.userid.lower()], member, now, compared=True)


def find(session: Session, userid_key: str) -> DirectoryEntry | None:
    return _named(session, [userid_key]).get(userid_key)


def _named(session: Session, userid_keys: Sequence[str]) -> dict[str, DirectoryEntry]:
    some = select(DirectoryEntry).where(col(DirectoryEntry.userid_key).in_(userid_keys))
    rows = session.exec(some.order_by(col(DirectoryEntry.id)).with_for_update())
    return {one.userid_key: one for one in rows}


def hear(entry: DirectoryEntry, member: Member, at: datetime, *, compared: bool = False) -> set[str]:
    """Take over what is news in a word on a member; which matters those are.

    A comparison (`compared`) writes only what differs: its time is kept for all entries in one statement.
    """
    accepted = set()
    for matter, value in _told(entry, member).items():
        if not is_news(at, entry.heard_at(matter)):
            continue
        accepted.add(matter)
        if not compared or getattr(entry, matter) != value:
            setattr(entry, matter, value)
            entry.hear(matter, at)
    return accepted


def _told(entry: DirectoryEntry, member: Member) -> Mapping[str, Any]:
    departments = member.departments or tuple(entry.departments)
    leads = None
    if member.leads is not None and departments:
        leads = [one for one, leading in zip(departments, member.leads, strict=False) if leading]
    told = {
        NAME: plain_name(member.name, 64) or None,
        "avatar_url": member.avatar_url[:500] or None,
        "departments": list(member.departments) or None,
        "main_department": member.main_department,
        "leads": leads,
        PRESENT: member.active,
    }
    return {matter: value for matter, value in told.items() if value is not None}


def listed(session: Session, userid_keys: Sequence[str], now: datetime, *, fully: bool) -> None:
    """A comparison named them. In bulk: row by row it would be most of what a sync writes."""
    times = {"listed_at": now, **({"told_at": now} if fully else {})}
    for piece in pieces(userid_keys):
        some = update(DirectoryEntry).where(col(DirectoryEntry.userid_key).in_(piece)).values(**times)
        session.execute(some.execution_options(synchronize_session=False))


def _second(guide: Guide) -> int:
    return int((guide.left_at or guide.joined_at).timestamp())
