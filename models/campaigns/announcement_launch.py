"""An announcement that is due: one call per internal group, one task per owner of customer groups."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from models.accounts import audit
from models.campaigns.announcements import Announcement, AnnouncementGroup, AnnouncementStatus, Way
from models.campaigns.audience import part_size
from models.campaigns.launch import GRACE
from models.db import PIECE, Database, insert_once, pieces
from models.groups import Group, GroupKind, GroupStatus
from models.groups.robots import robot_of
from models.ledger import outbox
from models.ledger.channels import GROUP_MASS, ROBOT
from models.org import Guide
from models.sentences import Sentence

GROUPS_AT_ONCE = PIECE // 10
NO_ROBOT = "群里没有可用的机器人，请在群里添加后把地址填到「群与机器人」"
NO_OWNER = "这个客户群没有在职的群主，请先分配新群主"
GONE = "群已解散"


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
            row.status_words = Sentence(
                "系统没能按时运行，已晚 {late} 分钟，没有自动发出，等总部决定", late=late
            )
            audit.note(session, audit.SYSTEM, "announcement.late", row.id, row.status_words, now)
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
        audit.note(
            session,
            audit.SYSTEM,
            "announcement.launch",
            row.id,
            Sentence("{groups} 个群", groups=len(announcement.groups)),
            now,
        )
    return True


def _still(session: Session, announcement_id: int) -> bool:
    """Nobody has stopped it; whoever wants to waits for this piece."""
    status = select(Announcement.status).where(Announcement.id == announcement_id).with_for_update()
    return session.exec(status).one() == AnnouncementStatus.SCHEDULED


def _to_robot(session: Session, announcement: Announcement, group: Group, now: datetime) -> None:
    robot = robot_of(session, group.id or 0)
    skipped = GONE if group.status != GroupStatus.ACTIVE else "" if robot else NO_ROBOT
    share = _share(session, announcement, group, Way.ROBOT, skipped)
    if share is None or skipped or robot is None:
        return
    share.outbox_id = outbox.put(
        session,
        ROBOT,
        f"announcement:{announcement.id}:{group.id}",
        now=now,
        since=announcement.launch_at,
        group_id=group.id,
        subject_id=share.id,
        target=group.name,
        why=Sentence("公告「{announcement}」", announcement=announcement.title),
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
            since=announcement.launch_at,
            guide_id=owner.id,
            subject_id=announcement.id,
            target=owner.name,
            why=Sentence(
                "公告「{announcement}」，{n} 个客户群", announcement=announcement.title, n=len(piece)
            ),
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
