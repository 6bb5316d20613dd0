"""The beginning of a launch: who is in it and who is not, as sets that do not change any more."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from pyroaring import FrozenBitMap
from sqlmodel import Session, col, select

from models.accounts import audit
from models.campaigns import Campaign, CampaignAudience, Exclusion, Task, TaskAudience, split
from models.campaigns.audience import whom
from models.campaigns.selection import Selection, remainder, select_audience
from models.db import Database
from models.sentences import Sentence, together


def freeze(db: Database, campaign_id: int, now: datetime, zone: ZoneInfo) -> Selection:
    """Write down whom the campaign addresses and whom it leaves out, with a fingerprint of exactly who.

    Again, after an interruption, it answers what is left for those guides who have no task yet.
    """
    with db.read() as session:
        campaign = session.get_one(Campaign, campaign_id)
        at = campaign.launched_at or now
        if frozen := audience_of(session, campaign_id):
            return remainder(session, campaign, frozen.members, _done(session, campaign_id), at)
        selected = select_audience(session, campaign, at, zone, number=campaign_id)
    with db.write() as session:
        campaign = session.get_one(Campaign, campaign_id, with_for_update=True)
        first = audience_of(session, campaign_id) is None
        if first:
            _write(session, campaign, selected, now)
    return selected if first else freeze(db, campaign_id, now, zone)  # another process froze it meanwhile


def audience_of(session: Session, campaign_id: int) -> CampaignAudience | None:
    query = select(CampaignAudience).where(CampaignAudience.campaign_id == campaign_id)
    return session.exec(query).one_or_none()


def _write(session: Session, campaign: Campaign, selected: Selection, now: datetime) -> None:
    number, members = campaign.id or 0, selected.members
    session.add(
        CampaignAudience(campaign_id=number, members=members, second=split.second_of(campaign, members))
    )
    for one in selected.reasons:
        session.add(Exclusion(campaign_id=number, kind=one.kind, words=one.words, members=one.members))
    frozen = [
        Sentence("{guides:,} 位导购", guides=len(selected.guides)),
        whom(campaign, len(members)),
        Sentence("名单指纹 {fingerprint}", fingerprint=_fingerprint(selected.shares)),
    ]
    audit.note(session, audit.SYSTEM, "campaign.freeze", number, together(frozen, "，"), now)


def _fingerprint(shares: Mapping[int, FrozenBitMap]) -> str:
    digest = hashlib.sha256()
    for guide_id, members in sorted(shares.items()):
        digest.update(f"{guide_id}:".encode() + members.serialize())
    return digest.hexdigest()[:12]


def _done(session: Session, campaign_id: int) -> dict[int, FrozenBitMap]:
    """The guides who have their task, with their shares."""
    query = select(Task.guide_id, col(TaskAudience.members)).join(TaskAudience)
    return dict(session.exec(query.where(Task.campaign_id == campaign_id)).all())
