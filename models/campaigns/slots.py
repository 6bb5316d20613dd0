"""Slots: what HQ opens to branches in its calendar, a window for a campaign of their own or parts of HQ's to be replaced."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from models.accounts import Account, Role, audit
from models.campaigns import Campaign
from models.errors import Refused, refuse_faults
from models.kinds import KIND_WORDS, MaterialKind
from models.ledger.channels import CHANNELS, of_campaigns
from models.names import line_fault
from models.org import Branch
from models.sentences import Sentence, together

LONGEST_NOTE = 60
LONGEST = timedelta(days=30)


class ReplacedPart(StrEnum):
    """What of HQ's campaign a branch may replace."""

    TEXT = "text"
    HEADLINE = "headline"
    """The headline of its poster"""
    PICTURE = "picture"
    """Its first picture"""


PART_WORDS = {ReplacedPart.TEXT: "正文", ReplacedPart.HEADLINE: "标题", ReplacedPart.PICTURE: "首图"}


class SlotFields(SQLModel):
    """What HQ fills in."""

    begins_at: datetime
    ends_at: datetime
    submit_by: datetime
    """After this nothing new comes into it."""
    branches: list[int] = Field(default_factory=list)
    """For whom; empty for every branch"""
    kinds: list[str] = Field(default_factory=list)
    """Kinds of material that may be put there; empty for any"""
    channels: list[str] = Field(default_factory=list)
    """Channels that may be used; empty for any"""
    campaign_id: int | None = None
    """HQ's campaign of which parts may be replaced; else the branch puts a campaign of its own into the window."""
    parts: list[str] = Field(default_factory=list)
    """Which parts; of ReplacedPart"""
    note: str = ""


class Slot(SQLModel, table=True):
    """A slot that HQ opened."""

    id: int | None = Field(default=None, primary_key=True)
    begins_at: datetime = Field(index=True)
    ends_at: datetime
    submit_by: datetime
    branches: list[int] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    kinds: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    channels: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    campaign_id: int | None = Field(default=None, foreign_key="campaign.id", index=True)
    parts: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    note: str = Field(default="", max_length=LONGEST_NOTE)
    opened_by: str = Field(max_length=64)
    opened_at: datetime
    closed_at: datetime | None = None
    """HQ took it back; what lies in it stays."""

    def open_to(self, branch_id: int | None) -> bool:
        return branch_id is not None and (not self.branches or branch_id in self.branches)

    def takes(self, now: datetime) -> bool:
        """Something may still be put into it."""
        return self.closed_at is None and now < self.submit_by


class SlotFill(SQLModel, table=True):
    """The campaign that a branch put into a slot; a variant of HQ's campaign is a row of variants.py."""

    __tablename__ = "slot_fill"
    __table_args__ = (UniqueConstraint("slot_id", "branch_id"),)

    id: int | None = Field(default=None, primary_key=True)
    slot_id: int = Field(foreign_key="slot.id")
    branch_id: int = Field(foreign_key="branch.id")
    campaign_id: int = Field(foreign_key="campaign.id", unique=True)
    by: str = Field(max_length=64)
    at: datetime


def complaints(session: Session, fields: SlotFields) -> dict[str, str]:
    """What cannot stay so, by field, in words."""
    wrong: dict[str, str] = {}
    if fields.ends_at <= fields.begins_at:
        wrong["ends_at"] = Sentence("结束要晚于开始")
    elif fields.ends_at - fields.begins_at > LONGEST:
        wrong["ends_at"] = Sentence("一个位置最长 {n} 天", n=LONGEST.days)
    if fields.submit_by > fields.begins_at:
        wrong["submit_by"] = Sentence("提交的期限要在位置开始以前，不然来不及审批")
    known = set(session.exec(select(Branch.id).where(col(Branch.id).in_(fields.branches))))
    if set(fields.branches) - known:
        wrong["branches"] = Sentence("有的分公司不存在，请重新选")
    if set(fields.kinds) - set(MaterialKind):
        wrong["kinds"] = Sentence("只有内容、品牌、销售三类")
    if set(fields.channels) - set(of_campaigns()):
        wrong["channels"] = Sentence("有的渠道不存在，请重新选")
    if len(fields.note) > LONGEST_NOTE:
        wrong["note"] = Sentence("说明 {n} 个字，最多 {most} 个", n=len(fields.note), most=LONGEST_NOTE)
    elif fault := line_fault(fields.note):
        wrong["note"] = fault
    return {**wrong, **_wrong_parts(session, fields)}


