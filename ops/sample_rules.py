"""The invented retailer's shifts of the coming days, and a draft of assignment rules that nobody has published yet."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from models.friends import rule_sets
from models.org import Branch, Guide
from models.org.shifts import Shift
from ops.sample_data import ZONE

DRAFT: tuple[dict[str, Any], ...] = (
    {"rule": "before"},
    {"rule": "own_guide"},
    {"rule": "code"},
    {"rule": "nearest"},
    {"rule": "on_shift"},
    {"rule": "cap", "per_day": 20},
    {"rule": "least"},
    {"rule": "owner"},
    {"rule": "queue", "minutes": 15},
)
MORE = ("沈阳", "长春")
"""Branches whose guides may have more new friends in a day"""
EACH = 7
"""Every seventh guide has a day off, and every seventh a late shift."""


def put(
    session: Session, guides: Sequence[Guide], branches: Sequence[Branch], who: str, now: datetime
) -> None:
    """From tomorrow on: today the demo is played with everybody."""
    today = now.astimezone(ZONE).date()
    for number, guide in enumerate(guides):
        day = today + timedelta(days=1 + number % 6)
        if number % EACH == 0:
            session.add(Shift(guide_id=guide.id or 0, day=day, off=True, note="调休"))
        elif number % EACH == 1:
            session.add(Shift(guide_id=guide.id or 0, day=day, opens="14:00", closes="22:00", note="晚班"))
    more = {str(branch.id): 30 for branch in branches if branch.name in MORE}
    rules = [{**one, "branches": more} if one["rule"] == "cap" else one for one in DRAFT]
    rule_sets.draft(session, None, rules, who, now)
