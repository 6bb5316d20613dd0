"""What in a plan stands in each other's way: customers who would be contacted too often, guides with two things at once.

Nothing here refuses anything: the budget leaves out whom it must at the launch. It is said while it can still be moved.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pyroaring import FrozenBitMap
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from models import contact_budget, preferences
from models.campaigns import PLANNED, Campaign, CampaignStatus, calendar, contacts
from models.contact_budget import LONGEST_WINDOW
from models.db.sets import NOBODY, at_least
from models.ledger.channels import CUSTOMERS
from models.org import ids_in_scope

WEEK = 7
CLOSE = timedelta(minutes=60)
"""Two tasks that begin nearer to each other than this come to a guide at once."""
APART = (time(10), time(14), time(16), time(18))
"""When a campaign may begin instead, in the middle of the shops' day"""
SHOWN = 2
"""So many of a kind; the page is no list of everything."""


@dataclass(frozen=True)
class TooOften:
    """A planned campaign whose customers would have had enough by then."""

    campaign: Campaign
    customers: int
    times: int
    """It would be their so-manieth contact in 7 days"""
    before: tuple[Campaign, ...]
    """What they get before it in these days and is planned as well"""


@dataclass(frozen=True)
class AtOnce:
    """Two planned campaigns that come to the same guides at the same time."""

    campaign: Campaign
    """The later one, or the one that may be moved"""
    other: Campaign
    guides: int
    better: time | None
    """When that day nothing else of theirs begins"""


def planned(
    session: Session, first: date, last: date, zone: ZoneInfo, within: ColumnElement[bool]
) -> list[Campaign]:
    """What is meant to begin from first to last and has not, in the order of its start."""
    begin, end = calendar.midnight(first, zone), calendar.midnight(last + timedelta(days=1), zone)
    query = select(Campaign).where(
        col(Campaign.status).in_(PLANNED),
        col(Campaign.launched_at).is_(None),
        Campaign.launch_at >= begin,
        Campaign.launch_at < end,
        within,
    )
    return list(session.exec(query.order_by(col(Campaign.launch_at), col(Campaign.id))))


def too_often(session: Session, plans: Sequence[Campaign], now: datetime, zone: ZoneInfo) -> list[TooOften]:
    """Of the campaigns that use up the budget: who of theirs would have had the cap of a week by then, most first.

    Drafts count: the calendar is where they are weighed against each other.
    """
    chosen = preferences.read(session)
    channels = contacts.counting(chosen)
    counted = [one for one in plans if one.channel in channels and one.way.to == CUSTOMERS]
    if not counted:
        return []
    spent = contacts.contacts(session, now - LONGEST_WINDOW, zone, chosen)
    wanted = contact_budget.wanted(session, counted, zone)
    found = []
    for one in counted:
        cap = chosen.caps(one.launch_at.astimezone(zone).month).get(WEEK)
        day = contacts.first_day(one.launch_at, zone, WEEK)
        earlier = [
            other
            for other in counted
            if other.launch_at < one.launch_at and other.launch_at.astimezone(zone).date() >= day
        ]
        sets = [*contacts.windows(spent, day), *(wanted[other.id or 0] for other in earlier)]
        if not cap or len(sets) < cap:
            continue
        full = at_least(sets, cap)[-1] & wanted[one.id or 0]
        if full:
            before = tuple(other for other in earlier if wanted[other.id or 0] & full)
            found.append(TooOften(one, len(full), cap + 1, before))
    return sorted(found, key=lambda one: -one.customers)[:SHOWN]


def at_once(session: Session, plans: Sequence[Campaign], zone: ZoneInfo) -> list[AtOnce]:
    """Pairs of plans whose guides would get two tasks within the hour, the most guides first."""
    found: list[AtOnce] = []
    guides: dict[int | None, set[int]] = {}
    for n, one in enumerate(plans):
        for other in plans[n + 1 :]:
            if other.launch_at - one.launch_at >= CLOSE:
                break
            for each in (one, other):
                if each.id not in guides:
                    guides[each.id] = set(ids_in_scope(session, each.scope))
            if both := guides[one.id] & guides[other.id]:
                found.append(AtOnce(other, one, len(both), better_time(plans, other, zone)))
    return sorted(found, key=lambda one: -one.guides)[:SHOWN]


def better_time(plans: Sequence[Campaign], campaign: Campaign, zone: ZoneInfo) -> time | None:
    """A time later that day at which nothing else of the plan begins; None where there is none."""
    local = campaign.launch_at.astimezone(zone)
    taken = [one.launch_at for one in plans if one.id != campaign.id]
    for at in APART:
        moment = datetime.combine(local.date(), at, tzinfo=zone)
        if at > local.time() and all(abs(moment - one) >= CLOSE for one in taken):
            return at
    return None


@dataclass(frozen=True)
class DayLoad:
    """What one day costs: the tasks of each guide, and who of the customers can be contacted no more."""

    day: date
    tasks: tuple[Campaign, ...]
    full: int
    """Customers who have had the cap of a week by the end of that day"""


def loads(
    session: Session,
    days: Sequence[date],
    guides: Collection[int],
    friends: FrozenBitMap,
    now: datetime,
    zone: ZoneInfo,
) -> list[DayLoad]:
    """Day by day for some guides and their friends. What lies ahead is estimated from the plan as it stands: no drafts."""
    chosen = preferences.read(session)
    channels = contacts.counting(chosen)
    concerned = [one for one in _of_days(session, days, zone) if _has(session, one, guides)]
    spent = contacts.contacts(session, now - LONGEST_WINDOW, zone, chosen)
    coming = [one for one in concerned if one.status in PLANNED and one.channel in channels]
    wanted = contact_budget.wanted(session, coming, zone)
    ahead = [(one.launch_at.astimezone(zone).date(), wanted[one.id or 0] & friends) for one in coming]
    return [
        DayLoad(
            day,
            tuple(one for one in concerned if one.launch_at.astimezone(zone).date() == day),
            len(_full(chosen.caps(day.month).get(WEEK), spent, ahead, day) & friends),
        )
        for day in days
    ]


def _full(
    cap: int | None,
    spent: Sequence[contacts.Contact],
    ahead: Sequence[tuple[date, FrozenBitMap]],
    day: date,
) -> FrozenBitMap:
    first = day - timedelta(days=WEEK - 1)
    sets = [*_spent_by(spent, first, day), *(who for when, who in ahead if first <= when <= day)]
    return at_least(sets, cap)[-1] if cap and len(sets) >= cap else NOBODY


def _spent_by(spent: Sequence[contacts.Contact], first: date, day: date) -> Iterator[FrozenBitMap]:
    return (one.since(first) for one in spent if one.began <= day)


def _of_days(session: Session, days: Sequence[date], zone: ZoneInfo) -> list[Campaign]:
    """What begins on these days, planned for certain or begun."""
    begin, end = calendar.midnight(days[0], zone), calendar.midnight(days[-1] + timedelta(days=1), zone)
    left = (CampaignStatus.DRAFT, CampaignStatus.CANCELLED)
    query = select(Campaign).where(
        col(Campaign.status).not_in(left), Campaign.launch_at >= begin, Campaign.launch_at < end
    )
    return list(session.exec(query.order_by(col(Campaign.launch_at))))


def _has(session: Session, campaign: Campaign, guides: Collection[int]) -> bool:
    """Whether one of these guides is in it."""
    return any(one in guides for one in ids_in_scope(session, campaign.scope))
