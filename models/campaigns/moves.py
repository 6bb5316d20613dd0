"""A planned campaign on another day of the calendar, and back again within ten minutes."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, Column
from sqlmodel import Field, Session, SQLModel, col, delete

from models.accounts import audit
from models.campaigns import PLANNED, Campaign, CampaignStatus, approval, planning
from models.campaigns.fields import of_campaign
from models.campaigns.lifecycle import word_of
from models.db.sentence_column import sentence_column
from models.db.word_column import word_column
from models.errors import Refused
from models.sentences import Sentence

UNDO = timedelta(minutes=10)
"""So long a move may be taken back."""


class CampaignMove(SQLModel, table=True):
    """One move, with what it takes to undo it."""

    __tablename__ = "campaign_move"

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id", index=True)
    launch_at: datetime
    """Where it lay"""
    ends_at: datetime
    status: CampaignStatus = Field(sa_column=word_column(CampaignStatus, 16))
    status_words: str = Field(default="", sa_column=sentence_column())
    editors: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    to_launch_at: datetime
    """Where it lies now; somebody who has moved it since stands in the way of undoing"""
    by: str = Field(max_length=64)
    at: datetime
    undone_at: datetime | None = None


def movable(campaign: Campaign) -> bool:
    """Nothing of it has begun."""
    return campaign.status in PLANNED and campaign.launched_at is None


def voids(session: Session, campaign: Campaign) -> bool:
    """Whether moving it takes back what was asked for or given: to be said before."""
    return campaign.status != CampaignStatus.DRAFT and approval.needed(session, campaign)


def times_on(
    campaign: Campaign, day: date, zone: ZoneInfo, at: time | None = None
) -> tuple[datetime, datetime]:
    """Start and end when it begins on that day, at the same time of day or another, for as many days as before.

    Times of day stay what they are in the shops, also over a change of the clocks (E04); a start in the hour that the
    change leaves out is an hour later.
    """
    first, last = campaign.launch_at.astimezone(zone), campaign.ends_at.astimezone(zone)
    begin = datetime.combine(day, at or first.time(), tzinfo=zone)
    same = datetime.combine(day + (last.date() - first.date()), last.time(), tzinfo=zone)
    end = same if at is None else begin + (last - first)
    utc = campaign.launch_at.tzinfo
    return begin.astimezone(utc), end.astimezone(utc)


def move(
    session: Session,
    campaign: Campaign,
    day: date,
    *,
    who: str,
    account_id: int | None,
    now: datetime,
    zone: ZoneInfo,
    at: time | None = None,
) -> CampaignMove | None:
    """To another day. What had been approved has to be so again, as after any edit; None where it lies there already."""
    session.refresh(campaign, with_for_update=True)
    if not movable(campaign):
        raise Refused(
            Sentence("「{campaign}」{status}，日期改不了了", campaign=campaign.name, status=word_of(campaign))
        )
    fields = of_campaign(campaign)
    fields.launch_at, fields.ends_at = times_on(campaign, day, zone, at)
    if fields.launch_at == campaign.launch_at:
        return None
    if fields.launch_at <= now:
        words = "{day} {time} 已经过去，「{campaign}」留在原来的日子"
        moment = fields.launch_at.astimezone(zone)
        raise Refused(Sentence(words, day=day.isoformat(), time=f"{moment:%H:%M}", campaign=campaign.name))
    kept = CampaignMove(
        campaign_id=campaign.id or 0,
        launch_at=campaign.launch_at,
        ends_at=campaign.ends_at,
        status=campaign.status,
        status_words=campaign.status_words,
        editors=list(campaign.editors),
        to_launch_at=fields.launch_at,
        by=who[:64],
        at=now,
    )
    planning.edit(session, campaign, fields, who=who, account_id=account_id, now=now, zone=zone)
    session.add(kept)
    session.flush()
    return kept


def forget(session: Session, campaign_id: int) -> None:
    """With a draft that is thrown away go its moves."""
    session.execute(delete(CampaignMove).where(col(CampaignMove.campaign_id) == campaign_id))


def may_undo(session: Session, row: CampaignMove, now: datetime) -> bool:
    campaign = session.get(Campaign, row.campaign_id)
    return campaign is not None and not _in_the_way(row, campaign, now)


def undo(
    session: Session,
    row: CampaignMove,
    *,
    who: str,
    account_id: int | None,
    now: datetime,
    zone: ZoneInfo,
) -> Campaign:
    """Back where it lay. What stands there then is what was approved or asked for, word for word, so it is so again."""
    campaign = session.get_one(Campaign, row.campaign_id, with_for_update=True)
    session.refresh(row, with_for_update=True)
    if why := _in_the_way(row, campaign, now):
        raise Refused(why)
    fields = of_campaign(campaign)
    fields.launch_at, fields.ends_at = row.launch_at, row.ends_at
    planning.edit(session, campaign, fields, who=who, account_id=account_id, now=now, zone=zone)
    row.undone_at = now
    if campaign.status != row.status and approval.restore(session, campaign, row.status):
        campaign.status_words, campaign.editors = row.status_words, list(row.editors)
    words = Sentence("撤回改期，回到原来的日子")
    audit.note(session, who, "campaign.move_back", campaign.id, words, now)
    return campaign


def _in_the_way(row: CampaignMove, campaign: Campaign, now: datetime) -> str:
    """Why a move cannot be taken back, in words; empty when it can."""
    if row.undone_at:
        return Sentence("已经撤回过了")
    if now - row.at > UNDO:
        return Sentence("改期 10 分钟以内才能撤回。要改，请再拖一次")
    if not movable(campaign):
        return Sentence(
            "「{campaign}」{status}，日期改不了了", campaign=campaign.name, status=word_of(campaign)
        )
    if campaign.launch_at != row.to_launch_at:
        return Sentence("「{campaign}」后来又改过期，没有撤回", campaign=campaign.name)
    if row.launch_at <= now:
        return Sentence("原来的时间已经过去，回不去了")
    return ""
