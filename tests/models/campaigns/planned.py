"""A campaign that HQ planned, and what its launch made of it."""

from datetime import timedelta

from sqlmodel import select

from models.campaigns import Campaign, Task, planning
from models.campaigns.fields import CampaignFields
from tests.cast import NOW, ZONE

MINUTE = timedelta(minutes=1)
GOOD = {"name": "初雪", "text": "今晚有雪", "launch_at": NOW, "ends_at": NOW + timedelta(hours=8)}
"""What nobody complains about"""


def planned(database, *, at=NOW, schedule=True, **changes):
    values = {**GOOD, "launch_at": at, "ends_at": at + timedelta(hours=8), **changes}
    with database.write() as session:
        made = planning.create(
            session, CampaignFields(**values), who="周岚", account_id=None, now=at - timedelta(days=1)
        )
        if schedule:
            planning.schedule(session, made, "周岚", at - timedelta(days=1), ZONE)
        return made.id


def read(database, number):
    with database.read() as session:
        return session.get_one(Campaign, number)


def tasks(database, number):
    with database.read() as session:
        return list(session.exec(select(Task).where(Task.campaign_id == number).order_by(Task.guide_id)))


def after_the_first_piece(database, happens):
    """Between two pieces of a launch, something happens: the offer after a commit tells when."""

    def once(offers):
        database.offer = None
        with database.write() as session:
            happens(session)

    database.offer = once
