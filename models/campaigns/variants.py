"""Variants: what a branch replaced in HQ's campaign, in a slot that HQ opened for it; each is approved by HQ before it goes.

From the launch on nothing of a variant changes, since neither it nor its campaign may be edited any more.
"""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from models.campaigns import Campaign, Task, slots
from models.campaigns.attachments import Attachment, poster_among
from models.campaigns.pictures import PosterPlan, poster_plan
from models.db.sentence_column import sentence_column
from models.db.word_column import word_column
from models.org import Branch, Guide, Store

LONGEST_HEADLINE = 64


class VariantStatus(StrEnum):
    """Whether HQ has said yes to what a branch put in."""

    WAITING = "waiting"
    APPROVED = "approved"
    RETURNED = "returned"


VARIANT_WORDS = {
    VariantStatus.WAITING: "等总部批",
    VariantStatus.APPROVED: "已批准",
    VariantStatus.RETURNED: "已退回",
}


class Variant(SQLModel, table=True):
    """What one branch replaced; empty where it kept HQ's."""

    __table_args__ = (UniqueConstraint("slot_id", "branch_id"),)

    id: int | None = Field(default=None, primary_key=True)
    slot_id: int = Field(foreign_key="slot.id")
    campaign_id: int = Field(foreign_key="campaign.id", index=True)
    branch_id: int = Field(foreign_key="branch.id")
    text: str = Field(default="", max_length=4000)
    headline: str = Field(default="", max_length=LONGEST_HEADLINE)
    picture_id: int | None = Field(default=None, foreign_key="picture.id")
    status: VariantStatus = Field(default=VariantStatus.WAITING, sa_column=word_column(VariantStatus, 16))
    by: str = Field(max_length=64)
    by_key: str = Field(max_length=80)
    at: datetime
    decided_by: str = Field(default="", max_length=64)
    decided_at: datetime | None = None
    reason: str = Field(default="", sa_column=sentence_column())
    """Why HQ gave it back"""

    @property
    def approved(self) -> bool:
        return self.status == VariantStatus.APPROVED

    @property
    def parts(self) -> list[slots.ReplacedPart]:
        """What it replaces"""
        given = {
            slots.ReplacedPart.TEXT: self.text,
            slots.ReplacedPart.HEADLINE: self.headline,
            slots.ReplacedPart.PICTURE: self.picture_id,
        }
        return [part for part, value in given.items() if value]


def of_branch(session: Session, slot_ids: Collection[int], branch_id: int) -> dict[int, Variant]:
    """Slot → what this branch put there."""
    mine = Variant.branch_id == branch_id, col(Variant.slot_id).in_(slot_ids)
    return {one.slot_id: one for one in session.exec(select(Variant).where(*mine))}


def waiting(session: Session) -> list[Variant]:
    """Those that HQ has to look at, of campaigns that have not begun; the oldest first."""
    query = (
        select(Variant)
        .join(Campaign, col(Campaign.id) == col(Variant.campaign_id))
        .where(Variant.status == VariantStatus.WAITING, col(Campaign.launched_at).is_(None))
    )
    return list(session.exec(query.order_by(col(Variant.at))))


def that_go(session: Session, campaign_id: int) -> dict[int, Variant]:
    """Branch → the approved variant with which its guides get the campaign."""
    mine = Variant.campaign_id == campaign_id, Variant.status == VariantStatus.APPROVED
    return {one.branch_id: one for one in session.exec(select(Variant).where(*mine))}


def with_own_text(session: Session, campaign_id: int) -> list[str]:
    """Names of the branches that wrote a text of their own for this campaign, whatever HQ will say to it."""
    theirs = Variant.campaign_id == campaign_id, Variant.text != "", Variant.status != VariantStatus.RETURNED
    found = select(Branch.name).join(Variant, col(Variant.branch_id) == col(Branch.id)).where(*theirs)
    return list(session.exec(found.order_by(col(Branch.id))))


def text_of(campaign: Campaign, variant: Variant | None) -> str:
    return (variant.text if variant else "") or campaign.text


def attached(campaign: Campaign, variant: Variant | None) -> list[Attachment]:
    """The attachments with the branch's picture and headline in them; what it replaced is no copy of a material any more."""
    whole = campaign.attached
    if variant is None or not (variant.headline or variant.picture_id):
        return whole
    first = slots.first_picture(campaign)
    if variant.picture_id and first is not None:
        whole[first] = _own(whole[first], picture_id=variant.picture_id)
    if variant.headline:
        whole = [
            _own(one, words=one.words | {"headline": variant.headline}) if one is poster_among(whole) else one
            for one in whole
        ]
    return whole


def _own(one: Attachment, **changed: object) -> Attachment:
    return one.model_copy(update={"material_id": None, "version": None, **changed})


def attached_for(session: Session, campaign: Campaign, task: Task) -> list[Attachment]:
    """What goes with one guide's message: of the branch in which she worked at the launch."""
    if not task.branch_id or not campaign.attachments:
        return campaign.attached
    return attached(campaign, that_go(session, campaign.id or 0).get(task.branch_id))


def poster_of(session: Session, task: Task) -> PosterPlan | None:
    """What a task's poster shows, for whoever has to draw it again."""
    poster = poster_among(attached_for(session, session.get_one(Campaign, task.campaign_id), task))
    if poster is None:
        return None
    guide = session.get_one(Guide, task.guide_id)
    store = session.get(Store, task.store_id) if task.store_id else None
    return poster_plan(session, poster, guide, store)
