"""A guide's mass message: the platform makes a task in her 群发助手; customers receive it when she taps there."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from models.campaigns import (
    Campaign,
    CampaignStatus,
    Task,
    TaskAudience,
    cards,
    lifecycle,
    recipients,
    results,
)
from models.campaigns.attachments import Attachment, AttachmentForm
from models.campaigns.audience import part_of
from models.campaigns.files import StoredFile
from models.campaigns.lifecycle import PAUSED_WORDS
from models.campaigns.pictures import Picture, poster_plan
from models.friends import entry_codes
from models.ledger.channels import MASS
from models.ledger.outbox import Outbox, OutboxStatus
from models.org import Guide, Store
from models.sentences import Sentence
from scheduler.channels.base import (
    Bytes,
    Draft,
    Json,
    NotDeliverable,
    NotYet,
    Part,
    Plain,
    Sender,
    Verification,
    check,
)
from scheduler.channels.mass_lookup import look_for
from scheduler.runtime import Runtime

LOOK_SECONDS = 60.0
"""The longest wait before a row looks again whether it may go."""
CODE_LOOK_SECONDS = 3.0
"""The shortest wait between two looks for a code; it grows with the row's age, since thousands may wait at once."""
CODE_FIRST = "她的渠道码正在做，做好就发"
NO_CODE = "她的渠道码没建成，海报上没有码可印"
OVER = "活动已停止或到了截止时间，没有再发"
STOPPED = 41093


class Mass(Plain):
    """task_id: the guide's task; payload: {"part": number of this call}."""

    name = MASS

    def wait(self, runtime: Runtime, row: Outbox, now: datetime) -> float:
        """The platform's rate per API; before it, a paused campaign, and a poster whose code is still being made."""
        with runtime.db.read() as session:
            campaign = session.get(Campaign, row.campaign_id) if row.campaign_id else None
            if campaign and campaign.status == CampaignStatus.PAUSED:
                raise NotYet(LOOK_SECONDS, PAUSED_WORDS)
            drawn = campaign is not None and campaign.own_poster is not None
            if drawn and entry_codes.in_the_making(session, row.guide_id or 0):
                age = (now - row.created_at).total_seconds()
                raise NotYet(min(max(CODE_LOOK_SECONDS, age / 4), LOOK_SECONDS), CODE_FIRST)
        return super().wait(runtime, row, now)

    def build(self, runtime: Runtime, session: Session, row: Outbox, now: datetime) -> Draft:
        task, campaign, guide = of(session, row)
        customers = addressed(session, row, task, campaign)
        parts = parts_of(session, campaign, guide, task)
        check("mass", {"text": task.text, "attachments": parts, "external_userid": customers})
        body: Json = {"chat_type": "single", "external_userid": customers, "sender": guide.userid}
        return Draft(body | text_of(task.text), parts=parts)

    def wanted(self, session: Session, row: Outbox) -> None:
        """Drawing and uploading take seconds, and a frozen process wakes whenever it does."""
        if row.task_id is not None:
            of(session, row)

    def landed(self, session: Session, row: Outbox, answer: Json, now: datetime, zone: ZoneInfo) -> None:
        task_landed(session, row, answer, now, zone)

    def superfluous(self, session: Session, row: Outbox, answer: Json, now: datetime) -> None:
        """A second one must not wait on her phone. The first may be this very one: found by asking, or noted by a person."""
        kept = session.get_one(Outbox, row.id, populate_existing=True)
        if kept.status != OutboxStatus.SENT or (kept.answer or answer).get("msgid") != answer.get("msgid"):
            take_back(session, row, answer, now)

    def failed(self, session: Session, row: Outbox, words: str, now: datetime) -> None:
        task_failed(session, row, words)

    def ask(self, runtime: Runtime, row: Outbox, now: datetime) -> Verification:
        return look_for(runtime, row, now)


SENDER: Sender = Mass()


def of(session: Session, row: Outbox) -> tuple[Task, Campaign, Guide]:
    """The nouns of a row, if it may still leave."""
    task = session.get(Task, row.task_id) if row.task_id else None
    if task is None:
        raise NotDeliverable("这件任务已经不在了")
    campaign, guide = session.get_one(Campaign, task.campaign_id), session.get_one(Guide, task.guide_id)
    if campaign.over:
        raise NotDeliverable(OVER, OutboxStatus.CANCELLED)
    if not guide.present:
        raise NotDeliverable(Sentence("{guide}已离职，她的好友还没有交接，这次没有发", guide=guide.name))
    return task, campaign, guide


