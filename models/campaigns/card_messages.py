"""Cards that say the same leave in one message for up to 1,000 guides: who is in it, and whom it reached."""

import secrets
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, exists, update
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.campaigns import Campaign, CampaignStatus, Card, CardMessage, Task, card_content, cards
from models.campaigns.card_content import CardView
from models.ledger import outbox
from models.ledger.channels import CARD, CARD_UPDATE
from models.ledger.outbox import OutboxStatus
from models.org import Guide, Store
from models.org.shifts import NextShift, next_shifts
from models.sentences import Sentence

RECEIVERS = 1000
"""Of one message (contract 4.3)"""
PATIENCE = timedelta(minutes=10)
"""So long a card waits at most for another task of hers that is being made, so that it need not wait half a day."""
LATE = timedelta(minutes=10)
"""Whoever leaves later than this looks again whether she is on shift."""
UNSEEN = "她不在应用的可见范围，请管理员在企业微信后台添加"
CLOSED = "门店关门了，{time} 送到"
OFF_SHIFT = "她下班了，{time} 送到"


class Alike(NamedTuple):
    """What cards have in common that share a message."""

    branch_id: int | None
    """Its people see and decide about their own message, not about that of others."""
    period: str
    content: CardView
    held: bool
    """What it brings may have left before a restore."""


def deal(session: Session, now: datetime, zone: ZoneInfo) -> int:
    """Put the cards that may leave now into messages, a thousand cards in one transaction; how many."""
    if _being_launched(session, now):
        return 0
    some = _may_leave(now).order_by(col(Card.due_at), col(Card.id)).limit(RECEIVERS)
    due = list(session.exec(some.with_for_update(skip_locked=True)))
    if not due:
        return 0
    guides, branches = _guides(session, due), _branches(session)
    views = card_content.views(session, due, zone)
    groups: dict[Alike, list[Card]] = defaultdict(list)
    shifts = _shifts_of_late(session, due, guides, now, zone)
    for card in due:
        guide, view = guides[card.guide_id], views.get(card.id)
        if view is None or not view.buttons or not guide.present:
            card.due_at, card.waits = None, ""
        elif not _off_shift(card, shifts.get(card.guide_id), now, zone):
            held = bool(outbox.born(session, card.since, now))
            branch = branches.get(guide.store_id or 0)
            groups[Alike(branch, card.period, view.content, held)].append(card)
    for alike in groups.values():
        since = min((card.since for card in alike if card.since), default=None)
        _put(session, alike, guides, now, since=since)
    return len(due)


def any_waits(session: Session, now: datetime) -> bool:
    """Whether there is something to deal: who looks every two seconds asks this first, without a write lock."""
    return session.exec(_may_leave(now).limit(1)).first() is not None and not _being_launched(session, now)


def _may_leave(now: datetime) -> SelectOfScalar[Card]:
    return select(Card).where(col(Card.due_at) <= now, ~_more_to_come(now))


def _being_launched(session: Session, now: datetime) -> bool:
    """Guides are getting their tasks at this moment: nobody knows yet what else belongs on a card."""
    writing = (Campaign.status == CampaignStatus.RUNNING, col(Campaign.planned_at).is_(None), _fresh(now))
    return session.exec(select(Campaign.id).where(*writing).limit(1)).first() is not None


def _more_to_come(now: datetime) -> ColumnElement[bool]:
    """Another task of hers is being made by the platform."""
    return exists().where(
        col(Task.guide_id) == col(Card.guide_id),
        col(Task.card_id).is_(None),
        col(Task.ready_at).is_(None),
        col(Task.closed_at).is_(None),
        col(Task.skipped) == "",
        col(Campaign.id) == col(Task.campaign_id),
        col(Campaign.status) == CampaignStatus.RUNNING,
        _fresh(now),
    )


def _fresh(now: datetime) -> ColumnElement[bool]:
    return col(Campaign.launched_at) > now - PATIENCE


def _guides(session: Session, some: Sequence[Card]) -> dict[int, Guide]:
    named = select(Guide).where(col(Guide.id).in_([card.guide_id for card in some]))
    return {guide.id or 0: guide for guide in session.exec(named)}


def _branches(session: Session) -> dict[int, int]:
    """Store → its branch"""
    return {store or 0: branch for store, branch in session.exec(select(Store.id, Store.branch_id))}


def _shifts_of_late(
    session: Session, due: Sequence[Card], guides: Mapping[int, Guide], now: datetime, zone: ZoneInfo
) -> dict[int, NextShift]:
    """Guide → when she is on shift next; of those whose cards leave late, because we were away"""
    late = [guides[card.guide_id] for card in due if card.due_at and now - card.due_at >= LATE]
    return next_shifts(session, late, now, zone) if late else {}


def _off_shift(card: Card, shift: NextShift | None, now: datetime, zone: ZoneInfo) -> bool:
    """A card that leaves late does not come when she is off shift."""
    if shift is None or shift.at <= now:
        return False
    words = OFF_SHIFT if shift.own else CLOSED
    card.due_at, card.waits = shift.at, Sentence(words, time=f"{shift.at.astimezone(zone):%m-%d %H:%M}")
    return True


def _put(
    session: Session, alike: Sequence[Card], guides: Mapping[int, Guide], now: datetime, **how: Any
) -> None:
    """Into a message of their own, with its row; `how` it stands with that, as in `outbox.put`."""
    period = alike[0].period
    message = _message(session, alike, period, now)
    outbox.put(
        session,
        CARD,
        f"card:{message.id}",
        now=now,
        why=Sentence("{period} 的任务", period=period[:10]),
        subject_id=message.id,
        **_to(alike, guides),
        **how,
    )


