"""先试一小批: the audience is frozen for all, a small part of the guides goes first, the rest waits for a yes or a rule."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import update
from sqlmodel import Session, col, func, select

from models.accounts import audit
from models.campaigns import Campaign, CampaignStatus, Task, branch_times, lifecycle
from models.campaigns.audience import whom
from models.campaigns.progress import how_many
from models.campaigns.run_rules import Pilot, PilotBy, rules_of
from models.campaigns.selection import Selection
from models.db import Database, pieces, rows_changed
from models.errors import Refused
from models.ledger.outbox import Outbox, OutboxStatus
from models.org import Store
from models.sentences import Sentence, together

TASKS_AT_ONCE = 500
LOST = (OutboxStatus.NOT_SENT, OutboxStatus.EXPIRED)


def waits_for_pilot(campaign: Campaign) -> bool:
    """Whether the calls of a launch are written to wait."""
    return rules_of(campaign).pilot is not None and campaign.pilot_over_at is None


def begin(db: Database, campaign_id: int, now: datetime) -> None:
    """When every guide has her task: let the first go. Again is harmless; a stop or a pause meanwhile wins."""
    with db.write() as session:
        campaign = session.get_one(Campaign, campaign_id, with_for_update=True)
        pilot = rules_of(campaign).pilot
        if pilot is None or campaign.pilot_at or campaign.status != CampaignStatus.RUNNING:
            return
        chosen = _chosen(session, campaign, pilot)
        for piece in pieces(chosen, TASKS_AT_ONCE):
            session.execute(update(Task).where(col(Task.id).in_(piece)).values(pilot=True))
            _release(session, campaign, now, piece)
        campaign.pilot_at = now
        if not chosen:
            words = Sentence("先试的那一批没有可以发的导购，一个也没有发")
            ask(session, campaign, words, now)
            return
        it = numbers(session, campaign)
        if not it.rest_guides:
            campaign.pilot_over_at = now
        words = Sentence(
            "先发给 {n} 位导购、{whom}，其余 {rest} 位导购等着",
            n=it.guides,
            whom=whom(campaign, it.customers),
            rest=it.rest_guides,
        )
        audit.note(session, audit.SYSTEM, "campaign.pilot", campaign_id, words, now)


class Able(NamedTuple):
    """A guide who has something to send, and where she works."""

    guide_id: int
    store_id: int | None
    branch_id: int | None


def first_of(campaign: Campaign, pilot: Pilot, able: Sequence[Able]) -> list[int]:
    """Ids of the guides who go first: the same ones whenever it is asked, before the start and at it."""
    if pilot.by == PilotBy.STORE:
        return [one.guide_id for one in able if one.store_id == pilot.number]
    if pilot.by == PilotBy.BRANCH:
        return [one.guide_id for one in able if one.branch_id == pilot.number]
    shuffled = sorted(able, key=lambda one: hashlib.sha256(f"{campaign.id}:{one.guide_id}".encode()).digest())
    return [one.guide_id for one in shuffled[: -(-len(able) * pilot.number // 100)]]


def forecast(session: Session, campaign: Campaign, pilot: Pilot, selected: Selection) -> tuple[int, int]:
    """How many guides and customers would go first, of an audience as its launch would make it."""
    branches = dict(session.exec(select(Store.id, Store.branch_id)).all())
    sending = [one for one in selected.guides if one.id not in selected.obstacles]
    able = [Able(one.id or 0, one.store_id, branches.get(one.store_id)) for one in sending]
    first = first_of(campaign, pilot, able)
    return len(first), sum(len(selected.shares.get(one, ())) for one in first)


def _chosen(session: Session, campaign: Campaign, pilot: Pilot) -> list[int]:
    """Ids of the tasks that go first."""
    mine = select(Task.id, Task.guide_id, Task.store_id, Task.branch_id)
    found = session.exec(mine.where(Task.campaign_id == campaign.id, Task.skipped == "")).all()
    tasks = {guide: number or 0 for number, guide, _, _ in found}
    able = [Able(guide, store, branch) for _, guide, store, branch in found]
    return [tasks[guide] for guide in first_of(campaign, pilot, able)]


def _release(session: Session, campaign: Campaign, now: datetime, tasks: Sequence[int] | None = None) -> int:
    """Let rows go that wait for the pilot: those of these tasks, or all."""
    waiting = [
        col(Outbox.campaign_id) == campaign.id,
        col(Outbox.status) == OutboxStatus.HELD,
        col(Outbox.reason) == lifecycle.PILOT_WORDS,
    ]
    if tasks is not None:
        waiting.append(col(Outbox.task_id).in_(tasks))
    going = update(Outbox).where(*waiting).values(status=OutboxStatus.QUEUED, due_at=now, reason="")
    number = rows_changed(session, going)
    branch_times.hold_back(session, campaign, now)
    return number


@dataclass(frozen=True)
class PilotNumbers:
    """How the first part is doing, and who waits for it."""

    guides: int = 0
    customers: int = 0
    confirmed: int = 0
    failed: int = 0
    """Customers for whom the call failed, or whom the platform refused"""
    rest_guides: int = 0
    rest_customers: int = 0

    @property
    def failed_percent(self) -> float:
        return 100 * self.failed / self.customers if self.customers else 0.0

    def good(self, pilot: Pilot) -> bool:
        """All have confirmed, and failures are below the limit (a limit of 0 % means none at all)."""
        few = not self.failed or self.failed_percent < pilot.failed_percent
        return self.confirmed >= self.guides and few


def numbers(session: Session, campaign: Campaign) -> PilotNumbers:
    mine, able = Task.campaign_id == campaign.id, Task.skipped == ""
    guides, customers, confirmed, refused = session.exec(
        select(
            func.count(),
            func.coalesce(func.sum(Task.customer_count), 0),
            how_many(col(Task.confirmed_at).is_not(None)),
            func.coalesce(func.sum(Task.refused_count), 0),
        ).where(mine, col(Task.pilot))
    ).one()
    lost = select(Outbox.task_id).where(
        Outbox.campaign_id == campaign.id, Outbox.channel == campaign.channel, col(Outbox.status).in_(LOST)
    )
    failed = session.exec(
        select(func.coalesce(func.sum(Task.customer_count), 0)).where(
            mine, col(Task.pilot), col(Task.id).in_(lost)
        )
    ).one()
    rest, rest_customers = session.exec(
        select(func.count(), func.coalesce(func.sum(Task.customer_count), 0)).where(
            mine, able, ~col(Task.pilot)
        )
    ).one()
    return PilotNumbers(guides, customers, confirmed, failed + refused, rest, rest_customers)


def judged_at(campaign: Campaign) -> datetime | None:
    """When the rule looks at it; None where a person says when the rest goes."""
    pilot = rules_of(campaign).pilot
    if not pilot or not pilot.by_rule or not campaign.pilot_at or campaign.pilot_asked:
        return None
    return campaign.pilot_at + timedelta(minutes=pilot.minutes)


def judge(session: Session, campaign: Campaign, now: datetime) -> str:
    """The time of the rule has come: the rest goes on, or the campaign pauses and HQ is asked, with the reason."""
    session.refresh(campaign, with_for_update=True)
    at, pilot = judged_at(campaign), rules_of(campaign).pilot
    if campaign.status != CampaignStatus.RUNNING or not pilot or campaign.pilot_over_at or not at or now < at:
        return ""
    it = numbers(session, campaign)
    if it.good(pilot):
        return go_on(session, campaign, audit.SYSTEM, now)
    missing = it.guides - it.confirmed
    why = [
        Sentence("先发的 {n} 位导购里 {m} 位还没确认", n=it.guides, m=missing) if missing else "",
        Sentence("{n} 位客户没送出（{p}%）", n=it.failed, p=f"{it.failed_percent:.1f}") if it.failed else "",
        Sentence("其余 {n} 位导购没有发，等总部决定", n=it.rest_guides),
    ]
    return ask(session, campaign, together(why, "，"), now)


def ask(session: Session, campaign: Campaign, why: str, now: datetime) -> str:
    """It pauses with the reason; from here on only a person lets the rest go."""
    lifecycle.hold(session, campaign, why)
    campaign.pilot_asked = True
    return audit.note(session, audit.SYSTEM, "campaign.pilot_asks", campaign.id, why, now)


def go_on(session: Session, campaign: Campaign, who: str, now: datetime) -> str:
    """Let the rest go, whatever the pilot says: also out of the pause in which it asked."""
    session.refresh(campaign, with_for_update=True)
    if campaign.pilot_over_at or not campaign.pilot_at:
        raise Refused(Sentence("没有等着继续的：这个活动没有先试一小批，或者其余的已经发了"))
    if campaign.status == CampaignStatus.PAUSED:
        lifecycle.resume(session, campaign, who, now)
        session.flush()
    if campaign.status != CampaignStatus.RUNNING:
        raise Refused(Sentence("活动{status}，不能继续", status=lifecycle.word_of(campaign)))
    it = numbers(session, campaign)
    _release(session, campaign, now)
    campaign.pilot_over_at, campaign.status_words = now, ""
    words = Sentence(
        "其余 {n} 位导购、{whom} 也开始发", n=it.rest_guides, whom=whom(campaign, it.rest_customers)
    )
    return audit.note(session, who, "campaign.go_on", campaign.id, words, now)
