"""Announcements: one text at one time, into internal groups by robot and into customer groups by their owners."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from models.accounts import audit
from models.campaigns.announcement_rules import complaints, reach_of
from models.campaigns.audience import part_size
from models.db import PIECE, Database, insert_once, pieces
from models.db.word_column import word_column
from models.errors import Complaint, Refused, refuse_faults
from models.groups import Group, GroupKind, GroupStatus
from models.groups.robots import robot_of
from models.ledger import outbox
from models.ledger.channels import GROUP_MASS
from models.ledger.outbox import Outbox, OutboxStatus
from models.org import Guide

GRACE = timedelta(minutes=30)
"""Missed by less it still leaves by itself; missed by more, HQ decides."""
GROUPS_AT_ONCE = PIECE // 10
NOT_IN_CUSTOMER_GROUPS = "「{name}」是客户群，平台不让群机器人进客户群。可以改由群主在群发助手里点一次发送"
NO_ROBOT = "群里没有可用的机器人，请在群里添加后把地址填到「群与机器人」"
NO_OWNER = "这个客户群没有在职的群主，请先分配新群主"
GONE = "群已解散"


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
    title: str = Field(max_length=40)
    text: str = Field(max_length=4000)
    groups: list[int] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    status: AnnouncementStatus = Field(
        default=AnnouncementStatus.SCHEDULED, sa_column=word_column(AnnouncementStatus, 16, index=True)
    )
    status_words: str = Field(default="", max_length=300)
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
    skipped: str = Field(default="", max_length=300)
    ready_at: datetime | None = None
    """The platform took it: posted by the robot, or waiting in the owner's 群发助手."""
    poll_at: datetime | None = Field(default=None, index=True)
    confirmed_at: datetime | None = None
    result: int | None = None
    """What became of it in a customer group: 1 arrived, 2 gone, 3 limit; empty while unknown."""


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
    created_by: int | None = None,
    who: str = "总部",
    by_robot: Sequence[int] = (),
) -> Announcement:
    """A scheduled announcement, or Refused. `by_robot`: groups for which a robot was asked for, not a customer group."""
    chosen = list(dict.fromkeys(groups))
    these = col(Group.id).in_(chosen)
    known = {group.id: group for group in session.exec(select(Group).where(these))}
    if missing := [str(one) for one in sorted(chosen) if one not in known]:
        raise Refused(faults={"groups": Complaint("没有编号是 {ids} 的群", ids="、".join(missing[:5]))})
    if strange := sorted(set(by_robot) - set(known)):
        raise Refused(faults={"by_robot": Complaint("{id} 不在 groups 里", id=strange[0])})
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
    audit.note(session, who, "announcement.schedule", made.id, f"排期「{title}」，{len(chosen)} 个群", now)
    return made


def refuse_robot(group: Group) -> None:
    """A webhook robot lives in internal groups only."""
    if group.kind == GroupKind.CUSTOMER:
        raise Refused(NOT_IN_CUSTOMER_GROUPS.format(name=group.name))


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
    taken = outbox.cancel(session, calls, now, f"{who} 停止了公告")
    gone = sum(row.outbox_id in sent for row in rows)
    announcement.status = AnnouncementStatus.CANCELLED
    announcement.status_words = f"{who} 停止，撤下 {taken} 件；{gone} 个群的已经交给平台，收不回来"
    return audit.note(session, who, "announcement.cancel", announcement.id, announcement.status_words, now)


def resume(session: Session, announcement: Announcement, who: str, now: datetime) -> str:
    """HQ wants a late one after all: now."""
    session.refresh(announcement, with_for_update=True)
    if announcement.status != AnnouncementStatus.WAITING:
        raise Refused("这条公告没有在等")
    announcement.status, announcement.launch_at, announcement.status_words = (
        AnnouncementStatus.SCHEDULED,
        now,
        "",
    )
    return audit.note(session, who, "announcement.resume", announcement.id, "现在补发", now)


def launch_due(db: Database, now: datetime) -> list[int]:
    """Write the calls of every announcement that is due, in pieces; a killed launch goes on with the remainder."""
    with db.read() as session:
        due = select(Announcement.id).where(
            Announcement.status == AnnouncementStatus.SCHEDULED, Announcement.launch_at <= now
        )
        waiting = [one for one in session.exec(due.order_by(col(Announcement.launch_at))) if one]
    return [one for one in waiting if _start(db, one, now) and _launch(db, one, now)]


