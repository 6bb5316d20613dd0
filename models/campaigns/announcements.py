"""Announcements: one text at one time, into internal groups by robot and into customer groups by their owners."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from models.accounts import audit
from models.campaigns import RESULTS, Result
from models.campaigns.announcement_rules import LONGEST_TITLE, complaints, reach_of
from models.db.sentence_column import sentence_column
from models.db.word_column import word_column
from models.errors import Refused, refuse_faults
from models.groups import Group, GroupKind
from models.ledger import outbox
from models.ledger.outbox import Outbox, OutboxStatus
from models.sentences import Sentence

NOT_REACHED: dict[Result | None, str] = {
    Result.NOT_FRIEND: "群已不在群主名下",
    Result.LIMITED: "这个群这个周期的群发已收满",
}
"""Why a customer group did not get it"""


class AnnouncementStatus(StrEnum):
    SCHEDULED = "scheduled"
    WAITING = "waiting"
    """Too late to leave by itself: HQ decides."""
    LAUNCHED = "launched"
    CANCELLED = "cancelled"


class Way(StrEnum):
    """Who posts it in a group."""

    ROBOT = "robot"
    OWNER = "owner"


class OwnerTap(StrEnum):
    """What a group waits for whose owner has the task in her 群发助手; all else is told by the delivery."""

    WAITING = "waiting"


class Announcement(SQLModel, table=True):
    """A 公告 of HQ."""

    id: int | None = Field(default=None, primary_key=True)
    title: str = Field(max_length=LONGEST_TITLE)
    text: str = Field(max_length=4000)
    groups: list[int] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    status: AnnouncementStatus = Field(
        default=AnnouncementStatus.SCHEDULED, sa_column=word_column(AnnouncementStatus, 16, index=True)
    )
    status_words: str = Field(default="", sa_column=sentence_column())
    launch_at: datetime = Field(index=True)
    launched_at: datetime | None = None
    """When the first group had its call; scheduled with this set means that a killed launch goes on."""
    created_by: int | None = Field(default=None, foreign_key="account.id")
    created_at: datetime


class AnnouncementGroup(SQLModel, table=True):
    """One group's share of an announcement: a robot call, or a task for the owner of a customer group."""

    __tablename__ = "announcement_group"
    __table_args__ = (UniqueConstraint("announcement_id", "group_id"),)

    id: int | None = Field(default=None, primary_key=True)
    announcement_id: int = Field(foreign_key="announcement.id", index=True)
    group_id: int = Field(foreign_key="group_chat.id", index=True)
    way: Way = Field(default=Way.ROBOT, sa_column=word_column(Way, 8))
    guide_id: int | None = Field(default=None, foreign_key="guide.id")
    """The owner who is asked to confirm."""
    outbox_id: int | None = Field(default=None, index=True)
    msgid: str = Field(default="", max_length=128, index=True)
    skipped: str = Field(default="", sa_column=sentence_column())
    ready_at: datetime | None = None
    """The platform took it: posted by the robot, or waiting in the owner's 群发助手."""
    poll_at: datetime | None = Field(default=None, index=True)
    confirmed_at: datetime | None = None
    result: int | None = None
    """What became of it in a customer group: a key of `RESULTS`; empty while unknown."""


@dataclass(frozen=True)
class GroupState:
    """One group's line on the announcement's page."""

    group: Group
    way: Way
    state: OutboxStatus | OwnerTap
    words: str
    outbox_id: int | None = None


def plan(
    session: Session,
    *,
    title: str,
    text: str,
    groups: Sequence[int],
    launch_at: datetime,
    now: datetime,
    who: str,
    created_by: int | None = None,
    by_robot: Sequence[int] = (),
) -> Announcement:
    """A scheduled announcement, or Refused. `by_robot`: groups for which a robot was asked for, not a customer group."""
    chosen = list(dict.fromkeys(groups))
    these = col(Group.id).in_(chosen)
    known = {group.id: group for group in session.exec(select(Group).where(these))}
    if missing := [str(one) for one in sorted(chosen) if one not in known]:
        raise Refused(faults={"groups": Sentence("没有编号是 {ids} 的群", ids="、".join(missing[:5]))})
    if strange := sorted(set(by_robot) - set(known)):
        raise Refused(faults={"by_robot": Sentence("{id} 不在 groups 里", id=strange[0])})
    for group_id in by_robot:
        refuse_robot(known[group_id])
    refuse_faults(complaints(title, text, reach_of(session, these)))
    made = Announcement(
        title=title,
        text=text,
        groups=chosen,
        launch_at=max(launch_at, now),
        created_by=created_by,
        created_at=now,
    )
    session.add(made)
    session.flush()
    audit.note(
        session,
        who,
        "announcement.schedule",
        made.id,
        Sentence("排期「{title}」，{chosen} 个群", title=title, chosen=len(chosen)),
        now,
    )
    return made


