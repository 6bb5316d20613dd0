"""The one card of a guide and work period: which tasks it brings, how it is brought up to date, what a tap means.

How it leaves, in one message with the same card of others, stands in models/campaigns/card_messages.py.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models import encryption, preferences
from models.campaigns import Campaign, Card, Task
from models.campaigns.shifts import next_period, period
from models.db import insert_once
from models.errors import Refused
from models.ledger import outbox
from models.ledger.channels import CARD, CARD_UPDATE
from models.ledger.outbox import NEVER_LEFT, Outbox, OutboxStatus
from models.org import Guide
from models.org.renames import guide_called
from models.org.shifts import NextShift, next_shifts, on_shift_from
from models.sentences import Sentence

GATHER_SECONDS = 3
"""A card waits so long at least, so that tasks of the same minute share it."""
CODE_HOURS = 24
"""An update code may live longer (72 h); sources disagree, so we trust it for a day."""
MOST_CODES = 5
UNDO = timedelta(minutes=10)
"""So long she may take her word back."""
EXTRA = "2"
"""What the period of the one extra card ends in, that of urgent campaigns"""
SURELY_MISSING = (OutboxStatus.NOT_SENT, OutboxStatus.EXPIRED, OutboxStatus.NEEDLESS)
"""Without what a person took back: that stays so until a task joins that she had not decided about."""
CLOSED = "门店还没开门，{time} 送到"
OFF_SHIFT = "她那时才上班，{time} 送到"
LONGEST_NUMBER = 10
"""Digits of a number that a button may name, and one more"""
KEY = re.compile(r"card-(?:\d+-)?(\d{4}-\d\d-\d\d)-([abd]2?|\d{4}2?)-[0-9a-f]+")
"""The platform's task_id, as `card_messages.key_of` makes it; those of older versions named the guide, too."""


def show(
    session: Session, task: Task, now: datetime, zone: ZoneInfo, *, since: datetime | None = None
) -> Card:
    """Put a task on a card of its guide: that of this work period, while it has not left, else that of the next.

    since: as in `outbox.put`, here and below.
    """
    if task.card_id:
        card = session.get_one(Card, task.card_id, with_for_update=True)
    else:
        guide, campaign = session.get_one(Guide, task.guide_id), session.get_one(Campaign, task.campaign_id)
        card = _card_for(session, guide, campaign.urgent, now, zone)
        put_on(card, task, now, since)
        session.add(task)
        session.flush()
    _changed(session, card, now, since)
    return card


def _card_for(session: Session, guide: Guide, urgent: bool, now: datetime, zone: ZoneInfo) -> Card:
    """The card that takes one more task, with the moment when it leaves: she is on shift then."""
    shift = next_shifts(session, [guide], now, zone)[guide.id or 0]
    begins, waits = shift.at, closed(shift)
    rhythm = preferences.read(session).card_rhythm
    while True:
        usual = period(begins, zone, rhythm)
        for name in (usual, usual + EXTRA) if urgent else (usual,):
            card = _of_period(session, guide, name, now)
            if not _has_left(session, card):
                waits_for(card, begins, now, zone, waits)
                return card
        begins = on_shift_from(session, guide, next_period(begins, zone, rhythm), zone)
        waits = "这一班的卡片已经送过，{time} 送到"


def _of_period(session: Session, guide: Guide, name: str, now: datetime) -> Card:
    values = {"guide_id": guide.id, "period": name, "created_at": now}
    insert_once(session, Card, values, key=("guide_id", "period"))
    named = select(Card).where(Card.guide_id == guide.id, Card.period == name)
    return session.exec(named.with_for_update()).one()


def closed(shift: NextShift) -> str:
    """Why a card waits until she is on shift: for the door of her store, or for her own hours."""
    return OFF_SHIFT if shift.own else CLOSED


def put_on(card: Card, task: Task, now: datetime, since: datetime | None) -> None:
    task.card_id = card.id
    card.since = min(one for one in (card.since, since, now) if one)


