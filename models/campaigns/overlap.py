"""What else the customers and the guides of a selection have on: other campaigns, and the tasks of that day."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pyroaring import FrozenBitMap
from sqlalchemy import or_
from sqlmodel import Session, col, select

from models import contact_budget, preferences
from models.campaigns import UNDER_WAY, Campaign, CampaignAudience, CampaignStatus, contacts
from models.campaigns.calendar import midnight
from models.campaigns.selection import Selection
from models.contact_budget import platform_days
from models.db.sets import NOBODY, at_least, union
from models.ledger.channels import CUSTOMERS, MASS, reaching
from models.org import ids_in_scope

NEAR = timedelta(days=7)
"""Other campaigns are looked at so long before and after."""
AHEAD = (CampaignStatus.SUBMITTED, CampaignStatus.APPROVED, CampaignStatus.SCHEDULED)
"""Somebody wants these sent; a draft is nobody's plan yet."""


@dataclass(frozen=True)
class Overlap:
    """Another campaign that goes to some of the same customers."""

    campaign: Campaign
    customers: int
    """As it was frozen; of a planned one, whom it would go to if there were no budget"""
    counts: bool
    """It uses up the contact budget."""
    loses: int = 0
    """So many of them it could not reach any more, because this one comes before it."""


def overlaps(
    session: Session, found: Selection, channel: str, at: datetime, number: int | None
) -> list[Overlap]:
    """Those that run, ran or are to run near that moment: the most in common first."""
    both = [*_begun(session, found, at, number), *_planned(session, found, channel, at, number)]
    return sorted((one for one in both if one.customers), key=lambda one: -one.customers)


def _begun(session: Session, found: Selection, at: datetime, number: int | None) -> Iterator[Overlap]:
    counting = contacts.counting(preferences.read(session))
    query = (
        select(Campaign, col(CampaignAudience.members))
        .join(CampaignAudience, col(CampaignAudience.campaign_id) == col(Campaign.id))
        .where(
            or_(col(Campaign.status).in_(UNDER_WAY), col(Campaign.launched_at) > at - NEAR),
            col(Campaign.id) != (number or 0),
        )
    )
    for campaign, others in session.exec(query):
        if campaign.way.to == CUSTOMERS:
            yield Overlap(campaign, len(found.members & others), campaign.channel in counting)


def _planned(
    session: Session, found: Selection, channel: str, at: datetime, number: int | None
) -> Iterator[Overlap]:
    query = select(Campaign).where(
        col(Campaign.status).in_(AHEAD),
        col(Campaign.channel).in_(reaching(CUSTOMERS)),
        col(Campaign.launch_at) > at - NEAR,
        col(Campaign.launch_at) < at + NEAR,
        col(Campaign.id) != (number or 0),
    )
    budget = found.budget
    if budget is None:
        return
    others = session.exec(query).all()
    whom = contact_budget.wanted(session, others, budget.zone)
    counting = contacts.counting(budget.chosen)
    for campaign in others:
        common, counts = found.members & whom[campaign.id or 0], campaign.channel in counting
        after = channel in counting and counts and campaign.launch_at >= at
        lost = common & budget.in_the_way_of(campaign.launch_at) if after else NOBODY
        yield Overlap(campaign, len(common), counts, len(lost))


@dataclass(frozen=True)
class TakenBefore:
    """Customers who are in the selection now and would have had enough when its time comes."""

    customers: int
    campaigns: int
    """So many planned ones go to them before it."""


def taken_before(
    session: Session, found: Selection, channel: str, at: datetime, number: int | None
) -> TakenBefore | None:
    """What a selection cannot know, which counts what has begun; None where nobody is taken. Drafts do not count."""
    budget = found.budget
    if budget is None or channel not in contacts.counting(budget.chosen) or not budget.caps:
        return None
    since = {days: contacts.first_day(at, budget.zone, days) for days in budget.caps}
    query = select(Campaign).where(
        col(Campaign.status).in_(AHEAD),
        col(Campaign.channel).in_(contacts.counting(budget.chosen)),
        col(Campaign.launch_at) >= midnight(min(since.values()), budget.zone),
        col(Campaign.launch_at) < at,
        col(Campaign.id) != (number or 0),
    )
    before = session.exec(query).all()
    whom = contact_budget.wanted(session, before, budget.zone)
    members, full = found.members, []
    for days, cap in budget.caps.items():
        first = since[days]
        coming = [
            whom[one.id or 0] for one in before if one.launch_at.astimezone(budget.zone).date() >= first
        ]
        full.append(at_least([*contacts.windows(budget.spent, first), *coming], cap)[-1] & members)
    taken = union(full)
    campaigns = sum(bool(whom[one.id or 0] & taken) for one in before)
    return TakenBefore(len(taken), campaigns) if campaigns else None


@dataclass(frozen=True)
class QuotaLeft:
    """After this campaign: how many customers can still get how many mass messages in the platform's period."""

    many: int
    """Five or more"""
    few: int
    """One to four"""
    last: int
    """This is their last one."""


def quota_left(found: Selection, channel: str) -> QuotaLeft | None:
    """None where nothing of the platform's quota is used."""
    budget = found.budget
    if budget is None or channel != MASS:
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


def caps_met(found: Selection, channel: str) -> dict[int, int]:
    """Days → how many of its customers have had all that the brand allows in so many days, once this reached them. Of a
    single day that says nothing: of one contact a day, all of them."""
    budget = found.budget
    if budget is None or channel not in contacts.counting(budget.chosen):
        return {}
    longer = {days: cap for days, cap in budget.caps.items() if days > 1}
    return {days: len(found.members & budget.last_one(days, cap, budget.at)) for days, cap in longer.items()}


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
        col(Campaign.status).in_((*AHEAD, *UNDER_WAY)),
    )
    tasks = Counter(guide for one in session.exec(that_day) for guide in ids_in_scope(session, one.scope))
    mine = (one.id or 0 for one in found.guides if one.id not in found.obstacles)
    return dict(sorted(Counter(1 + tasks[guide] for guide in mine).items()))
