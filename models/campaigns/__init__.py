"""Campaigns, tasks, their audiences and the cards that point to them: the rows, and what one row may do."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.campaigns.attachments import Attachment, poster_among
from models.db.sentence_column import sentence_column
from models.db.sets import IdSet, set_field
from models.db.word_column import word_column
from models.kinds import MaterialKind
from models.ledger.channels import CHANNELS, MASS, Channel

LONGEST_NAME = 40


class CampaignStatus(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    """Its people are done; somebody else of HQ has to look at it."""
    APPROVED = "approved"
    """Looked at and found good, but it does not start by itself: its time was over, or somebody took it off the plan."""
    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"


STATUS_WORDS = {
    CampaignStatus.DRAFT: "草稿",
    CampaignStatus.SUBMITTED: "待审批",
    CampaignStatus.APPROVED: "已批准",
    CampaignStatus.SCHEDULED: "已排定",
    CampaignStatus.RUNNING: "进行中",
    CampaignStatus.PAUSED: "已暂停",
    CampaignStatus.FINISHED: "已结束",
    CampaignStatus.CANCELLED: "已停止",
}


PLANNED = (
    CampaignStatus.DRAFT,
    CampaignStatus.SUBMITTED,
    CampaignStatus.APPROVED,
    CampaignStatus.SCHEDULED,
)
"""Not begun"""
UNDER_WAY = (CampaignStatus.RUNNING, CampaignStatus.PAUSED)
"""Begun and not ended; whoever asks for those that run means these."""
ENDED = (CampaignStatus.FINISHED, CampaignStatus.CANCELLED)
"""Such a campaign does not go on."""


class Purpose(StrEnum):
    """What a campaign is for the customer; it decides who comes first where two want the same contact."""

    CARE = "care"
    SERVICE = "service"
    DEAL = "deal"


PURPOSES = tuple(Purpose)
"""Whoever stands first comes first."""
PURPOSE_WORDS = {Purpose.CARE: "关怀", Purpose.SERVICE: "服务", Purpose.DEAL: "促销"}


class TaskState(StrEnum):
    """How far one guide's share of a campaign is, by the newest of its times."""

    SKIPPED = "skipped"
    """She had nobody to send to, or could not."""
    WAITING = "waiting"
    """No card has reached her."""
    CARDED = "carded"
    OPENED = "opened"
    REPORTED = "reported"
    """She says that she sent it."""
    CONFIRMED = "confirmed"
    """The platform says so."""


TASK_WORDS = {
    TaskState.SKIPPED: "没有任务",
    TaskState.WAITING: "还没收到",
    TaskState.CARDED: "卡片送达",
    TaskState.OPENED: "已打开",
    TaskState.REPORTED: "说已发",
    TaskState.CONFIRMED: "平台已确认",
}


