"""Who serves a friend, changed by people, and who did before: past figures stay as they were."""

from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, and_, or_, update
from sqlmodel import Field, Session, SQLModel, col, select

from models.accounts import audit
from models.db.sentence_column import sentence_column
from models.errors import Refused
from models.friends import Friend, FriendStatus, RuleOutcome
from models.names import line_fault
from models.org import Guide, store_of
from models.sentences import Sentence

MOVED = "moved"
"""Somebody let another guide serve her"""
MOVED_FOR = Sentence("后来换过人吗")
LONGEST_WHY = 80
MOST_SHOWN = 40


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
    if came_back and friend.rule:
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


def move(session: Session, friend_id: int, guide: Guide, why: str, who: str, now: datetime) -> Friend:
    """From now on another guide serves her; the account that she is in stays. Refused, in words, where that means nothing."""
    friend = session.get(Friend, friend_id, with_for_update=True, populate_existing=True)
    if friend is None or friend.status == FriendStatus.LOST:
        raise Refused(Sentence("这位客户已经不是好友了，不用换"))
    if friend.guide_id is None:
        raise Refused(Sentence("这位好友还在待领，直接交给导购就行"))
    if friend.guide_id == guide.id:
        raise Refused(Sentence("{guide}已经在服务这位好友了", guide=guide.name))
    if not guide.present:
        raise Refused(Sentence("{guide}已经不在岗，换一位", guide=guide.name))
    why = why.strip()
    if words := _why_fault(why):
        raise Refused(faults={"why": words})
    reason = Sentence("{who}换给了{guide}：{why}", who=who, guide=guide.name, why=why)
    return belongs(session, friend, guide, MOVED, MOVED_FOR, reason, who, now)


def _why_fault(why: str) -> str:
    if not why:
        return Sentence("写上为什么换，以后看得懂")
    if len(why) > LONGEST_WHY:
        return Sentence("最多 {most} 个字，现在 {n} 个", most=LONGEST_WHY, n=len(why))
    return line_fault(why)


def belongs(
    session: Session,
    friend: Friend,
    guide: Guide,
    rule: str,
    question: Sentence,
    reason: Sentence,
    who: str,
    now: datetime,
) -> Friend:
    """A person has decided: one more step under those of the rules, and a line of the audit."""
    store = store_of(session, guide)
    decided = {"rule": rule, "question": question, "answer": reason, "outcome": RuleOutcome.HIT}
    earlier = [
        {**one, "outcome": RuleOutcome.NARROWED} if one["outcome"] == RuleOutcome.HIT else one
        for one in friend.steps
        if one["rule"] != rule
    ]
    values: dict[str, object] = {
        "guide_id": guide.id,
        "store_id": store.id if store else friend.store_id,
        "branch_id": store.branch_id if store else friend.branch_id,
        "rule": rule,
        "reason": reason,
        "steps": [*earlier, decided],
        "unclaimed_at": None,
    }
    changes(session, friend, values, who, now)
    audit.note(session, who, f"friend.{rule}", friend.id, reason, now)
    session.flush()
    return friend


def earlier_ones(session: Session, friend_id: int) -> list[AttributionChange]:
    """How her attribution was changed, the newest first."""
    hers = select(AttributionChange).where(AttributionChange.friend_id == friend_id)
    return list(session.exec(hers.order_by(col(AttributionChange.id).desc()).limit(MOST_SHOWN)))


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
