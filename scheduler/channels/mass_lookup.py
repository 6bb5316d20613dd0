"""An answer that never came: was the mass message made all the same? Read from the platform."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlmodel import col, select

from models.campaigns import Task
from models.campaigns.announcements import AnnouncementGroup
from models.ledger.channels import confirmed
from models.ledger.outbox import Outbox, OutboxStatus
from scheduler.channels.base import NOT_SENT, STILL_UNKNOWN, Json, Verification, sent
from scheduler.runtime import Runtime
from wecom.errors import PlatformError
from wecom.pagination import Incomplete, rows

AROUND = timedelta(minutes=10)
"""A task of ours was made so close to the time when its call left."""
SETTLED = timedelta(seconds=30)
"""So long the platform may take to list a task that it has accepted."""


def look_for(runtime: Runtime, row: Outbox, now: datetime) -> Verification:
    """Look through the tasks made around the call for one with our text, picture and guide that no row has yet."""
    request, called_at = row.request or {}, row.written_at or row.called_at or row.created_at
    try:
        for candidate in listed(runtime, str(request.get("chat_type") or "single"), called_at, now):
            msgid = str(candidate.get("msgid") or "")
            if (
                same_content(candidate, request)
                and not adopted(runtime, msgid)
                and sent_by(runtime, msgid, request)
            ):
                return sent({"msgid": msgid, "fail_list": []})
    except (Incomplete, PlatformError) as error:
        return Verification(OutboxStatus.UNKNOWN, words=error.words)
    return NOT_SENT if now - called_at >= SETTLED else STILL_UNKNOWN


def listed(runtime: Runtime, chat_type: str, called_at: datetime, now: datetime) -> Iterator[Json]:
    start, end = called_at - AROUND, max(called_at, now) + AROUND
    body = {
        "chat_type": chat_type,
        "start_time": int(start.timestamp()),
        "end_time": int(end.timestamp()),
        "filter_type": 0,
        "limit": 100,
    }
    return rows(runtime.client, "externalcontact/get_groupmsg_list_v2", body, "group_msg_list")


def same_content(candidate: Json, request: Json) -> bool:
    """Text and pictures are ours; a field that the platform does not show is no difference."""
    texts = [str((one.get("text") or {}).get("content") or "") for one in (candidate, request)]
    media = [
        [(one.get("image") or {}).get("media_id") for one in content.get("attachments") or []]
        for content in (candidate, request)
    ]
    shown = [one for one in media[0] if one]
    return texts[0] == texts[1] and len(media[0]) == len(media[1]) and (not shown or shown == media[1])


def adopted(runtime: Runtime, msgid: str) -> bool:
    """Some task or announcement has this message already."""
    with runtime.db.read() as session:
        task = select(Task.id).where(Task.msgid == msgid)
        group = select(AnnouncementGroup.id).where(AnnouncementGroup.msgid == msgid)
        known = select(Outbox.id).where(
            col(Outbox.channel).in_(confirmed()), col(Outbox.answer)["msgid"].as_string() == msgid
        )
        return any(session.exec(query.limit(1)).first() is not None for query in (task, group, known))


def sent_by(runtime: Runtime, msgid: str, request: Json) -> bool:
    """The list does not name the guide; the message's task list does."""
    userid = str(request.get("sender") or "").lower()
    tasks = rows(
        runtime.client, "externalcontact/get_groupmsg_task", {"msgid": msgid, "limit": 1000}, "task_list"
    )
    return any(str(row.get("userid") or "").lower() == userid for row in tasks)
