"""The one card of a guide and work period: when it is sent, when it is brought up to date, what a tap means."""

import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from models import encryption
from models.campaigns import Card, Task
from models.db import insert_once
from models.ledger import outbox
from models.ledger.channels import CARD, CARD_RECALL, CARD_UPDATE, with_subject
from models.ledger.outbox import Outbox, OutboxStatus
from models.org import Guide
from models.org.renames import guide_called
from models.sentences import Sentence

NOON_HOUR = 14
"""Before it is the first half of the working day, from it on the second."""
GATHER_SECONDS = 3
"""The first send waits so long, so that tasks of the same minute share the card."""
CODE_HOURS = 24
"""An update code may live longer (72 h); sources disagree, so we trust it for a day."""
MOST_CODES = 5
RECALL_HOURS = 24
"""So long the platform takes a message back from a phone."""
KEY = re.compile(r"card-(\d+)-(\d{4}-\d\d-\d\d)-([ab])-[0-9a-f]+")
"""What `_key` makes."""


def period(now: datetime, zone: ZoneInfo) -> str:
    """The half working day: 2026-11-19.a before 14:00, .b from then on."""
    local = now.astimezone(zone)
    return f"{local:%Y-%m-%d}.{'a' if local.hour < NOON_HOUR else 'b'}"


def show(
    session: Session, task: Task, now: datetime, zone: ZoneInfo, *, since: datetime | None = None
) -> Card:
    """Put a task on the guide's card of this period: a new card leaves a moment later, a sent one is brought up to date.

    since: as in `outbox.put`, here and below.
    """
    if task.card_id:
        card = session.get_one(Card, task.card_id, with_for_update=True)
        _changed(session, card, now, since)
        return card
    half = period(now, zone)
    key = _key(task.guide_id, half)
    values = {"guide_id": task.guide_id, "period": half, "task_key": key, "created_at": now}
    insert_once(session, Card, values, key=("guide_id", "period"))
    card = session.exec(
        select(Card).where(Card.guide_id == task.guide_id, Card.period == half).with_for_update()
    ).one()
    task.card_id = card.id
    session.add(task)
    session.flush()
    _changed(session, card, now, since)
    return card


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
    """She takes it back. False when there is nothing to take back, or the platform has confirmed it."""
    return _mark(session, task, now, task.unsay)


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
    """A tap on a card: her word, noted once. Answers with what was decided, in words."""
    card = _card_of(session, task_key)
    if card is None:
        return "点的是我们不认识的卡片，没有改动"
    guide = guide_called(session, userid, at)
    if guide is None or guide.id != card.guide_id:
        return "点的人不是这张卡片的导购，没有改动"
    verb, _, code = event_key.partition(":")
    task = session.exec(select(Task).where(Task.code == code, Task.card_id == card.id)).one_or_none()
    if task is None or verb not in ("open", "said"):
        return "卡片上没有这个按钮，没有改动"
    card.sent_at = card.sent_at or at
    if task_key == card.task_key:
        _keep_code(card, response_code, at)
    elif response_code:
        _update_old(session, card, task_key, response_code, at, now)
    if verb == "open":
        return _tapped_open(session, task, at, zone)
    return _tapped_said(session, task, at, now, zone)


def _card_of(session: Session, task_key: str) -> Card | None:
    """Also by the key under which it was sent before another one took its place."""
    named = KEY.fullmatch(task_key)
    if named is None:
        return None
    guide, day, half = named.groups()
    found = select(Card).where(Card.guide_id == int(guide), Card.period == f"{day}.{half}")
    return session.exec(found.with_for_update()).one_or_none()


def _update_old(session: Session, card: Card, task_key: str, code: str, at: datetime, now: datetime) -> None:
    """She tapped a card in whose place another one was sent, and that could not be taken back: it says the same."""
    outbox.put(
        session,
        CARD_UPDATE,
        f"card_update:{card.id}:{encryption.fingerprint(code)[:16]}",
        why="点的是换下来的卡片",
        payload={"response_code": code, "task_key": task_key},
        since=at,
        **_about(session, card, now),
    )


def _tapped_open(session: Session, task: Task, at: datetime, zone: ZoneInfo) -> str:
    """A button of cards that were sent before each task had but one."""
    if open_task(session, task, at):
        return "导购打开了任务"
    return Sentence("之前已打开过（{clock}），没有改动", clock=_clock(task.opened_at, zone))


def _tapped_said(session: Session, task: Task, at: datetime, now: datetime, zone: ZoneInfo) -> str:
    if say_done(session, task, now, at=at):
        return "导购说已发，等平台确认"
    return Sentence("之前已说过（{clock}），没有改动", clock=_clock(task.reported_at, zone))