def _wrong_parts(session: Session, fields: SlotFields) -> dict[str, str]:
    if fields.campaign_id is None:
        return {"parts": Sentence("先选总部的哪个活动可以换")} if fields.parts else {}
    campaign = session.get(Campaign, fields.campaign_id)
    maker = session.get(Account, campaign.created_by) if campaign and campaign.created_by else None
    if campaign is None or (maker is not None and maker.role != Role.HQ):
        return {"campaign_id": Sentence("只有总部自己的活动能开放给分公司换")}
    if campaign.launched_at or campaign.over:
        return {"campaign_id": Sentence("「{campaign}」已经开始，换不了了", campaign=campaign.name)}
    if not fields.parts or set(fields.parts) - set(ReplacedPart):
        return {"parts": Sentence("请选分公司可以换哪几样")}
    why = nowhere(campaign, fields.parts)
    return {"parts": why} if why else {}


def nowhere(campaign: Campaign, parts: Collection[str]) -> str:
    """Why one of these parts cannot be replaced, in words: HQ's campaign does not have it (any more)."""
    if ReplacedPart.TEXT in parts and campaign.second_text:
        return Sentence(
            "「{campaign}」分两种正文发，正文不能再由分公司换，不然比不出来", campaign=campaign.name
        )
    if ReplacedPart.HEADLINE in parts and campaign.own_poster is None:
        return Sentence("「{campaign}」没有海报，标题没有可换的", campaign=campaign.name)
    if ReplacedPart.PICTURE in parts and first_picture(campaign) is None:
        return Sentence("「{campaign}」没有图片，首图没有可换的", campaign=campaign.name)
    return ""


def first_picture(campaign: Campaign) -> int | None:
    """The position of the first attachment that has a picture."""
    return next((n for n, one in enumerate(campaign.attached) if one.picture_id), None)


def open_slot(session: Session, fields: SlotFields, *, who: str, now: datetime) -> Slot:
    """HQ opens a slot."""
    wrong = complaints(session, fields)
    if fields.submit_by <= now:
        wrong.setdefault("submit_by", Sentence("提交的期限已经过去"))
    refuse_faults(wrong)
    slot = Slot(**fields.model_dump(), opened_by=who[:64], opened_at=now)
    session.add(slot)
    session.flush()
    audit.note(session, who, "slot.open", slot.id, what(slot), now)
    return slot


def close_slot(session: Session, slot: Slot, *, who: str, now: datetime) -> str:
    """Nothing new comes into it; what lies in it stays and goes its way."""
    session.refresh(slot, with_for_update=True)
    if slot.closed_at:
        return ""
    slot.closed_at = now
    return audit.note(session, who, "slot.close", slot.id, Sentence("收回位置，放进来的还在"), now)


def what(slot: Slot) -> str:
    """What may be put there, in words."""
    if slot.campaign_id:
        parts = together([Sentence(PART_WORDS[ReplacedPart(one)]) for one in slot.parts], "、")
        return Sentence("{parts}可以换", parts=parts)
    kinds = [Sentence(KIND_WORDS[MaterialKind(one)]) for one in slot.kinds]
    channels = [Sentence(CHANNELS[one].word) for one in slot.channels if one in CHANNELS]
    said = [together(kinds, "、") if kinds else Sentence("什么内容都行")]
    return together([*said, *([together(channels, "、")] if channels else [])], "，")


