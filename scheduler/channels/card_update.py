"""Brings a card up to date that is on the guide's phone already; each code works once."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models import campaigns
from models.campaigns import cards
from models.ledger.channels import CARD_UPDATE
from models.ledger.outbox import Outbox
from scheduler.channels.base import Draft, Json, Plain, Sender, needless
from scheduler.channels.card import card_landed, seen, shown_by, template
from scheduler.channels.notice import seen_by_her
from scheduler.runtime import Runtime
from wecom.errors import Action, PlatformError


class CardUpdate(Plain):
    """subject_id: the Card; payload: {"response_code": str}, taken from the card when this row was written.

    "task_key" with it: the copy that she tapped, in whose place another one was sent.
    """

    name = CARD_UPDATE

    def build(self, runtime: Runtime, session: Session, row: Outbox, now: datetime) -> Draft:
        guide, card, view = seen(runtime, session, row)
        body = {
            "userids": [guide.userid],
            "agentid": runtime.agent_id,
            "response_code": row.payload["response_code"],
            "template_card": template(runtime, row.payload.get("task_key", card.task_key), view),
        }
        return Draft(body, shown_by(view))

    def send(self, runtime: Runtime, row: Outbox, request: Json) -> Json:
        """A used or expired code: the phone keeps the old card, so this is not 「已送出」, and a new one follows."""
        try:
            return seen_by_her(super().send(runtime, row, request))
        except PlatformError as error:
            raise (needless(error) if error.action is Action.DONE else error) from None

    def landed(self, session: Session, row: Outbox, answer: Json, now: datetime, zone: ZoneInfo) -> None:
        if "task_key" not in row.payload:
            card_landed(session, row, "", now)

    def failed(self, session: Session, row: Outbox, words: str, now: datetime) -> None:
        """Perhaps a tap has brought a newer code meanwhile; if not, a new card takes its place."""
        card = session.get(campaigns.Card, row.subject_id, with_for_update=True)
        if card is not None:
            cards.catch_up(session, card, now, row.due_at)


SENDER: Sender = CardUpdate()
