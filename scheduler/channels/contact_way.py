"""Entry codes: asks the platform for a contact way, then reads the payload out of its picture."""

import logging
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models.friends import entry_codes
from models.friends.entry_codes import EntryCode
from models.ledger.channels import CONTACT_WAY
from models.ledger.outbox import Outbox, OutboxStatus
from posters.fields import PosterRefused
from scheduler.channels.base import (
    NOT_SENT,
    Draft,
    Json,
    NotDeliverable,
    Plain,
    Sender,
    Verification,
    check,
    naming,
    sent,
)
from scheduler.runtime import Runtime
from wecom.errors import PlatformError
from wecom.pagination import Incomplete, rows

SINGLE, MULTIPLE, QR = 1, 2, 2
AROUND_SECONDS = 600
"""A contact way of ours was made so close to the time when its call left."""
READ_SECONDS = 10.0
NAMELESS = "记为已建好，但平台没有告诉我们是哪一个。向平台查到后会自己补上，等不及就再要一次"
"""A person saw it; a code whose picture we do not have cannot be printed."""

log = logging.getLogger("onetap.contact_way")


class ContactWay(Plain):
    """subject_id: the EntryCode. Its random state finds the contact way again when the answer got lost.

    payload["update"]: it exists already, and the platform gets the members that it has now.
    """

    name = CONTACT_WAY

    def build(self, runtime: Runtime, session: Session, row: Outbox, now: datetime) -> Draft:
        code = session.get(EntryCode, row.subject_id) if row.subject_id else None
        if code is None:
            raise NotDeliverable("这个入口码已经不在了")
        if not code.userids:
            raise NotDeliverable("没有一位导购可以放进这个入口码")
        named: Json = {"remark": code.name, "state": code.state, "user": code.userids}
        check("contact_way", named)
        body = {**named, "skip_verify": True}
        if row.payload.get("update"):
            if not code.config_id:
                raise NotDeliverable("入口码还没有建好，不用更新", OutboxStatus.NEEDLESS)
            return Draft({"config_id": code.config_id, **body})
        # a store's code stays one for several members even while only one works there: the type cannot be changed
        of_type = SINGLE if code.guide_id else MULTIPLE
        return Draft({"type": of_type, "scene": QR, **body})

    def send(self, runtime: Runtime, row: Outbox, request: Json) -> Json:
        """The contact way exists after the first call; a picture that cannot be read yet is read later."""
        answer = super().send(runtime, row, request)
        if row.payload.get("update"):
            return answer
        naming(answer, self.channel.api, "config_id")
        return {**answer, "payload": payload_of(runtime, str(answer.get("qr_code") or ""))}

    def landed(self, session: Session, row: Outbox, answer: Json, now: datetime, zone: ZoneInfo) -> None:
        code = session.get(EntryCode, row.subject_id)
        if code is None:
            return
        if row.payload.get("update"):
            code.reason = ""
            return
        config_id, picture_url, payload = (
            str(answer.get(name) or "") for name in ("config_id", "qr_code", "payload")
        )
        if not config_id:
            entry_codes.failed(session, code, NAMELESS)
        elif payload:
            entry_codes.ready(session, code, config_id, picture_url, payload, now)
        else:
            code.config_id, code.picture_url = config_id, picture_url
            code.reason = "平台已建好，二维码图片还没读到，稍后再取"

    def failed(self, session: Session, row: Outbox, words: str, now: datetime) -> None:
        code = session.get(EntryCode, row.subject_id)
        if code is not None:
            entry_codes.failed(session, code, words)

    def ask(self, runtime: Runtime, row: Outbox, now: datetime) -> Verification:
        """Look through the contact ways that were made around the call for the one with our state.

        Whether an update arrived is not asked: to make it once more changes nothing.
        """
        if row.payload.get("update"):
            return NOT_SENT
        with runtime.db.read() as session:
            ours = entry_codes.known_configs(session)
        state, called_at = str((row.request or {}).get("state") or ""), row.written_at or row.created_at
        around = timedelta(seconds=AROUND_SECONDS)
        start, end = int((called_at - around).timestamp()), int(min(now, called_at + around).timestamp())
        body = {"start_time": start, "end_time": end, "limit": 1000}
        try:
            for item in rows(runtime.client, "externalcontact/list_contact_way", body, "contact_way"):
                config_id = str(item.get("config_id") or "")
                if config_id not in ours and (found := _with_state(runtime, config_id, state)):
                    return sent(found)
        except Incomplete as cut:
            return Verification(OutboxStatus.UNKNOWN, words=cut.words)
        return NOT_SENT


SENDER: Sender = ContactWay()


def _with_state(runtime: Runtime, config_id: str, state: str) -> Json | None:
    way = (
        runtime.client.call("externalcontact/get_contact_way", {"config_id": config_id}).get("contact_way")
        or {}
    )
    if way.get("state") != state:
        return None
    picture_url = str(way.get("qr_code") or "")
    return {"config_id": config_id, "qr_code": picture_url, "payload": payload_of(runtime, picture_url)}


def payload_of(runtime: Runtime, picture_url: str) -> str:
    """What the platform's code says; empty when its picture cannot be fetched or read just now."""
    try:
        picture = runtime.client.fetch_picture(picture_url) if picture_url else b""
        return runtime.posters.submit_read(picture).result(READ_SECONDS) if picture else ""
    except (PlatformError, PosterRefused, TimeoutError) as error:
        log.warning("the picture of a contact way could not be read: %s", error)
        return ""
