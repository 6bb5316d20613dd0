"""分公司错开: some branches of a campaign begin later than the others; frozen for all at the launch, let go branch by branch."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, update
from sqlmodel import Session, col, select

from models.accounts import audit
from models.campaigns import Campaign, CampaignStatus, Task
from models.campaigns.lifecycle import BRANCH_WORDS
from models.campaigns.run_rules import rules_of
from models.db import rows_changed
from models.ledger.outbox import Outbox, OutboxStatus
from models.org import Branch
from models.sentences import Sentence


def begins_at(campaign: Campaign, branch_id: int | None) -> datetime:
    """When this branch begins: so long after the planned start of the campaign, however late that really was."""
    delay = rules_of(campaign).branch_delays.get(branch_id or 0, 0)
    return campaign.launch_at + timedelta(minutes=delay)


def beginnings(campaign: Campaign) -> tuple[tuple[int, datetime], ...]:
    """The branches that begin after the others, and when; the earliest first."""
    found = ((one, begins_at(campaign, one)) for one in rules_of(campaign).branch_delays)
    return tuple(sorted(found, key=lambda one: (one[1], one[0])))


def later(campaign: Campaign, now: datetime) -> list[int]:
    """The branches whose time has not come."""
    return [one for one in rules_of(campaign).branch_delays if begins_at(campaign, one) > now]


def hold_back(session: Session, campaign: Campaign, now: datetime) -> None:
    """What has just been let go waits again where the time of its branch has not come."""
    if branches := later(campaign, now):
        calls = _calls(campaign, branches), col(Outbox.status) == OutboxStatus.QUEUED
        session.execute(update(Outbox).where(*calls).values(status=OutboxStatus.HELD, reason=BRANCH_WORDS))


def due(session: Session, campaign: Campaign, now: datetime) -> list[int]:
    """The branches whose time has come and whose calls still wait."""
    come = [one for one in rules_of(campaign).branch_delays if begins_at(campaign, one) <= now]
    if not come or campaign.status != CampaignStatus.RUNNING:
        return []
    waiting = select(Task.branch_id).join(Outbox, col(Outbox.task_id) == col(Task.id)).distinct()
    found = session.exec(waiting.where(col(Task.branch_id).in_(come), *_waiting(campaign)))
    return [one for one in found if one]


def release(session: Session, campaign: Campaign, now: datetime) -> str:
    """Let those branches go whose time has come; says which, or nothing. A pause or a stop wins."""
    session.refresh(campaign, with_for_update=True)
    branches = due(session, campaign, now)
    if not branches:
        return ""
    calls = _calls(campaign, branches), *_waiting(campaign)
    gone = update(Outbox).where(*calls).values(status=OutboxStatus.QUEUED, due_at=now, reason="")
    number = rows_changed(session, gone)
    names = "、".join(session.exec(select(Branch.name).where(col(Branch.id).in_(branches))))
    words = Sentence("{branches} 开始，{n} 件", branches=names, n=number)
    return audit.note(session, audit.SYSTEM, "campaign.branch", campaign.id, words, now)


def _waiting(campaign: Campaign) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Outbox.campaign_id) == campaign.id,
        col(Outbox.status) == OutboxStatus.HELD,
        col(Outbox.reason) == BRANCH_WORDS,
    )


def _calls(campaign: Campaign, branches: list[int]) -> ColumnElement[bool]:
    """The calls of the tasks of these branches."""
    tasks = select(Task.id).where(Task.campaign_id == campaign.id, col(Task.branch_id).in_(branches))
    return (col(Outbox.campaign_id) == campaign.id) & col(Outbox.task_id).in_(tasks)
