"""Launching a campaign that is due: guides and customers frozen once, tasks written in pieces, resumable at the remainder."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pyroaring import FrozenBitMap
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, select

from models.accounts import audit
from models.campaigns import (
    Campaign,
    CampaignStatus,
    Task,
    TaskAudience,
    approval,
    audience,
    branch_times,
    cards,
    moments,
    pilot,
    split,
    variants,
)
from models.campaigns.freeze import freeze
from models.campaigns.lateness import held_until_morning, too_late
from models.campaigns.lifecycle import BRANCH_WORDS, PILOT_WORDS
from models.campaigns.selection import Selection
from models.campaigns.variants import Variant
from models.db import Database, defaults, offer, pieces
from models.db.sets import NOBODY
from models.ledger import outbox
from models.ledger.outbox import Outbox, OutboxStatus
from models.org import Guide, Store
from models.sentences import Sentence

GRACE = timedelta(minutes=30)
"""An announcement missed by less still leaves by itself; missed by more, HQ decides. Campaigns have their own."""
GUIDES_AT_ONCE = 60
"""Each makes three rows (task, audience, call); so many stay near 20 ms of write lock."""
CARDS_AT_ONCE = 25
OFFERED = 20
"""Calls of a piece that are named to the queue at once; it finds the others in its next round."""


def launch_due(db: Database, now: datetime, zone: ZoneInfo) -> list[int]:
    """Start what is due, and go on where a killed launch stopped; the ids of the campaigns started now."""
    with db.read() as session:
        due = (
            select(Campaign.id)
            .where(Campaign.status == CampaignStatus.SCHEDULED, Campaign.launch_at <= now)
            .order_by(col(Campaign.launch_at))
        )
        begun = select(Campaign.id).where(
            Campaign.status == CampaignStatus.RUNNING, col(Campaign.planned_at).is_(None)
        )
        waiting, unfinished = list(session.exec(due)), list(session.exec(begun))
    started = [one for one in waiting if one and _start(db, one, now, zone)]
    for one in [*unfinished, *started]:
        if one:
            _plan(db, one, now, zone)
    return started


def _start(db: Database, campaign_id: int, now: datetime, zone: ZoneInfo) -> bool:
    """One transaction decides: run, ask HQ, or too late. An edit or a stop is before it or after it, never in between."""
    with db.write() as session:
        campaign = session.exec(select(Campaign).where(Campaign.id == campaign_id).with_for_update()).one()
        if campaign.status != CampaignStatus.SCHEDULED or campaign.launch_at > now:
            return False
        planned = campaign.launch_at.astimezone(zone)
        if now >= campaign.ends_at:
            campaign.status, campaign.finished_at, campaign.closed_at = CampaignStatus.FINISHED, now, now
            campaign.status_words = Sentence(
                "计划 {planned} 开始，系统恢复时已过截止时间，没有发出", planned=f"{planned:%m-%d %H:%M}"
            )
        elif words := approval.lost(session, campaign):
            campaign.status, campaign.status_words = CampaignStatus.SUBMITTED, words
        elif too_late(session, campaign, now, zone):
            campaign.status = CampaignStatus.PAUSED
            campaign.status_words = Sentence(
                "计划 {planned} 开始，系统没能按时运行，已晚 {minutes}，没有自动发出，等总部决定",
                planned=f"{planned:%m-%d %H:%M}",
                minutes=_minutes(now - campaign.launch_at),
            )
        elif held_until_morning(session, campaign, now, zone):
            return False
        else:
            campaign.status, campaign.launched_at, campaign.status_words = CampaignStatus.RUNNING, now, ""
        said = campaign.status_words or "名单从这一刻起只减不增"
        verb = "start" if campaign.status == CampaignStatus.RUNNING else campaign.status
        audit.note(session, audit.SYSTEM, f"campaign.{verb}", campaign_id, said, now)
        return campaign.status == CampaignStatus.RUNNING


def _minutes(late: timedelta) -> str:
    minutes = int(late.total_seconds() // 60)
    return (
        Sentence("{minutes} 分钟", minutes=minutes)
        if minutes < 120
        else Sentence("{minutes} 小时", minutes=minutes // 60)
    )


def _plan(db: Database, campaign_id: int, now: datetime, zone: ZoneInfo) -> None:
    """Give every guide in scope her task. What is written stays; a second run only writes the remainder."""
    selected = freeze(db, campaign_id, now, zone)
    with db.read() as session:
        campaign = session.get_one(Campaign, campaign_id)
        stores = {store.id: store for store in session.exec(select(Store))}
        own = variants.that_go(session, campaign_id)
    for piece in pieces(_by_variant(selected.guides, stores, own), GUIDES_AT_ONCE):
        drafts = [_draft(campaign, selected, one, stores, own, now) for one in piece]
        if not _write(db, campaign, drafts, now):
            return
    pilot.begin(db, campaign_id, now)
    if not campaign.way.confirmed and not _show_notices(db, campaign, now, zone):
        return
    with db.write() as session:
        running = session.get_one(Campaign, campaign_id, with_for_update=True)
        if running.way.together:
            moments.call(session, running, now)
        running.planned_at = now


Row = dict[str, Any]
Draft = tuple[Guide, FrozenBitMap, Row]


def _by_variant(
    guides: Sequence[Guide], stores: dict[int | None, Store], own: Mapping[int, Variant]
) -> list[Guide]:
    """Guides who get the same lie together, so that one Moments job holds all of them."""
    branches = {number: store.branch_id for number, store in stores.items() if store.branch_id in own}
    return sorted(guides, key=lambda one: branches.get(one.store_id, 0))


def _draft(
    campaign: Campaign,
    selected: Selection,
    guide: Guide,
    stores: dict[int | None, Store],
    own: Mapping[int, Variant],
    now: datetime,
) -> Draft:
    number, store = guide.id or 0, stores.get(guide.store_id)
    variant = own.get(store.branch_id) if store else None
    members = selected.shares.get(number, NOBODY)
    row = {
        **defaults(Task),
        "code": secrets.token_urlsafe(12),
        "campaign_id": campaign.id,
        "guide_id": number,
        "store_id": guide.store_id,
        "branch_id": store.branch_id if store else None,
        "text": audience.fill(variants.text_of(campaign, variant), guide, store)[: audience.TEXT_BYTES],
        "second_text": audience.fill(campaign.second_text, guide, store)[: audience.TEXT_BYTES],
        "second_count": len(split.second_of(campaign, members)),
        "customer_count": len(members),
        "skipped": selected.obstacles.get(number, ""),
        "created_at": now,
        "ready_at": None if campaign.way.confirmed else now,
    }
    return guide, members, row


def _write(db: Database, campaign: Campaign, drafts: Sequence[Draft], now: datetime) -> bool:
    """One piece: tasks, audiences and calls together. False when the campaign was stopped or paused meanwhile."""
    by_guide = {guide.id: (guide, customers, task) for guide, customers, task in drafts}
    with db.write() as session:
        if not _still_runs(session, campaign.id or 0):
            return False
        fresh = _insert(
            session, Task, [task for _, _, task in drafts], ("campaign_id", "guide_id"), "guide_id"
        )
        shares: list[Row] = []
        calls: list[Row] = []
        start = outbox.born(session, campaign.launched_at, now)
        for guide_id, task_id in fresh.items():
            guide, customers, task = by_guide[guide_id]
            shares.append({**defaults(TaskAudience), "task_id": task_id, "members": customers})
            if campaign.way.confirmed and not campaign.way.together and not task["skipped"]:
                calls += [
                    row | start for row in _calls(campaign, guide, task_id, task["branch_id"], customers, now)
                ]
        if shares:
            _insert(session, TaskAudience, shares, ("task_id",), "task_id")
        if calls:
            made = list(_insert(session, Outbox, calls, ("key",), "key").values())
            for row_id in [] if start else made[:OFFERED]:
                offer(session, "outbox", row_id, campaign.way.lane)
    return True


def _calls(
    campaign: Campaign,
    guide: Guide,
    task_id: int,
    branch_id: int | None,
    customers: FrozenBitMap,
    now: datetime,
) -> list[Row]:
    waits = PILOT_WORDS if pilot.waits_for_pilot(campaign) else ""
    waits = waits or (BRANCH_WORDS if branch_times.begins_at(campaign, branch_id) > now else "")
    return [
        {
            **defaults(Outbox),
            "key": f"{campaign.channel}:{task_id}" + (f":{payload['part']}" if payload["part"] else ""),
            "channel": campaign.channel,
            "lane": campaign.way.lane,
            "priority": campaign.way.priority,
            "due_at": now,
            "deadline": campaign.ends_at,
            "guide_id": guide.id,
            "task_id": task_id,
            "campaign_id": campaign.id,
            "target": guide.name,
            "why": Sentence("活动「{campaign}」", campaign=campaign.name),
            **({"status": OutboxStatus.HELD, "reason": waits} if waits else {}),
            "payload": payload,
            "created_at": now,
        }
        for payload in split.calls(campaign, customers)
    ]


def _insert(
    session: Session, model: type[SQLModel], rows: list[Row], key: tuple[str, ...], name: str
) -> dict[Any, int]:
    """Insert in bulk what is not there yet; the new rows' ids by the column `name`."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    table = model.__table__  # type: ignore[attr-defined]
    statement = (
        insert(table).on_conflict_do_nothing(index_elements=list(key)).returning(table.c[name], table.c.id)
    )
    return {row[0]: row[1] for row in session.execute(statement, rows)}


def _show_notices(db: Database, campaign: Campaign, now: datetime, zone: ZoneInfo) -> bool:
    """A notice has nothing for the 群发助手: its card is all there is."""
    uncarded = (
        select(Task)
        .join(Campaign, col(Campaign.id) == Task.campaign_id)
        .where(
            Task.campaign_id == campaign.id,
            col(Task.card_id).is_(None),
            Task.skipped == "",
            Campaign.status == CampaignStatus.RUNNING,
        )
        .limit(CARDS_AT_ONCE)
    )
    while True:
        with db.write() as session:
            tasks = list(session.exec(uncarded))
            for task in tasks:
                cards.show(session, task, now, zone, since=campaign.launched_at)
        if not tasks:
            break
    with db.read() as session:
        return _still_runs(session, campaign.id or 0)


def _still_runs(session: Session, campaign_id: int) -> bool:
    status = session.exec(select(Campaign.status).where(Campaign.id == campaign_id)).one()
    return status == CampaignStatus.RUNNING
