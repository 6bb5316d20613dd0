"""Brings a card up to date that is on guides' phones already; each code works once."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models.campaigns import Card, CardMessage, card_content, card_messages, cards
from models.campaigns.card_messages import Letter
from models.ledger.channels import CARD_UPDATE
from models.ledger.outbox import Outbox, OutboxStatus
from models.org import Guide
from models.sentences import Sentence
from scheduler.channels.base import Draft, Json, NotDeliverable, Plain, Sender, needless
from scheduler.channels.card import template
from scheduler.channels.notice import seen_by_her
from scheduler.runtime import Runtime
from wecom.errors import Action, PlatformError


class CardUpdate(Plain):
    """payload: {"response_code": str, "task_key": str}, of the copy that it changes; subject_id: the Card.

    Where the code is that of a whole message, payload names it ("message") and there is no subject.
    """

    name = CARD_UPDATE

    def build(self, runtime: Runtime, session: Session, row: Outbox, now: datetime) -> Draft:
        letter = (
            _of_message(runtime, session, row) if "message" in row.payload else _hers(runtime, session, row)
        )
        body = {
            "userids": [guide.userid for guide in letter.guides],
            "agentid": runtime.agent_id,
            "response_code": row.payload["response_code"],
            "template_card": template(runtime, str(row.payload["task_key"]), letter.view),
        }
        return Draft(body, {"cards": letter.versions})

    def send(self, runtime: Runtime, row: Outbox, request: Json) -> Json:
        """A used or expired code: the phone keeps the old card, so this is not 「已送出」; her page shows the truth."""
        try:
            answer = super().send(runtime, row, request)
        except PlatformError as error:
            raise (needless(error) if error.action is Action.DONE else error) from None
        return answer if "message" in row.payload else seen_by_her(answer)

    def landed(self, session: Session, row: Outbox, answer: Json, now: datetime, zone: ZoneInfo) -> None:
        for number, version in (row.notes.get("cards") or {}).items():
            card = session.get(Card, int(number), with_for_update=True)
            if card is not None:
                cards.updated(session, card, int(version), now, row.due_at)

    def failed(self, session: Session, row: Outbox, words: str, now: datetime) -> None:
        """Perhaps she has another code, or a tap has brought one meanwhile."""
        card = session.get(Card, row.subject_id, with_for_update=True) if row.subject_id else None
        if card is not None:
            cards.catch_up(session, card, now, row.due_at)


SENDER: Sender = CardUpdate()


def _hers(runtime: Runtime, session: Session, row: Outbox) -> Letter:
    """Her card as it should be now, if she is still there."""
    card = session.get(Card, row.subject_id) if row.subject_id else None
    if card is None:
        raise NotDeliverable("这张卡片已经不在了")
    guide = session.get_one(Guide, card.guide_id)
    if not guide.present:
        raise NotDeliverable(Sentence("{guide}已离职，不用发了", guide=guide.name), OutboxStatus.CANCELLED)
    return Letter(card_content.view(session, card, runtime.zone), [guide], {str(card.id): card.version})


def _of_message(runtime: Runtime, session: Session, row: Outbox) -> Letter:
    message = session.get(CardMessage, int(row.payload["message"]))
    letter = card_messages.letter(session, message, runtime.zone, older=True) if message else None
    if letter is None:
        raise NotDeliverable("她们的卡片已经是新的，不用改了", OutboxStatus.NEEDLESS)
    return letter