def addressed(session: Session, row: Outbox, task: Task, campaign: Campaign) -> list[str]:
    """Those of the guide's share who belong to this call, as the platform names them."""
    members = session.exec(select(col(TaskAudience.members)).where(TaskAudience.task_id == task.id)).one()
    part = part_of(campaign.channel, members, int(row.payload.get("part", 0)))
    return list(recipients.names_of(session, campaign.channel, part).values())


def text_of(text: str) -> Json:
    return {"text": {"content": text}} if text.strip() else {}


def parts_of(session: Session, campaign: Campaign, guide: Guide, task: Task) -> tuple[Part, ...]:
    """The campaign's attachments as her message carries them, her poster with her own code."""
    return tuple(_part(session, one, guide, task) for one in campaign.attached)


def shared_parts(session: Session, campaign: Campaign) -> tuple[Part, ...]:
    """The attachments where they are the same for all guides."""
    return tuple(_shared_part(session, one) for one in campaign.attached)


def _part(session: Session, one: Attachment, guide: Guide, task: Task) -> Part:
    if one.form != AttachmentForm.POSTER:
        return _shared_part(session, one)
    store = session.get(Store, task.store_id) if task.store_id else None
    plan = poster_plan(session, one, guide, store)
    if plan is None:
        raise NotDeliverable(NO_CODE)
    return Part("image", media=plan)


def _shared_part(session: Session, one: Attachment) -> Part:
    match one.form:
        case AttachmentForm.POSTER:
            raise NotDeliverable("一条发给所有导购的内容里，放不了每位导购自己的海报")
        case AttachmentForm.PICTURE:
            return Part("image", media=_picture(session, one.picture_id))
        case AttachmentForm.LINK:
            card = {"title": one.title, "desc": one.note, "url": one.url}
            said = {name: words for name, words in card.items() if words}
            return Part("link", said, _picture(session, one.picture_id) if one.picture_id else None)
        case AttachmentForm.PROGRAM:
            card = {"title": one.title, "appid": one.appid, "page": one.page}
            return Part("miniprogram", card, _picture(session, one.picture_id))
        case _:
            return Part(one.form, media=_file(session, one.file_id))


def _picture(session: Session, picture_id: int | None) -> Bytes:
    named = select(Picture.id, Picture.sha256, func.length(Picture.content), Picture.mime)
    found = session.exec(named.where(Picture.id == picture_id)).one_or_none()
    if found is None:
        raise NotDeliverable("活动的图片已经不在了")
    row_id, sha256, size, mime = found
    name = "picture.jpg" if mime == "image/jpeg" else "picture.png"
    return Bytes(Picture, row_id or 0, sha256, size, name)


def _file(session: Session, file_id: int | None) -> Bytes:
    named = select(StoredFile.id, StoredFile.sha256, StoredFile.size, StoredFile.name)
    found = session.exec(named.where(StoredFile.id == file_id)).one_or_none()
    if found is None:
        raise NotDeliverable("活动的文件已经不在了")
    row_id, sha256, size, name = found
    return Bytes(StoredFile, row_id or 0, sha256, size, name)


def task_landed(session: Session, row: Outbox, answer: Json, now: datetime, zone: ZoneInfo) -> None:
    """The task waits in her 群发助手: she gets a card, and HQ sees whom the platform refused."""
    task = session.get_one(Task, row.task_id)
    msgid, refused = str(answer.get("msgid") or ""), [str(one) for one in answer.get("fail_list") or []]
    part = int(row.payload.get("part", 0))
    if part:
        task.more_msgids = {**task.more_msgids, str(part): msgid}
    else:
        task.msgid = msgid
    task.ready_at, task.skipped, task.poll_at = task.ready_at or now, "", now
    task.poster = str(row.notes.get("poster") or task.poster)
    if row.notes.get("media_id"):
        task.media_id = str(row.notes["media_id"])
    if refused:
        results.refuse(session, task, refused)
    session.add(task)
    campaign = session.get_one(Campaign, task.campaign_id)
    if campaign.over:
        # stopped while this call was out: taken back as the others were
        campaign.closed_at = task.closed_at = None
        return
    cards.show(session, task, now, zone, since=row.due_at)


def take_back(session: Session, row: Outbox, answer: Json, now: datetime) -> None:
    """What the platform has just made goes again, before anybody sends it."""
    guide, msgid = session.get(Guide, row.guide_id) if row.guide_id else None, str(answer.get("msgid") or "")
    if guide and msgid:
        lifecycle.take_back_message(session, msgid, guide, now, since=now)


def task_failed(session: Session, row: Outbox, words: str) -> None:
    task = session.get(Task, row.task_id) if row.task_id else None
    if task is not None and not task.msgid:
        task.skipped = words
