"""Takes a card off the guide's phone in whose place a newer one has arrived."""

from datetime import datetime

from sqlmodel import Session

from models.ledger.channels import CARD_RECALL
from models.ledger.outbox import Outbox
from scheduler.channels.base import Draft, Json, Plain, Sender, Verification, needless, sent
from scheduler.runtime import Runtime
from wecom.errors import Action, PlatformError


class CardRecall(Plain):
    """payload: {"msgid": str}. Only for tidiness: what cannot be taken back stays, and its taps are understood."""

    name = CARD_RECALL

    def build(self, runtime: Runtime, session: Session, row: Outbox, now: datetime) -> Draft:
        return Draft({"msgid": str(row.payload["msgid"])})

    def send(self, runtime: Runtime, row: Outbox, request: Json) -> Json:
        try:
            return super().send(runtime, row, request)
        except PlatformError as error:
            raise (needless(error) if error.action is Action.REFUSED else error) from None

    def ask(self, runtime: Runtime, row: Outbox, now: datetime) -> Verification:
        """Nobody can be asked whether it was taken back, but taking it back again changes nothing."""
        return sent(runtime.client.call(self.channel.api, {"msgid": str(row.payload["msgid"])}))


SENDER: Sender = CardRecall()
