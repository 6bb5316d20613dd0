"""Brings a card up to date that is on the guide's phone already; each code works once."""

from datetime import datetime

from sqlmodel import Session

from models import campaigns
from models.campaigns import cards
from models.ledger.outbox import Outbox
from scheduler.channels.base import OURS, Json, NotDeliverable, Plain, leaving
from scheduler.channels.card import card_landed, seen, template
from scheduler.channels.notice import UNSEEN
from scheduler.runtime import Runtime
from wecom.errors import PlatformError


class CardUpdate(Plain):
    """subject_id: the Card; payload: {"response_code": str}, taken from the card when this row was written."""

    name = "card_update"
    api = "message/update_template_card"

    def wait(self, runtime: Runtime, row: Outbox, now: datetime) -> float:
        return runtime.windows.take("api", self.api, now)

    def build(self, runtime: Runtime, session: Session, row: Outbox, now: datetime) -> Json:
        guide, card, view = seen(runtime, session, row)
        return {
            "userids": [guide.userid],
            "agentid": runtime.agent_id,
            "response_code": row.payload["response_code"],
            "template_card": template(runtime, card.task_key, view),
            OURS: {"version": view.version, "tasks": list(view.tasks)},
        }

    def send(self, runtime: Runtime, row: Outbox, request: Json) -> Json:
        answer = runtime.client.call(self.api, leaving(request))
        if answer.get("invaliduser"):
            raise NotDeliverable(UNSEEN)
        return answer

    def landed(self, session: Session, row: Outbox, answer: Json, now: datetime) -> None:
        card_landed(session, row, "", now)

    def done(self, row: Outbox, error: PlatformError) -> bool:
        """A used or expired code: the phone keeps the old card, so this is not 「已送出」."""
        return False

    def failed(self, session: Session, row: Outbox, words: str, now: datetime) -> None:
        another(session, row, now)

    def doubtful(self, session: Session, row: Outbox, words: str, now: datetime) -> None:
        another(session, row, now)


def another(session: Session, row: Outbox, now: datetime) -> None:
    """Perhaps a tap has brought a newer code meanwhile; if not, a new task is told in a line of its own."""
    card = session.get(campaigns.Card, row.subject_id, with_for_update=True)
    if card is not None and card.version > card.shown:
        cards.catch_up(session, card, now)
