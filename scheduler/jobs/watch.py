"""Campaigns that run are looked after: too many failures stop one, a pilot is judged, a branch begins."""

from datetime import datetime
from functools import partial

from sqlmodel import Session, col, select

from models.campaigns import Campaign, CampaignStatus, branch_times, error_watch, pilot
from scheduler.runtime import Runtime
from scheduler.timetable.plan import said


def look_after(runtime: Runtime, now: datetime) -> str:
    """Pause what fails too often; judge pilots; let branches begin. It writes only where there is something to do."""
    running = select(Campaign).where(
        Campaign.status == CampaignStatus.RUNNING, col(Campaign.planned_at).is_not(None)
    )
    with runtime.db.read() as session:
        found = list(session.exec(running))
        beginning = [one for one in found if branch_times.due(session, one, now)]
        failing = [one for one in found if error_watch.failures(session, one)]
    stopped = [runtime.db.run(partial(_watch, campaign_id=one.id or 0, now=now)) for one in failing]
    due = [one for one in found if not one.pilot_over_at and (at := pilot.judged_at(one)) and at <= now]
    judged = [runtime.db.run(partial(_judge, campaign_id=one.id or 0, now=now)) for one in due]
    begun = [runtime.db.run(partial(_begin, campaign_id=one.id or 0, now=now)) for one in beginning]
    return said(
        ("分公司开始", sum(map(bool, begun))),
        ("自动暂停", sum(map(bool, stopped))),
        ("看过试点", sum(map(bool, judged))),
    )


def _begin(session: Session, campaign_id: int, now: datetime) -> str:
    return branch_times.release(session, session.get_one(Campaign, campaign_id), now)


def _watch(session: Session, campaign_id: int, now: datetime) -> str:
    return error_watch.watch(session, session.get_one(Campaign, campaign_id), now)


def _judge(session: Session, campaign_id: int, now: datetime) -> str:
    return pilot.judge(session, session.get_one(Campaign, campaign_id), now)
