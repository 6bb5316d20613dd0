"""/campaigns/…/funnel, tasks, recipients: how far a campaign is, guide by guide and customer by customer."""

from typing import Any, Literal

from sqlmodel import Session, col, select

from models.campaigns import Campaign, Result, Task, TaskAudience, funnel, looks, split
from models.campaigns.customer_history import result_of
from models.campaigns.progress import standing
from models.campaigns.recipient_ledger import fates_of
from models.campaigns.recipients import names_of
from models.db.sets import NOBODY
from pages.api import endpoint, pagination
from pages.api.campaign_schemas import (
    BranchProgress,
    CampaignOut,
    FunnelOut,
    LostOut,
    ReasonOut,
    RecipientList,
    RecipientOut,
    SideOut,
    SplitOut,
    TaskList,
    TaskOut,
)
from pages.api.campaigns import TAG, changed_by, find, progress_out
from pages.api.endpoint import ApiCall
from pages.api.schemas import Names, One, PageOut

PLACE: Literal["recipients"] = "recipients"
RESULTS: dict[Result | None, str] = {Result.REACHED: "arrived", None: "waiting"}
"""What the API has always called these two."""
TASKS_AT_ONCE = 20


@endpoint.reads("/campaigns/<int:number>/funnel", FunnelOut, TAG)
def campaign_funnel(call: ApiCall, path: One) -> FunnelOut:
    """漏斗，按步骤、原因和分公司"""
    row = find(call, path)
    found = funnel.funnel(call.session, path.number)
    return FunnelOut(
        campaign_id=path.number,
        progress=progress_out(found),
        confirmed_without_saying=found.straight,
        collected_at=row.collected_at,
        lost=[
            LostOut(
                step=one.step,
                guides=one.count,
                words=one.words,
                straight=one.straight,
                details=list(one.details),
            )
            for one in found.lost
        ],
        reasons=[
            ReasonOut(
                name=one.name, words=one.words, detail=one.detail, customers=one.customers, guides=one.guides
            )
            for one in found.reasons
        ],
        split=_split(call.session, row),
        branches=[
            BranchProgress(**progress_out(one).model_dump(), branch_id=one.branch_id, name=one.name)
            for one in funnel.by_branch(call.session, path.number)
        ],
    )


def _split(session: Session, campaign: Campaign) -> SplitOut | None:
    it = split.comparison(session, campaign)
    if it is None:
        return None
    first, second = (SideOut(customers=one.customers, reached=one.reached) for one in (it.first, it.second))
    low, high = it.interval
    return SplitOut(first=first, second=second, low=low, high=high, words=it.words)


@endpoint.changes("/campaigns/<int:number>/refresh", CampaignOut, TAG)
def refresh_results(call: ApiCall, path: One) -> CampaignOut:
    """马上向平台重读还没定下来的结果；1 分钟最多一次"""
    return changed_by(call, path, looks.want_now)


@endpoint.reads("/campaigns/<int:number>/tasks", PageOut[TaskOut], TAG)
def tasks(call: ApiCall, path: One, query: TaskList) -> PageOut[TaskOut]:
    """每位导购的那一份"""
    find(call, path)
    wanted = select(Task).where(Task.campaign_id == path.number)
    wanted = pagination.like(wanted, Task, query, "guide_id", "store_id", "branch_id")
    if query.step:
        wanted = wanted.where(standing(query.step))
    rows, after = pagination.piece(call.session, wanted, Task, query, query.sort)
    return PageOut[TaskOut](items=_tasks(call.session, rows), next_cursor=after)


@endpoint.reads("/campaigns/<int:number>/recipients", PageOut[RecipientOut], TAG)
def recipients(call: ApiCall, path: One, query: RecipientList) -> PageOut[RecipientOut]:
    """每位客户的下落，按任务的顺序"""
    campaign = find(call, path)
    wanted = select(Task, TaskAudience).join(TaskAudience, col(TaskAudience.task_id) == col(Task.id))
    wanted = pagination.like(wanted, Task, query, "guide_id", "store_id", "branch_id")
    wanted = wanted.where(Task.campaign_id == path.number).order_by(col(Task.id)).limit(TASKS_AT_ONCE)
    first, skip = _start(query.cursor)
    made: list[RecipientOut] = []
    while len(made) <= query.limit:
        rows = call.session.exec(wanted.where(col(Task.id) >= first)).all()
        for task, share in rows:
            chosen = fates_of(task, share).get(query.fate, NOBODY) if query.fate else share.members
            members = chosen[skip if task.id == first else 0 :][: query.limit + 1 - len(made)]
            named = names_of(call.session, campaign.channel, members)
            made += [_recipient(task, name, result_of(share, one)) for one, name in named.items()]
        if len(rows) < TASKS_AT_ONCE:
            break
        first, skip = (rows[-1][0].id or 0) + 1, 0
    if len(made) <= query.limit:
        return PageOut[RecipientOut](items=made, next_cursor=None)
    return PageOut[RecipientOut](items=made[:-1], next_cursor=_next(made, query.cursor))


def _start(cursor: str | None) -> tuple[int, int]:
    """(task, how many of its customers were given already)"""
    if not cursor:
        return 0, 0
    first, given = pagination.read(cursor, PLACE)
    return int(str(first)), given


def _next(made: list[RecipientOut], cursor: str | None) -> str:
    """Behind the last one that is given; `made` holds one more."""
    last = made[-2].task_id
    given = sum(one.task_id == last for one in made[:-1])
    before, skipped = _start(cursor)
    return pagination.write(PLACE, last, given + (skipped if before == last else 0))


def _recipient(task: Task, name: str, result: Result | None) -> RecipientOut:
    said = "skipped" if task.skipped else RESULTS.get(result, result)
    return RecipientOut.model_validate(
        {"task_id": task.id, "guide_id": task.guide_id, "recipient": name, "result": said}
    )


def _tasks(session: Session, rows: Any) -> list[TaskOut]:
    names = Names(
        session,
        guides=[row.guide_id for row in rows],
        stores=[row.store_id for row in rows],
        branches=[row.branch_id for row in rows],
    )
    kept = set(TaskOut.model_fields) - {
        "guide",
        "store",
        "branch",
        "customers",
        "refused",
        "carded_at",
        "said_at",
    }
    return [
        TaskOut(
            **row.model_dump(include=kept),
            guide=names.guide(row.guide_id),
            store=names.store(row.store_id),
            branch=names.branch(row.branch_id),
            customers=row.customer_count,
            refused=row.refused_count,
            carded_at=row.card_sent_at,
            said_at=row.reported_at,
        )
        for row in rows
    ]
