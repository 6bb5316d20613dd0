"""Groups: internal ones, where robots live, and customer groups, which only their owner may write to."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from sqlmodel import Field, Session, SQLModel, col, select

from models.accounts import audit
from models.db import insert_once
from models.db.word_column import word_column
from models.errors import Refused
from models.friends import Customer
from models.heard import is_news
from models.names import line_fault, plain_name
from models.org import Guide, Store, find_guide
from models.sentences import Sentence

NAME_LETTERS = 64
NAMED_PEOPLE = 4
"""So many of its people stand for the name of a group that has none."""
OWN = "own-"
"""How the id begins that we give to an internal group ourselves"""


class GroupKind(StrEnum):
    INTERNAL = "internal"
    CUSTOMER = "customer"


class GroupStatus(StrEnum):
    ACTIVE = "active"
    DISMISSED = "dismissed"


class Voice(StrEnum):
    """Whether HQ can say something in a group, and who says it."""

    ROBOT = "robot"
    TRYING = "trying"
    """Its robot has not said its first line yet."""
    OWNER = "owner"
    DEAD = "dead"
    """The platform does not know its robot any more."""
    SILENT = "silent"
    """No robot, or a person took it out."""
    OWNERLESS = "ownerless"
    DISMISSED = "dismissed"


class Group(SQLModel, table=True):
    """A group chat of guides (internal) or of customers."""

    __tablename__ = "group_chat"

    id: int | None = Field(default=None, primary_key=True)
    chat_id: str = Field(max_length=64, unique=True)
    """The platform's id; for an internal group that only has a webhook robot, one of our own."""
    kind: GroupKind = Field(sa_column=word_column(GroupKind, 8, index=True))
    name: str = Field(default="", max_length=64)
    owner_id: int | None = Field(default=None, foreign_key="guide.id", index=True)
    store_id: int | None = Field(default=None, foreign_key="store.id", index=True)
    branch_id: int | None = Field(default=None, foreign_key="branch.id", index=True)
    members: int = 0
    status: GroupStatus = Field(
        default=GroupStatus.ACTIVE, sa_column=word_column(GroupStatus, 16, index=True)
    )
    created_at: datetime
    read_at: datetime | None = None
    """When its state was last read from the platform."""
    changed_at: datetime | None = None
    """When we last heard that it changed: a reading that began before that leaves it unread."""
    stale: bool = False
    """An event said that it changed; it is read again soon."""


def met(session: Session, chat_id: str, kind: GroupKind, now: datetime) -> Group:
    """The group with this id, kept from the first time we hear of it; its state is read from the platform later."""
    if not chat_id or len(chat_id) > 64:
        raise ValueError("ChatId 缺失或太长")
    insert_once(
        session, Group, {"chat_id": chat_id, "kind": kind, "created_at": now, "stale": True}, key="chat_id"
    )
    return session.exec(select(Group).where(Group.chat_id == chat_id)).one()


def changed(session: Session, chat_id: str, now: datetime) -> Group:
    """An event said that a customer group changed. What exactly is read from the platform, so that two equal or
    reordered events change nothing."""
    group = met(session, chat_id, GroupKind.CUSTOMER, now)
    group.stale, group.changed_at = group.status == GroupStatus.ACTIVE, now
    return group


def dismissed(session: Session, chat_id: str, now: datetime) -> Group:
    """The group is gone; its row stays for what was announced in it."""
    group = met(session, chat_id, GroupKind.CUSTOMER, now)
    group.status, group.stale = GroupStatus.DISMISSED, False
    return group


def unreadable(session: Session, chat_id: str, now: datetime) -> None:
    """The platform does not show it to us: it no longer stands before the others, and is read again after the night."""
    group = met(session, chat_id, GroupKind.CUSTOMER, now)
    _read(group, now)


def described(
    session: Session,
    chat_id: str,
    now: datetime,
    *,
    name: str,
    owner: str,
    members: int,
    people: Mapping[str, str] = MappingProxyType({}),
) -> Group:
    """The platform told us the state of a customer group; one that nobody named is called after the `people` in it."""
    group = met(session, chat_id, GroupKind.CUSTOMER, now)
    group.name = plain_name(name, NAME_LETTERS) or _called_after(session, people) or group.name
    group.members = members
    _read(group, now)
    place(session, group, find_guide(session, owner))
    return group


def _read(group: Group, now: datetime) -> None:
    """Read from the platform, from `now` on; what happened since is read again."""
    group.read_at = now
    group.stale = group.stale and group.changed_at is not None and not is_news(now, group.changed_at)


def _called_after(session: Session, people: Mapping[str, str]) -> str:
    """The names of the first few, as the messenger shows a group without a name; those it withheld are ours."""
    some = list(people)[:NAMED_PEOPLE]
    ours = dict(
        session.exec(
            select(Customer.external_userid, Customer.name).where(col(Customer.external_userid).in_(some))
        ).all()
    )
    names = [name for one in some if (name := plain_name(people[one] or ours.get(one, ""), NAME_LETTERS))]
    rest = Sentence("等 {people} 人", people=len(people)) if names and len(people) > len(names) else ""
    return "、".join(names)[: NAME_LETTERS - len(rest)] + rest


def place(session: Session, group: Group, owner: Guide | None) -> None:
    """The group belongs to the store of its owner."""
    store = session.get(Store, owner.store_id) if owner and owner.store_id else None
    group.owner_id = owner.id if owner else None
    group.store_id, group.branch_id = (
        (store.id, store.branch_id) if store else (group.store_id, group.branch_id)
    )


def add_internal(
    session: Session, name: str, who: str, now: datetime, *, store: Store | None = None, members: int = 0
) -> Group:
    """An internal group, known to us only through the robot that HQ puts into it."""
    name = name.strip()
    if not 1 <= len(name) <= NAME_LETTERS:
        raise Refused(faults={"name": Sentence("群名要 1 到 {n} 个字", n=NAME_LETTERS)})
    if fault := line_fault(name):
        raise Refused(faults={"name": fault})
    group = Group(
        chat_id=f"{OWN}{secrets.token_hex(8)}",
        kind=GroupKind.INTERNAL,
        name=name,
        members=members,
        created_at=now,
        store_id=store.id if store else None,
        branch_id=store.branch_id if store else None,
    )
    session.add(group)
    session.flush()
    audit.note(session, who, "group.add", group.id, name, now)
    return group


def to_read(session: Session, limit: int) -> list[Group]:
    """Customer groups that changed since they were read, longest unread first."""
    query = select(Group).where(
        Group.kind == GroupKind.CUSTOMER, Group.status == GroupStatus.ACTIVE, Group.stale
    )
    return list(
        session.exec(query.order_by(col(Group.read_at).asc().nulls_first(), col(Group.id)).limit(limit))
    )
