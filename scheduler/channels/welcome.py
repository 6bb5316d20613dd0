"""The welcome: one text in the guide's name, within 20 seconds of becoming friends, never twice."""

from datetime import datetime

from sqlmodel import Session

from models.friends import Customer, Friend
from models.ledger import outbox
from models.ledger.channels import NOTICE, WELCOME
from models.ledger.outbox import Outbox, OutboxStatus
from scheduler.channels.base import Draft, Json, NotDeliverable, Plain, Sender, check, refused
from scheduler.runtime import Runtime
from wecom.errors import Action, PlatformError

NO_CODE = "平台没有给欢迎语凭证，这次没有欢迎语"
TAKEN = "平台先发了那一条（后台配置了欢迎语、别的应用抢先，或双方已在聊天），这次没有再发"


class WelcomeChannel(Plain):
    """payload: {"welcome_code": str, "text": str}; the row's deadline is the platform's 20 seconds."""

    name = WELCOME
    at_once = True

    def build(self, runtime: Runtime, session: Session, row: Outbox, now: datetime) -> Draft:
        code, text = str(row.payload.get("welcome_code") or ""), str(row.payload.get("text") or "")
        if not code:
            raise NotDeliverable(NO_CODE)
        check("welcome", {"text": text})
        return Draft({"welcome_code": code, "text": {"content": text}})

    def send(self, runtime: Runtime, row: Outbox, request: Json) -> Json:
        """A code that was used before us: by our own try that was answered "busy", or else by somebody else."""
        try:
            return super().send(runtime, row, request)
        except PlatformError as error:
            if error.action is Action.DONE and row.attempts == 1:
                raise refused(error, TAKEN) from None
            raise

    def failed(self, session: Session, row: Outbox, words: str, now: datetime) -> None:
        """Where nobody knows whether it arrived, only the guide can look into the chat: she gets a line."""
        if row.status != OutboxStatus.UNKNOWN or row.guide_id is None:
            return
        text = f"给{_name(session, row)}的欢迎语发出后没有回音，可能没到。请看一眼聊天，没有的话亲自问个好。"
        outbox.put(
            session,
            NOTICE,
            f"doubt:{row.id}",
            now=now,
            since=row.due_at,
            guide_id=row.guide_id,
            friend_id=row.friend_id,
            target=row.target,
            why="欢迎语没有回音",
            payload={"text": text},
        )


SENDER: Sender = WelcomeChannel()


def _name(session: Session, row: Outbox) -> str:
    friend = session.get(Friend, row.friend_id) if row.friend_id else None
    customer = session.get(Customer, friend.customer_id) if friend else None
    return customer.name if customer and customer.name else "新好友"