class Campaign(SQLModel, table=True):
    """A 活动 that leaves through the guides' 群发助手."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=LONGEST_NAME)
    channel: str = Field(default=MASS, max_length=16)
    """How it reaches customers: one of `channels.of_campaigns()`"""
    text: str = Field(default="", max_length=4000)
    """May hold {门店名}, {导购名} and {门店地址}; nothing else is replaced."""
    second_text: str = Field(default="", max_length=4000)
    """What some of the customers get instead, where there is something: see split.py."""
    second_percent: int = 50
    """How many of a hundred these are"""
    attachments: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    """What goes with the text, in order: see `attached`."""
    card_title: str = Field(default="", max_length=128)
    card_note: str = Field(default="", max_length=200)
    scope: dict[str, list[int]] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    """{"branches": [id], "stores": [id], "guides": [id]}; all empty means every active guide."""
    conditions: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    """Which of their customers, as models/campaigns/conditions.py says; empty means all."""
    purpose: Purpose = Field(default=Purpose.DEAL, sa_column=word_column(Purpose, 8))
    kind: MaterialKind = Field(default=MaterialKind.CONTENT, sa_column=word_column(MaterialKind, 8))
    """What the mix of its week counts it as: `mix.kind_of`"""
    status: CampaignStatus = Field(
        default=CampaignStatus.DRAFT, sa_column=word_column(CampaignStatus, 16, index=True)
    )
    status_words: str = Field(default="", sa_column=sentence_column())
    """Why it waits or was paused, in words for HQ."""
    launch_at: datetime = Field(index=True)
    ends_at: datetime
    created_by: int | None = Field(default=None, foreign_key="account.id")
    editors: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    """Who changed it since it was last approved, as `approval.key_of`"""
    created_at: datetime
    launched_at: datetime | None = None
    """When its guides and customers were frozen: who comes later is not in it."""
    planned_at: datetime | None = None
    """When the last guide had her task; empty while running means that a killed launch goes on."""
    finished_at: datetime | None = None
    closed_at: datetime | None = None
    """When what had not been sent by its end was taken back from every guide."""
    collected_at: datetime | None = None
    """When results were last read back from the platform."""
    look_wanted_at: datetime | None = None
    """When HQ last asked to read them now, whatever the plan says."""
    urgent: bool = False
    """Where a guide has had her card of this work period, this one does not wait for the next: it gets the one extra."""
    rules: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    """How it runs, as models/campaigns/run_rules.py says; empty means as always."""
    pilot_at: datetime | None = None
    """When the first part began to go; the rest waits."""
    pilot_asked: bool = False
    """The rule did not let the rest go: only a person does."""
    pilot_over_at: datetime | None = None
    """When the rest began to go"""
    resumed_at: datetime | None = None
    """Failures from before do not pause it again."""
    reminders: int = 0
    reminding: bool = Field(default=False, index=True)
    """A reminder was asked for and is being written, guide by guide."""

    @property
    def way(self) -> Channel:
        return CHANNELS[self.channel]

    @property
    def attached(self) -> list[Attachment]:
        return [Attachment.model_validate(one) for one in self.attachments]

    @property
    def own_poster(self) -> Attachment | None:
        """The attachment that is drawn for each guide, if there is one."""
        return poster_among(self.attached)

    @property
    def over(self) -> bool:
        """It was stopped, or its time is up."""
        return self.status in ENDED

    @property
    def unstarted(self) -> bool:
        """Nobody was told of it yet."""
        return self.launched_at is None and self.status in (*PLANNED, CampaignStatus.PAUSED)


class Task(SQLModel, table=True):
    """One guide's share of a campaign. Opened and said are her word; confirmed is read back from the platform."""

    __table_args__ = (UniqueConstraint("campaign_id", "guide_id"),)

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=24, unique=True)
    """Random, for links and card keys; not guessable."""
    campaign_id: int = Field(foreign_key="campaign.id", index=True)
    guide_id: int = Field(foreign_key="guide.id", index=True)
    store_id: int | None = Field(default=None, foreign_key="store.id")
    branch_id: int | None = Field(default=None, foreign_key="branch.id", index=True)
    """Where she worked when the campaign was launched: later moves do not change old numbers."""
    text: str = Field(default="", max_length=4000)
    """The text with her store and name filled in."""
    second_text: str = Field(default="", max_length=4000)
    second_count: int = 0
    """How many of her customers get the second text"""
    customer_count: int = 0
    pilot: bool = False
    """She goes first, while others wait."""
    skipped: str = Field(default="", sa_column=sentence_column())
    """Why she got no task to send (no friends, left, no code), in words; empty when she did."""
    poster: str = Field(default="", max_length=64)
    """Key of her poster in the picture cache (content hash); drawn again when the cache lost it."""
    media_id: str = Field(default="", max_length=256)
    msgid: str = Field(default="", max_length=128, index=True)
    more_msgids: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    """Part number → msgid, for a guide with more customers than one call may hold."""
    card_id: int | None = Field(default=None, foreign_key="card.id", index=True)
    created_at: datetime
    ready_at: datetime | None = None
    """The platform accepted what she is to send; it waits in her 群发助手 or 客户朋友圈. Of a share: the launch."""
    card_sent_at: datetime | None = None
    opened_at: datetime | None = None
    reported_at: datetime | None = None
    confirmed_at: datetime | None = None
    closed_at: datetime | None = None
    """The campaign ended before she sent: taken back from her 群发助手."""
    poll_at: datetime | None = Field(default=None, index=True)
    """When to think of reading its result: whatever happens to it brings this forward. Empty before the platform has it."""
    collected_at: datetime | None = Field(default=None, index=True)
    """When its result was last read: so old is what we know of it."""
    remind_at: datetime | None = Field(default=None, index=True)
    """Since when her store manager wants her reminded; empty once it was written."""
    settled_at: datetime | None = Field(default=None, index=True)
    """What became of every customer is known, or will not change any more: not read again."""
    reached: int = 0
    not_friend: int = 0
    limited: int = 0
    likes: int = 0
    comments: int = 0
    """On her Moments post: how often, never what"""
    refused_count: int = 0
    """Customers that the platform refused when the task was created (fail_list)."""

    @property
    def msgids(self) -> list[str]:
        """The platform's mass messages of this task; nearly always one."""
        return [one for one in [self.msgid, *self.more_msgids.values()] if one]

    @property
    def state(self) -> TaskState:
        if self.confirmed_at:
            return TaskState.CONFIRMED
        if self.skipped:
            return TaskState.SKIPPED
        if self.reported_at:
            return TaskState.REPORTED
        if self.opened_at:
            return TaskState.OPENED
        return TaskState.CARDED if self.card_sent_at else TaskState.WAITING

    def open(self, now: datetime) -> bool:
        if self.opened_at:
            return False
        self.opened_at = self.poll_at = now
        return True

    def say_done(self, now: datetime) -> bool:
        """Her word that she sent it: never more than her word."""
        self.open(now)
        if self.reported_at:
            return False
        self.reported_at = self.poll_at = now
        return True

    def unsay(self) -> bool:
        """She takes her word back, as long as the platform has not confirmed it."""
        if not self.reported_at or self.confirmed_at:
            return False
        self.reported_at = None
        return True

    def confirm(self, at: datetime) -> bool:
        """The platform says that she tapped send in the 群发助手."""
        if self.confirmed_at:
            return False
        self.confirmed_at = at
        return True

    def done_at(self, campaign: Campaign) -> datetime | None:
        """When the platform confirmed it; where it never does, as with a notice, when she said so."""
        return self.confirmed_at or (None if campaign.way.confirmed else self.reported_at)

    def ended(self, campaign: Campaign) -> bool:
        """Nothing is left to do or to wait for."""
        return bool(self.done_at(campaign) or self.closed_at)


