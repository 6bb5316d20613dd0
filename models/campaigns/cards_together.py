"""Cards of many guides at a time: one by one their queries take longer than what they are for."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models import preferences
from models.campaigns import Card, Task, cards
from models.campaigns.shifts import period
from models.db import insert_missing
from models.org import Guide
from models.org.shifts import NextShift, next_shifts


def show_all(
    session: Session, tasks: Sequence[Task], now: datetime, zone: ZoneInfo, since: Mapping[int, datetime]
) -> None:
    """As `cards.show` for many tasks; those whose guide's card of this work period has not left join it together.

    since: by the number of the task.
    """
    new = [task for task in tasks if not task.card_id]
    begins = _shifts(session, new, now, zone)
    rhythm = preferences.read(session).card_rhythm
    names = {guide_id: period(shift.at, zone, rhythm) for guide_id, shift in begins.items()}
    waiting = _of_period(session, names, now)
    joined = [task for task in new if _takes_more(waiting[task.guide_id])]
    for task in joined:
        card, shift = waiting[task.guide_id], begins[task.guide_id]
        cards.waits_for(card, shift.at, now, zone, cards.closed(shift))
        cards.put_on(card, task, now, since.get(task.id or 0))
        card.version += 1
    session.flush()
    for task in tasks:
        if task not in joined:
            cards.show(session, task, now, zone, since=since.get(task.id or 0))


def _takes_more(card: Card) -> bool:
    """Surely, and her phone shows nothing of it."""
    return card.message_id is None and card.sent_at is None


def _shifts(session: Session, tasks: Sequence[Task], now: datetime, zone: ZoneInfo) -> dict[int, NextShift]:
    """Guide → when she is on shift next"""
    wanted = select(Guide).where(col(Guide.id).in_([task.guide_id for task in tasks]))
    return next_shifts(session, list(session.exec(wanted)), now, zone) if tasks else {}


def _of_period(session: Session, names: Mapping[int, str], now: datetime) -> dict[int, Card]:
    """Guide → her card of that work period, locked; it may be new."""
    blank = [{"guide_id": guide_id, "period": name, "created_at": now} for guide_id, name in names.items()]
    insert_missing(session, Card, blank, key=("guide_id", "period"))
    named = select(Card).where(col(Card.guide_id).in_(names), col(Card.period).in_(set(names.values())))
    found = list(session.exec(named.order_by(col(Card.id)).with_for_update())) if names else []
    return {card.guide_id: card for card in found if card.period == names[card.guide_id]}
