"""Takes a card off the guide's phone in whose place a newer one has arrived."""

from models.ledger.channels import CARD_RECALL
from models.ledger.outbox import Outbox
from scheduler.channels.base import Json, Sender, TakeBack, needless
from scheduler.runtime import Runtime
from wecom.errors import Action, PlatformError


class CardRecall(TakeBack):
    """payload: {"msgid": str}. Only for tidiness: what cannot be taken back stays, and its taps are understood."""

    name = CARD_RECALL

    def send(self, runtime: Runtime, row: Outbox, request: Json) -> Json:
        try:
            return super().send(runtime, row, request)
        except PlatformError as error:
            raise (needless(error) if error.action is Action.REFUSED else error) from None


SENDER: Sender = CardRecall()
