"""An announcement that HQ planned, and how far each of its groups is."""

from models.campaigns import announcements
from models.campaigns.announcements import Announcement

TEXT = "10:00 – 18:00 发给东北的老客。沈阳今晚有雪，记得先问尺码。"


def plan(stage, *groups, **more):
    values = {"title": "初雪雪地靴今天开卖", "text": TEXT, "launch_at": stage.now, **more}
    with stage.db.write() as session:
        return announcements.plan(
            session, groups=[group.id for group in groups], now=stage.now, who="周岚", **values
        ).id


def states(stage, number):
    with stage.db.read() as session:
        found = announcements.states(session, session.get_one(Announcement, number))
    return [(state.way, state.state, state.words) for state in found]


def read(stage, number):
    with stage.db.read() as session:
        return session.get_one(Announcement, number)