def refuse_robot(group: Group) -> None:
    """A webhook robot lives in internal groups only."""
    if group.kind == GroupKind.CUSTOMER:
        raise Refused(
            Sentence(
                "「{name}」是客户群，平台不让群机器人进客户群。可以改由群主在群发助手里点一次发送",
                name=group.name,
            )
        )


def cancel(session: Session, announcement: Announcement, who: str, now: datetime) -> str:
    """Stop it: what has not left stays here; says how many groups already have it."""
    session.refresh(announcement, with_for_update=True)
    if announcement.status == AnnouncementStatus.CANCELLED:
        return announcement.status_words
    rows = list(
        session.exec(select(AnnouncementGroup).where(AnnouncementGroup.announcement_id == announcement.id))
    )
    calls = [row.outbox_id for row in rows if row.outbox_id]
    sent = set(
        session.exec(select(Outbox.id).where(col(Outbox.id).in_(calls), Outbox.status == OutboxStatus.SENT))
    )
    taken = outbox.cancel(session, calls, now, Sentence("{who} 停止了公告", who=who))
    gone = sum(row.outbox_id in sent for row in rows)
    announcement.status = AnnouncementStatus.CANCELLED
    announcement.status_words = Sentence(
        "{who} 停止，撤下 {taken} 件；{gone} 个群的已经交给平台，收不回来", who=who, taken=taken, gone=gone
    )
    return audit.note(session, who, "announcement.cancel", announcement.id, announcement.status_words, now)


def resume(session: Session, announcement: Announcement, who: str, now: datetime) -> str:
    """HQ wants a late one after all: now."""
    session.refresh(announcement, with_for_update=True)
    if announcement.status != AnnouncementStatus.WAITING:
        raise Refused(Sentence("这条公告没有在等"))
    announcement.status, announcement.launch_at, announcement.status_words = (
        AnnouncementStatus.SCHEDULED,
        now,
        "",
    )
    return audit.note(session, who, "announcement.resume", announcement.id, "现在补发", now)


def states(session: Session, announcement: Announcement) -> list[GroupState]:
    """How far each group is, in the order in which HQ chose them."""
    shares = {
        row.group_id: row
        for row in session.exec(
            select(AnnouncementGroup).where(AnnouncementGroup.announcement_id == announcement.id)
        )
    }
    groups = {
        group.id: group for group in session.exec(select(Group).where(col(Group.id).in_(announcement.groups)))
    }
    calls = {
        row.id: row
        for row in session.exec(
            select(Outbox).where(
                col(Outbox.id).in_([share.outbox_id for share in shares.values() if share.outbox_id])
            )
        )
    }
    made = []
    for group_id in announcement.groups:
        group, share = groups.get(group_id), shares.get(group_id)
        if group is None:
            continue
        way = Way.OWNER if group.kind == GroupKind.CUSTOMER else Way.ROBOT
        call = calls.get(share.outbox_id) if share else None
        state, words = _state(share, call, announcement)
        made.append(GroupState(group, way, state, words, share.outbox_id if share else None))
    return made


def _state(
    share: AnnouncementGroup | None, call: Outbox | None, announcement: Announcement
) -> tuple[OutboxStatus | OwnerTap, str]:
    """(state, words)"""
    if share is None:
        if announcement.status == AnnouncementStatus.CANCELLED:
            return OutboxStatus.CANCELLED, "没有发出"
        return OutboxStatus.QUEUED, "还没到时间"
    if share.skipped:
        return OutboxStatus.NOT_SENT, share.skipped
    if why := NOT_REACHED.get(RESULTS.get(share.result or 0)):
        return OutboxStatus.NOT_SENT, why
    if share.confirmed_at:
        return OutboxStatus.SENT, "群主已在群发助手确认"
    if share.ready_at and share.way == Way.OWNER:
        return OwnerTap.WAITING, "等群主在群发助手点一次发送"
    if call is None:
        return OutboxStatus.QUEUED, "排队中"
    words = {
        OutboxStatus.SENT: "机器人已发出",
        OutboxStatus.QUEUED: call.reason or "排队中",
        OutboxStatus.CALLING: "正在发",
    }
    return call.status, words.get(call.status) or call.reason