def landed(
    session: Session,
    card: Card,
    version: int,
    tasks: list[int],
    code: str,
    now: datetime,
    *,
    since: datetime | None = None,
) -> None:
    """The platform took the card, or its update: the tasks on it are on her phone. Catches up when more changed since."""
    card.sent_at = card.sent_at or now
    card.shown = max(card.shown, version)
    for task in session.exec(select(Task).where(col(Task.id).in_(tasks), col(Task.card_sent_at).is_(None))):
        task.card_sent_at = now
    if code:
        _keep_code(card, code, now)
    session.flush()
    if card.version > version:
        catch_up(session, card, now, since)


def take_back_older(session: Session, card: Card, newest: Outbox, now: datetime) -> None:
    """One card on her phone: those that this one replaces go, as long as the platform still takes them back."""
    recent = now - timedelta(hours=RECALL_HOURS)
    for call in _calls(session, card):
        msgid = str((call.answer or {}).get("msgid") or "")
        older = call.channel == CARD and call.id != newest.id and call.status == OutboxStatus.SENT
        if older and msgid and call.done_at and call.done_at > recent:
            about = {**_about(session, card, now), "subject_id": None}
            outbox.put(
                session,
                CARD_RECALL,
                f"card_recall:{call.id}",
                why="换了新的一张",
                deadline=call.done_at + timedelta(hours=RECALL_HOURS),
                payload={"msgid": msgid},
                **about,
            )


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
    """See that one call is on its way that will show the newest version: an update, or a new card in its place."""
    calls = _calls(session, card)
    if card.version <= card.shown or any(call.status in outbox.OPEN for call in calls):
        return  # an open one reads the card when it leaves, or catches up when it has landed
    if not session.get_one(Guide, card.guide_id).present:
        return
    code = _take_code(card, now) if card.sent_at else ""
    if not code:
        _send(session, card, calls, now, since)
        return
    outbox.put(
        session,
        CARD_UPDATE,
        f"card_update:{card.id}:{card.version}:{encryption.fingerprint(code)[:8]}",
        why="卡片上的任务有变化",
        payload={"response_code": code},
        since=since,
        **_about(session, card, now),
    )


def _calls(session: Session, card: Card) -> list[Outbox]:
    """What was sent of this card and what is on its way, without what concerns copies that were replaced."""
    about = select(Outbox).where(col(Outbox.channel).in_(with_subject(CARD)), Outbox.subject_id == card.id)
    found = session.exec(about.order_by(col(Outbox.id)))
    return [call for call in found if call.payload.get("task_key", card.task_key) == card.task_key]


def _about(session: Session, card: Card, now: datetime) -> dict[str, Any]:
    guide = session.get_one(Guide, card.guide_id)
    return {"guide_id": guide.id, "subject_id": card.id, "target": guide.name, "now": now}


def _send(session: Session, card: Card, calls: list[Outbox], now: datetime, since: datetime | None) -> None:
    """The first send, or one more: after one that surely did not arrive, or in the place of a card without a code.

    A first send in doubt is not repeated: it may lie on her phone, and her tap will tell. What a person took back
    stays so, until a task joins that she had not decided about. What it brings could be told since it was ready,
    whatever it is that makes it leave now.
    """
    if card.sent_at is None and any(call.status == OutboxStatus.UNKNOWN for call in calls):
        return
    if calls and calls[-1].status == OutboxStatus.CANCELLED:
        joined = select(Task.id).where(Task.card_id == card.id, col(Task.ready_at) > calls[-1].done_at)
        if session.exec(joined.limit(1)).first() is None:
            return
    if calls:
        card.task_key = _key(card.guide_id, card.period)
    key = f"card:{card.id}" + (f":{card.version}" if calls else "")
    unseen = (Task.card_id == card.id, col(Task.card_sent_at).is_(None), col(Task.closed_at).is_(None))
    ready = session.exec(select(func.min(Task.ready_at)).where(*unseen)).one()
    outbox.put(
        session,
        CARD,
        key,
        due_at=now + timedelta(seconds=GATHER_SECONDS),
        since=min((one for one in (since, ready) if one), default=None),
        why=Sentence("{period} 的任务", period=card.period[:10]),
        **_about(session, card, now),
    )


def _key(guide_id: int, half: str) -> str:
    return f"card-{guide_id}-{half.replace('.', '-')}-{secrets.token_hex(6)}"


def _keep_code(card: Card, code: str, now: datetime) -> None:
    if code and all(known["code"] != code for known in card.codes):
        card.codes = [*card.codes, {"code": code, "at": now.isoformat()}][-MOST_CODES:]


def _take_code(card: Card, now: datetime) -> str:
    """The newest unused code, taken out so that no second call uses it."""
    fresh = [
        one for one in card.codes if now - datetime.fromisoformat(one["at"]) < timedelta(hours=CODE_HOURS)
    ]
    card.codes = fresh[:-1]
    return fresh[-1]["code"] if fresh else ""


def _clock(at: datetime | None, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H:%M}" if at else ""
