"""Customer groups of a guide who left: gives up to 100 at a time another owner, at once and without an event."""

from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models.friends import handover_results
from models.friends.handover import HandedGroup
from models.groups import Group
from models.ledger.channels import GROUP_OWNER_LEFT
from models.ledger.outbox import Outbox, OutboxStatus
from models.org import Guide
from scheduler.channels.base import NOT_SENT, Draft, Json, NotDeliverable, Plain, Sender, Verification, check
from scheduler.runtime import Runtime
from wecom.errcodes import verdict
from wecom.errors import Action


class GroupOwnerLeft(Plain):
    """payload: {"groups": [ids of HandedGroup]}; guide_id: who owns them next."""

    name: ClassVar[str] = GROUP_OWNER_LEFT

    def build(self, runtime: Runtime, session: Session, row: Outbox, now: datetime) -> Draft:
        owner = session.get(Guide, row.guide_id)
        if owner is None or not owner.present:
            raise NotDeliverable("接手的人已经不在岗，换一位")
        chats = list(
            session.exec(
                select(Group.chat_id)
                .join(HandedGroup, col(HandedGroup.group_id) == col(Group.id))
                .where(HandedGroup.outbox_id == row.id, col(HandedGroup.done_at).is_(None))
                .order_by(col(HandedGroup.id))
            )
        )
        if not chats:
            raise NotDeliverable("这些群都已经换好了", OutboxStatus.NEEDLESS)
        named: Json = {"chat_id_list": chats}
        check("group_owner", named)
        return Draft({**named, "new_owner": owner.userid})

    def landed(self, session: Session, row: Outbox, answer: Json, now: datetime, zone: ZoneInfo) -> None:
        failed = {}
        for one in answer.get("failed_chat_list") or []:
            code = one.get("errcode") if isinstance(one, dict) else None
            if isinstance(code, int) and (found := verdict(self.channel.api, code)).action is not Action.DONE:
                failed[str(one.get("chat_id"))] = found.words
        handover_results.groups_moved(session, row, failed, now)

    def failed(self, session: Session, row: Outbox, words: str, now: datetime) -> None:
        handover_results.groups_refused(session, row, words, now)

    def ask(self, runtime: Runtime, row: Outbox, now: datetime) -> Verification:
        """Whether it arrived is not asked: done once more it changes nothing, the platform names what has moved."""
        return NOT_SENT


SENDER: Sender = GroupOwnerLeft()
