"""An answer that never came: was the mass message made all the same? The platform's lists tell, where they are sure (B08).

Ours is what the platform made around the time of our call, that no row of ours has yet, with our content, for our
guide. Exactly one such is adopted; none, once the platform has had its time and the list was whole, means that nothing
was made; of several a person decides.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from models.campaigns import Task
from models.campaigns.announcements import AnnouncementGroup
from models.db import pieces
from models.ledger.channels import MASS_CANCEL, confirmed
from models.ledger.outbox import Outbox, OutboxStatus
from models.ledger.recovery import RECONCILED
from models.sentences import Sentence
from scheduler.channels.base import NOT_SENT, STILL_UNKNOWN, Json, Verification, sent
from scheduler.runtime import Runtime
from wecom.errors import PlatformError
from wecom.pagination import Incomplete, rows

BEFORE, AFTER = timedelta(minutes=1), timedelta(minutes=10)
"""Around the time at which our call was written down, the platform may say that it made the message."""
DEMO_PATIENCE = timedelta(seconds=30)
"""So soon the demo believes that a message which is not listed was not made: somebody sits before it and waits."""
WHOLE = 300
"""Lists are asked for in whole pieces of so many seconds, so that many rows of one rush share one list."""
CLOCKS_AGREE = timedelta(seconds=30)
"""Its answers may take so long."""
CLOCKS_DIFFER = "平台的时钟和我们的不一样，按平台的时间再查一次"
MEDIA = frozenset({"media_id", "pic_media_id", "pic_url", "picurl"})
"""What the platform may show otherwise than we sent it."""
RECEIVERS = {"single": ("external_userid", "external_userid"), "group": ("chat_id_list", "chat_id")}
"""chat_type → (our field, the name in a row of the result)"""


def look_for(runtime: Runtime, row: Outbox, now: datetime) -> Verification:
    """What became of this row's call, as far as the platform's own lists tell."""
    request, called_at = row.request or {}, when_called(row)
    try:
        mine, claimed = _candidates(runtime, row, request, called_at, now)
        # where a person saw that it arrived, any of equal ones is this one
        if mine and (row.settled_by or (len(mine) == 1 and not claimed)):
            return _adopted(*next(iter(mine.items())), request)
    except (Incomplete, PlatformError) as error:
        return Verification(OutboxStatus.UNKNOWN, words=error.words)
    several = Sentence("平台上有 {n} 条一样的任务，认不出哪条是这一次的，请人核对", n=len(mine))
    return not_exactly_one(runtime, row, mine, several, now)


def when_called(row: Outbox) -> datetime:
    return row.written_at or row.called_at or row.created_at


def not_exactly_one(
    runtime: Runtime, row: Outbox, mine: Collection[str], several: str, now: datetime
) -> Verification:
    """Not known yet while the platform has time; then none was made, or a person reads that there are several."""
    if now - when_called(row) < (DEMO_PATIENCE if runtime.demo else RECONCILED):
        return STILL_UNKNOWN
    return Verification(OutboxStatus.UNKNOWN, words=several) if mine else NOT_SENT


def _adopted(msgid: str, listed: set[str], request: Json) -> Verification:
    """As if its answer had come; whom the platform left out is named by who is missing among its receivers."""
    return sent({"msgid": msgid, "fail_list": sorted(_ours(request) - listed) if listed else []})


def _candidates(
    runtime: Runtime, row: Outbox, request: Json, called_at: datetime, now: datetime
) -> tuple[dict[str, set[str]], bool]:
    """What may be this row's, oldest first, with its receivers; and whether some other row in doubt may claim one."""
    alike = {
        str(one.get("msgid") or ""): one
        for one in _listed(runtime, str(request.get("chat_type") or "single"), called_at, now)
        if same_content(one, request)
    }
    with runtime.db.read() as session:
        known = _known(session, alike, called_at)
        rivals = _rivals(session, row, request, called_at)
    free = [msgid for msgid in alike if msgid and msgid not in known]
    who = {msgid: _receivers(runtime, msgid, request) for msgid in free if _sent_by(runtime, msgid, request)}
    mine = {msgid: receivers for msgid, receivers in who.items() if receivers <= _ours(request)}
    return mine, any(receivers <= _ours(rival) for receivers in mine.values() for rival in rivals)


def _listed(runtime: Runtime, chat_type: str, called_at: datetime, now: datetime) -> Iterable[Json]:
    """What the platform says that it made around that time, by its clock and by ours, to the end of the list."""
    start, end = whole_pieces(runtime, called_at)
    key = (chat_type, start, end, now)
    if key not in runtime.listings:
        body = {"chat_type": chat_type, "start_time": start, "end_time": end, "filter_type": 0, "limit": 100}
        found = list(rows(runtime.client, "externalcontact/get_groupmsg_list_v2", body, "group_msg_list"))
        made_then(runtime, called_at, (start, end), found)
        runtime.listings.clear()
        runtime.listings[key] = found
    return made_then(runtime, called_at, (start, end), runtime.listings[key])


