"""Takes a mass message back from the 群发助手 of a guide who has not sent it; what she sent stays sent."""

from datetime import datetime

from sqlmodel import Session

from models.ledger.channels import MASS_CANCEL
from models.ledger.outbox import Outbox
from scheduler.channels.base import Draft, Plain, Sender, Verification, sent
from scheduler.runtime import Runtime


class MassCancel(Plain):
    """payload: {"msgid": str}. The platform does not mind being told twice."""

    name = MASS_CANCEL

    def build(self, runtime: Runtime, session: Session, row: Outbox, now: datetime) -> Draft:
        return Draft({"msgid": str(row.payload["msgid"])})

    def ask(self, runtime: Runtime, row: Outbox, now: datetime) -> Verification:
        """Nobody can be asked whether it was cancelled, but cancelling again changes nothing."""
        return sent(runtime.client.call(self.channel.api, {"msgid": str(row.payload["msgid"])}))


SENDER: Sender = MassCancel()
