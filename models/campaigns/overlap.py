"""What else the customers and the guides of a selection have on: other campaigns, and the tasks of that day."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pyroaring import FrozenBitMap
from sqlalchemy import or_
from sqlmodel import Session, col, select

from models import preferences
from models.campaigns import UNDER_WAY, Campaign, CampaignAudience, CampaignStatus, contacts
from models.campaigns.selection import Selection
from models.contact_budget import platform_days
from models.db.sets import NOBODY, at_least
from models.ledger.channels import CUSTOMERS, MASS
from models.org import ids_in_scope

NEAR = timedelta(days=7)
"""Other campaigns are looked at so long before and after."""


@dataclass(frozen=True)
class Overlap:
    """Another campaign that goes to some of the same customers."""

    campaign: Campaign
    customers: int
    counts: bool
    """It uses up the contact budget."""


def overlaps(session: Session, found: Selection, at: datetime, number: int | None) -> list[Overlap]:
    """Those that run or have run near that moment, as they were frozen: the most in common first."""
    members, counting = found.members, contacts.counting(preferences.read(session))
    query = (
        select(Campaign, col(CampaignAudience.members))
        .join(CampaignAudience, col(CampaignAudience.campaign_id) == col(Campaign.id))
        .where(
            or_(col(Campaign.status).in_(UNDER_WAY), col(Campaign.launched_at) > at - NEAR),
            col(Campaign.id) != (number or 0),
        )
    )
    common = [
        Overlap(campaign, len(members & others), campaign.channel in counting)
        for campaign, others in session.exec(query)
        if campaign.way.to == CUSTOMERS
    ]
    return sorted((one for one in common if one.customers), key=lambda one: -one.customers)


@dataclass(frozen=True)
class QuotaLeft:
    """After this campaign: how many customers can still get how many mass messages in the platform's period."""

    many: int
    """Five or more"""
    few: int
    """One to four"""
    last: int
    """This is their last one."""


def quota_left(found: Selection) -> QuotaLeft | None:
    """None where nothing of the platform's quota is used."""
    budget = found.budget
    if budget is None:
        return None
    members = found.members
    days = platform_days(budget.chosen, budget.at, budget.zone)
    first = contacts.first_day(budget.at, budget.zone, days.elapsed)
    got = at_least(
        (one.reached & members for one in budget.spent if one.channel == MASS and one.began >= first),
        days.quota,
    )

    def had(times: int) -> FrozenBitMap:
        return members if times <= 0 else got[times - 1] if times <= len(got) else NOBODY

    last = len(had(days.quota - 1)) if days.quota > 1 else found.reached
    few = len(had(days.quota - 5)) - last if days.quota > 1 else 0
    return QuotaLeft(found.reached - few - last, few, last)


def tasks_that_day(
    session: Session, found: Selection, at: datetime, zone: ZoneInfo, number: int | None
) -> dict[int, int]:
    """How many of its guides have so many tasks on that day, this one included."""
    day = at.astimezone(zone).date()
    begin = datetime(day.year, day.month, day.day, tzinfo=zone)
    that_day = select(Campaign).where(
        col(Campaign.id) != (number or 0),
        col(Campaign.launch_at) < begin + timedelta(days=1),
        col(Campaign.ends_at) > begin,
        col(Campaign.status).in_((CampaignStatus.SCHEDULED, *UNDER_WAY)),
    )
    tasks = Counter(guide for one in session.exec(that_day) for guide in ids_in_scope(session, one.scope))
    mine = (one.id or 0 for one in found.guides if one.id not in found.obstacles)
    return dict(sorted(Counter(1 + tasks[guide] for guide in mine).items()))
