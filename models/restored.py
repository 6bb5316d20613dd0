"""A backup was restored: what was due when it was made may have left since, so all of it waits for a person."""

from datetime import datetime

from sqlalchemy import or_, update
from sqlmodel import Session, col

from models.accounts import audit
from models.campaigns import Campaign, CampaignStatus
from models.campaigns.announcements import Announcement, AnnouncementStatus
from models.ledger import outbox, restore_mark
from models.ledger.outbox import Outbox, OutboxStatus
from models.sentences import Sentence


def hold(session: Session, now: datetime) -> int:
    """How many deliveries wait for a yes. Open calls are unknown; what is written from here on knows the moment."""
    restore_mark.restored(session, now)
    _hold_calls(session, now)
    _hold_launches(session, now)
    held = outbox.counts(session).get(OutboxStatus.HELD, 0)
    words = Sentence("从备份恢复，{held:,} 条投递先扣着", held=held)
    audit.record(session, audit.COMMAND_LINE, "database.restore", "database", now, words)
    return held


def _hold_calls(session: Session, now: datetime) -> None:
    """Also what a paused campaign held: it may have gone on since."""
    words = Sentence("备份时正在调用，结果不明")
    called = update(Outbox).where(col(Outbox.status) == OutboxStatus.CALLING)
    session.execute(called.values(status=OutboxStatus.UNKNOWN, done_at=now, lease_until=None, reason=words))
    waiting = update(Outbox).where(col(Outbox.status).in_([OutboxStatus.QUEUED, OutboxStatus.HELD]))
    session.execute(waiting.values(status=OutboxStatus.HELD, reason=outbox.FROM_BACKUP))


def _hold_launches(session: Session, now: datetime) -> None:
    words = Sentence("从备份恢复，核对后再继续；可能已经发过的，继续以后还在「投递」里等放行")
    planned = [CampaignStatus.SCHEDULED, CampaignStatus.RUNNING, CampaignStatus.PAUSED]
    campaigns = update(Campaign).where(col(Campaign.status).in_(planned))
    session.execute(campaigns.values(status=CampaignStatus.PAUSED, status_words=words, reminding=False))
    words = Sentence("从备份恢复，可能已经发过。核对后按「现在补发」或「停止」")
    begun = or_(col(Announcement.launch_at) <= now, col(Announcement.launched_at).is_not(None))
    posting = update(Announcement).where(col(Announcement.status) == AnnouncementStatus.SCHEDULED, begun)
    session.execute(posting.values(status=AnnouncementStatus.WAITING, status_words=words))
