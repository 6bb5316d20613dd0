"""The slots of a branch, each with what lies in it and how it stands: used, filled, empty, or over."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, col, func, select

from models.campaigns import Campaign, CampaignStatus, variants
from models.campaigns.slots import Slot, SlotFill, misfit
from models.campaigns.variants import Variant, VariantStatus


class SlotStanding(StrEnum):
    """How a slot stands for one branch."""

    EMPTY = "empty"
    FILLED = "filled"
    """Something lies in it that is not approved yet."""
    USED = "used"
    OVER = "over"
    """Its time for submitting is past, and nothing was put into it."""


STANDING_WORDS = {
    SlotStanding.EMPTY: "还空着",
    SlotStanding.FILLED: "放了，还没批",
    SlotStanding.USED: "用了",
    SlotStanding.OVER: "没用上，已过",
}


NOT_AGREED = (CampaignStatus.DRAFT, CampaignStatus.SUBMITTED, CampaignStatus.CANCELLED)
"""Campaigns in these states do not use their slot (yet)."""


@dataclass(frozen=True)
class SlotLine:
    """A slot as one branch sees it."""

    slot: Slot
    standing: SlotStanding
    filling: Campaign | None
    """What lies in it: the branch's own campaign"""
    misfit: str
    """Why what lies in it does not fit any more"""
    variant: Variant | None = None
    """What the branch replaced in HQ's campaign"""
    base: Campaign | None = None
    """HQ's campaign of which parts may be replaced"""


def lying_between(session: Session, begin: datetime, end: datetime) -> list[Slot]:
    """Slots that touch a span, closed ones only where something lies in them; the earliest first."""
    filled, replaced = select(SlotFill.slot_id), select(Variant.slot_id)
    query = select(Slot).where(
        Slot.begins_at < end,
        Slot.ends_at > begin,
        col(Slot.closed_at).is_(None) | col(Slot.id).in_(filled) | col(Slot.id).in_(replaced),
    )
    return list(session.exec(query.order_by(col(Slot.begins_at), col(Slot.id))))


def used(session: Session, slot_ids: Collection[int]) -> dict[int, int]:
    """Slot → how many branches have used it: something approved of theirs lies in it."""
    fills = (
        select(SlotFill.slot_id, func.count())
        .join(Campaign, col(Campaign.id) == col(SlotFill.campaign_id))
        .where(col(SlotFill.slot_id).in_(slot_ids), col(Campaign.status).not_in(NOT_AGREED))
        .group_by(col(SlotFill.slot_id))
    )
    approved = (
        select(Variant.slot_id, func.count())
        .where(col(Variant.slot_id).in_(slot_ids), Variant.status == VariantStatus.APPROVED)
        .group_by(col(Variant.slot_id))
    )
    return {number: many for query in (fills, approved) for number, many in session.exec(query)}


def lines(session: Session, found: Sequence[Slot], branch_id: int, now: datetime) -> list[SlotLine]:
    """The slots that are open to a branch, each with what lies in it."""
    mine = [one for one in found if one.open_to(branch_id)]
    rows = session.exec(
        select(SlotFill, Campaign)
        .join(Campaign, col(Campaign.id) == col(SlotFill.campaign_id))
        .where(SlotFill.branch_id == branch_id, col(SlotFill.slot_id).in_([one.id for one in mine]))
    )
    fillings = {row.slot_id: campaign for row, campaign in rows}
    kept = variants.of_branch(session, [one.id or 0 for one in mine], branch_id)
    return [_line(session, one, fillings.get(one.id or 0), kept.get(one.id or 0), now) for one in mine]


def _line(
    session: Session, slot: Slot, filling: Campaign | None, variant: Variant | None, now: datetime
) -> SlotLine:
    stopped = filling is not None and filling.status == CampaignStatus.CANCELLED
    decided = (filling is not None and filling.status not in NOT_AGREED) or (
        variant is not None and variant.approved
    )
    there = decided or (filling is not None and not stopped) or variant is not None
    standing = (
        SlotStanding.USED
        if decided
        else SlotStanding.OVER
        if not slot.takes(now) and (not there or slot.begins_at <= now)
        else SlotStanding.FILLED
        if there
        else SlotStanding.EMPTY
    )
    return SlotLine(
        slot,
        standing,
        filling,
        misfit(slot, filling) if filling else "",
        variant,
        session.get(Campaign, slot.campaign_id) if slot.campaign_id else None,
    )
