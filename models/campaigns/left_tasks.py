"""Tasks of a guide who left that nobody will send any more: dropped with a reason, so that no figure waits for them (F05)."""

from sqlalchemy import ColumnElement, update
from sqlmodel import Session, col, select

from models.campaigns import Campaign, CampaignStatus, Task
from models.db import count, rows_changed
from models.org import Guide
from models.sentences import Sentence

RUNS = (CampaignStatus.RUNNING, CampaignStatus.PAUSED)


def waiting(session: Session, guide_id: int) -> int:
    """How many of her tasks are neither confirmed nor over."""
    return count(session, Task, _open(guide_id))


def drop(session: Session, guide: Guide) -> int:
    """Nobody sends them: their customers follow their new guide from the next campaign on. How many."""
    words = Sentence("{guide}离职了，没发出的不再发，客户以后跟着接手的人", guide=guide.name)
    return rows_changed(session, update(Task).where(_open(guide.id or 0)).values(skipped=words))


def _open(guide_id: int) -> ColumnElement[bool]:
    running = select(Campaign.id).where(col(Campaign.status).in_(RUNS))
    return (
        (col(Task.guide_id) == guide_id)
        & col(Task.confirmed_at).is_(None)
        & col(Task.closed_at).is_(None)
        & (col(Task.skipped) == "")
        & col(Task.campaign_id).in_(running)
    )
