"""What may still be undone: a scheduled campaign becomes a draft again, any becomes a new draft, and a draft goes away."""

from datetime import datetime, timedelta

from sqlmodel import Session

from models.accounts import audit
from models.campaigns import (
    LONGEST_NAME,
    Campaign,
    CampaignStatus,
    approval,
    moves,
    planning,
    rehearsals,
    series,
    variant_decisions,
)
from models.campaigns.fields import of_campaign
from models.campaigns.lifecycle import word_of
from models.errors import Refused
from models.sentences import Sentence

COPIED = " 副本"
DAY = timedelta(days=1)


def unschedule(session: Session, campaign: Campaign, who: str, now: datetime) -> str:
    """It does not start at its time: what had been approved stays so until somebody changes it, all else is a draft."""
    session.refresh(campaign, with_for_update=True)
    if not campaign.unstarted:
        raise Refused(Sentence("活动{status}，撤不回了", status=word_of(campaign)))
    if campaign.status == CampaignStatus.DRAFT:
        return ""
    if campaign.status != CampaignStatus.APPROVED and approval.holds(session, campaign):
        campaign.status, campaign.status_words = CampaignStatus.APPROVED, ""
        words = "撤下排期，批准还在"
    else:
        approval.withdraw_version(session, campaign, who, None, now)
        campaign.status, campaign.status_words = CampaignStatus.DRAFT, ""
        words = "撤回，改回草稿"
    return audit.note(session, who, "campaign.unschedule", campaign.id, words, now)


def copy(
    session: Session, campaign: Campaign, *, who: str, account_id: int | None, now: datetime
) -> Campaign:
    """A draft with the same content for the same people; times that are over move to the next day they fit."""
    fields = of_campaign(campaign)
    late = now - fields.launch_at
    days = DAY * (late // DAY + 1) if late >= timedelta() else timedelta()
    fields.launch_at, fields.ends_at = fields.launch_at + days, fields.ends_at + days
    fields.card_title = fields.card_title or fields.name  # guides need not read that it is a copy
    fields.name = fields.name[: LONGEST_NAME - len(COPIED)] + COPIED
    made = planning.create(session, fields, who=who, account_id=account_id, now=now)
    made.rules = dict(campaign.rules)
    return made


def discard(session: Session, campaign: Campaign, who: str, now: datetime) -> str:
    """A draft that nobody needs is gone; only the audit remembers it."""
    session.refresh(campaign, with_for_update=True)
    if campaign.status != CampaignStatus.DRAFT or campaign.launched_at:
        raise Refused(Sentence("活动{status}，只有草稿能删掉", status=word_of(campaign)))
    approval.forget(session, campaign.id or 0)
    rehearsals.forget(session, campaign, now)
    series.forget(session, campaign, now)
    moves.forget(session, campaign.id or 0)
    variant_decisions.forget(session, campaign.id or 0)
    session.delete(campaign)
    return audit.note(
        session,
        who,
        "campaign.discard",
        campaign.id,
        Sentence("删掉草稿「{campaign}」", campaign=campaign.name),
        now,
    )
