"""What a person decides about calls: this one arrived, send that one again, let go what a restore held."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, update
from sqlmodel import Session, col, func, select

from models.accounts import audit
from models.campaigns import Campaign, CampaignStatus, Task
from models.campaigns.announcements import Announcement, AnnouncementGroup, AnnouncementStatus
from models.campaigns.lifecycle import BY_PLAN, word_of
from models.db import PIECE, Database, offer, rows_changed
from models.errors import Refused
from models.friends import entry_codes
from models.friends.entry_codes import EntryCode
from models.ledger import outbox
from models.ledger.channels import (
    ANNOUNCEMENT,
    ANNOUNCEMENT_GROUP,
    CARD,
    CARD_MESSAGE,
    CARD_UPDATE,
    CHANNELS,
    ENTRY_CODE,
    MASS_CANCEL,
)
from models.ledger.outbox import Outbox, OutboxStatus
from models.ledger.recovery import RECONCILED
from models.sentences import Sentence, together

DECISIONS = {
    "delivered": "记为已送达",
    "failed": "记为没送达",
    "again": "再发一次",
    "release": "放行",
    "cancel": "撤下",
}
"""What a person may decide about a call, as the audit names it, and in words"""
DROPPED_AT_ONCE = PIECE // 5
REPLACED = (CARD, CARD_MESSAGE, ENTRY_CODE)
"""Where a row that failed is followed by a new one about the same noun."""


def decide(session: Session, row: Outbox, sent: bool, who: str, now: datetime) -> None:
    """A person settles an unknown result after looking into the chat."""
    if row.status != OutboxStatus.UNKNOWN:
        raise Refused(Sentence("只有结果不明的才要人来定"))
    if not sent and (words := why_not_missing(row, now)):
        raise Refused(words)
    row.status, row.done_at, row.settled_by = (OutboxStatus.SENT if sent else OutboxStatus.NOT_SENT), now, who
    row.reason = (
        Sentence("{who} 核对后记为已送达", who=who) if sent else Sentence("{who} 核对后记为没送达", who=who)
    )
    _note(session, row, "delivered" if sent else "failed", who, now)


def why_not_missing(row: Outbox, now: datetime) -> str:
    """Why nobody may say yet that it did not arrive: it could be sent again then, and the platform may still show it (B08)."""
    left = (row.written_at or row.created_at) + RECONCILED - now
    if not CHANNELS[row.channel].confirmed or left <= timedelta():
        return ""
    return Sentence("正在向平台核对，{n} 分钟后还没有结果才由人来定", n=-(-left // timedelta(minutes=1)))


def take_back(session: Session, row: Outbox, now: datetime, who: str) -> None:
    """A person does not want it to leave any more, and its nouns learn so."""
    if outbox.cancel(session, [row.id or 0], now, Sentence("{who} 撤下", who=who)) != 1:
        raise Refused(Sentence("它已经交给平台，或者已经有了结果，撤不下来"))
    _tell_dropped(session, row, who)
    _note(session, row, "cancel", who, now)


def _tell_dropped(session: Session, row: Outbox, who: str) -> None:
    """What it was about learns that it will not leave."""
    channel = CHANNELS[row.channel]
    code = (
        session.get(EntryCode, row.subject_id) if channel.subject == ENTRY_CODE and row.subject_id else None
    )
    task = session.get(Task, row.task_id) if channel.confirmed and row.task_id else None
    if code is not None:
        entry_codes.failed(session, code, Sentence("{who} 撤下了申请，可以再要一次", who=who))
    if task is not None and not task.msgid:
        task.skipped = Sentence("{who} 撤下", who=who)


def send_again(session: Session, row: Outbox, now: datetime, who: str) -> None:
    """A person asks to try a row again; Refused, with the reason in words, unless it is surely missing and still wanted."""
    if words := why_not_again(session, row, now):
        raise Refused(words)
    row.status, row.due_at, row.attempts, row.done_at = OutboxStatus.QUEUED, now, 0, None
    row.request, row.notes = None, {}
    row.written_at = row.errcode = row.answer = row.asked_at = None
    row.reason, row.settled_by = Sentence("{who} 要求再发", who=who), ""
    offer(session, "outbox", row.id or 0, row.lane)
    _note(session, row, "again", who, now)


def why_not_again(session: Session, row: Outbox, now: datetime) -> str:
    """Why nobody may send this row again; empty when a person may.

    What was taken back stays so: it may have been called before, or before a restore, and somebody did not want it.
    """
    if row.deadline and row.deadline < now:
        return Sentence("过了时限，平台不会再收")
    if over := _over(session, row):
        return Sentence("{what}，里面的投递不再发", what=over)
    if row.status != OutboxStatus.NOT_SENT:
        return Sentence("只有确定没送到的才能再发")
    if row.channel == CARD_UPDATE and not row.payload.get("response_code"):
        return Sentence("没有可用的更新凭证，平台不会收")
    if CHANNELS[row.channel].subject in REPLACED and row.subject_id and _replaced(session, row):
        return Sentence("后面已经有新的一条，不用再发这一条")
    return ""


def _over(session: Session, row: Outbox) -> str:
    """The campaign or announcement that ended; taking back what waits for guides is still wanted then."""
    campaign = (
        session.get(Campaign, row.campaign_id) if row.campaign_id and row.channel != MASS_CANCEL else None
    )
    if campaign and campaign.over:
        return Sentence("活动「{name}」{status}", name=campaign.name, status=word_of(campaign))
    said = _announcement(session, row)
    if said and said.status == AnnouncementStatus.CANCELLED:
        return Sentence("公告「{title}」已停止", title=said.title)
    return ""


def _announcement(session: Session, row: Outbox) -> Announcement | None:
    subject = CHANNELS[row.channel].subject
    if subject == ANNOUNCEMENT_GROUP:
        share = session.get(AnnouncementGroup, row.subject_id) if row.subject_id else None
        return session.get(Announcement, share.announcement_id) if share else None
    return (
        session.get(Announcement, row.subject_id) if subject == ANNOUNCEMENT and not row.campaign_id else None
    )


def _replaced(session: Session, row: Outbox) -> bool:
    newer = select(Outbox.id).where(
        Outbox.channel == row.channel, Outbox.subject_id == row.subject_id, col(Outbox.id) > row.id
    )
    return session.exec(newer.limit(1)).first() is not None


def release(session: Session, now: datetime, who: str, *, only: int | None = None, limit: int = PIECE) -> int:
    """A person lets go what a restore held, the most urgent first; how many in this piece.

    What belongs to a paused campaign stays with it.
    """
    held = select(Outbox.id).where(held_by_restore()).order_by(col(Outbox.priority), col(Outbox.id))
    rows = [only] if only is not None else list(session.exec(held.limit(limit)))
    return rows_changed(
        session,
        update(Outbox)
        .where(col(Outbox.id).in_(rows), held_by_restore())
        .values(status=OutboxStatus.QUEUED, due_at=now, reason=Sentence("{who} 放行", who=who)),
    )


def release_one(session: Session, row: Outbox, who: str, now: datetime) -> None:
    """A person lets go just this one."""
    if release(session, now, who, only=row.id) != 1:
        raise Refused(Sentence("它没有在等放行，或者它的活动还停着"))
    _note(session, row, "release", who, now)


def release_all(db: Database, who: str, now: datetime) -> int:
    """A person lets go everything that a restore held, in short transactions; how many."""
    return _of_all(db, "release", lambda session: release(session, now, who), who, now)


def drop_all(db: Database, who: str, now: datetime) -> int:
    """A person wants nothing of what a restore held to leave any more, in short transactions; how many."""
    return _of_all(db, "cancel", lambda session: _drop(session, now, who), who, now)


def _of_all(db: Database, verb: str, piece: Callable[[Session], int], who: str, now: datetime) -> int:
    total = db.run_in_pieces(piece)
    if total:
        words = Sentence("{decision} {total:,} 条", decision=Sentence(DECISIONS[verb]), total=total)
        db.run(lambda session: audit.record(session, who, f"delivery.{verb}", "deliveries", now, words))
    return total


def _drop(session: Session, now: datetime, who: str) -> int:
    held = select(Outbox).where(held_by_restore()).order_by(col(Outbox.id)).limit(DROPPED_AT_ONCE)
    rows = list(session.exec(held.with_for_update(skip_locked=True)))
    outbox.cancel(session, [row.id or 0 for row in rows], now, Sentence("{who} 撤下", who=who))
    for row in rows:
        _tell_dropped(session, row, who)
    return len(rows)


def held_by_restore() -> ColumnElement[bool]:
    """Rows that wait for a person's yes."""
    return (col(Outbox.status) == OutboxStatus.HELD) & ~of_paused()


def of_paused() -> ColumnElement[bool]:
    """Rows that wait because HQ paused their campaign, or planned that they wait: a choice, not a question."""
    paused = select(Campaign.id).where(Campaign.status == CampaignStatus.PAUSED)
    return func.coalesce(col(Outbox.campaign_id).in_(paused), False) | col(Outbox.reason).in_(BY_PLAN)


def _note(session: Session, row: Outbox, verb: str, who: str, now: datetime) -> None:
    audit.note(
        session, who, f"delivery.{verb}", row.id, together([row.target, Sentence(DECISIONS[verb])], "："), now
    )
