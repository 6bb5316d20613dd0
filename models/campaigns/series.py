"""重复: a campaign that comes again by a rule; each time is a campaign of its own, made some days ahead from one pattern.

What is made does not change with the pattern any more. A time that was missed is one with the next (E02). Where campaigns
need approval, a time whose content is the one that was approved counts as approved, by whoever approved it and as long as
she may (F12); any other is submitted, and waits.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, Column, ColumnElement, UniqueConstraint
from sqlalchemy.orm import aliased
from sqlmodel import Field, Session, SQLModel, col, func, select

from models.accounts import audit
from models.campaigns import LONGEST_NAME, Campaign, CampaignStatus, approval, lifecycle, repeat
from models.campaigns.fields import CampaignFields
from models.campaigns.repeat import Repeat
from models.db.sentence_column import sentence_column
from models.errors import Refused, refuse_faults
from models.public_holidays import workdays
from models.sentences import Sentence

DISCARDED = "草稿删掉了"
TOLD_FOR = timedelta(days=1)
"""So long after its time HQ is told that there was none."""
STOPPED = Sentence("这个重复活动已经停下，改不了了")


class Series(SQLModel, table=True):
    """The pattern and the rule."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=LONGEST_NAME)
    repeat: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """The rule, as models/campaigns/repeat.py says"""
    zone: str = Field(max_length=64)
    """The zone of its wall-clock times, which stays when the installation moves (E04)"""
    first_at: datetime
    content: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """The pattern: the plan and its rules as JSON, as `approval.content_of`"""
    created_by: int | None = Field(default=None, foreign_key="account.id")
    by: str = Field(max_length=64)
    created_at: datetime
    stopped_at: datetime | None = Field(default=None, index=True)

    @property
    def rule(self) -> Repeat:
        return Repeat.model_validate(self.repeat)

    @property
    def where(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def fields(self) -> CampaignFields:
        return CampaignFields.model_validate(
            {name: value for name, value in self.content.items() if name != "rules"}
        )

    @property
    def lasts(self) -> timedelta:
        fields = self.fields
        return fields.ends_at - fields.launch_at


class Occurrence(SQLModel, table=True):
    """One time of a series: made once, whoever tries."""

    __table_args__ = (UniqueConstraint("series_id", "due_at"),)

    id: int | None = Field(default=None, primary_key=True)
    series_id: int = Field(foreign_key="series.id", index=True)
    due_at: datetime
    campaign_id: int | None = Field(default=None, foreign_key="campaign.id", unique=True)
    words: str = Field(default="", sa_column=sentence_column())
    """Why there is no campaign"""


def of_campaign(session: Session, campaign: Campaign) -> Series | None:
    """The series in which a campaign stands."""
    query = select(Series).join(Occurrence, col(Occurrence.series_id) == col(Series.id))
    return session.exec(query.where(Occurrence.campaign_id == campaign.id)).one_or_none()


def occurrences(session: Session, series: Series) -> list[tuple[Occurrence, Campaign | None]]:
    """What was made or left out so far, the newest first."""
    query = select(Occurrence, Campaign).outerjoin(Campaign, col(Campaign.id) == col(Occurrence.campaign_id))
    mine = query.where(Occurrence.series_id == series.id).order_by(col(Occurrence.due_at).desc())
    return [(one, campaign) for one, campaign in session.exec(mine)]


@dataclass(frozen=True)
class Unmade:
    """A time for which there is no campaign, though nobody wanted that."""

    name: str
    """Of its series"""
    due_at: datetime
    words: str
    campaign_id: int
    """Another time of the series, by which its page is found"""


def unmade(session: Session, within: ColumnElement[bool], now: datetime) -> list[Unmade]:
    """Those that lie ahead, and for a day those that have passed; of series `within` the viewer's reach that go on."""
    other = aliased(Occurrence)
    another = select(func.max(other.campaign_id)).where(other.series_id == Series.id).scalar_subquery()
    query = (
        select(Series.name, Occurrence.due_at, Occurrence.words, another)
        .join(Occurrence, col(Occurrence.series_id) == col(Series.id))
        .where(
            within,
            col(Series.stopped_at).is_(None),
            col(Occurrence.campaign_id).is_(None),
            col(Occurrence.due_at) > now - TOLD_FOR,
        )
    )
    rows = session.exec(query.order_by(col(Occurrence.due_at)))
    return [Unmade(*row) for row in rows if row[3] and row[2] != DISCARDED]


# ---- what people do


def begin(
    session: Session,
    campaign: Campaign,
    rule: Repeat,
    *,
    who: str,
    account_id: int | None,
    now: datetime,
    zone: ZoneInfo,
) -> Series:
    """Let a planned campaign come again; it is the first time itself. Nothing more is made while it is a draft."""
    session.refresh(campaign, with_for_update=True)
    if not campaign.unstarted:
        raise Refused(Sentence("活动{status}，不能再设重复", status=lifecycle.word_of(campaign)))
    if of_campaign(session, campaign):
        raise Refused(Sentence("它已经在一个重复活动里"))
    refuse_faults(repeat.complaints(rule, campaign.launch_at, zone, workdays(session)))
    made = Series(
        name=campaign.name,
        repeat=rule.model_dump(mode="json"),
        zone=zone.key,
        first_at=campaign.launch_at,
        content=approval.content_of(campaign),
        created_by=account_id,
        by=who,
        created_at=now,
    )
    session.add(made)
    session.flush()
    session.add(Occurrence(series_id=made.id or 0, due_at=campaign.launch_at, campaign_id=campaign.id))
    session.flush()
    audit.note(session, who, "campaign.repeat", campaign.id, repeat.words(rule, made.first_at, zone), now)
    return made


def change(session: Session, series: Series, rule: Repeat, who: str, now: datetime) -> str:
    """Another rule for what has not been made; what has been made stays."""
    session.refresh(series, with_for_update=True)
    if series.stopped_at:
        raise Refused(STOPPED)
    refuse_faults(repeat.complaints(rule, series.first_at, series.where, workdays(session)))
    series.repeat = rule.model_dump(mode="json")
    words = Sentence("以后改成：{rule}", rule=repeat.words(rule, series.first_at, series.where))
    return audit.note(session, who, "series.change", series.id, words, now)


def take_over(session: Session, series: Series, campaign: Campaign, who: str, now: datetime) -> str:
    """What has not been made becomes like this one of its times."""
    session.refresh(series, with_for_update=True)
    if series.stopped_at:
        raise Refused(STOPPED)
    series.content = approval.content_of(campaign)
    words = Sentence("以后的都照「{campaign}」", campaign=campaign.name)
    return audit.note(session, who, "series.content", series.id, words, now)


def stop(session: Session, series: Series, who: str, now: datetime) -> str:
    """No more are made, and those that are made and have not begun do not begin."""
    session.refresh(series, with_for_update=True)
    if series.stopped_at:
        return ""
    series.stopped_at = now
    taken = 0
    for _one, campaign in occurrences(session, series):
        if campaign is not None and campaign.unstarted and campaign.status != CampaignStatus.DRAFT:
            lifecycle.cancel(session, campaign, who, now)
            taken += 1
    words = Sentence("停下重复「{series}」，建好还没开始的 {n} 次也不发了", series=series.name, n=taken)
    return audit.note(session, who, "series.stop", series.id, words, now)


def forget(session: Session, campaign: Campaign, now: datetime) -> None:
    """A draft of it is thrown away: its time stays, and stays empty. With the only one that there was it ends."""
    for one in session.exec(select(Occurrence).where(Occurrence.campaign_id == campaign.id)).all():
        one.campaign_id, one.words = None, DISCARDED
        session.flush()
        series = session.get_one(Series, one.series_id)
        if not any(other for _, other in occurrences(session, series)):
            series.stopped_at = series.stopped_at or now
