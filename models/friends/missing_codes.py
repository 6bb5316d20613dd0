"""Entry codes that nobody has asked for yet: of one store and its people, or of everybody."""

from datetime import datetime

from sqlmodel import Session, col, select

from models.friends import entry_codes
from models.friends.entry_codes import EntryCode, EntryCodeKind, EntryCodeStatus
from models.org import Guide, GuideStatus, Store


def of_store(session: Session, store: Store) -> tuple[bool, list[Guide]]:
    """Whether the store has no code that works or is being made, and which of those who work there have none."""
    present = select(Guide).where(Guide.store_id == store.id, Guide.status == GuideStatus.ACTIVE)
    fine = select(EntryCode.guide_id).where(
        EntryCode.kind == EntryCodeKind.GUIDE,
        EntryCode.status != EntryCodeStatus.FAILED,
        col(EntryCode.guide_id).is_not(None),
    )
    guides = list(session.exec(present.where(col(Guide.id).not_in(fine)).order_by(col(Guide.id))))
    own = entry_codes.of_store(session, store.id or 0)
    return own is None or own.status == EntryCodeStatus.FAILED, guides


def ask_for_all(session: Session, store: Store, who: str, now: datetime) -> int:
    """A person wants all codes that the store and its people lack; how many were asked for."""
    lacks_own, guides = of_store(session, store)
    if lacks_own:
        entry_codes.ask_for_store(session, store, who, now)
    for guide in guides:
        entry_codes.ask_for_guide(session, guide, who, now)
    return lacks_own + len(guides)


def make(session: Session, now: datetime, limit: int) -> int:
    """Codes for present guides who work in a store and have none; how many were asked for."""
    owned = select(EntryCode.guide_id).where(
        EntryCode.kind == EntryCodeKind.GUIDE, col(EntryCode.guide_id).is_not(None)
    )
    query = select(Guide).where(
        Guide.status == GuideStatus.ACTIVE, col(Guide.store_id).is_not(None), col(Guide.id).not_in(owned)
    )
    guides = list(session.exec(query.order_by(col(Guide.id)).limit(limit)))
    for guide in guides:
        entry_codes.make_for_guide(session, guide, now, since=guide.joined_at)
    return len(guides)
