"""The one card of a guide and work period: when it is sent, when it is brought up to date, what a tap means."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models import encryption
from models.campaigns import Campaign, Card, Task
from models.db import insert_once
from models.ledger import outbox
from models.ledger.channels import CARD, CARD_UPDATE, NOTICE, with_subject
from models.ledger.outbox import Outbox, OutboxStatus
from models.org import Guide, find_guide

NOON_HOUR = 14
"""Before it is the first half of the working day, from it on the second."""
GATHER_SECONDS = 3
"""The first send waits so long, so that tasks of the same minute share the card."""
CODE_HOURS = 24
"""An update code may live longer (72 h); sources disagree, so we trust it for a day."""
MOST_CODES = 5
BESIDE = "beside_card:"
"""Keys of the notices that tell what a card cannot show any more."""
NO_CODE = "没有可用的更新凭证：每个只能用一次，24 小时内有效。手机上的卡片保持原样，点开的页面是最新的"


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
    key = f"card-{task.guide_id}-{half.replace('.', '-')}-{secrets.token_hex(6)}"
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


def open_task(session: Session, task: Task, now: datetime, *, at: datetime | None = None) -> bool:
    """She opened the card or the page, now or at an earlier time. False when she had before."""
    return _mark(session, task, now, lambda: task.open(at or now), at)


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
    card = session.exec(select(Card).where(Card.task_key == task_key).with_for_update()).one_or_none()
    if card is None:
        return "点的是我们不认识的卡片，没有改动"
    guide = find_guide(session, userid)
    if guide is None or guide.id != card.guide_id:
        return "点的人不是这张卡片的导购，没有改动"
    verb, _, code = event_key.partition(":")
    task = session.exec(select(Task).where(Task.code == code, Task.card_id == card.id)).one_or_none()
    if task is None or verb not in ("open", "said"):
        return "卡片上没有这个按钮，没有改动"
    card.sent_at = card.sent_at or at
    _keep_code(card, response_code, at)
    if verb == "open":
        return (
            "导购打开了任务"
            if open_task(session, task, now, at=at)
            else f"之前已打开过（{_clock(task.opened_at, zone)}），没有改动"
        )
    if say_done(session, task, now, at=at):
        return "导购说已发，等平台确认"
    return f"之前已说过（{_clock(task.reported_at, zone)}），没有改动"


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


def told(session: Session, notice: Outbox, now: datetime) -> None:
    """A line in the card's place has landed: the task has reached her phone as well."""
    task = session.get(Task, notice.task_id) if notice.task_id and notice.key.startswith(BESIDE) else None
    if task is not None:
        task.card_sent_at = task.card_sent_at or now
        session.add(task)


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
    """See that one call is on its way that will show the newest version, if one is possible at all."""
    calls = list(
        session.exec(
            select(Outbox)
            .where(col(Outbox.channel).in_(with_subject(CARD)), Outbox.subject_id == card.id)
            .order_by(col(Outbox.id))
        )
    )
    if any(call.status in outbox.OPEN for call in calls):
        return  # it reads the card when it leaves, or catches up when it has landed
    guide = session.get_one(Guide, card.guide_id)
    about: dict[str, Any] = {"guide_id": guide.id, "subject_id": card.id, "target": guide.name}
    about |= {"now": now, "since": since}
    if card.sent_at is None:
        _send(session, card, calls, about, now)
        return
    code = _take_code(card, now)
    key = f"card_update:{card.id}:{card.version}:{encryption.fingerprint(code)[:8]}"
    fate: dict[str, Any] = {"payload": {"response_code": code}}
    if not code:  # said once per card: further changes would only repeat it
        key, fate = (
            f"card_update:{card.id}:none",
            {"status": OutboxStatus.NOT_SENT, "done_at": now, "reason": NO_CODE},
        )
        _tell_instead(session, card, about)
    outbox.put(session, CARD_UPDATE, key, why="卡片上的任务有变化", **about, **fate)


def _tell_instead(session: Session, card: Card, about: dict[str, Any]) -> None:
    """A new task that the card cannot show any more is told in one line; other changes can wait for her next tap.

    It could be told since it was ready, whatever it is that the card has to show now.
    """
    unseen = session.exec(
        select(Task, Campaign)
        .join(Campaign, col(Campaign.id) == Task.campaign_id)
        .where(Task.card_id == card.id, col(Task.card_sent_at).is_(None), col(Task.closed_at).is_(None))
    )
    for task, campaign in unseen.all():
        text = f"又有一件：「{campaign.card_title or campaign.name}」。上面的任务卡片更新不了了，点开它，在「今日」里看。"
        outbox.put(
            session,
            NOTICE,
            f"{BESIDE}{task.id}",
            why="卡片更新不了，改发一句话",
            task_id=task.id,
            campaign_id=campaign.id,
            payload={"text": text},
            **{
                **about,
                "subject_id": None,
                "since": min(one for one in (about["since"], task.ready_at, about["now"]) if one),
            },
        )


def _send(session: Session, card: Card, calls: list[Outbox], about: dict[str, Any], now: datetime) -> None:
    """The first send, or one more after a send that surely did not arrive; a doubtful one is not repeated.

    What a person took back stays so, until a task joins that she had not decided about.
    """
    if any(call.status == OutboxStatus.UNKNOWN for call in calls):
        return
    if calls and calls[-1].status == OutboxStatus.CANCELLED:
        joined = select(Task.id).where(Task.card_id == card.id, col(Task.ready_at) > calls[-1].done_at)
        if session.exec(joined.limit(1)).first() is None:
            return
    if calls:
        card.task_key = f"{card.task_key.rpartition('-')[0]}-{secrets.token_hex(6)}"
    key = f"card:{card.id}" + (f":{card.version}" if calls else "")
    outbox.put(
        session,
        CARD,
        key,
        due_at=now + timedelta(seconds=GATHER_SECONDS),
        why=f"{card.period[:10]} 的任务",
        **about,
    )


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
