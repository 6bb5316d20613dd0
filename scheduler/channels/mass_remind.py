"""Lets the messenger itself remind a guide: her 群发助手 comes to the front, where the one tap is missing."""

from datetime import datetime

from sqlmodel import Session

from models.campaigns import Task
from models.ledger.channels import MASS_REMIND
from models.ledger.outbox import Outbox, OutboxStatus
from scheduler.channels.base import Draft, Json, NotDeliverable, Plain, Sender
from scheduler.runtime import Runtime

DONE_MEANWHILE = "平台刚刚确认她发了，不用提醒"


class MassRemind(Plain):
    """task_id: her task; payload: {"msgid": str}. The platform takes three of them in 24 hours (F15)."""

    name = MASS_REMIND

    def build(self, runtime: Runtime, session: Session, row: Outbox, now: datetime) -> Draft:
        task = session.get(Task, row.task_id) if row.task_id else None
        if task is not None and task.confirmed_at:
            raise NotDeliverable(DONE_MEANWHILE, OutboxStatus.NEEDLESS)
        request: Json = {"msgid": str(row.payload["msgid"])}
        return Draft(request)


SENDER: Sender = MassRemind()
