"""The end of a launch: who was in it and who was not, as sets that do not change any more."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from pyroaring import FrozenBitMap
from sqlmodel import Session, col, func, select

from models.accounts import audit
from models.campaigns import Campaign, CampaignAudience, Exclusion, Task, TaskAudience
from models.campaigns.audience import NO_GROUP, NOT_FRIENDS, whom
from models.db import PIECE, Database
from models.db.sets import NOBODY, union
from models.friends import Friend
from models.groups import Group, GroupKind, GroupStatus
from models.ledger.channels import CUSTOMER_GROUPS, CUSTOMERS
from models.sentences import Sentence, together


def freeze(db: Database, campaign_id: int, now: datetime) -> None:
    """Write down whom the campaign addresses and whom it leaves out, with a fingerprint of exactly who."""
    with db.read() as session:
        campaign = session.get_one(Campaign, campaign_id)
        members, fingerprint = _everybody(session, campaign_id)
        excluded = _excluded(session, campaign)
        guides, customers = session.exec(
            select(func.count(), func.coalesce(func.sum(Task.customer_count), 0)).where(
                Task.campaign_id == campaign_id
            )
        ).one()
    with db.write() as session:
        campaign = session.get_one(Campaign, campaign_id, with_for_update=True)
        if campaign.planned_at:
            return
        campaign.planned_at = now
        session.add(CampaignAudience(campaign_id=campaign_id, members=members))
        for words, left_out in excluded.items():
            session.add(Exclusion(campaign_id=campaign_id, words=words, members=left_out))
        frozen = [
            Sentence("{guides:,} 位导购", guides=guides),
            whom(campaign, customers),
            Sentence("名单指纹 {fingerprint}", fingerprint=fingerprint),
        ]
        detail = together(frozen, "，")
        audit.note(session, audit.SYSTEM, "campaign.freeze", campaign_id, detail, now)


def _everybody(session: Session, campaign_id: int) -> tuple[FrozenBitMap, str]:
    """All shares together, and the fingerprint."""
    digest = hashlib.sha256()

    def shares() -> Iterator[FrozenBitMap]:
        query = select(Task.guide_id, col(TaskAudience.members)).join(TaskAudience)
        query = query.where(Task.campaign_id == campaign_id).order_by(col(Task.guide_id))
        for guide_id, members in session.exec(query).yield_per(PIECE):
            digest.update(f"{guide_id}:".encode() + members.serialize())
            yield members

    return union(shares()), digest.hexdigest()[:12]


def _excluded(session: Session, campaign: Campaign) -> dict[str, FrozenBitMap]:
    """Reason in words → whom. Each stands in the first that holds, and in none when another guide addresses her."""
    query = select(Task.skipped, col(TaskAudience.members)).join(TaskAudience)
    by_words = defaultdict(list)
    for words, members in session.exec(query.where(Task.campaign_id == campaign.id)).yield_per(PIECE):
        by_words[words].append(members)
    taken = union(by_words.pop("", ()))
    reasons = [(words, union(shares)) for words, shares in by_words.items()]
    found: dict[str, FrozenBitMap] = {}
    for words, members in [*reasons, *_unreachable(session, campaign)]:
        if left_out := members - taken:
            found[words] = found.get(words, NOBODY) | left_out
            taken = taken | left_out
    return found


def _unreachable(session: Session, campaign: Campaign) -> Iterator[tuple[str, FrozenBitMap]]:
    """Whom the guides of this campaign know, but cannot write to."""
    guides = select(Task.guide_id).where(Task.campaign_id == campaign.id)
    if campaign.way.to == CUSTOMERS:
        for status, words in NOT_FRIENDS.items():
            friends = select(Friend.customer_id).where(
                col(Friend.owner_id).in_(guides),
                Friend.status == status,
                Friend.added_at <= (campaign.launched_at or campaign.launch_at),
            )
            yield words, FrozenBitMap(session.exec(friends))
    if campaign.way.to == CUSTOMER_GROUPS:
        groups = select(Group.id).where(
            col(Group.owner_id).in_(guides),
            Group.kind == GroupKind.CUSTOMER,
            Group.status != GroupStatus.ACTIVE,
        )
        yield NO_GROUP, FrozenBitMap(one or 0 for one in session.exec(groups))
