"""Cards and time: those that may leave now are put into messages."""

from datetime import datetime

from models.campaigns import card_messages
from scheduler.runtime import Runtime
from scheduler.timetable.plan import said


def deal(runtime: Runtime, now: datetime) -> str:
    """Send the cards that may leave: her store is open, and nothing else of hers is about to come."""
    with runtime.db.read() as session:
        if not card_messages.any_waits(session, now):
            return ""
    dealt = runtime.db.run_in_pieces(lambda session: card_messages.deal(session, now, runtime.zone))
    return said(("送出卡片", dealt))
