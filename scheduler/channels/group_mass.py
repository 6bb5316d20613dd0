"""A mass message into customer groups: one task for their owner, who confirms once in her 群发助手."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models.campaigns.announcements import Announcement, AnnouncementGroup, AnnouncementStatus
from models.ledger import outbox
from models.ledger.channels import GROUP_MASS, NOTICE
from models.ledger.outbox import Outbox
from models.org import Guide
from models.sentences import Sentence
from scheduler.channels.base import Draft, Json, NotDeliverable, Sender, check, refuse_stopped
from scheduler.channels.mass import Mass, take_back, task_failed, tasks_landed, text_of
from scheduler.channels.mass_nouns import Nouns
from scheduler.runtime import Runtime

NOT_HERS = "群已解散，或群主换了人，这次没有发"


class GroupMass(Mass):
    """task_id: a campaign's task; or subject_id: an announcement, with payload {"announcement_groups", "chats", "text"}."""

    name = GROUP_MASS
    together = 1

    def build(self, runtime: Runtime, session: Session, row: Outbox, now: datetime) -> Draft:
        if row.task_id is None:
            return announcement_draft(session, row)
        return super().build(runtime, session, row, now)

    def draft(self, session: Session, row: Outbox, nouns: Nouns) -> Draft:
        task, _campaign, guide = nouns.people.of(row)
        parts = nouns.parts(session, task)
        return Draft(body_of(guide, nouns.addressed[row.id or 0], task.text, parts), parts=parts)

    def wanted(self, session: Session, row: Outbox) -> None:
        if row.task_id is None:
            refuse_stopped(session.get_one(Announcement, row.subject_id))
        super().wanted(session, row)

    def landed(self, session: Session, row: Outbox, answer: Json, now: datetime, zone: ZoneInfo) -> None:
        if row.task_id is not None:
            tasks_landed(session, [(row, answer)], now, zone)
            return
        announcement = session.get_one(Announcement, row.subject_id)
        if announcement.status == AnnouncementStatus.CANCELLED:  # stopped while this call was out
            take_back(session, row, answer, now)
            return
        refused = set(answer.get("fail_list") or [])
        for share, chat in zip(shares(session, row), row.payload["chats"], strict=True):
            if chat in refused:
                share.skipped = NOT_HERS
            else:
                share.msgid, share.ready_at, share.skipped = str(answer.get("msgid") or ""), now, ""
        text = f"总部公告「{announcement.title}」等你发到 {len(row.payload['chats'])} 个客户群：打开群发助手，点一次发送。"
        outbox.put(
            session,
            NOTICE,
            f"announcement:{announcement.id}:tell:{row.id}",
            now=now,
            since=row.due_at,
            guide_id=row.guide_id,
            target=row.target,
            why=Sentence("公告「{announcement}」", announcement=announcement.title),
            payload={"text": text},
        )

    def failed(self, session: Session, row: Outbox, words: str, now: datetime) -> None:
        if row.task_id is not None:
            task_failed(session, row, words)
            return
        for share in shares(session, row):
            share.skipped = words


SENDER: Sender = GroupMass()


def announcement_draft(session: Session, row: Outbox) -> Draft:
    announcement = session.get_one(Announcement, row.subject_id)
    guide = session.get(Guide, row.guide_id) if row.guide_id else None
    refuse_stopped(announcement)
    if guide is None or not guide.present:
        raise NotDeliverable("群主已离职，请先分配新群主")
    return Draft(body_of(guide, list(row.payload["chats"]), str(row.payload["text"])))


def body_of(guide: Guide, chats: list[str], text: str, attachments: Sequence[object] = ()) -> Json:
    fields = {"text": text, "attachments": attachments, "chat_id_list": chats, "sender": guide.userid}
    check("group_mass", fields)
    return {"chat_type": "group", "sender": guide.userid, "chat_id_list": chats} | text_of(text)


def shares(session: Session, row: Outbox) -> list[AnnouncementGroup]:
    """The groups of an announcement's row, in its own order."""
    ids = row.payload.get("announcement_groups") or []
    found = {
        share.id: share
        for share in session.exec(select(AnnouncementGroup).where(col(AnnouncementGroup.id).in_(ids)))
    }
    return [found[one] for one in ids]
