"""A campaign as one account may see it: HQ all of it with reasons, a branch or a store its own guides."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case
from sqlmodel import Session, col, select

from models.campaigns import Campaign, Task, funnel, progress
from models.campaigns.funnel import Share
from models.campaigns.progress import Progress
from models.org import Guide, Store


@dataclass(frozen=True)
class View:
    """The numbers of a campaign within somebody's reach."""

    progress: Progress
    lost: tuple[funnel.Lost, ...]
    reasons: tuple[funnel.Reason, ...]
    rows: tuple[Share, ...]
    by: str
    """branch or store: what a row is"""
    notice: bool

    @property
    def guide_steps(self) -> tuple[int, ...]:
        """Guides step by step; a notice ends with her word, because the platform has nothing to confirm."""
        it = self.progress
        return (
            (it.targeted, it.carded, it.opened, it.said)
            if self.notice
            else (it.targeted, it.carded, it.opened, it.said, it.confirmed)
        )


def view_of(
    session: Session, campaign: Campaign, tasks: ColumnElement[bool], *, everything: bool = True
) -> View:
    """The whole campaign, or only the `tasks` of a branch or a store."""
    number, notice = campaign.id or 0, not campaign.way.confirmed
    if everything:
        found = funnel.funnel(session, number)
        return View(
            found, found.lost, found.reasons, tuple(funnel.by_branch(session, number)), "branch", notice
        )
    counted = progress.progress_of(session, [number], tasks).get(number, Progress())
    return View(
        counted, funnel.lost(session, campaign, tasks), (), _by_store(session, number, tasks), "store", notice
    )


def _by_store(session: Session, number: int, tasks: ColumnElement[bool]) -> tuple[Share, ...]:
    rows = session.execute(
        select(Task.store_id, Store.name, *progress.SUMS)
        .outerjoin(Store, col(Store.id) == Task.store_id)
        .where(Task.campaign_id == number, tasks)
        .group_by(col(Task.store_id), col(Store.name))
    )
    shares = (
        Share(**progress.counted(sums), name=name or "没有门店", store_id=store)
        for store, name, *sums in rows
    )
    return tuple(funnel.most_to_do_first(shares))


@dataclass(frozen=True)
class TaskLine:
    """One guide's task as a line."""

    task: Task
    guide: str
    store: str


def task_lines(
    session: Session,
    campaign_id: int,
    *tasks: ColumnElement[bool],
    limit: int,
    offset: int = 0,
    by_id: bool = False,
) -> list[TaskLine]:
    """These of the campaign's tasks; what needs work comes first, or they stand in an order that never changes."""
    order = case((col(Task.confirmed_at).is_not(None), 2), (col(Task.reported_at).is_not(None), 1), else_=0)
    rows = session.exec(
        select(Task, Guide.name, Store.name)
        .join(Guide, col(Guide.id) == Task.guide_id)
        .outerjoin(Store, col(Store.id) == Task.store_id)
        .where(Task.campaign_id == campaign_id, *tasks)
        .order_by(*(() if by_id else (order, col(Store.name))), col(Task.id))
        .limit(limit)
        .offset(offset)
    )
    return [TaskLine(task, guide, store or "") for task, guide, store in rows]


def newest(task: Task) -> datetime | None:
    """When the last thing happened to it."""
    return max(
        (one for one in (task.confirmed_at, task.reported_at, task.opened_at, task.card_sent_at) if one),
        default=None,
    )
