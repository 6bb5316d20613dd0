"""Robots: webhook robots that announce into internal groups, and what members did with the smart robot."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from models import preferences
from models.accounts import audit
from models.db import count, insert_once
from models.db.sentence_column import sentence_column
from models.db.word_column import word_column
from models.encryption import Encryption, fingerprint
from models.errors import Refused
from models.groups import Group, GroupKind, GroupStatus, Voice
from models.ledger import outbox
from models.ledger.channels import ROBOT
from models.names import line_fault
from models.org import Guide
from models.preferences import Preference
from models.sentences import Sentence

NO_KEY = Sentence("没有认出机器人的 Webhook 地址。请在群里打开机器人，复制完整的地址，里面有 key=")
_KEY = re.compile(r"[0-9A-Za-z-]{8,64}")


TEST_LINE = "这里是总部的群机器人。以后的公告会从这里发出，这一句是试话，不用回。"
"""What a robot says first, so that a wrong key is known before an announcement needs it"""


class RobotStatus(StrEnum):
    UNTRIED = "untried"
    """Its first line has not gone through yet."""
    ACTIVE = "active"
    DEAD = "dead"
    """The platform does not know its key any more."""
    DISABLED = "disabled"
    """A person took it out."""


WORKS = (RobotStatus.UNTRIED, RobotStatus.ACTIVE)
"""What may post: the first post of an untried one decides"""
CALLED = "robot.called"
"""The smart robot's name, as it stood before a command in a group: learnt, so that nobody has to tell us"""
NAME_LETTERS = 64


class Robot(SQLModel, table=True):
    """A webhook robot. Whoever has its key can post, so the key is stored encrypted and shown shortened."""

    id: int | None = Field(default=None, primary_key=True)
    group_id: int = Field(foreign_key="group_chat.id", index=True)
    name: str = Field(default="", max_length=64)
    encrypted_key: str = Field(max_length=400)
    key_hash: str = Field(max_length=64, unique=True)
    key_tail: str = Field(default="", max_length=4)
    status: RobotStatus = Field(default=RobotStatus.ACTIVE, sa_column=word_column(RobotStatus, 16))
    reason: str = Field(default="", sa_column=sentence_column())
    created_at: datetime


class SignIn(SQLModel, table=True):
    """A 签到: once per member and local day."""

    __tablename__ = "sign_in"
    __table_args__ = (UniqueConstraint("userid", "day"),)

    id: int | None = Field(default=None, primary_key=True)
    userid: str = Field(max_length=64)
    day: date
    chat_id: str = Field(default="", max_length=64)
    at: datetime


def add(
    session: Session,
    group: Group,
    *,
    name: str,
    key: str,
    encryption: Encryption,
    who: str,
    now: datetime,
    tried: bool = False,
) -> Robot:
    """Let a webhook robot announce in an internal group; `key` is what the platform shows: address or key.

    Unless it is known to work, it says a line at once: only that shows whether the key is one.
    """
    _refuse_group(group)
    if fault := line_fault(name.strip()):
        raise Refused(faults={"robot_name": fault})
    key = webhook_key(key)
    _refuse_taken(session, key)
    robot = Robot(
        group_id=group.id or 0,
        name=name.strip()[:64] or group.name,
        encrypted_key=encryption.encrypt(key),
        key_hash=fingerprint(key),
        key_tail=key[-4:],
        status=RobotStatus.ACTIVE if tried else RobotStatus.UNTRIED,
        created_at=now,
    )
    session.add(robot)
    session.flush()
    _note(session, robot, group, "add", who, now)
    if not tried:
        _try(session, robot, group, now)
    return robot


def _refuse_group(group: Group) -> None:
    if group.kind == GroupKind.CUSTOMER:
        raise Refused(
            Sentence("客户群里不能放群机器人，这是平台的规定。要通知客户群，请由群主在群发助手里点一下发出")
        )
    if group.status != GroupStatus.ACTIVE:
        raise Refused(Sentence("「{name}」已经解散，不能再放机器人", name=group.name))


def _refuse_taken(session: Session, key: str) -> None:
    taken = session.exec(select(Robot).where(Robot.key_hash == fingerprint(key))).one_or_none()
    if taken is not None:
        where = session.get_one(Group, taken.group_id).name
        raise Refused(Sentence("这个机器人已经加在「{where}」里了。每个群要用自己的机器人", where=where))


def _try(session: Session, robot: Robot, group: Group, now: datetime) -> None:
    outbox.put(
        session,
        ROBOT,
        f"robot_test:{robot.id}",
        now=now,
        group_id=group.id,
        target=group.name,
        why="机器人试话",
        payload={"text": TEST_LINE, "robot_id": robot.id},
    )


def webhook_key(address: str) -> str:
    """The key in a webhook's address, or Refused."""
    text = address.strip()
    if "/" in text or "?" in text:
        text = _key_in(text)
    if not _KEY.fullmatch(text):
        raise Refused(faults={"webhook": NO_KEY})
    return text


def _key_in(address: str) -> str:
    try:
        return (parse_qs(urlsplit(address).query).get("key") or [""])[0]
    except ValueError:  # no address at all, such as http://[
        return ""


