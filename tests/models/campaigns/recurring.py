"""A campaign that comes again, and what was made of it."""

from datetime import timedelta

from sqlmodel import select

from models.campaigns import Campaign, planning, series
from models.campaigns.repeat import Every, Repeat
from scheduler import jobs
from tests.cast import ZONE

DAY = timedelta(days=1)
DAILY = Repeat(every=Every.DAY)


def begun(stage, rule=DAILY, schedule=True, account_id=None, **changes):
    launch = stage.now + DAY
    number = stage.plan(schedule=False, launch_at=launch, ends_at=launch + timedelta(hours=8), **changes)
    with stage.db.write() as session:
        campaign = session.get_one(Campaign, number)
        campaign.created_by = account_id
        series.begin(session, campaign, rule, who="周岚", account_id=account_id, now=stage.now, zone=ZONE)
        if schedule:
            planning.schedule(session, campaign, "周岚", stage.now, ZONE)
    return number


def make(stage):
    return jobs.make_series(stage.runtime, stage.now)


def made(stage):
    """(day, status) of every campaign, by its start."""
    with stage.db.read() as session:
        rows = session.exec(select(Campaign).order_by(Campaign.launch_at)).all()
        return [(f"{one.launch_at.astimezone(ZONE):%m-%d}", str(one.status)) for one in rows]