def _start(db: Database, announcement_id: int, now: datetime) -> bool:
    with db.write() as session:
        row = session.exec(
            select(Announcement).where(Announcement.id == announcement_id).with_for_update()
        ).one()
        if row.status != AnnouncementStatus.SCHEDULED or row.launch_at > now:
            return False
        if row.launched_at is None and now - row.launch_at > GRACE:
            late = int((now - row.launch_at).total_seconds() // 60)
            row.status = AnnouncementStatus.WAITING
            row.status_words = f"系统没能按时运行，已晚 {late} 分钟，所以没有自动发出。要补发请按「现在补发」，不发请按「停止」"
            audit.note(session, "系统", "announcement.late", row.id, row.status_words, now)
            return False
        row.launched_at = row.launched_at or now
        return True


def _launch(db: Database, announcement_id: int, now: datetime) -> bool:
    """Robot groups piece by piece, then one call per owner; done when every group has its row."""
    with db.read() as session:
        announcement = session.get_one(Announcement, announcement_id)
        done = set(
            session.exec(
                select(AnnouncementGroup.group_id).where(AnnouncementGroup.announcement_id == announcement_id)
            )
        )
        rest = [one for one in announcement.groups if one not in done]
        groups = list(session.exec(select(Group).where(col(Group.id).in_(rest)).order_by(col(Group.id))))
    owners: dict[int | None, list[Group]] = defaultdict(list)
    for group in groups:
        if group.kind == GroupKind.CUSTOMER:
            owners[group.owner_id].append(group)
    internal = [group for group in groups if group.kind != GroupKind.CUSTOMER]
    for piece in pieces(internal, GROUPS_AT_ONCE):
        with db.write() as session:
            if not _still(session, announcement_id):
                return False
            for group in piece:
                _to_robot(session, announcement, group, now)
    for owner_id, theirs in owners.items():
        with db.write() as session:
            if not _still(session, announcement_id):
                return False
            _to_owner(session, announcement, owner_id, theirs, now)
    with db.write() as session:
        row = session.get_one(Announcement, announcement_id, with_for_update=True)
        if row.status != AnnouncementStatus.SCHEDULED:
            return False
        row.status = AnnouncementStatus.LAUNCHED
        audit.note(session, "系统", "announcement.launch", row.id, f"{len(announcement.groups)} 个群", now)
    return True


def _still(session: Session, announcement_id: int) -> bool:
    return (
        session.exec(select(Announcement.status).where(Announcement.id == announcement_id)).one()
        == AnnouncementStatus.SCHEDULED
    )


def _to_robot(session: Session, announcement: Announcement, group: Group, now: datetime) -> None:
    robot = robot_of(session, group.id or 0)
    skipped = GONE if group.status != GroupStatus.ACTIVE else "" if robot else NO_ROBOT
    share = _share(session, announcement, group, Way.ROBOT, skipped)
    if share is None or skipped or robot is None:
        return
    share.outbox_id = outbox.put(
        session,
        "robot",
        f"announcement:{announcement.id}:{group.id}",
        now=now,
        group_id=group.id,
        subject_id=share.id,
        target=group.name,
        why=f"公告「{announcement.title}」",
        payload={"text": announcement.text, "robot_id": robot.id},
    )


def _to_owner(
    session: Session, announcement: Announcement, owner_id: int | None, groups: Sequence[Group], now: datetime
) -> None:
    """All her groups in one task, so that she confirms once."""
    owner = session.get(Guide, owner_id) if owner_id else None
    present = owner is not None and owner.present
    shares = []
    for group in groups:
        skipped = GONE if group.status != GroupStatus.ACTIVE else "" if present else NO_OWNER
        share = _share(session, announcement, group, Way.OWNER, skipped)
        if share and not skipped:
            share.guide_id = owner_id
            shares.append((share, group.chat_id))
    if not shares or owner is None:
        return
    for piece in pieces(shares, part_size(GROUP_MASS)):
        key = f"announcement:{announcement.id}:owner:{owner.id}:{piece[0][0].id}"  # new shares, a new call
        row_id = outbox.put(
            session,
            GROUP_MASS,
            key,
            now=now,
            guide_id=owner.id,
            subject_id=announcement.id,
            target=owner.name,
            why=f"公告「{announcement.title}」，{len(piece)} 个客户群",
            payload={
                "announcement_groups": [share.id for share, _ in piece],
                "chats": [chat for _, chat in piece],
                "text": announcement.text,
            },
        )
        for share, _ in piece:
            share.outbox_id = row_id


def _share(
    session: Session, announcement: Announcement, group: Group, way: Way, skipped: str
) -> AnnouncementGroup | None:
    """The group's row; None when an earlier run has written it."""
    values: dict[str, Any] = {
        "announcement_id": announcement.id,
        "group_id": group.id,
        "way": way,
        "skipped": skipped,
    }
    row_id = insert_once(session, AnnouncementGroup, values, key=("announcement_id", "group_id"))
    return session.get(AnnouncementGroup, row_id) if row_id else None


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
    if share.result in (2, 3):
        return (
            OutboxStatus.NOT_SENT,
            "群已不在群主名下" if share.result == 2 else "这个群这个周期的群发已收满",
        )
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
