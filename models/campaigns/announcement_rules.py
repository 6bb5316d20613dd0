"""What an announcement may say, and whom it would reach: asked while it is written, and once more when it is planned."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from models import placeholders
from models.groups import Group, GroupKind, GroupStatus, robots
from models.ledger.channels import GROUP_MASS
from models.names import line_fault, text_fault
from models.org import Guide, GuideStatus
from models.sentences import Sentence, of_platform
from wecom.limits import limit_of, violations

LONGEST_TITLE = 40
ROBOT_BYTES = limit_of("robot_text", "text").most
OWNER_BYTES = limit_of(GROUP_MASS, "text").most


@dataclass(frozen=True)
class GroupReach:
    """Which groups it would reach, and which it cannot."""

    groups: tuple[int, ...]
    by_robot: int
    by_owner: int
    owners: int
    silent: int
    """Internal, without a robot"""
    ownerless: int
    """Of customers, without an owner who is here"""

    @property
    def most(self) -> int:
        """The longest text in bytes: robots take less than owners do."""
        return ROBOT_BYTES if self.by_robot or self.silent or not self.by_owner else OWNER_BYTES


def reach_of(session: Session, *chosen: ColumnElement[bool]) -> GroupReach:
    """The chosen groups, by how they can be reached."""
    internal = [*chosen, col(Group.status) == GroupStatus.ACTIVE, col(Group.kind) == GroupKind.INTERNAL]
    everyone = set(session.exec(select(Group.id).where(*internal)))
    robot = set(session.exec(select(Group.id).where(*internal, robots.speaks())))
    present = select(Guide.id).where(Guide.status == GuideStatus.ACTIVE)
    customer = list(
        session.exec(
            select(Group.id, Group.owner_id, col(Group.owner_id).in_(present)).where(
                *chosen, col(Group.status) == GroupStatus.ACTIVE, Group.kind == GroupKind.CUSTOMER
            )
        )
    )
    owned = [owner for _group, owner, there in customer if owner and there]
    found = sorted(one for one in everyone | {group for group, _owner, _there in customer} if one)
    return GroupReach(
        tuple(found),
        len(robot),
        len(owned),
        len(set(owned)),
        len(everyone - robot),
        len(customer) - len(owned),
    )


def complaints(title: str, text: str, reach: GroupReach) -> dict[str, str]:
    """What cannot stay so, by field, in words; empty when it may leave."""
    found: dict[str, str] = {}
    if not 1 <= len(title.strip()) <= LONGEST_TITLE:
        found["title"] = Sentence("标题要 1 到 {n} 个字，现在 {m} 个", n=LONGEST_TITLE, m=len(title))
    elif fault := line_fault(title.strip()):
        found["title"] = fault
    by_robot = reach.most == ROBOT_BYTES
    fields = {"text": text.strip()} if by_robot else {"text": text.strip(), "sender": "x"}
    if wrong := violations("robot_text" if by_robot else GROUP_MASS, fields):
        found["text"] = of_platform(wrong[0])
    elif strange := placeholders.complaint(text):
        found["text"] = strange
    elif fault := text_fault(text):
        found["text"] = fault
    if not reach.groups:
        found["groups"] = Sentence("这样选，一个群也没有。请选群的种类，或换一个分公司")
    elif not reach.by_robot and not reach.by_owner:
        found["groups"] = Sentence(
            "选中的 {n} 个群都发不了：内部群里没有机器人，客户群没有在职的群主", n=len(reach.groups)
        )
    return found
