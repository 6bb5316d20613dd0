"""What selections are tested with: a plan, what it would do, and who is who in the answer."""

from datetime import timedelta

from sqlmodel import col, select

from models.campaigns import Campaign, CampaignAudience, CampaignStatus, Exclusion, Task, TaskAudience, launch
from models.campaigns.recipients import names_of
from models.campaigns.selection import select_audience
from models.db.sets import NOBODY, FrozenBitMap
from tests import cast
from tests.cast import NOW, ZONE

DAY = timedelta(days=1)
BEFORE = NOW - 30 * DAY


def plan(session, *, at=NOW, **fields) -> Campaign:
    """A scheduled campaign of the cast's guides."""
    values = {"status": CampaignStatus.SCHEDULED, "launch_at": at, "ends_at": at + timedelta(hours=8)}
    return cast.campaign(session, **{**values, "launched_at": None, **fields})


def preview(database, campaign):
    """(who gets it from whom, why each of the others does not) before it starts."""
    with database.read() as session:
        found = select_audience(session, campaign, campaign.launch_at, ZONE, number=campaign.id)
        return (
            {guide: _names(session, campaign, share) for guide, share in found.shares.items() if share},
            {one.words: _names(session, campaign, one.members) for one in found.reasons},
        )


def frozen(database, campaign):
    """The same, as its launch wrote it down."""
    with database.read() as session:
        shares = select(Task.guide_id, col(TaskAudience.members)).join(TaskAudience)
        return (
            {
                guide: _names(session, campaign, share)
                for guide, share in session.exec(shares.where(Task.campaign_id == campaign.id))
                if share
            },
            {
                one.words: _names(session, campaign, one.members)
                for one in session.exec(select(Exclusion).where(Exclusion.campaign_id == campaign.id))
            },
        )


def launched(database, campaign, at=None):
    launch.launch_due(database, at or campaign.launch_at, ZONE)
    return frozen(database, campaign)


def earlier(session, *names, days=0, over=True, reached=True, limited=(), **fields):
    """A campaign that began so many days ago and reached these, or has reserved them."""
    at = NOW - days * DAY - timedelta(hours=1)
    made = cast.campaign(
        session,
        status=CampaignStatus.FINISHED if over else CampaignStatus.RUNNING,
        **{
            "name": f"{days} 天前的活动",
            "launch_at": at,
            "launched_at": at,
            "planned_at": at,
            "ends_at": at + DAY,
            **fields,
        },
    )
    members = cast.customers(session, *names)
    session.add(
        CampaignAudience(
            campaign_id=made.id,
            members=members | FrozenBitMap(cast.customers(session, *limited)),
            reached=members if reached else NOBODY,
            limited=cast.customers(session, *limited),
        )
    )
    session.flush()
    return made


def _names(session, campaign, members):
    return set(names_of(session, campaign.channel, members).values())
