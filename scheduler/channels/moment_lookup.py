"""An answer that never came: was the Moments job made all the same? The platform's list of posts tells (B08).

Ours is a post of the company, made around our call, that no job of ours has yet, with our content, in the phones of our
guides. Exactly one such is adopted; none, once the platform has had its time and the list was whole, means that
nothing was made; of several a person decides.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from models.campaigns.moments import MomentJob
from models.ledger.channels import MOMENT
from models.ledger.outbox import Outbox, OutboxStatus
from models.sentences import Sentence
from scheduler.channels.base import Json, Verification, sent
from scheduler.channels.mass_lookup import made_then, not_exactly_one, when_called, whole_pieces
from scheduler.runtime import Runtime
from wecom.errors import PlatformError
from wecom.pagination import Incomplete, rows

KINDS = ("image", "video", "link")


def look_for(runtime: Runtime, row: Outbox, now: datetime) -> Verification:
    """What became of this row's call, as far as the platform's own list tells."""
    request = row.request or {}
    try:
        mine = _candidates(runtime, request, when_called(row))
    except (Incomplete, PlatformError) as error:
        return Verification(OutboxStatus.UNKNOWN, words=error.words)
    with runtime.db.read() as session:
        doubled = _rival(session, row, request)
    if len(mine) == 1 and (row.settled_by or not doubled):
        return sent({"jobid": "", "moment_id": mine[0]})
    several = Sentence("平台上有 {n} 条一样的朋友圈，认不出哪条是这一次的，请人核对", n=len(mine))
    return not_exactly_one(runtime, row, mine, several, now)


def _candidates(runtime: Runtime, request: Json, called_at: datetime) -> list[str]:
    start, end = whole_pieces(runtime, called_at)
    body = {"start_time": start, "end_time": end, "filter_type": 0, "limit": 20}
    found = list(rows(runtime.client, "externalcontact/get_moment_list", body, "moment_list"))
    alike = [
        str(one.get("moment_id") or "")
        for one in made_then(runtime, called_at, (start, end), found)
        if same_content(one, request)
    ]
    with runtime.db.read() as session:
        known = set(session.exec(select(MomentJob.moment_id).where(col(MomentJob.moment_id).in_(alike))))
    wanted = {one.lower() for one in request["visible_range"]["sender_list"]["user_list"]}
    return [one for one in alike if one and one not in known and _senders(runtime, one) <= wanted]


def _senders(runtime: Runtime, moment_id: str) -> set[str]:
    asked = {"moment_id": moment_id, "limit": 1000}
    found = rows(runtime.client, "externalcontact/get_moment_task", asked, "task_list")
    return {str(one.get("userid") or "").lower() for one in found}


def same_content(candidate: Mapping[str, Any], request: Mapping[str, Any]) -> bool:
    """The text, and how many pictures, videos and links; the platform may show another media id than we sent."""
    texts = [str((one.get("text") or {}).get("content") or "").strip() for one in (candidate, request)]
    kinds = [str(one.get("msgtype")) for one in request.get("attachments") or []]
    shown = {kind: candidate.get(kind) for kind in KINDS}
    many = {kind: len(it) if isinstance(it, list) else int(bool(it)) for kind, it in shown.items()}
    return texts[0] == texts[1] and all(many[kind] == kinds.count(kind) for kind in KINDS)


def _rival(session: Session, row: Outbox, request: Json) -> bool:
    """Whether another call with this content is in doubt, and may be the one that made the post."""
    open_ = col(Outbox.status).in_([OutboxStatus.CALLING, OutboxStatus.UNKNOWN])
    query = select(Outbox.request).where(Outbox.channel == MOMENT, Outbox.id != row.id, open_)
    return any(
        one and all(one.get(part) == request.get(part) for part in ("text", "visible_range"))
        for one in session.exec(query)
    )
