"""Takes a post back from the 客户朋友圈 of the guides who have not published it; what is published stays."""

from datetime import datetime

from sqlmodel import Session

from models.ledger.channels import MOMENT_CANCEL
from models.ledger.outbox import Outbox
from scheduler.channels.base import Draft, Plain, Sender, Verification, sent
from scheduler.runtime import Runtime


class MomentCancel(Plain):
    """payload: {"moment_id": str}. Taking it back again changes nothing."""

    name = MOMENT_CANCEL

    def build(self, runtime: Runtime, session: Session, row: Outbox, now: datetime) -> Draft:
        return Draft({"moment_id": str(row.payload["moment_id"])})

    def ask(self, runtime: Runtime, row: Outbox, now: datetime) -> Verification:
        return sent(runtime.client.call(self.channel.api, {"moment_id": str(row.payload["moment_id"])}))


SENDER: Sender = MomentCancel()
