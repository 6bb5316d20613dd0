"""Too many of the last calls failed: the campaign pauses itself, with the share and the most frequent reason in words."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from models.accounts import audit
from models.campaigns import Campaign, CampaignStatus, lifecycle
from models.campaigns.run_rules import stop_percent
from models.ledger.outbox import Outbox, OutboxStatus
from models.sentences import Sentence

LAST = 50
"""So many settled calls are looked at, the newest,"""
FEWEST = 10
"""and not before there are so many: two of three is no rate."""
SETTLED = (OutboxStatus.SENT, OutboxStatus.NOT_SENT, OutboxStatus.EXPIRED)


@dataclass(frozen=True)
class Failures:
    """Too many of the last calls: how many of how many, and why most of them."""

    ended: int
    failed: int
    limit: int
    """Per cent of them that are too many"""
    reason: str
    of_this_reason: int


def failures(session: Session, campaign: Campaign) -> Failures | None:
    """None while it may go on: few failed, or nothing is left that a pause could keep."""
    if campaign.status != CampaignStatus.RUNNING or not _still_leaving(session, campaign):
        return None
    ended = _last(session, campaign)
    reasons = Counter(reason for status, reason in ended if status != OutboxStatus.SENT)
    failed, limit = reasons.total(), stop_percent(session, campaign)
    if len(ended) < FEWEST or 100 * failed < limit * len(ended):
        return None
    return Failures(len(ended), failed, limit, *reasons.most_common(1)[0])


def watch(session: Session, campaign: Campaign, now: datetime) -> str:
    """Pause it where too many failed; what it says then, or nothing. After a pause only what came later counts."""
    session.refresh(campaign, with_for_update=True)
    it = failures(session, campaign)
    if it is None:
        return ""
    held = lifecycle.hold(session, campaign, "")
    campaign.status_words = Sentence(
        "最近 {n} 件里 {m} 件没送出，到了 {limit}% 的线，自动暂停，{held} 件先留着。最多的原因（{k} 件）：{reason}",
        n=it.ended,
        m=it.failed,
        limit=it.limit,
        held=held,
        k=it.of_this_reason,
        reason=it.reason or "没有写原因",
    )
    return audit.note(session, audit.SYSTEM, "campaign.auto_pause", campaign.id, campaign.status_words, now)


def _still_leaving(session: Session, campaign: Campaign) -> bool:
    """There is something left that a pause could keep."""
    open_calls = select(Outbox.id).where(
        Outbox.campaign_id == campaign.id,
        Outbox.channel == campaign.channel,
        Outbox.status == OutboxStatus.QUEUED,
    )
    return session.exec(open_calls.limit(1)).first() is not None


def _last(session: Session, campaign: Campaign) -> list[tuple[OutboxStatus, str]]:
    """How the newest settled calls ended, with the reason."""
    settled = select(Outbox.status, Outbox.reason).where(
        Outbox.campaign_id == campaign.id,
        Outbox.channel == campaign.channel,
        col(Outbox.status).in_(SETTLED),
        col(Outbox.done_at) > (campaign.resumed_at or campaign.created_at),
    )
    newest = settled.order_by(col(Outbox.done_at).desc(), col(Outbox.id).desc()).limit(LAST)
    return [(OutboxStatus(status), reason) for status, reason in session.exec(newest)]