def whole_pieces(runtime: Runtime, called_at: datetime) -> tuple[int, int]:
    """From when to when a list has to be asked for, so that whatever this call made is in it."""
    first, last = _around(runtime, called_at)
    return int(first // WHOLE * WHOLE), int((last // WHOLE + 1) * WHOLE)


def made_then(
    runtime: Runtime, called_at: datetime, asked: tuple[int, int], found: Iterable[Json]
) -> list[Json]:
    """What of a list was made around the call; Incomplete where its answer told of another clock than we had asked by."""
    first, last = _around(runtime, called_at)
    if first < asked[0] or last > asked[1]:
        raise Incomplete(CLOCKS_DIFFER)
    return [one for one in found if first <= _made_at(one, first) <= last]


def _around(runtime: Runtime, called_at: datetime) -> tuple[float, float]:
    """From when to when, by the platform's clock and by ours."""
    offset = runtime.client.clock_offset
    both = (called_at, called_at + offset if abs(offset) > CLOCKS_AGREE else called_at)
    return (min(both) - BEFORE).timestamp(), (max(both) + AFTER).timestamp()


def _made_at(one: Json, otherwise: float) -> float:
    """A number, or one in quotes (contract 14.3); what cannot be read excludes nobody."""
    try:
        return float(one.get("create_time") or otherwise)
    except (TypeError, ValueError):
        return otherwise


def same_content(candidate: Json, request: Json) -> bool:
    """Text and attachments are ours; a field that the platform does not show is no difference, nor is a media id."""
    texts = [
        str((one.get("text") or {}).get("content") or "").replace("\r\n", "\n").strip()
        for one in (candidate, request)
    ]
    theirs, ours = (
        [_shape(one) for one in content.get("attachments") or []] for content in (candidate, request)
    )
    return (
        texts[0] == texts[1]
        and [kind for kind, _ in theirs] == [kind for kind, _ in ours]
        and all(
            mine.get(name, value) == value
            for (_, shown), (_, mine) in zip(theirs, ours, strict=True)
            for name, value in shown.items()
        )
    )


def _shape(attachment: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """What kind of attachment it is, and what of it anybody can read."""
    kind = str(attachment.get("msgtype") or next((name for name in attachment if name != "msgtype"), ""))
    content = attachment.get(kind)
    fields = content.items() if isinstance(content, dict) else ()
    return kind, {name: value for name, value in fields if name not in MEDIA and value}


def _known(session: Session, msgids: Iterable[str], since: datetime) -> set[str]:
    """Those that a task, an announcement or a row of the ledger has already, and those that were taken back."""
    left, found = set(msgids), set[str]()
    for piece in pieces(sorted(left)):
        found |= set(session.exec(select(Task.msgid).where(col(Task.msgid).in_(piece))))
        found |= set(
            session.exec(select(AnnouncementGroup.msgid).where(col(AnnouncementGroup.msgid).in_(piece)))
        )
    for piece in pieces(sorted(left - found)):
        for channels, said in ((confirmed(), Outbox.answer), ([MASS_CANCEL], Outbox.payload)):
            name = col(said)["msgid"].as_string()
            query = select(name).where(
                col(Outbox.channel).in_(channels), col(Outbox.created_at) > since - AFTER, name.in_(piece)
            )
            found |= set(session.exec(query))
    return found


def _rivals(session: Session, row: Outbox, request: Json, called_at: datetime) -> list[Json]:
    """What else is in doubt or on its way with this content for this guide."""
    query = select(Outbox.request).where(
        col(Outbox.channel).in_(confirmed()),
        col(Outbox.id) != row.id,
        Outbox.guide_id == row.guide_id,
        col(Outbox.status).in_([OutboxStatus.CALLING, OutboxStatus.UNKNOWN]),
        col(Outbox.written_at).between(called_at - AFTER - BEFORE, called_at + AFTER + BEFORE),
    )
    return [dict(one) for one in session.exec(query) if one and same_content(dict(one), request)]


def _sent_by(runtime: Runtime, msgid: str, request: Json) -> bool:
    """The list does not name the guide; the message's task list does."""
    tasks = rows(
        runtime.client, "externalcontact/get_groupmsg_task", {"msgid": msgid, "limit": 1000}, "task_list"
    )
    userid = str(request.get("sender") or "").lower()
    return any(str(row.get("userid") or "").lower() == userid for row in tasks)


def _receivers(runtime: Runtime, msgid: str, request: Json) -> set[str]:
    """To whom this message goes. Empty says nothing: groups that she chooses herself are not listed before (contract 6.2)."""
    name = RECEIVERS[str(request.get("chat_type") or "single")][1]
    asked = {"msgid": msgid, "userid": str(request.get("sender") or ""), "limit": 1000}
    found = rows(runtime.client, "externalcontact/get_groupmsg_send_result", asked, "send_list")
    return {str(row.get(name) or "") for row in found} - {""}


def _ours(request: Json) -> set[str]:
    return set(request.get(RECEIVERS[str(request.get("chat_type") or "single")][0]) or [])
