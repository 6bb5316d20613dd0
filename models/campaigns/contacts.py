"""Whom campaigns have contacted lately, as sets: the one answer for the budget, for conditions and for forecasts.

Whoever a campaign has reached was contacted on the day it began. Whoever it may still reach counts as contacted today:
her place is reserved from the launch on. At its end the places of all whom nobody confirmed are given back.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from pyroaring import FrozenBitMap
from sqlalchemy import or_
from sqlmodel import Session, col, select

from models.campaigns import UNDER_WAY, Campaign, CampaignAudience, Recipients, Task, TaskAudience
from models.db.sets import NOBODY, union
from models.ledger.channels import CHANNELS, CUSTOMERS, reaching
from models.preferences import Preferences


@dataclass(frozen=True)
class Contact:
    """One campaign, and whom it has contacted or may still contact."""

    campaign_id: int
    channel: str
    began: date
    """In the shops' zone"""
    reached: FrozenBitMap
    open: FrozenBitMap
    """Reserved: they may still get it."""
    limited: FrozenBitMap
    """The platform said that they had had enough."""

    def since(self, day: date) -> FrozenBitMap:
        """Whom it contacted on this day or later."""
        return self.reached | self.open if self.began >= day else self.open


def contacts(session: Session, since: datetime, zone: ZoneInfo, chosen: Preferences) -> list[Contact]:
    """The campaigns that contacted customers since then, or still may; Moments only where the brand counts them."""
    query = (
        select(Campaign, CampaignAudience)
        .join(CampaignAudience, col(CampaignAudience.campaign_id) == col(Campaign.id))
        .where(
            col(Campaign.channel).in_(counting(chosen)),
            or_(col(Campaign.launched_at) >= since, col(Campaign.status).in_(UNDER_WAY)),
        )
    )
    found = session.exec(query.order_by(col(Campaign.id))).all()
    late = _confirmed_late(session, [one.id or 0 for one, _ in found if one.over])
    return [
        Contact(
            campaign.id or 0,
            campaign.channel,
            (campaign.launched_at or campaign.launch_at).astimezone(zone).date(),
            whole.reached | late.get(campaign.id or 0, NOBODY),
            NOBODY if campaign.over else _still(whole),
            whole.limited,
        )
        for campaign, whole in found
    ]


def counting(chosen: Preferences) -> list[str]:
    """The channels that use up the contact budget. Groups, notices and welcomes contact nobody in this sense."""
    return [
        name
        for name in reaching(CUSTOMERS)
        if (use := CHANNELS[name].campaign) and (use.disturbs or chosen.count_moments == "yes")
    ]


def first_day(at: datetime, zone: ZoneInfo, days: int) -> date:
    """The first of so many days that end with that of `at`."""
    return at.astimezone(zone).date() - timedelta(days=days - 1)


def _still(whole: Recipients) -> FrozenBitMap:
    return whole.members - whole.reached - whole.not_friend - whole.limited - whole.refused


def _confirmed_late(session: Session, campaigns: Sequence[int]) -> dict[int, FrozenBitMap]:
    """Of ended campaigns: whose guide has confirmed, while the platform has not told what became of each."""
    query = (
        select(Task.campaign_id, TaskAudience)
        .join(TaskAudience, col(TaskAudience.task_id) == col(Task.id))
        .where(
            col(Task.campaign_id).in_(campaigns),
            col(Task.confirmed_at).is_not(None),
            or_(col(Task.settled_at).is_(None), col(TaskAudience.fresh)),
        )
    )
    found: dict[int, list[FrozenBitMap]] = defaultdict(list)
    for campaign_id, share in session.exec(query):
        found[campaign_id].append(share.reached | _still(share))
    return {campaign_id: union(shares) for campaign_id, shares in found.items()}


def windows(found: Sequence[Contact], day: date) -> Iterator[FrozenBitMap]:
    """Of each campaign, whom it contacted since this day."""
    return (one for contact in found if (one := contact.since(day)))