def fill(
    session: Session, slot: Slot, campaign: Campaign, branch_id: int, *, who: str, now: datetime
) -> SlotFill:
    """A branch puts a campaign of its own into the slot; another one that lay there makes room."""
    session.refresh(slot, with_for_update=True)
    why = why_not(session, slot, campaign, branch_id, now) or _elsewhere(session, slot, campaign)
    if why:
        raise Refused(why)
    row = _lying(session, slot, branch_id) or SlotFill(
        slot_id=slot.id or 0, branch_id=branch_id, campaign_id=campaign.id or 0, by=who[:64], at=now
    )
    row.campaign_id, row.by, row.at = campaign.id or 0, who[:64], now
    session.add(row)
    session.flush()
    words = Sentence("放进「{campaign}」", campaign=campaign.name)
    audit.note(session, who, "slot.fill", slot.id, words, now)
    return row


def why_not(session: Session, slot: Slot, campaign: Campaign, branch_id: int, now: datetime) -> str:
    """Why this campaign cannot lie in this slot, in words; empty when it can."""
    maker = session.get(Account, campaign.created_by) if campaign.created_by else None
    if slot.campaign_id:
        return Sentence("这个位置是换总部活动里的几样，不放自己的活动")
    if not slot.open_to(branch_id):
        return Sentence("这个位置没有开放给你们")
    if not slot.takes(now):
        return Sentence("过了提交的期限，这个位置放不了了")
    if maker is None or maker.branch_id != branch_id:
        return Sentence("只能放你们自己的活动")
    if campaign.launched_at or campaign.over:
        return Sentence("「{campaign}」已经开始，放不进来了", campaign=campaign.name)
    return misfit(slot, campaign)


def _elsewhere(session: Session, slot: Slot, campaign: Campaign) -> str:
    """Why it cannot lie here as well, in words: a campaign fills one slot."""
    others = SlotFill.campaign_id == campaign.id, SlotFill.slot_id != slot.id
    if session.exec(select(SlotFill).where(*others)).first() is None:
        return ""
    return Sentence("「{campaign}」已经放在另一个位置里，请先从那里拿出来", campaign=campaign.name)


def of_campaign(session: Session, campaign: Campaign) -> Slot | None:
    """The slot in which a branch put this campaign."""
    query = select(Slot).join(SlotFill, col(SlotFill.slot_id) == col(Slot.id))
    return session.exec(query.where(SlotFill.campaign_id == campaign.id)).one_or_none()


def misfit(slot: Slot, campaign: Campaign) -> str:
    """What of a campaign does not fit the slot; also of one that was changed after it was put there."""
    if campaign.launch_at < slot.begins_at or campaign.ends_at > slot.ends_at:
        return Sentence("「{campaign}」的时间不在这个位置里，请先改时间", campaign=campaign.name)
    if slot.kinds and campaign.kind not in slot.kinds:
        words, kind = (
            together([Sentence(KIND_WORDS[MaterialKind(one)]) for one in kinds], "、")
            for kinds in (slot.kinds, [campaign.kind])
        )
        return Sentence(
            "这个位置只放{kinds}，「{campaign}」算{kind}", kinds=words, campaign=campaign.name, kind=kind
        )
    if slot.channels and campaign.channel not in slot.channels:
        words = together([Sentence(CHANNELS[one].word) for one in slot.channels], "、")
        return Sentence("这个位置只放{channels}", channels=words)
    return ""


def clear(session: Session, slot: Slot, branch_id: int, *, who: str, now: datetime) -> str:
    """The branch takes its campaign out again; the campaign itself stays."""
    row = _lying(session, slot, branch_id)
    if row is None:
        return ""
    session.delete(row)
    return audit.note(session, who, "slot.clear", slot.id, Sentence("拿出来了，活动还在"), now)


def _lying(session: Session, slot: Slot, branch_id: int) -> SlotFill | None:
    """What this branch put there."""
    mine = SlotFill.slot_id == slot.id, SlotFill.branch_id == branch_id
    return session.exec(select(SlotFill).where(*mine)).first()
