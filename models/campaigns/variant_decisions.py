"""A branch puts its variant into a slot, and HQ says yes or no; whatever it stands on changes, HQ looks again."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlmodel import Session, SQLModel, col, delete, select

from models.accounts import audit
from models.campaigns import Campaign, approval
from models.campaigns.fields import CampaignFields, complaints, of_campaign
from models.campaigns.pictures import Picture
from models.campaigns.slots import ReplacedPart, Slot, SlotFill, nowhere
from models.campaigns.variants import (
    LONGEST_HEADLINE,
    Variant,
    VariantStatus,
    attached,
    of_branch,
    text_of,
    that_go,
)
from models.errors import Refused, refuse_faults
from models.names import text_fault
from models.sentences import Sentence


class VariantFields(SQLModel):
    """What a branch fills in; what stays empty stays HQ's."""

    text: str = ""
    headline: str = ""
    picture_id: int | None = None


def fields_with(campaign: Campaign, variant: Variant) -> CampaignFields:
    """The whole plan as this branch's guides would get it, to be checked like any."""
    fields = of_campaign(campaign)
    fields.text, fields.attachments = text_of(campaign, variant), attached(campaign, variant)
    return fields


def put(
    session: Session,
    slot: Slot,
    branch_id: int,
    fields: VariantFields,
    *,
    who: str,
    account_id: int | None,
    now: datetime,
) -> Variant:
    """A branch puts its variant into the slot, or changes it; either way HQ has to look at it (again)."""
    session.refresh(slot, with_for_update=True)
    campaign = session.get(Campaign, slot.campaign_id, with_for_update=True) if slot.campaign_id else None
    if campaign is None:
        raise Refused(Sentence("这个位置放自己的活动，没有总部的活动可换"))
    if not slot.open_to(branch_id):
        raise Refused(Sentence("这个位置没有开放给你们"))
    if not slot.takes(now) or campaign.launched_at or campaign.over:
        raise Refused(Sentence("过了提交的期限，换不了了"))
    refuse_faults(_faults(session, slot, fields))
    number = slot.id or 0
    row = of_branch(session, [number], branch_id).get(number)
    key = approval.key_of(who, account_id)
    row = row or Variant(
        slot_id=number, campaign_id=campaign.id or 0, branch_id=branch_id, by=who, by_key=key, at=now
    )
    row.text, row.headline, row.picture_id = fields.text.strip(), fields.headline.strip(), fields.picture_id
    if why := nowhere(campaign, row.parts):
        raise Refused(why)
    row.by, row.by_key, row.at = who[:64], key, now
    row.status, row.decided_by, row.decided_at, row.reason = VariantStatus.WAITING, "", None, ""
    whole = complaints(session, fields_with(campaign, row), now)
    refuse_faults({field_of(name): words for name, words in whole.items()})
    session.add(row)
    session.flush()
    audit.note(session, who, "variant.put", row.id, Sentence("交了分公司版，等总部批"), now)
    return row


def field_of(name: str) -> str:
    """Which field of a variant a complaint about the whole plan is about."""
    if name.startswith("attachments"):
        return "headline" if name.endswith(".words.headline") else "picture_id"
    return name


def _faults(session: Session, slot: Slot, fields: VariantFields) -> dict[str, str]:
    given: Mapping[str, object] = {
        ReplacedPart.TEXT: fields.text.strip(),
        ReplacedPart.HEADLINE: fields.headline.strip(),
        ReplacedPart.PICTURE: fields.picture_id,
    }
    names = {ReplacedPart.PICTURE: "picture_id"}
    wrong: dict[str, str] = {
        names.get(ReplacedPart(part), part): Sentence("总部没有开放换这一样")
        for part, value in given.items()
        if value and part not in slot.parts
    }
    if not any(given.values()):
        wrong[names.get(ReplacedPart(slot.parts[0]), slot.parts[0])] = Sentence(
            "什么都没换。要用总部的，就不用交"
        )
    for name in ("text", "headline"):
        if fault := text_fault(getattr(fields, name)):
            wrong[name] = fault
    if (n := len(fields.headline.strip())) > LONGEST_HEADLINE:
        wrong["headline"] = Sentence("标题 {n} 个字，最多 {most} 个", n=n, most=LONGEST_HEADLINE)
    if fields.picture_id and session.get(Picture, fields.picture_id) is None:
        wrong["picture_id"] = Sentence("这张图片已经不在了，请重新上传")
    return wrong


def decide(
    session: Session,
    row: Variant,
    *,
    yes: bool,
    reason: str = "",
    who: str,
    account_id: int | None,
    now: datetime,
) -> str:
    """HQ says yes, or no with a reason; who wrote it does not approve it."""
    campaign = session.get_one(Campaign, row.campaign_id, with_for_update=True)
    session.refresh(row, with_for_update=True)
    key = approval.key_of(who, account_id)
    if campaign.launched_at or campaign.over:
        raise Refused(Sentence("「{campaign}」已经开始，分公司版改不了了", campaign=campaign.name))
    if row.status != VariantStatus.WAITING:
        raise Refused(Sentence("这一版已经有人决定过了"))
    if not approval.may_approve(session, key):
        raise Refused(Sentence("审批只由总部来做"))
    if row.by_key == key:
        raise Refused(Sentence("你自己提交的，要请总部另一位来批"))
    if yes:
        if why := nowhere(campaign, row.parts):
            raise Refused(why)
        refuse_faults(complaints(session, fields_with(campaign, row), now))
    row.reason = "" if yes else approval.reason_of_return(reason)
    row.status = VariantStatus.APPROVED if yes else VariantStatus.RETURNED
    row.decided_by, row.decided_at = who[:64], now
    words = Sentence("批准分公司版") if yes else Sentence("退回分公司版：{reason}", reason=row.reason)
    return audit.note(session, who, "variant.approve" if yes else "variant.return", row.id, words, now)


def take_back(session: Session, row: Variant, *, who: str, now: datetime) -> str:
    """The branch wants HQ's version after all."""
    campaign = session.get_one(Campaign, row.campaign_id, with_for_update=True)
    if campaign.launched_at:
        raise Refused(Sentence("「{campaign}」已经开始，分公司版改不了了", campaign=campaign.name))
    session.delete(row)
    return audit.note(session, who, "variant.take_back", row.id, Sentence("撤下分公司版，用总部的"), now)


def base_changed(session: Session, campaign: Campaign, changed: Collection[str]) -> None:
    """HQ changed what variants stand on: each has to be looked at again."""
    if not {"text", "second_text", "attachments", "channel"} & set(changed):
        return
    for row in that_go(session, campaign.id or 0).values():
        row.status, row.reason = VariantStatus.WAITING, Sentence("总部改了原来的活动，要再看一次")


def forget(session: Session, campaign_id: int) -> None:
    """With a draft that is thrown away go its place in a slot, and the slots that replaced parts of it."""
    own = select(Slot.id).where(Slot.campaign_id == campaign_id)
    session.execute(delete(SlotFill).where(col(SlotFill.campaign_id) == campaign_id))
    session.execute(delete(Variant).where(col(Variant.slot_id).in_(own)))
    session.execute(delete(Slot).where(col(Slot.campaign_id) == campaign_id))