def _message(session: Session, alike: Sequence[Card], period: str, now: datetime) -> CardMessage:
    message = CardMessage(task_key=key_of(period), created_at=now)
    session.add(message)
    session.flush()
    for card in alike:
        card.message_id, card.due_at, card.waits = message.id, None, ""
    session.flush()
    return message


def key_of(period: str) -> str:
    """The platform's task_id of a message: a tap on any of its cards names it, and it names the period."""
    return f"card-{period.replace('.', '-')}-{secrets.token_hex(6)}"


def _to(alike: Sequence[Card], guides: Mapping[int, Guide]) -> dict[str, Any]:
    """Whom a call is for, as its row says it: one guide by name, many by their number."""
    ids = [card.guide_id for card in alike]
    if len(ids) == 1:
        return {"guide_id": ids[0], "target": guides[ids[0]].name}
    return {"target": Sentence("{n:,} 位导购", n=len(ids)), "payload": {"guides": ids}}


class Letter(NamedTuple):
    """What a message says as it leaves, and to whom."""

    view: CardView
    guides: list[Guide]
    versions: dict[str, int]
    """Card → the version of it that they get"""


def letter(session: Session, message: CardMessage, zone: ZoneInfo, *, older: bool = False) -> Letter | None:
    """The message as it should be now. None when nobody is left whom it could tell something.

    Of those who got ahead of the others meanwhile the card would say too little: who is not alike is left out.
    older: to those only whose phones show an older version.
    """
    mine = select(Card, Guide).join(Guide, col(Guide.id) == col(Card.guide_id)).where(_in(message))
    found = [(card, guide) for card, guide in session.exec(mine.order_by(col(Card.id))) if guide.present]
    if older:
        found = [(card, guide) for card, guide in found if card.version > card.shown]
    views = card_content.views(session, [card for card, _ in found], zone)
    wanted = [view.content for view in views.values() if older or view.buttons]
    if not wanted:
        return None
    [(content, _)] = Counter(wanted).most_common(1)
    alike = [(card, guide) for card, guide in found if card.id in views and views[card.id].content == content]
    versions = {str(card.id): card.version for card, _ in alike}
    return Letter(content, [guide for _, guide in alike], versions)


def _in(message: CardMessage) -> ColumnElement[bool]:
    return col(Card.message_id) == message.id


def landed(
    session: Session,
    message: CardMessage,
    versions: Mapping[str, int],
    unseen: Collection[str],
    code: str,
    now: datetime,
    *,
    since: datetime | None = None,
) -> None:
    """The platform took it: the tasks on it are on their phones, but for those whom it named as not reachable.

    unseen: userids in lower case. Who was left out when it left, because her card said something else, gets her own.
    """
    mine = select(Card, Guide).join(Guide, col(Guide.id) == col(Card.guide_id)).where(_in(message))
    arrived, missed, guides = [], [], {}
    for card, guide in session.exec(mine.with_for_update(of=Card)).all():
        guides[card.guide_id] = guide
        if str(card.id) not in versions:
            card.message_id, card.due_at = None, now
        elif guide.userid_key in unseen:
            missed.append(card)
        else:
            arrived.append(card)
    _arrived(session, arrived, now)
    if len(versions) == 1:
        for card in arrived:
            cards.keep_code(card, code, message.task_key, now)
    elif code:
        message.code, message.code_at = code, now
    if missed:  # a message of their own, not sent, which a person may send again
        _put(session, missed, guides, now, status=OutboxStatus.NOT_SENT, done_at=now, reason=UNSEEN)
    for card in arrived:
        cards.updated(session, card, versions[str(card.id)], now, since)


def _arrived(session: Session, some: Sequence[Card], now: datetime) -> None:
    for card in some:
        card.sent_at, card.since = card.sent_at or now, None
    on_them = (col(Task.card_id).in_([card.id for card in some]), col(Task.card_sent_at).is_(None))
    session.execute(update(Task).where(*on_them).values(card_sent_at=now))


def tell_stopped(session: Session, campaign: Campaign, now: datetime, since: datetime) -> None:
    """HQ stopped it: the one code of each message goes to say so to all who have not tapped; a deadline needs no code.

    Who tapped has codes of her own.
    """
    fresh = (col(CardMessage.code) != "", col(CardMessage.code_at) > now - timedelta(hours=cards.CODE_HOURS))
    with_it = select(CardMessage).where(
        *fresh,
        col(CardMessage.id).in_(
            select(Card.message_id)
            .join(Task, col(Task.card_id) == col(Card.id))
            .where(Task.campaign_id == campaign.id)
        ),
    )
    for message in session.exec(with_it.with_for_update()).all():
        alike = list(session.exec(select(Card).where(_in(message), col(Card.version) > col(Card.shown))))
        if alike:
            to = _to(alike, _guides(session, alike))
            known = {"response_code": message.code, "task_key": message.task_key, "message": message.id}
            outbox.put(
                session,
                CARD_UPDATE,
                f"card_update:message:{message.id}",
                now=now,
                since=since,
                why=Sentence("总部停止了「{campaign}」", campaign=campaign.name),
                **{**to, "payload": {**known, **to.get("payload", {})}},
            )
            message.code = ""
