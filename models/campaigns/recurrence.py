"""The times of a series as they come: each made some days ahead, once; what was missed is one (E02)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from models.accounts import audit
from models.campaigns import LONGEST_NAME, Campaign, CampaignStatus, approval, planning, repeat
from models.campaigns.approval import Decision, Submission
from models.campaigns.fields import leaving_complaints
from models.campaigns.series import Occurrence, Series
from models.db import defaults, insert_once
from models.errors import Refused, refuse_faults
from models.public_holidays import workdays
from models.sentences import Sentence

AHEAD = timedelta(days=7)
"""So long before its time each is made, so that the calendar and the people see it."""
TIMES = ("name", "launch_at", "ends_at")
"""What differs between two times of one series"""
COALESCED = Sentence("系统没能按时运行，和后一次并成一次，没有发出")
MISSED = Sentence("系统没能按时运行，过了它的截止时间，没有建")


def live(session: Session) -> list[Series]:
    """Those of which more may be made: not stopped, and their first is no draft."""
    drafts = (
        select(Occurrence.series_id)
        .join(Campaign, col(Campaign.id) == col(Occurrence.campaign_id))
        .join(Series, col(Series.id) == col(Occurrence.series_id))
        .where(Occurrence.due_at == Series.first_at, Campaign.status == CampaignStatus.DRAFT)
    )
    going = select(Series).where(col(Series.stopped_at).is_(None), col(Series.id).not_in(drafts))
    return list(session.exec(going))


def to_make(session: Session, series: Series, now: datetime) -> list[datetime]:
    """Times that should exist by now and do not."""
    known = set(session.exec(select(Occurrence.due_at).where(Occurrence.series_id == series.id)))
    newest = max(known, default=series.first_at)
    found = []
    for at in repeat.moments(series.rule, series.first_at, series.where, workdays(session)):
        if at > now + AHEAD:
            break
        if at not in known and at > newest:  # a rule that changed does not reach back
            found.append(at)
    return found


def coming(
    session: Session, within: ColumnElement[bool], begin: datetime, end: datetime, now: datetime
) -> list[tuple[Series, datetime, int]]:
    """Times of a span that the rule will bring and that are not made yet, with a campaign by which the series is found."""
    going = {one.id for one in live(session)}
    found = []
    for series in session.exec(
        select(Series).where(within, col(Series.id).in_(going)).order_by(col(Series.id))
    ):
        rows = session.exec(
            select(Occurrence.due_at, Occurrence.campaign_id).where(Occurrence.series_id == series.id)
        ).all()
        made = [number for _due, number in rows if number]
        newest = max((due for due, _number in rows), default=series.first_at)
        for at in repeat.moments(series.rule, series.first_at, series.where, workdays(session)):
            if at >= end or not made:
                break
            if at > max(newest, now) and at + series.lasts > begin:
                found.append((series, at, max(made)))
    return found


def make(session: Session, series_id: int, times: Sequence[datetime], now: datetime) -> int:
    """Make them, each once; how many campaigns. Of those that were missed only the newest, while it can still go (E02)."""
    series = session.get_one(Series, series_id, with_for_update=True)
    if series.stopped_at:
        return 0
    missed = [at for at in times if at <= now]
    made = 0
    for at in times:
        row = {"series_id": series_id, "due_at": at}
        number = insert_once(
            session, Occurrence, {**defaults(Occurrence), **row}, key=("series_id", "due_at")
        )
        if number is None:
            continue
        one = session.get_one(Occurrence, number)
        if at in missed[:-1]:
            one.words = COALESCED
        elif at + series.lasts <= now:
            one.words = MISSED
        else:
            made += _make_one(session, series, one, now)
    return made


def _make_one(session: Session, series: Series, one: Occurrence, now: datetime) -> bool:
    fields, local = series.fields, one.due_at.astimezone(series.where)
    fields.card_title = fields.card_title or series.name  # guides need not read the date in it
    fields.name = f"{series.name[: LONGEST_NAME - 6]} {local:%m-%d}"
    fields.launch_at, fields.ends_at = one.due_at, one.due_at + series.lasts
    try:
        refuse_faults(leaving_complaints(session, fields, now, series.where, None))
        campaign = planning.create(session, fields, who=series.by, account_id=series.created_by, now=now)
    except Refused as refused:
        one.words = Sentence("没有建：{why}", why=refused.words)
        return False
    campaign.rules = dict(series.content.get("rules") or {})
    one.campaign_id = campaign.id
    session.flush()
    _plan(session, series, campaign, now)
    return True


def _plan(session: Session, series: Series, campaign: Campaign, now: datetime) -> None:
    """On the plan, where its content was approved or needs no approval; else it asks."""
    if not approval.needed(session, campaign):
        campaign.status = CampaignStatus.SCHEDULED
        audit.note(session, audit.SYSTEM, "campaign.schedule", campaign.id, "重复活动，自动排期", now)
        return
    before = approved_as(session, series)
    if before is None:
        approval.submit(
            session, campaign, who=series.by, account_id=series.created_by, now=now, zone=series.where
        )
        return
    session.add(
        Submission(
            campaign_id=campaign.id or 0,
            number=1,
            content=approval.content_of(campaign),
            by=before.by,
            by_key=before.by_key,
            at=now,
            decision=Decision.APPROVED,
            decided_by=before.decided_by,
            decided_key=before.decided_key,
            decided_at=before.decided_at,
        )
    )
    campaign.editors, campaign.status = [], CampaignStatus.SCHEDULED
    words = Sentence("重复活动，内容{who}批过，自动排期", who=before.decided_by)
    audit.note(session, audit.SYSTEM, "campaign.schedule", campaign.id, words, now)


def approved_as(session: Session, series: Series) -> Submission | None:
    """The approval that holds for the pattern: given to a time of the same content, by somebody who still may."""
    query = select(Submission).join(Occurrence, col(Occurrence.campaign_id) == col(Submission.campaign_id))
    mine = query.where(Occurrence.series_id == series.id, Submission.decision == Decision.APPROVED)
    pattern = _timeless(series, series.content)
    for one in session.exec(mine.order_by(col(Submission.id).desc())):
        if _timeless(series, one.content) == pattern and approval.may_approve(session, one.decided_key):
            return one
    return None


def _timeless(series: Series, content: dict[str, Any]) -> dict[str, Any]:
    """What is the same each time."""
    title = content.get("card_title") or series.name
    return {name: it for name, it in content.items() if name not in TIMES} | {"card_title": title}


def overdue(session: Session, now: datetime) -> list[int]:
    """Campaigns that are due together with a later one of their series: one start for all that were missed (E02)."""
    due = (
        select(Occurrence.series_id, Campaign.id)
        .join(Campaign, col(Campaign.id) == col(Occurrence.campaign_id))
        .where(Campaign.status == CampaignStatus.SCHEDULED, Campaign.launch_at <= now)
        .order_by(col(Campaign.launch_at))
    )
    newest: dict[int, int] = {}
    older = []
    for series_id, campaign_id in session.exec(due):
        if series_id in newest:
            older.append(newest[series_id])
        newest[series_id] = campaign_id or 0
    return older


def coalesce(session: Session, campaign_id: int, now: datetime) -> None:
    """It does not start: the later one goes for both."""
    campaign = session.get_one(Campaign, campaign_id, with_for_update=True)
    if campaign.status == CampaignStatus.SCHEDULED and campaign_id in overdue(session, now):
        campaign.status, campaign.finished_at, campaign.closed_at = CampaignStatus.FINISHED, now, now
        campaign.status_words = COALESCED
        audit.note(session, audit.SYSTEM, "campaign.coalesce", campaign_id, COALESCED, now)
