"""How a campaign runs: how late it may still start by itself, when it stops itself, and whether a small part goes first."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from pydantic import BaseModel, Field
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from models import preferences
from models.campaigns import Campaign
from models.errors import Refused
from models.ledger.channels import GROUP_MASS, MASS
from models.org import Branch, Guide, Store, active_in
from models.sentences import Sentence, together

PILOTED = (MASS, GROUP_MASS)
"""Channels with a call per guide: only there some of them can go first."""
LIMITS = {
    "grace_minutes": (0, 24 * 60),
    "stop_percent": preferences.LIMITS["stop_percent"],
    "percent": (1, 50),
    "minutes": (5, 7 * 24 * 60),
    "failed_percent": (0, 50),
}
LABELS = {
    "grace_minutes": "最多晚多久（分钟）",
    "stop_percent": "没送出的到多少就停（%）",
    "percent": "先发多少（%）",
    "minutes": "多久以后看（分钟）",
    "failed_percent": "没送出的要少于（%）",
}


class Window(Protocol):
    """What rules stand on, of a campaign or of what HQ is typing."""

    channel: str
    scope: dict[str, list[int]]
    launch_at: datetime
    ends_at: datetime


class PilotBy(StrEnum):
    """Who goes first."""

    PERCENT = "percent"
    STORE = "store"
    BRANCH = "branch"


class Pilot(BaseModel):
    """A small part goes first; the rest waits."""

    by: PilotBy = PilotBy.PERCENT
    number: int = 1
    """Per cent of the guides, or the id of the store or branch"""
    by_rule: bool = False
    """The rest goes on by itself when all of the pilot have confirmed and little failed; else somebody says so."""
    minutes: int = 120
    """After so long it is judged."""
    failed_percent: int = 2
    """So many of its customers may not have failed."""


class RunRules(BaseModel):
    """What is chosen for one campaign; the defaults work without anybody having chosen."""

    grace_minutes: int = 30
    """A start missed by no more still runs by itself, outside the quiet hours; missed by more, HQ decides (E01)."""
    stop_percent: int | None = None
    """Where so many of the last calls failed, it pauses itself; None is the brand's preference."""
    pilot: Pilot | None = None
    branch_delays: dict[int, int] = Field(default_factory=dict)
    """Branch → so many minutes after the start of the campaign its guides begin; the others begin at it."""

    @property
    def grace(self) -> timedelta:
        return timedelta(minutes=self.grace_minutes)


def rules_of(campaign: Campaign) -> RunRules:
    return RunRules.model_validate(campaign.rules)


def plain(rules: RunRules) -> dict[str, Any]:
    """As the row keeps them: only what somebody chose."""
    return rules.model_dump(mode="json", exclude_defaults=True)


def stop_percent(session: Session, campaign: Campaign) -> int:
    return _stop_percent(session, rules_of(campaign))


def _stop_percent(session: Session, rules: RunRules) -> int:
    chosen = rules.stop_percent
    return preferences.read(session).stop_percent if chosen is None else chosen


def complaints(session: Session, plan: Window, rules: RunRules) -> dict[str, str]:
    """What cannot stay so, by field, in words."""
    values: dict[str, int | None] = {
        "grace_minutes": rules.grace_minutes,
        "stop_percent": rules.stop_percent,
    }
    pilot = rules.pilot
    if pilot:
        values["minutes"], values["failed_percent"] = pilot.minutes, pilot.failed_percent
        values["percent"] = pilot.number if pilot.by == PilotBy.PERCENT else None
    found = {name: fault for name, value in values.items() if (fault := _fault(name, value))}
    found |= _branch_faults(session, plan, rules.branch_delays)
    if pilot and (fault := _pilot_fault(session, plan, pilot)):
        found.setdefault("pilot", fault)
    return found


def refuse_unfit(session: Session, plan: Window, rules: RunRules) -> None:
    """Refused where rules that were chosen before do not fit the plan any more: their fields stand on another page."""
    if found := complaints(session, plan, rules):
        why = together(dict.fromkeys(found.values()))
        raise Refused(Sentence("「怎么开始和停下」和这次的改动对不上，请先改那里：{why}", why=why))


