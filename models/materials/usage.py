"""What became of the library lately: which pieces and which poster designs are in use, and how many received them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from models.campaigns import PLANNED, Campaign, CampaignStatus, Task
from models.db import count
from models.friends import Friend
from models.friends.entry_codes import EntryCode, EntryCodeKind
from models.ledger.channels import CUSTOMERS, reaching

LATELY = timedelta(days=30)
STANDING = (
    CampaignStatus.RUNNING,
    CampaignStatus.PAUSED,
    CampaignStatus.SCHEDULED,
    CampaignStatus.APPROVED,
    CampaignStatus.SUBMITTED,
)
"""Which campaign with a design tells how the design stands, the first first"""


@dataclass(frozen=True)
class Lately:
    """Campaigns that began within 30 days, and how many times a customer received one of them."""

    campaigns: int = 0
    received: int = 0


@dataclass(frozen=True)
class DesignUse:
    """One poster design: how it stands now, since or from when, and what became of it lately."""

    status: CampaignStatus | None
    """Of the campaign that tells most about it now; None when none is planned or under way"""
    going: int
    """Campaigns of that status"""
    starts: datetime | None
    before: int
    """Campaigns that ended"""
    lately: Lately


def of_materials(
    session: Session, material_ids: Iterable[int], within: ColumnElement[bool], now: datetime
) -> dict[int, Lately]:
    """What was sent with each piece lately; only of campaigns `within` the viewer's reach."""
    wanted = set(material_ids)
    found = {one: Lately() for one in wanted}
    received = _received(session, within, now)
    for campaign in _begun(session, within, now):
        for number in {int(one.get("material_id") or 0) for one in campaign.attachments} & wanted:
            found[number] = _more(found[number], received.get(campaign.id or 0, 0))
    return found


def of_designs(session: Session, within: ColumnElement[bool], now: datetime) -> dict[str, DesignUse]:
    """Every design that a campaign ever showed."""
    shown: dict[str, list[Campaign]] = {}
    received = _received(session, within, now)
    for campaign in session.exec(select(Campaign).where(within).order_by(col(Campaign.launch_at))):
        if poster := campaign.own_poster:
            shown.setdefault(poster.design, []).append(campaign)
    return {design: _use(campaigns, received, now) for design, campaigns in shown.items()}


def scanned(session: Session, within: ColumnElement[bool], now: datetime) -> int:
    """New friends of the last 30 days who came by a guide's own code. It is the same on every poster and in her shop,
    so nobody can say from which of them they came."""
    hers = select(EntryCode.id).where(EntryCode.kind == EntryCodeKind.GUIDE)
    return count(session, Friend, within, col(Friend.code_id).in_(hers), Friend.added_at > now - LATELY)


def _use(campaigns: list[Campaign], received: dict[int, int], now: datetime) -> DesignUse:
    status = next((one for one in STANDING if any(it.status == one for it in campaigns)), None)
    same = [one for one in campaigns if one.status == status]
    lately = Lately()
    for one in campaigns:
        if one.launched_at and one.launched_at > now - LATELY:
            lately = _more(lately, received.get(one.id or 0, 0))
    return DesignUse(
        status=status,
        going=len(same),
        starts=same[0].launch_at if status in PLANNED and same else None,
        before=sum(one.launched_at is not None and one.over for one in campaigns),
        lately=lately,
    )


def _more(before: Lately, received: int) -> Lately:
    return Lately(before.campaigns + 1, before.received + received)


def _begun(session: Session, within: ColumnElement[bool], now: datetime) -> list[Campaign]:
    return list(session.exec(select(Campaign).where(within, col(Campaign.launched_at) > now - LATELY)))


def _received(session: Session, within: ColumnElement[bool], now: datetime) -> dict[int, int]:
    """By campaign, how many customers have it; groups are no customers."""
    sums = (
        select(Task.campaign_id, func.sum(Task.reached))
        .join(Campaign, col(Campaign.id) == col(Task.campaign_id))
        .where(
            within,
            col(Campaign.channel).in_(reaching(CUSTOMERS)),
            col(Campaign.launched_at) > now - LATELY,
        )
        .group_by(col(Task.campaign_id))
    )
    return {number: int(reached or 0) for number, reached in session.exec(sums)}
