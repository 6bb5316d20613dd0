"""The contact budget: how often one customer may be contacted, by all campaigns and guides together, and who comes first.

Whoever is launched reserves. Care comes before service, and service before deals: a planned campaign of a higher
purpose keeps the customers who could not get it any more if this one took them.
"""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pyroaring import FrozenBitMap
from sqlmodel import Session, col, select

from models import preferences
from models.campaigns import PURPOSES, Campaign, CampaignStatus, Purpose, conditions, contacts
from models.campaigns.contacts import Contact
from models.campaigns.reach import Reach, reach
from models.db.sets import at_least, union
from models.ledger.channels import CUSTOMERS, MASS
from models.org import ids_in_scope
from models.preferences import Preferences
from models.sentences import Sentence

LONGEST_WINDOW = timedelta(days=32)
"""Caps look back 30 days, the platform a calendar month."""
CAP_WORDS = {1: "当天已联系 {n} 次", 7: "7 天内已联系 {n} 次", 30: "30 天内已联系 {n} 次"}
QUOTA_WORDS = {"month": "本月群发已收满", "week": "7 天内群发已收满", "day": "当天群发已收满"}
CAP, QUOTA, PROMISE = "cap", "quota", "promise"
"""Kinds of reasons: the brand's own limit, the platform's, a campaign that comes first"""


@dataclass(frozen=True)
class Budget:
    """What has been spent by a moment, read once."""

    at: datetime
    zone: ZoneInfo
    chosen: Preferences
    spent: Sequence[Contact]

    def over_cap(self) -> Iterator[tuple[str, FrozenBitMap]]:
        """Per cap that is reached: in words, by whom."""
        for days, cap in self.caps.items():
            words = Sentence(CAP_WORDS[days], n=cap)
            yield words, at_least(self._within(days, self.at), cap)[-1]

    def full_on_platform(self) -> FrozenBitMap:
        """Who can get no mass message more in this period: the platform confirmed so many, or said so itself.

        What her guide sent her on her own account we do not see; that the platform tells, too late, as a result.
        """
        days = platform_days(self.chosen, self.at, self.zone)
        first = contacts.first_day(self.at, self.zone, days.elapsed)
        lately = [one for one in self.spent if one.channel == MASS and one.began >= first]
        return at_least((one.reached for one in lately), days.quota)[-1] | union(
            one.limited for one in lately
        )

    def in_the_way_of(self, then: datetime) -> FrozenBitMap:
        """Who could not be contacted at a later moment if she were contacted now."""
        found = []
        for days, cap in self.caps.items():
            if contacts.first_day(then, self.zone, days) <= self.at.astimezone(self.zone).date():
                found.append(self.last_one(days, cap, then))
        return union(found)

    def last_one(self, days: int, cap: int, until: datetime) -> FrozenBitMap:
        """Who may be contacted once more at most in the days that end then."""
        return EVERYBODY if cap == 1 else at_least(self._within(days, until), cap - 1)[-1]

    @property
    def caps(self) -> dict[int, int]:
        return self.chosen.caps(self.at.astimezone(self.zone).month)

    def _within(self, days: int, until: datetime) -> Iterator[FrozenBitMap]:
        return contacts.windows(self.spent, contacts.first_day(until, self.zone, days))


EVERYBODY = FrozenBitMap(range(2**26))
"""More customers than there are; a run takes a few bytes"""


@dataclass(frozen=True)
class PlatformDays:
    """The platform's period (contract 6.1): how many of its days have begun, and what one customer gets in it."""

    elapsed: int
    quota: int


def platform_days(chosen: Preferences, at: datetime, zone: ZoneInfo) -> PlatformDays:
    local = at.astimezone(zone)
    return {
        "week": PlatformDays(7, 7),
        "day": PlatformDays(1, 1),
    }.get(chosen.platform_quota) or PlatformDays(local.day, monthrange(local.year, local.month)[1])


def read(session: Session, at: datetime, zone: ZoneInfo, *, without: int | None = None) -> Budget:
    """What all campaigns but this one have spent."""
    chosen = preferences.read(session)
    spent = contacts.contacts(session, at - LONGEST_WINDOW, zone, chosen)
    return Budget(at, zone, chosen, [one for one in spent if one.campaign_id != without])


def suppressed(
    session: Session, budget: Budget, channel: str, purpose: Purpose, *, number: int | None
) -> Iterator[tuple[str, str, FrozenBitMap]]:
    """In a fixed order: the kind of the reason, its words, who is not to be contacted because of it."""
    if channel in contacts.counting(budget.chosen):
        yield from ((CAP, words, members) for words, members in budget.over_cap())
        yield from (
            (PROMISE, words, members) for words, members in _promised(session, budget, purpose, number)
        )
    if channel == MASS:
        yield QUOTA, Sentence(QUOTA_WORDS[budget.chosen.platform_quota]), budget.full_on_platform()


def _promised(
    session: Session, budget: Budget, purpose: Purpose, number: int | None
) -> Iterator[tuple[str, FrozenBitMap]]:
    """Per planned campaign that comes first: whom it could not reach any more."""
    before = PURPOSES[: PURPOSES.index(purpose)]
    horizon = max(budget.caps, default=0)
    if not before or not horizon:
        return
    query = select(Campaign).where(
        Campaign.status == CampaignStatus.SCHEDULED,
        col(Campaign.purpose).in_(before),
        col(Campaign.channel).in_(contacts.counting(budget.chosen)),
        col(Campaign.launch_at) >= budget.at,
        col(Campaign.launch_at) < budget.at + timedelta(days=horizon),
        col(Campaign.id) != (number or 0),
    )
    planned = session.exec(query.order_by(col(Campaign.launch_at), col(Campaign.id))).all()
    held = [(one, members) for one in planned if (members := budget.in_the_way_of(one.launch_at))]
    whom = wanted(session, [one for one, _ in held], budget.zone)
    for campaign, members in held:
        words = Sentence("名额留给「{campaign}」", campaign=campaign.name)
        yield words, members & whom[campaign.id or 0]


def wanted(session: Session, planned: Sequence[Campaign], zone: ZoneInfo) -> dict[int, FrozenBitMap]:
    """Campaign → whom it would go to if there were no budget. Whom their guides know is read once for all of them."""
    guides = {one.id or 0: ids_in_scope(session, one.scope) for one in planned}
    latest = max((one.launch_at for one in planned), default=None)
    everybody = sorted({guide for some in guides.values() for guide in some})
    hers = reach(session, CUSTOMERS, everybody, latest) if latest else Reach()
    found = {}
    for one in planned:
        known = Reach({guide: hers.friends[guide] for guide in guides[one.id or 0] if guide in hers.friends})
        asked = conditions.read(one.conditions)
        without = (members for _, members in conditions.left_out(session, asked, known, one.launch_at, zone))
        found[one.id or 0] = known.everybody - union(without)
    return found