def waits_for(card: Card, begins: datetime, now: datetime, zone: ZoneInfo, words: str = CLOSED) -> None:
    """It leaves when her shift begins, which is now or later; the words say why not at once."""
    _leaves(card, max(begins, now + timedelta(seconds=GATHER_SECONDS)))
    card.waits = Sentence(words, time=f"{begins.astimezone(zone):%m-%d %H:%M}") if begins > now else ""


def _leaves(card: Card, at: datetime) -> None:
    card.message_id, card.due_at = None, card.due_at or at


def _has_left(session: Session, card: Card) -> bool:
    """It has, or may have, or is about to: what surely never arrived takes more tasks, and leaves anew."""
    if card.message_id is None:
        return False
    return card.sent_at is not None or delivery_of(session, card).status not in NEVER_LEFT


def delivery_of(session: Session, card: Card) -> Outbox:
    """The call that brings it, with others."""
    calls = select(Outbox).where(Outbox.channel == CARD, Outbox.subject_id == card.message_id)
    return session.exec(calls.order_by(col(Outbox.id).desc()).limit(1)).one()


def changed(session: Session, task: Task, now: datetime, *, since: datetime | None = None) -> None:
    """Something about this task is new: its card, if it has one, should say so."""
    if task.card_id:
        session.flush()
        _changed(session, session.get_one(Card, task.card_id, with_for_update=True), now, since)


def open_task(session: Session, task: Task, at: datetime) -> bool:
    """She opened the page then. False when she had before; the card does not tell."""
    session.refresh(task, with_for_update=True)
    news = task.open(at)
    session.add(task)
    session.flush()
    return news


def say_done(session: Session, task: Task, now: datetime, *, at: datetime | None = None) -> bool:
    """She says that she sent it. False when she had said so before; nothing changes then."""
    return _mark(session, task, now, lambda: task.say_done(at or now), at)


def unsay(session: Session, task: Task, now: datetime) -> bool:
    """She takes it back, within ten minutes. False when there is nothing to take back; Refused, in words, when it is too late."""

    def take_back() -> bool:
        if task.reported_at and task.confirmed_at:
            raise Refused(Sentence("平台已确认发出，撤不回来了"))
        if task.reported_at and now - task.reported_at > UNDO:
            raise Refused(
                Sentence(
                    "说过已发超过 {n} 分钟，撤不回来了。真没发也不要紧，去发就行",
                    n=UNDO // timedelta(minutes=1),
                )
            )
        return task.unsay()

    return _mark(session, task, now, take_back)


def confirm(session: Session, task: Task, at: datetime, now: datetime) -> bool:
    """The platform says that she sent it at that time. False when we knew."""
    return _mark(session, task, now, lambda: task.confirm(at), at)


def tapped(
    session: Session,
    *,
    userid: str,
    task_key: str,
    event_key: str,
    response_code: str,
    at: datetime,
    now: datetime,
    zone: ZoneInfo,
) -> str:
    """A tap on a card: her word, noted once. Answers with what was decided, in words.

    Many share a key; whose card it is says who tapped.
    """
    named = KEY.fullmatch(task_key)
    if named is None:
        return "点的是我们不认识的卡片，没有改动"
    guide = guide_called(session, userid, at)
    card = _card_of(session, guide, ".".join(named.groups()))
    if card is None:
        return "点的人不是这张卡片的导购，没有改动"
    verb, _, name = event_key.partition(":")
    task = _task_on(session, card, name)
    if task is None or verb not in ("open", "said"):
        return "卡片上没有这个按钮，没有改动"
    card.sent_at = card.sent_at or at
    keep_code(card, response_code, task_key, at)
    if verb == "open":
        return _tapped_open(session, task, at, zone)
    return _tapped_said(session, task, at, now, zone)


def _card_of(session: Session, guide: Guide | None, half: str) -> Card | None:
    if guide is None:
        return None
    found = select(Card).where(Card.guide_id == guide.id, Card.period == half)
    return session.exec(found.with_for_update()).one_or_none()


def _task_on(session: Session, card: Card, name: str) -> Task | None:
    """Buttons name the campaign; those of older versions named the task."""
    by_campaign = len(name) < LONGEST_NUMBER and name.isdecimal()
    named = Task.campaign_id == int(name) if by_campaign else Task.code == name
    return session.exec(select(Task).where(named, Task.card_id == card.id)).one_or_none()


