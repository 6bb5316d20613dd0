"""The app card: one message for all guides whose card says the same; nothing on it makes the platform send."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models.campaigns import CardMessage, card_messages
from models.campaigns.card_content import CardView
from models.campaigns.card_messages import UNSEEN
from models.ledger.channels import CARD
from models.ledger.outbox import DUPLICATE_SECONDS, Outbox, OutboxStatus
from scheduler.channels.base import Draft, Json, NotDeliverable, Plain, Sender, check
from scheduler.runtime import Runtime

MAIN, QUIET = 1, 2
"""Button styles of the platform."""
ALL_OVER = "卡片上的事已停止或结束，不用发了"


class CardSend(Plain):
    """subject_id: the CardMessage; payload: {"guides": [id]} where it is for several, who each have their rate.

    What it says is read when it leaves.
    """

    name = CARD

    def build(self, runtime: Runtime, session: Session, row: Outbox, now: datetime) -> Draft:
        message = session.get(CardMessage, row.subject_id) if row.subject_id else None
        if message is None:
            raise NotDeliverable("这张卡片已经不在了")
        letter = card_messages.letter(session, message, runtime.zone)
        if letter is None:
            raise NotDeliverable(ALL_OVER, OutboxStatus.CANCELLED)
        body = {
            "touser": "|".join(guide.userid for guide in letter.guides),
            "msgtype": "template_card",
            "agentid": runtime.agent_id,
            "template_card": template(runtime, message.task_key, letter.view),
            "enable_duplicate_check": 1,
            "duplicate_check_interval": DUPLICATE_SECONDS,
        }
        return Draft(body, {"cards": letter.versions})

    def landed(self, session: Session, row: Outbox, answer: Json, now: datetime, zone: ZoneInfo) -> None:
        message = session.get(CardMessage, row.subject_id, with_for_update=True)
        if message is not None:
            code = str(answer.get("response_code") or "")
            versions = {str(card): int(version) for card, version in (row.notes.get("cards") or {}).items()}
            unseen = unseen_of(answer)
            card_messages.landed(session, message, versions, unseen, code, now, since=row.due_at)

    def send(self, runtime: Runtime, row: Outbox, request: Json) -> Json:
        answer = super().send(runtime, row, request)
        if set(request["touser"].lower().split("|")) <= unseen_of(answer):
            raise NotDeliverable(UNSEEN)
        return answer


SENDER: Sender = CardSend()


def unseen_of(answer: Json) -> set[str]:
    """Errcode 0, and yet these did not get it: userids in lower case (contract 4.3)."""
    names = f"{answer.get('invaliduser') or ''}|{answer.get('unlicenseduser') or ''}"
    return {name.lower() for name in names.split("|") if name}


def template(runtime: Runtime, task_key: str, view: CardView) -> Json:
    """The view in the platform's words.

    Its first button is an address: buttons that call back are dead where she reads it in WeChat (contract 14).
    """
    rows = [
        {"type": 1, "keyname": line.state, "value": line.text, "url": address(runtime, line.path)}
        for line in view.lines
    ]
    opens = {"type": 1, "url": address(runtime, view.link.path)}
    buttons = [{**opens, "text": view.link.title, "style": MAIN}] + [
        {"type": 0, "text": button.text, "style": QUIET, "key": button.key} for button in view.buttons
    ]
    return with_buttons(task_key, view.title, view.note, rows=rows, opens=opens, buttons=buttons)


def with_buttons(
    task_key: str, title: str, note: str, *, rows: list[Json], opens: Json, buttons: list[Json]
) -> Json:
    """The platform's card with buttons, checked against its limits before it leaves."""
    check("card", {"title": title, "desc": note, "rows": rows, "buttons": buttons, "task_id": task_key})
    return {
        "card_type": "button_interaction",
        "task_id": task_key,
        "main_title": {"title": title} | ({"desc": note} if note else {}),
        "horizontal_content_list": rows,
        "card_action": opens,
        "button_list": buttons,
    }


def address(runtime: Runtime, path: str) -> str:
    return runtime.public_url + path
