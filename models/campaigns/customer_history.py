"""What a guide's last campaigns were for one of her customers: in it or not, what became of it, why not."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlmodel import Session, col, select

from models.campaigns import Campaign, Exclusion, Recipients, Result, Task, TaskAudience
from models.ledger.channels import CUSTOMERS, reaching


@dataclass(frozen=True)
class PastCampaign:
    """One campaign, as it was for her."""

    task: Task
    campaign: Campaign
    addressed: bool
    """She stood in the guide's share when it was frozen."""
    result: Result | None = None
    """None while nothing is known"""
    excluded: str = ""
    """Why the launch did not go to her, in words"""


def last_campaigns(session: Session, guide_id: int, customer_id: int, limit: int) -> list[PastCampaign]:
    """Of the guide's last campaigns those that concern this customer, newest first."""
    query = (
        select(Task, Campaign, TaskAudience)
        .join(Campaign, col(Campaign.id) == Task.campaign_id)
        .join(TaskAudience, col(TaskAudience.task_id) == Task.id)
        .where(Task.guide_id == guide_id, col(Campaign.channel).in_(reaching(CUSTOMERS)))
        .order_by(col(Task.id).desc())
        .limit(limit)
    )
    found = session.exec(query).all()
    left_out = dict(_exclusions(session, [task.campaign_id for task, *_ in found], customer_id))
    return [
        PastCampaign(
            task, campaign, addressed, result_of(share, customer_id), left_out.get(task.campaign_id, "")
        )
        for task, campaign, share in found
        if (addressed := customer_id in share.members) or task.campaign_id in left_out
    ]


def result_of(share: Recipients, member: int) -> Result | None:
    """What became of one member; None while nothing is known."""
    return next((kind for kind in Result if member in getattr(share, kind)), None)


def _exclusions(session: Session, campaigns: list[int], customer_id: int) -> Iterator[tuple[int, str]]:
    query = select(Exclusion.campaign_id, Exclusion.words, col(Exclusion.members))
    for campaign_id, words, members in session.exec(query.where(col(Exclusion.campaign_id).in_(campaigns))):
        if customer_id in members:
            yield campaign_id, words
