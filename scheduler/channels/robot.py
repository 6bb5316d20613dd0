"""A webhook robot's post into an internal group, at most 20 a minute each."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models.campaigns.announcements import Announcement, AnnouncementGroup
from models.groups import Group, GroupKind, robots
from models.groups.robots import WORKS, Robot
from models.ledger.channels import ROBOT
from models.ledger.outbox import Outbox
from scheduler.channels.base import Draft, Json, NotDeliverable, NotYet, Plain, Sender, check, refuse_stopped
from scheduler.runtime import Runtime
from wecom.closed_windows import seconds_closed
from wecom.webhook import robot_window

GONE = {93000, 93004, 93008}
"""The robot was removed from its group, disabled, or its key was renewed: it will never post again."""
NOT_THERE = "这个群没有可用的机器人，请在群里添加后把地址填到「群与机器人」"
CUSTOMERS = "客户群里不能放机器人，请改由群主在群发助手里发"
REPLACED = "群里的机器人刚换过，重新排队"
OTHER_KEY = "机器人的地址是用另一个密钥加密的，请重新填写"


class RobotPost(Plain):
    """group_id: where to. payload: {"text": str, "mention": [userid or "@all"]} or {"markdown": str}.

    "robot_id" in the payload names a robot; without it, or when it is disabled, the group's newest working one posts.
    """

    name = ROBOT

    def wait(self, runtime: Runtime, row: Outbox, now: datetime) -> float:
        with runtime.db.read() as session:
            robot = _robot(session, row)
        if robot is None:
            return 0.0
        closed = seconds_closed(runtime.closed_windows, [robot_window(_key(runtime, robot))], now)
        return closed or runtime.rate_limits.take(self.channel.rate, robot.key_hash, now)

    def build(self, runtime: Runtime, session: Session, row: Outbox, now: datetime) -> Draft:
        group = session.get(Group, row.group_id) if row.group_id else None
        if group is not None and group.kind == GroupKind.CUSTOMER:
            raise NotDeliverable(CUSTOMERS)
        robot = _robot(session, row)
        if robot is None:
            raise NotDeliverable(NOT_THERE)
        of_type = "markdown" if "markdown" in row.payload else "text"
        content = str(row.payload.get(of_type) or "")
        check(f"robot_{of_type}", {"text": content})
        body: Json = {"content": content}
        if of_type == "text" and row.payload.get("mention"):
            body["mentioned_list"] = list(row.payload["mention"])
        return Draft({"msgtype": of_type, of_type: body}, {"robot": robot.id})

    def wanted(self, session: Session, row: Outbox) -> None:
        """An announcement may have been stopped while its posts waited for their turn in this process."""
        share = session.get(AnnouncementGroup, row.subject_id) if row.subject_id else None
        if share is not None:
            refuse_stopped(session.get_one(Announcement, share.announcement_id))

    def send(self, runtime: Runtime, row: Outbox, request: Json) -> Json:
        """The key is the whole secret: it is opened here, and is in no row but the robot's own."""
        with runtime.db.read() as session:
            robot = session.get(Robot, row.notes["robot"])
        if robot is None or robot.status not in WORKS:
            raise NotYet(0, REPLACED)
        return runtime.robots.send(_key(runtime, robot), request)

    def landed(self, session: Session, row: Outbox, answer: Json, now: datetime, zone: ZoneInfo) -> None:
        if robot := _used(session, row):
            robots.posted(session, robot)

    def failed(self, session: Session, row: Outbox, words: str, now: datetime) -> None:
        """The robot that posted is dead; another may have taken its place in the group meanwhile."""
        robot = _used(session, row) if row.errcode in GONE else None
        if robot is not None:
            robots.died(session, robot, words)


SENDER: Sender = RobotPost()


def _used(session: Session, row: Outbox) -> Robot | None:
    """The robot that posted."""
    return session.get(Robot, row.notes["robot"]) if row.notes.get("robot") else None


def whose_rate(session: Session, row: Outbox) -> Robot | None:
    """The robot that posted, or that was about to."""
    return _used(session, row) or _robot(session, row)


def _robot(session: Session, row: Outbox) -> Robot | None:
    """The robot named by the row while it works, else whichever works in the group now."""
    named = session.get(Robot, int(row.payload["robot_id"])) if row.payload.get("robot_id") else None
    if named is not None and named.status in WORKS:
        return named
    return robots.robot_of(session, row.group_id) if row.group_id else None


def _key(runtime: Runtime, robot: Robot) -> str:
    try:
        return runtime.encryption.decrypt(robot.encrypted_key)
    except ValueError:
        raise NotDeliverable(OTHER_KEY) from None
