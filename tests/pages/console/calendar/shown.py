"""What the tests of the calendar share: a plan, a slot, and the bar of a plan on the page."""

import re
from datetime import timedelta

from models.campaigns import CampaignStatus, slots
from models.campaigns.slots import SlotFields
from tests import cast
from tests.pages.conftest import NOON, Console

PATH = "/console/calendar"
WEEK = "/console/calendar/week"
DAY = timedelta(days=1)


def plan(console: Console, name: str, days: int = 1, **fields: object) -> int:
    """A plan of HQ that starts in so many days, at 14:32."""
    at = NOON + days * DAY
    with console.db.write() as session:
        values = {
            "status": CampaignStatus.SCHEDULED,
            "launch_at": at,
            "ends_at": at + timedelta(hours=2),
            "created_by": console.ids["zhou"],
        }
        return cast.campaign(session, name=name, now=NOON, **{**values, **fields}).id or 0


def bar(text: str, name: str) -> str:
    """The bar with this name."""
    found = re.search(rf'<a class="plan [^>]*>(?:(?!</a>).)*{name}.*?</a>', text, re.S)
    assert found, name
    return found[0]


def open_slot(console: Console, **changes: object) -> int:
    values = {
        "begins_at": NOON + 2 * DAY,
        "ends_at": NOON + 2 * DAY + timedelta(hours=8),
        "submit_by": NOON + DAY,
    }
    with console.db.write() as session:
        return slots.open_slot(session, SlotFields(**{**values, **changes}), who="周岚", now=NOON).id or 0
