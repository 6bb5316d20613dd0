"""A 【测试】 of a campaign: to HQ's people what a customer would get, to a named guide a card that opens its page."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models.campaigns import rehearsals
from models.campaigns.attachments import Attachment, AttachmentForm
from models.campaigns.card_content import NOTE, TITLE
from models.campaigns.guide_day import TODAY
from models.campaigns.pictures import poster_plan
from models.campaigns.rehearsals import MARK, Rehearsal
from models.ledger.channels import REHEARSAL
from models.ledger.outbox import DUPLICATE_SECONDS, Outbox, OutboxStatus
from models.org import Guide, store_of
from models.sentences import Sentence
from scheduler.channels.base import Draft, Json, NotDeliverable, Part, Plain, Sender, check
from scheduler.channels.card import MAIN, address, with_buttons
from scheduler.channels.mass_nouns import shared_part
from scheduler.channels.notice import receiver, seen_by_her
from scheduler.runtime import Runtime

NO_CODE = "没有能用的入口码可印，海报没有发。其余的发了"


class RehearsalSend(Plain):
    """subject_id: the Rehearsal; payload: {"piece": which of its messages, "userid": of an account}."""

    name = REHEARSAL

    def build(self, runtime: Runtime, session: Session, row: Outbox, now: datetime) -> Draft:
        one = session.get(Rehearsal, row.subject_id) if row.subject_id else None
        if one is None or one.withdrawn_at:
            raise NotDeliverable("测试已撤回，没有再发", OutboxStatus.CANCELLED)
        body: Json = {
            "touser": receiver(session, row),
            "agentid": runtime.agent_id,
            "enable_duplicate_check": 1,
            # the platform drops a second copy of the same JSON: the row's number keeps two rehearsals apart
            "duplicate_check_interval": DUPLICATE_SECONDS + (row.id or 0) % 1000,
        }
        if one.guide_id:
            return Draft(body | {"msgtype": "template_card", "template_card": _card(runtime, one)})
        message = list(rehearsals.messages(session, one))[int(row.payload["piece"])]
        if message.attachment is None:
            check("notice_text", {"text": message.text})
            return Draft(body | {"msgtype": "text", "text": {"content": message.text}})
        said = _said(message.attachment)
        if said:
            return Draft(body | said)
        return Draft(body, parts=(_part(session, one, message.attachment),))

    def send(self, runtime: Runtime, row: Outbox, request: Json) -> Json:
        """An upload becomes an app message of its own."""
        body = {name: value for name, value in request.items() if name != "attachments"}
        for made in request.get("attachments", ()):
            kind = made["msgtype"]
            body |= {"msgtype": kind, kind: made[kind]}
        return seen_by_her(super().send(runtime, row, body))

    def landed(self, session: Session, row: Outbox, answer: Json, now: datetime, zone: ZoneInfo) -> None:
        rehearsals.landed(session, row, answer, now)

    def superfluous(self, session: Session, row: Outbox, answer: Json, now: datetime) -> None:
        rehearsals.landed(session, row, answer, now)


SENDER: Sender = RehearsalSend()


def _card(runtime: Runtime, one: Rehearsal) -> Json:
    """The card as the campaign's own, marked; its one button only opens the page, nothing comes back to us."""
    fields = one.fields
    until = f"{fields.ends_at.astimezone(runtime.zone):%m-%d %H:%M} 前"
    title = f"{MARK}{' '.join((fields.card_title or fields.name).split())}"
    note = " ".join(fields.card_note.split()) or until
    page = {"type": 1, "url": address(runtime, f"{TODAY}rehearsals/{one.code}")}
    return with_buttons(
        f"rehearsal-{one.id}-{one.code}",
        title[:TITLE],
        note[:NOTE],
        rows=[{"type": 0, "keyname": "测试", "value": "只给你先看，没有客户收到"}],
        opens=page,
        buttons=[{**page, "text": "打开看看", "style": MAIN}],
    )


def _said(one: Attachment) -> Json:
    """What an app message says in its own words: a link as a card of text, a mini-program by its name."""
    if one.form == AttachmentForm.LINK:
        card = {
            "title": _bytes(f"{MARK}{one.title}", 128),
            "description": one.note or one.url[:200],
            "url": one.url,
        }
        return {"msgtype": "textcard", "textcard": card}
    if one.form == AttachmentForm.PROGRAM:
        text = f"{MARK}这里是小程序「{one.title}」的卡片，应用消息放不了，只写名字"
        return {"msgtype": "text", "text": {"content": text}}
    return {}


def _bytes(text: str, most: int) -> str:
    return text.encode()[:most].decode(errors="ignore")


def _part(session: Session, one: Rehearsal, attachment: Attachment) -> Part:
    """What has to be drawn or uploaded, in the name of the sample guide."""
    if attachment.form != AttachmentForm.POSTER:
        return shared_part(session, attachment)
    guide = session.get(Guide, one.sample_id) if one.sample_id else None
    plan = poster_plan(session, attachment, guide, store_of(session, guide)) if guide else None
    if plan is None:
        raise NotDeliverable(Sentence(NO_CODE))
    return Part("image", media=plan)