def robot_of(session: Session, group_id: int) -> Robot | None:
    """The robot that announces in this group: the newest that works; an untried one only where there is no other."""
    query = select(Robot).where(Robot.group_id == group_id, col(Robot.status).in_(WORKS))
    return session.exec(
        query.order_by(col(Robot.status) == RobotStatus.UNTRIED, col(Robot.id).desc())
    ).first()


def shown(found: Iterable[Robot]) -> dict[int, Robot]:
    """Of each group the robot that says how it stands there: the one that would post, else the newest."""
    order = sorted(
        found, key=lambda one: (one.status == RobotStatus.ACTIVE, one.status in WORKS, one.id or 0)
    )
    return {robot.group_id: robot for robot in order}


def voice(group: Group, robot: Robot | None, owner: Guide | None) -> Voice:
    """Who speaks in this group: `robot` is the one that is shown for it."""
    if group.status == GroupStatus.DISMISSED:
        return Voice.DISMISSED
    if group.kind == GroupKind.CUSTOMER:
        return Voice.OWNER if owner and owner.present else Voice.OWNERLESS
    known = {
        RobotStatus.ACTIVE: Voice.ROBOT,
        RobotStatus.UNTRIED: Voice.TRYING,
        RobotStatus.DEAD: Voice.DEAD,
    }
    return known.get(robot.status, Voice.SILENT) if robot else Voice.SILENT


def secret_keys_used(session: Session, encryption: Encryption) -> Counter[int | None]:
    """How many robots' keys each secret key encrypted, as Encryption.key_of counts them."""
    return Counter(encryption.key_of(key) for key in session.exec(select(Robot.encrypted_key)))


def rotate(session: Session, encryption: Encryption) -> None:
    """Let the first secret key encrypt what an older one did."""
    for robot in session.exec(select(Robot)):
        if encryption.key_of(robot.encrypted_key):
            robot.encrypted_key = encryption.rotate(robot.encrypted_key)


def speaks() -> ColumnElement[bool]:
    """Groups in which a robot works."""
    return col(Group.id).in_(select(Robot.group_id).where(col(Robot.status).in_(WORKS)))


def fallen_silent() -> tuple[ColumnElement[bool], ...]:
    """Internal groups whose robot the platform took from them, and that nobody has given another."""
    dead = select(Robot.group_id).where(Robot.status == RobotStatus.DEAD)
    internal = Group.kind == GroupKind.INTERNAL, Group.status == GroupStatus.ACTIVE
    return *internal, col(Group.id).in_(dead), ~speaks()  # type: ignore[return-value]


def posted(session: Session, robot: Robot) -> None:
    """Something of it went through, so its key is one."""
    if robot.status == RobotStatus.UNTRIED:
        robot.status = RobotStatus.ACTIVE
        session.add(robot)


def died(session: Session, robot: Robot, reason: str) -> None:
    """The platform does not know its key any more (93000)."""
    if robot.status in WORKS:
        robot.status, robot.reason = RobotStatus.DEAD, reason
        session.add(robot)


def take_out(session: Session, robot: Robot, who: str, now: datetime) -> bool:
    """A person takes it out of use; its messages in the group stay. False when it was out before."""
    if robot.status not in WORKS:
        return False
    robot.status, robot.reason = RobotStatus.DISABLED, Sentence("{who} 停用", who=who)
    session.add(robot)
    _note(session, robot, session.get_one(Group, robot.group_id), "disable", who, now)
    return True


def _note(session: Session, robot: Robot, group: Group, verb: str, who: str, now: datetime) -> None:
    said = Sentence(
        "「{group}」的 {robot} …{key_tail}", group=group.name, robot=robot.name, key_tail=robot.key_tail
    )
    audit.note(session, who, f"robot.{verb}", robot.id, said, now)


@dataclass(frozen=True)
class Signed:
    """A sign-in: was it the first of the day, when was the first, and the how many-eth day of this month."""

    first: bool
    at: datetime
    days_this_month: int


def names(session: Session) -> list[str]:
    """What the smart robot is called: what HQ told us, and what people called it lately."""
    return [*filter(None, (preferences.read(session).robot_name, called(session)))]


def called(session: Session) -> str:
    """The name under which the smart robot was called last, in small letters; empty until it was."""
    kept = session.get(Preference, CALLED)
    return kept.value if kept else ""


def learn_name(session: Session, name: str) -> None:
    """Remember what the smart robot was called."""
    session.merge(Preference(key=CALLED, value=name[:NAME_LETTERS]))


def sign_in(session: Session, userid: str, chat_id: str, now: datetime, zone: ZoneInfo) -> Signed:
    """Sign a member in: once per local day, however often and from wherever she says it."""
    day, who = now.astimezone(zone).date(), userid.lower()
    values = {"userid": who, "day": day, "chat_id": chat_id[:64], "at": now}
    first = insert_once(session, SignIn, values, key=("userid", "day")) is not None
    row = session.exec(select(SignIn).where(SignIn.userid == who, SignIn.day == day)).one()
    month = SignIn.day >= day.replace(day=1), SignIn.day <= day
    return Signed(first, row.at, count(session, SignIn, SignIn.userid == who, *month))
