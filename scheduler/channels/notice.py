"""A line to a guide in the app's chat."""

from datetime import datetime

from sqlmodel import Session

from models.campaigns.card_messages import UNSEEN
from models.ledger.channels import NOTICE
from models.ledger.outbox import DUPLICATE_SECONDS, Outbox, OutboxStatus
from models.org import Guide
from models.sentences import Sentence
from scheduler.channels.base import Draft, Json, NotDeliverable, Plain, Sender, check
from scheduler.runtime import Runtime


class Notice(Plain):
    """payload: {"text": str}; to the row's guide, or to payload["userid"] where it is no guide (HQ's own people)."""

    name = NOTICE

    def build(self, runtime: Runtime, session: Session, row: Outbox, now: datetime) -> Draft:
        text = str(row.payload.get("text") or "")
        check("notice_text", {"text": text})
        # the platform drops a second copy of the same JSON: the row's number keeps two equal texts apart
        return Draft(
            {
                "touser": receiver(session, row),
                "msgtype": "text",
                "agentid": runtime.agent_id,
                "text": {"content": text},
                "enable_duplicate_check": 1,
                "duplicate_check_interval": DUPLICATE_SECONDS + (row.id or 0) % 1000,
            }
        )

    def send(self, runtime: Runtime, row: Outbox, request: Json) -> Json:
        return seen_by_her(super().send(runtime, row, request))


SENDER: Sender = Notice()


def seen_by_her(answer: Json) -> Json:
    """Errcode 0, and yet nobody may have got it."""
    if answer.get("invaliduser") or answer.get("unlicenseduser"):
        raise NotDeliverable(UNSEEN)
    return answer


def receiver(session: Session, row: Outbox) -> str:
    guide = session.get(Guide, row.guide_id) if row.guide_id else None
    if guide and not guide.present:
        raise NotDeliverable(Sentence("{guide}已离职，不用发了", guide=guide.name), OutboxStatus.CANCELLED)
    userid = guide.userid if guide else str(row.payload.get("userid") or "")
    if not userid:
        raise NotDeliverable("没有写明发给谁")
    return userid