def _fault(name: str, value: int | None) -> str:
    low, high = LIMITS[name]
    if value is None or low <= value <= high:
        return ""
    label = Sentence(LABELS[name])
    return Sentence("{label}要在 {low} 到 {high} 之间", label=label, low=low, high=high)


def _branch_faults(session: Session, plan: Window, delays: dict[int, int]) -> dict[str, str]:
    """By the field of each branch: it must exist in the scope, and begin before the campaign ends."""
    if delays and plan.channel not in PILOTED:
        return {"branch_delays": Sentence("只有群发助手和客户群能按分公司错开")}
    in_scope = {one.id for one in session.exec(branches_in(plan.scope))} if delays else set()
    window = int((plan.ends_at - plan.launch_at).total_seconds() // 60)
    found: dict[str, str] = {}
    for branch, minutes in delays.items():
        if branch not in in_scope:
            found[f"branch_delays.{branch}"] = Sentence("这次没有发给这个分公司")
        elif not 0 < minutes < window:
            found[f"branch_delays.{branch}"] = Sentence("要在活动开始以后、截止以前")
    return found


def branches_in(scope: dict[str, list[int]]) -> SelectOfScalar[Branch]:
    """The branches whose guides a scope names."""
    theirs = active_in(scope).with_only_columns(col(Store.branch_id))
    return select(Branch).where(col(Branch.id).in_(theirs)).order_by(col(Branch.id))


def _pilot_fault(session: Session, plan: Window, pilot: Pilot) -> str:
    if plan.channel not in PILOTED:
        return Sentence("只有群发助手和客户群能先试一小批")
    if pilot.by_rule and timedelta(minutes=pilot.minutes) >= plan.ends_at - plan.launch_at:
        return Sentence("活动在试完以前就截止了，其余的来不及发。请把时间改短，或由人点继续")
    if pilot.by == PilotBy.PERCENT:
        return ""
    column = col(Guide.store_id) if pilot.by == PilotBy.STORE else col(Store.branch_id)
    somebody = active_in(plan.scope).where(column == pilot.number).limit(1)
    if session.exec(somebody).first() is None:
        return Sentence("先试的地方没有这次要发的导购，请另选一个")
    return ""


def words(session: Session, rules: RunRules) -> str:
    """The rules in one line."""
    said = [
        pilot_words(session, rules.pilot) if rules.pilot else Sentence("不试，到时间全部开始"),
        Sentence("晚 {n} 分钟以内照发，再晚等人决定", n=rules.grace_minutes),
        Sentence("没送出的到 {n}% 自动暂停", n=_stop_percent(session, rules)),
        *branch_words(session, rules.branch_delays),
    ]
    return together(said)


def branch_words(session: Session, delays: dict[int, int]) -> list[Sentence]:
    """Which branches begin later, and by how much."""
    names = select(Branch.id, Branch.name).where(col(Branch.id).in_(delays)).order_by(col(Branch.id))
    return [
        Sentence("{branch}晚 {n} 分钟开始", branch=name, n=delays[number or 0])
        for number, name in session.exec(names)
    ]


def pilot_words(session: Session, pilot: Pilot) -> str:
    """Who goes first, and what lets the rest go on."""
    if pilot.by == PilotBy.PERCENT:
        first = Sentence("先发 {n}% 的导购", n=pilot.number)
    else:
        model: type[Store] | type[Branch] = Store if pilot.by == PilotBy.STORE else Branch
        name = session.exec(select(model.name).where(model.id == pilot.number)).first() or "?"
        first = Sentence("先发{place}", place=name)
    return together([first, goes_on(pilot)], "，")


def goes_on(pilot: Pilot) -> Sentence:
    """What lets the rest go."""
    if not pilot.by_rule:
        return Sentence("其余的由人点继续")
    return Sentence(
        "{n} 分钟后都已确认、没送出的少于 {m}% 就自动发其余，不然停下等人",
        n=pilot.minutes,
        m=pilot.failed_percent,
    )