class Result(StrEnum):
    """What became of somebody whom a campaign addressed: the name of the set in which she stands."""

    REACHED = "reached"
    NOT_FRIEND = "not_friend"
    LIMITED = "limited"
    REFUSED = "refused"
    """The platform did not take her when the task was made."""


RESULTS = {1: Result.REACHED, 2: Result.NOT_FRIEND, 3: Result.LIMITED}
"""The platform's send status, as far as it is a last word."""


class Recipients(SQLModel):
    """Who was addressed, frozen at the launch, and what became of them, as ids of customers.

    Where the channel addresses groups, they are ids of groups. Whoever stands in none of the results still waits.
    """

    members: IdSet = set_field()
    reached: IdSet = set_field()
    not_friend: IdSet = set_field()
    limited: IdSet = set_field()
    refused: IdSet = set_field()


class TaskAudience(Recipients, table=True):
    """One guide's share of a campaign's audience; members stay hers when they move to another guide later."""

    __tablename__ = "task_audience"

    id: int | None = Field(default=None, primary_key=True)
    task_id: int = Field(foreign_key="task.id", unique=True)
    fresh: bool = Field(default=False, index=True)
    """Its results are not in the campaign's sets yet: those are large, and written once for many shares."""


class CampaignAudience(Recipients, table=True):
    """Everybody whom a campaign addresses, whoever's share they are in. Who was reached by one guide was reached."""

    __tablename__ = "campaign_audience"

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id", unique=True)
    second: IdSet = set_field()
    """Who of them gets the second text"""


class Exclusion(SQLModel, table=True):
    """Whom a campaign did not go to at its launch for one reason."""

    __table_args__ = (UniqueConstraint("campaign_id", "words"),)

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id")
    kind: str = Field(default="", max_length=16)
    """Of what kind the reason is: a word of `selection` or `contact_budget`, or empty"""
    words: str = Field(sa_column=sentence_column())
    members: IdSet = set_field()


class CardMessage(SQLModel, table=True):
    """One message of the platform that brings the same card to up to 1,000 guides; its delivery has it as subject."""

    __tablename__ = "card_message"

    id: int | None = Field(default=None, primary_key=True)
    task_key: str = Field(max_length=128, unique=True)
    """The platform's task_id: unique per app for ever, so it carries a random part."""
    code: str = Field(default="", max_length=128)
    """The one update code of the whole message, while it is unused; each guide's own comes with her tap (contract 4.3)."""
    code_at: datetime | None = Field(default=None, index=True)
    created_at: datetime


class Card(SQLModel, table=True):
    """The one app card of a guide in one work period; it points to her tasks."""

    __table_args__ = (UniqueConstraint("guide_id", "period"),)

    id: int | None = Field(default=None, primary_key=True)
    guide_id: int = Field(foreign_key="guide.id", index=True)
    period: str = Field(max_length=16)
    """Local date and half day: 2026-11-19.a before 14:00, 2026-11-19.b after; .a2 and .b2 for the extra of urgent ones"""
    due_at: datetime | None = Field(default=None, index=True)
    """When it may leave; empty once it has been put into a message, or while it has nothing to say"""
    since: datetime | None = None
    """When what it brings could first be told: after a restore it may have been"""
    waits: str = Field(default="", sa_column=sentence_column())
    """Why it does not leave at once, in words for HQ: the store is closed, or this period's card has left"""
    message_id: int | None = Field(default=None, foreign_key="card_message.id", index=True)
    """The message that brings it"""
    version: int = 0
    """Counts what the card should show; `shown` is what the guide's phone has."""
    shown: int = 0
    codes: list[dict[str, str]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    """Unused codes of her own for an update, oldest first: {"code", "key", "at"}; each works once, for a day."""
    sent_at: datetime | None = None
    created_at: datetime
