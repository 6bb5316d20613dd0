"""A start that was missed: within its campaign's grace it still runs by itself, but not into the night; later, HQ decides."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models.accounts import audit
from models.campaigns import Campaign
from models.campaigns.run_rules import rules_of
from models.quiet_hours import allowed_from
from models.sentences import Sentence

PUNCTUAL = timedelta(minutes=5)
"""Whoever starts later than this is late, and does not fall into the quiet hours (E07)."""


def too_late(session: Session, campaign: Campaign, now: datetime, zone: ZoneInfo) -> bool:
    """Whether HQ is asked: the grace is over (E01), or it is night and by morning the campaign would be, too."""
    if now - campaign.launch_at > rules_of(campaign).grace:
        return True
    return allowed_at(session, campaign, now, zone) >= campaign.ends_at


def allowed_at(session: Session, campaign: Campaign, now: datetime, zone: ZoneInfo) -> datetime:
    """Now, or the end of the quiet hours that a late start would fall into. Who planned it for the night meant the night."""
    planned = campaign.launch_at
    if now - planned <= PUNCTUAL or allowed_from(session, planned, zone) > planned:
        return now
    return allowed_from(session, now, zone)


def held_until_morning(session: Session, campaign: Campaign, now: datetime, zone: ZoneInfo) -> bool:
    """A late start that would fall into the quiet hours begins when they end (E07)."""
    morning = allowed_at(session, campaign, now, zone)
    if morning <= now:
        return False
    planned, local = campaign.launch_at.astimezone(zone), morning.astimezone(zone)
    campaign.launch_at = morning
    campaign.status_words = Sentence(
        "计划 {planned} 开始，系统恢复时已到免打扰时间，改到 {morning} 开始",
        planned=f"{planned:%m-%d %H:%M}",
        morning=f"{local:%m-%d %H:%M}",
    )
    audit.note(session, audit.SYSTEM, "campaign.quiet", campaign.id, campaign.status_words, now)
    return True
