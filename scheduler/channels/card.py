"""The app card of a guide and work period; it points to her tasks, and nothing on it makes the platform send."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models import campaigns
from models.campaigns import card_content, cards
from models.campaigns.card_content import CardView
from models.campaigns.guide_day import TODAY
from models.ledger.channels import CARD
from models.ledger.outbox import DUPLICATE_SECONDS, Outbox
from models.org import Guide
from scheduler.channels.base import Draft, Json, NotDeliverable, Plain, Sender, check
from scheduler.channels.notice import seen_by_her
from scheduler.runtime import Runtime

MAIN, QUIET = 1, 2
"""Button styles of the platform."""


class CardSend(Plain):
    """subject_id: the Card. What it says is read when it leaves, so that tasks of the same minute share it."""

    name = CARD

    def build(self, runtime: Runtime, session: Session, row: Outbox, now: datetime) -> Draft:
        guide, card, view = seen(runtime, session, row)
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
        card_landed(session, row, str(answer.get("response_code") or ""), now)


SENDER: Sender = CardSend()


def seen(runtime: Runtime, session: Session, row: Outbox) -> tuple[Guide, campaigns.Card, CardView]:
    """The card as it should be now, for a guide who is still there."""
    card = session.get(campaigns.Card, row.subject_id) if row.subject_id else None
    if card is None:
        raise NotDeliverable("这张卡片已经不在了")
    guide = session.get_one(Guide, card.guide_id)
    if not guide.present:
        raise NotDeliverable(f"{guide.name}已离职，没有发")
    view = card_content.view(session, card, runtime.zone)
    if not view.tasks:
        raise NotDeliverable("卡片上已没有任务，没有发")
    return guide, card, view


def template(runtime: Runtime, task_key: str, view: CardView) -> Json:
    """The view in the platform's words; checked against its limits before it leaves."""
    rows = [{"keyname": line.state, "value": line.text} for line in view.lines]
    buttons = [button_of(runtime, button) for button in view.buttons]
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
        "jump_list": [
            {"type": 1, "title": link.title, "url": address(runtime, link.path)} for link in view.links
        ],
        "card_action": {"type": 1, "url": address(runtime, TODAY)},
        "button_list": buttons,
    }


def button_of(runtime: Runtime, button: card_content.CardButton) -> dict[str, Any]:
    look = {"text": button.text, "style": MAIN if button.main or button.path else QUIET}
    return look | (
        {"type": 0, "key": button.key} if button.key else {"type": 1, "url": address(runtime, button.path)}
    )


def address(runtime: Runtime, path: str) -> str:
    return runtime.public_url + path


def shown_by(view: CardView) -> Json:
    """What the guide's phone will have, once this has landed."""
    return {"version": view.version, "tasks": list(view.tasks)}


def card_landed(session: Session, row: Outbox, code: str, now: datetime) -> None:
    card = session.get(campaigns.Card, row.subject_id, with_for_update=True)
    if card is not None:
        version, tasks = int(row.notes.get("version", 0)), list(row.notes.get("tasks") or [])
        cards.landed(session, card, version, tasks, code, now, since=row.due_at)
