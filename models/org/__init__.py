"""Branches, stores and guides: who works where, who joined, who left and how we learnt it."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import ColumnElement, bindparam, true
from sqlmodel import Field, Session, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.db import insert_once
from models.db.word_column import word_column
from models.names import plain_name


class GuideStatus(StrEnum):
    ACTIVE = "active"
    LEFT = "left"


class Branch(SQLModel, table=True):
    """A 分公司: runs the stores of one region."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=64, unique=True)
    name: str = Field(max_length=64)


class Store(SQLModel, table=True):
    """A 门店, at a place on the map."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=64, unique=True)
    name: str = Field(max_length=64)
    branch_id: int = Field(foreign_key="branch.id", index=True)
    address: str = Field(default="", max_length=200)
    latitude: float | None = None
    longitude: float | None = None
    department_id: int | None = Field(default=None, index=True)
    """The platform's department of this store; a guide of that department belongs to this store."""
    opens: str = Field(default="", max_length=5)
    """Its own opening hours, as "10:00" and "22:00"; empty: those of the brand"""
    closes: str = Field(default="", max_length=5)
    city: str = Field(default="", max_length=32)
    """As customers call it: 沈阳. They look for their store by it where their phone tells no position."""
    closed: bool = False
    """For good: customers are not led there any more."""


class Guide(SQLModel, table=True):
    """A 导购: a member of the corp who serves customers of one store."""

    id: int | None = Field(default=None, primary_key=True)
    userid: str = Field(max_length=64, unique=True)
    """As the platform spells it; compared without regard to case (`same_userid`)."""
    userid_key: str = Field(max_length=64, unique=True)
    name: str = Field(default="", max_length=64)
    store_id: int | None = Field(default=None, foreign_key="store.id", index=True)
    status: GuideStatus = Field(
        default=GuideStatus.ACTIVE, sa_column=word_column(GuideStatus, 16, index=True)
    )
    is_manager: bool = False
    avatar_url: str = Field(default="", max_length=500)
    joined_at: datetime
    left_at: datetime | None = None
    left_how: str = Field(default="", max_length=32)
    """How we first learnt it: change_contact, unsubscribe, platform_60111, sync; or renamed, for a second row of one person."""
    synced_at: datetime | None = None
    resting: bool = False
    """When somebody last looked, she was off shift or had her day's share of friends: codes leave her out."""

    @property
    def customer_name(self) -> str:
        """What customers may read: her name, empty while we know no more than her login."""
        return "" if self.name.lower() == self.userid_key else self.name

    @property
    def present(self) -> bool:
        return self.status == GuideStatus.ACTIVE

    def leave(self, how: str, now: datetime) -> bool:
        """She left the company or the app's visible range. The first word counts."""
        if self.status == GuideStatus.LEFT:
            return False
        self.status, self.left_at, self.left_how = GuideStatus.LEFT, now, how
        return True

    def come_back(self, now: datetime) -> None:
        """She is in the visible range again."""
        if self.status == GuideStatus.LEFT:
            self.status, self.left_at, self.left_how, self.joined_at = GuideStatus.ACTIVE, None, "", now


Place = TypeVar("Place", Branch, Store)
BY_USERID = select(Guide).where(col(Guide.userid_key) == bindparam("userid_key"))


def find_guide(session: Session, userid: str) -> Guide | None:
    """The guide with this userid; userids do not know upper and lower case (contract 14.5)."""
    return session.exec(BY_USERID, params={"userid_key": userid.lower()}).one_or_none()


def find_or_add_guide(session: Session, userid: str, at: datetime, *, name: str = "") -> Guide:
    """The guide with this userid, added when we first hear of her."""
    guide = find_guide(session, userid)
    if guide is None:
        # two first events of one guide may be handled at the same moment
        values = {
            "userid": userid,
            "userid_key": userid.lower(),
            "name": plain_name(name, 64) or userid[:64],
            "joined_at": at,
        }
        insert_once(session, Guide, values, key="userid_key")
        guide = session.exec(BY_USERID, params={"userid_key": userid.lower()}).one()
    return guide


def guides_in_scope(session: Session, scope: Mapping[str, list[int]]) -> list[Guide]:
    """The active guides of a scope, in the order of their numbers."""
    return list(session.exec(active_in(scope).order_by(col(Guide.id))))


def ids_in_scope(session: Session, scope: Mapping[str, list[int]]) -> list[int]:
    """The same, where their numbers are enough."""
    numbers = active_in(scope).with_only_columns(col(Guide.id)).order_by(col(Guide.id))
    return list(session.execute(numbers).scalars())


def active_in(scope: Mapping[str, list[int]]) -> SelectOfScalar[Guide]:
    """Active guides of a scope, each beside her store where she has one."""
    beside = select(Guide).outerjoin(Store, col(Store.id) == col(Guide.store_id))
    return beside.where(Guide.status == GuideStatus.ACTIVE, in_scope(scope))


def in_scope(scope: Mapping[str, list[int]]) -> ColumnElement[bool]:
    """The rule of a scope, as a condition on Guide joined with Store: what is named, or all when nothing is."""
    branches, stores, guides = (scope.get(kind, []) for kind in ("branches", "stores", "guides"))
    if not (branches or stores or guides):
        return true()
    return col(Store.branch_id).in_(branches) | col(Guide.store_id).in_(stores) | col(Guide.id).in_(guides)


def named(session: Session, model: type[Place], text: str, *within: ColumnElement[bool]) -> list[Place]:
    """Branches or stores by what somebody wrote: the one with this code, else those of this name, two at most."""
    for column in (model.code, model.name) if text else ():
        if found := list(session.exec(select(model).where(column == text, *within).limit(2))):
            return found
    return []


def store_of(session: Session, guide: Guide) -> Store | None:
    return session.get(Store, guide.store_id) if guide.store_id else None
