"""Takes a 【测试】 off the phone where it arrived."""

from models.ledger.channels import REHEARSAL_RECALL
from models.ledger.outbox import Outbox
from scheduler.channels.base import Json, Sender, TakeBack, needless
from scheduler.runtime import Runtime
from wecom.errors import Action, PlatformError


class RehearsalRecall(TakeBack):
    """payload: {"msgid": str}. What the platform does not take back stays, marked 【测试】, and harms nobody."""

    name = REHEARSAL_RECALL

    def send(self, runtime: Runtime, row: Outbox, request: Json) -> Json:
        try:
            return super().send(runtime, row, request)
        except PlatformError as error:
            raise (needless(error) if error.action is Action.REFUSED else error) from None


SENDER: Sender = RehearsalRecall()
