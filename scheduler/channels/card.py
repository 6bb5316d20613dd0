"""The app card of a guide and work period; it points to her tasks, and nothing on it makes the platform send."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models import campaigns
from models.campaigns import card_content, cards
from models.campaigns.card_content import CardView
from models.ledger.channels import CARD
from models.ledger.outbox import DUPLICATE_SECONDS, Outbox, OutboxStatus
from models.org import Guide
from models.sentences import Sentence
from scheduler.channels.base import Draft, Json, NotDeliverable, Plain, Sender, check
from scheduler.channels.notice import seen_by_her
from scheduler.runtime import Runtime

MAIN, QUIET = 1, 2
"""Button styles of the platform."""
ALL_OVER = "卡片上的事已停止或结束，不用发了"


class CardSend(Plain):
    """subject_id: the Card. What it says is read when it leaves, so that tasks of the same minute share it."""

    name = CARD

    def build(self, runtime: Runtime, session: Session, row: Outbox, now: datetime) -> Draft:
        guide, card, view = seen(runtime, session, row)
        if card.sent_at is None and not view.buttons:
            raise NotDeliverable(ALL_OVER, OutboxStatus.CANCELLED)
        body = {
            "touser": guide.userid,
            "msgtype": "template_card",
            "agentid": runtime.agent_id,
            "template_card": template(runtime, card.task_key, view),
            "enable_duplicate_check": 1,
            "duplicate_check_interval": DUPLICATE_SECONDS,
        }
        return Draft(body, shown_by(view))

    def send(self, runtime: Runtime, row: Outbox, request: Json) -> Json:
        return seen_by_her(super().send(runtime, row, request))

    def landed(self, session: Session, row: Outbox, answer: Json, now: datetime, zone: ZoneInfo) -> None:
        card = card_landed(session, row, str(answer.get("response_code") or ""), now)
        if card is not None:
            cards.take_back_older(session, card, row, now)


SENDER: Sender = CardSend()


def seen(runtime: Runtime, session: Session, row: Outbox) -> tuple[Guide, campaigns.Card, CardView]:
    """The card as it should be now, for a guide who is still there."""
    card = session.get(campaigns.Card, row.subject_id) if row.subject_id else None
    if card is None:
        raise NotDeliverable("这张卡片已经不在了")
    guide = session.get_one(Guide, card.guide_id)
    if not guide.present:
        raise NotDeliverable(Sentence("{guide}已离职，不用发了", guide=guide.name), OutboxStatus.CANCELLED)
    return guide, card, card_content.view(session, card, runtime.zone)


def template(runtime: Runtime, task_key: str, view: CardView) -> Json:
    """The view in the platform's words; checked against its limits before it leaves."""
    rows = [
        {"type": 1, "keyname": line.state, "value": line.text, "url": address(runtime, line.path)}
        for line in view.lines
    ]
    opens = {"type": 1, "url": address(runtime, view.link.path)}
    buttons = [
        {"type": 0, "text": button.text, "style": MAIN if place == 0 else QUIET, "key": button.key}
        for place, button in enumerate(view.buttons)
    ] or [{**opens, "text": view.link.title, "style": MAIN}]
    check(
        "card",
        {"title": view.title, "desc": view.note, "rows": rows, "buttons": buttons, "task_id": task_key},
    )
    heading = {"title": view.title} | ({"desc": view.note} if view.note else {})
    return {
        "card_type": "button_interaction",
        "task_id": task_key,
        "main_title": heading,
        "horizontal_content_list": rows,
        "jump_list": [{**opens, "title": view.link.title}] if view.buttons else [],
        "card_action": opens,
        "button_list": buttons,
    }


def address(runtime: Runtime, path: str) -> str:
    return runtime.public_url + path


def shown_by(view: CardView) -> Json:
    """What the guide's phone will have, once this has landed."""
    return {"version": view.version, "tasks": list(view.tasks)}


def card_landed(session: Session, row: Outbox, code: str, now: datetime) -> campaigns.Card | None:
    card = session.get(campaigns.Card, row.subject_id, with_for_update=True)
    if card is not None:
        version, tasks = int(row.notes.get("version", 0)), list(row.notes.get("tasks") or [])
        cards.landed(session, card, version, tasks, code, now, since=row.due_at)
    return card