def _tapped_open(session: Session, task: Task, at: datetime, zone: ZoneInfo) -> str:
    """A button of cards that were sent before each task had but one."""
    if open_task(session, task, at):
        return "导购打开了任务"
    return Sentence("之前已打开过（{clock}），没有改动", clock=_clock(task.opened_at, zone))


def _tapped_said(session: Session, task: Task, at: datetime, now: datetime, zone: ZoneInfo) -> str:
    if say_done(session, task, now, at=at):
        return "导购说已发，等平台确认"
    if task.card_id:  # her phone shows an older state, and this tap brought a code to mend it
        catch_up(session, session.get_one(Card, task.card_id, with_for_update=True), now)
    return Sentence("之前已说过（{clock}），没有改动", clock=_clock(task.reported_at, zone))


def _mark(
    session: Session, task: Task, now: datetime, change: Callable[[], bool], since: datetime | None = None
) -> bool:
    """Change the row as it is now, not as somebody read it: two taps at once are one. Always card first, then task."""
    card = session.get_one(Card, task.card_id, with_for_update=True) if task.card_id else None
    session.refresh(task, with_for_update=True)
    if not change():
        return False
    session.add(task)
    if card:
        _changed(session, card, now, since)
    return True


def _changed(session: Session, card: Card, now: datetime, since: datetime | None) -> None:
    card.version += 1
    session.add(card)
    session.flush()
    catch_up(session, card, now, since)


def catch_up(session: Session, card: Card, now: datetime, since: datetime | None = None) -> None:
    """See that her phone will show the newest version, where a code of her own allows it.

    Without one the card stays as it is until she taps it: her page shows the truth (B15), and a second card would
    only be one more. One that surely never arrived leaves anew; of one in doubt her tap will tell.
    """
    if card.version <= card.shown or not session.get_one(Guide, card.guide_id).present:
        return
    if card.sent_at is None:
        if card.message_id and delivery_of(session, card).status in SURELY_MISSING:
            _leaves(card, now + timedelta(seconds=GATHER_SECONDS))
        return
    if _being_updated(session, card):
        return  # it reads the card when it leaves, or catches up when it has landed
    if fresh := _take_code(card, now):
        outbox.put(
            session,
            CARD_UPDATE,
            f"card_update:{card.id}:{card.version}:{encryption.fingerprint(fresh['code'])[:8]}",
            why="卡片上的任务有变化",
            payload={"response_code": fresh["code"], "task_key": fresh["key"]},
            since=since,
            **about(session, card, now),
        )


def _being_updated(session: Session, card: Card) -> bool:
    calls = select(Outbox.status).where(Outbox.channel == CARD_UPDATE, Outbox.subject_id == card.id)
    return any(status in outbox.OPEN for status in session.exec(calls))


def about(session: Session, card: Card, now: datetime) -> dict[str, Any]:
    """What a call about her card alone says of itself."""
    guide = session.get_one(Guide, card.guide_id)
    return {"guide_id": guide.id, "subject_id": card.id, "target": guide.name, "now": now}


def updated(session: Session, card: Card, version: int, now: datetime, since: datetime | None = None) -> None:
    """Her phone shows this version; catches up when more changed since."""
    card.shown = max(card.shown, version)
    session.flush()
    catch_up(session, card, now, since)


def keep_code(card: Card, code: str, key: str, at: datetime) -> None:
    """One more code of her own, for the copy of this key."""
    if code and all(known["code"] != code for known in card.codes):
        card.codes = [*card.codes, {"code": code, "key": key, "at": at.isoformat()}][-MOST_CODES:]


def _take_code(card: Card, now: datetime) -> dict[str, str] | None:
    """The newest unused code, taken out so that no second call uses it."""
    fresh = [
        one for one in card.codes if now - datetime.fromisoformat(one["at"]) < timedelta(hours=CODE_HOURS)
    ]
    card.codes = fresh[:-1]
    return fresh[-1] if fresh else None


def _clock(at: datetime | None, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H:%M}" if at else ""
