"""A store manager is told of a draft that waits for her, and told again each day; never in the night."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from models import quiet_hours
from models.friends.handover import Handover, HandoverShare, HandoverStatus, numbers_of
from models.ledger import outbox
from models.ledger.channels import NOTICE
from models.org import Guide, GuideStatus
from models.sentences import Sentence

EVERY = timedelta(hours=24)
MOST = 7
"""So many days; then HQ's list has to do."""
TEXT = '{guide}离职了，她的 {n} 位好友等你看一眼名单，点 3 下就能交接。<a href="{address}">看名单</a>'


def due(session: Session, now: datetime, zone: ZoneInfo, limit: int = 50) -> list[Handover]:
    """Drafts with successors of whom a manager of their store is to be told now, oldest first."""
    if quiet_hours.allowed_from(session, now, zone) > now:
        return []
    query = select(Handover).where(
        Handover.status == HandoverStatus.DRAFT,
        col(Handover.planned_at).is_not(None),
        col(Handover.told) < MOST,
        or_(col(Handover.told_at).is_(None), col(Handover.told_at) <= now - EVERY),
        select(Guide.id).where(*_manages(col(Handover.store_id), col(Handover.guide_id))).exists(),
        select(HandoverShare.id).where(col(HandoverShare.handover_id) == col(Handover.id)).exists(),
    )
    return list(session.exec(query.order_by(col(Handover.id)).limit(limit)))


def tell_managers(session: Session, now: datetime, zone: ZoneInfo, public_url: str) -> int:
    """Write the notices that are due; how many."""
    told = 0
    for handover in due(session, now, zone):
        managers = session.exec(select(Guide).where(*_manages(handover.store_id, handover.guide_id))).all()
        number = numbers_of(session, col(Handover.id) == handover.id)[handover.id or 0].all
        leaver = session.get_one(Guide, handover.guide_id)
        address = f"{public_url}/g/handovers/{handover.id}"
        for manager in managers:
            outbox.put(
                session,
                NOTICE,
                f"handover:{handover.id}:{manager.id}:{handover.told}",
                now=now,
                guide_id=manager.id,
                target=manager.name,
                why=Sentence("{guide}的交接等她确认", guide=leaver.name),
                payload={"text": TEXT.format(guide=leaver.name, n=number, address=address)},
            )
            told += 1
        handover.told, handover.told_at = handover.told + 1, now
    session.flush()
    return told


def _manages(store_id: Any, leaver_id: Any) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Guide.store_id) == store_id,
        col(Guide.status) == GuideStatus.ACTIVE,
        col(Guide.is_manager).is_(True),
        col(Guide.id) != leaver_id,
    )
