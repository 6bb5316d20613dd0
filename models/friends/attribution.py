"""Who served a friend before: what an attribution was when somebody changed it, so that past figures stay as they were."""

from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, and_, or_, update
from sqlmodel import Field, Session, SQLModel, col, select

from models.db.sentence_column import sentence_column
from models.friends import Friend


class AttributionChange(SQLModel, table=True):
    """A friend was somebody else's until then."""

    __tablename__ = "attribution_change"

    id: int | None = Field(default=None, primary_key=True)
    friend_id: int = Field(foreign_key="friend.id", index=True)
    at: datetime
    guide_id: int | None = Field(default=None, foreign_key="guide.id", index=True)
    """Who served her until then; None: she waited to be claimed"""
    store_id: int | None = Field(default=None, foreign_key="store.id")
    branch_id: int | None = Field(default=None, foreign_key="branch.id")
    first: bool = False
    """This guide was the first who served her since she was added: as a new friend she counts for her."""
    by: str = Field(default="", max_length=64)
    why: str = Field(default="", sa_column=sentence_column())


def changes(
    session: Session,
    friend: Friend,
    values: dict[str, object],
    by: str,
    now: datetime,
    *,
    came_back: bool = False,
) -> None:
    """Let other values of an attribution hold (`assignment.columns`), and keep what they were.

    came_back: she was lost, and is from now on a new friend of whoever serves her now.
    """
    if came_back:
        mine = col(AttributionChange.friend_id) == friend.id
        session.execute(update(AttributionChange).where(mine).values(first=False))
    if friend.rule and friend.guide_id != values["guide_id"]:
        session.add(
            AttributionChange(
                friend_id=friend.id or 0,
                at=now,
                guide_id=friend.guide_id,
                store_id=friend.store_id,
                branch_id=friend.branch_id,
                first=not came_back and friend.guide_id is not None and not _moved(session, friend),
                by=by,
                why=cast(str, values["reason"]),
            )
        )
    for name, value in values.items():
        setattr(friend, name, value)


def _moved(session: Session, friend: Friend) -> bool:
    earlier = select(AttributionChange.id).where(
        AttributionChange.friend_id == friend.id, col(AttributionChange.first)
    )
    return session.exec(earlier.limit(1)).first() is not None


def counted_for(guide_id: int) -> ColumnElement[bool]:
    """Friends who count as hers when they were added, whoever serves them now."""
    moved = select(AttributionChange.id).where(
        AttributionChange.friend_id == Friend.id, col(AttributionChange.first)
    )
    hers = select(AttributionChange.friend_id).where(
        AttributionChange.guide_id == guide_id, col(AttributionChange.first)
    )
    return or_(and_(col(Friend.guide_id) == guide_id, ~moved.exists()), col(Friend.id).in_(hers))
