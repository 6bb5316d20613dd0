"""The mix of a branch's week: pieces by kind, how many deals the brand wants at most, and where HQ allowed more.

A piece counts in the week in which it starts, in every branch that it touches, whoever made it. Drafts and cancelled
campaigns do not count, nor what only tells guides something, nor a second try at those who missed the first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import or_
from sqlmodel import Field, Session, SQLModel, col, select

from models import preferences
from models.accounts import audit
from models.campaigns import Campaign, CampaignStatus, calendar
from models.campaigns.attachments import Attachment
from models.db.sentence_column import sentence_column
from models.errors import Refused, refuse_faults
from models.kinds import KIND_WORDS, MaterialKind
from models.ledger.channels import Channel
from models.materials import fitness
from models.materials.price import sells
from models.names import text_fault
from models.org import Branch
from models.sentences import Sentence, together

WEEK = timedelta(days=7)
UNCOUNTED = (CampaignStatus.DRAFT, CampaignStatus.CANCELLED)
LONGEST_REASON = 200
BLOCK = "block"


class MixAllowance(SQLModel, table=True):
    """HQ lets one week hold more deals than usual."""

    __tablename__ = "mix_allowance"

    id: int | None = Field(default=None, primary_key=True)
    branch_id: int | None = Field(default=None, foreign_key="branch.id")
    """Empty for every branch"""
    monday: date = Field(index=True)
    percent: int
    """So many of a hundred pieces may be deals."""
    by: str = Field(max_length=64)
    reason: str = Field(sa_column=sentence_column())
    at: datetime


class Counted(Protocol):
    """What the mix has to know of a plan: a campaign, or what HQ is typing."""

    text: str
    kind: MaterialKind
    scope: dict[str, list[int]]
    conditions: dict[str, Any]
    launch_at: datetime

    @property
    def way(self) -> Channel: ...


class Typed(Counted, Protocol):
    attachments: list[Attachment]


@dataclass(frozen=True)
class Mix:
    """How many pieces of each kind there are in a week."""

    content: int = 0
    brand: int = 0
    deal: int = 0

    @property
    def pieces(self) -> int:
        return self.content + self.brand + self.deal

    def percent(self, kind: MaterialKind) -> int:
        return round(100 * getattr(self, kind) / self.pieces) if self.pieces else 0

    def over(self, most: int) -> bool:
        """Compared as counted, not as rounded."""
        return 100 * self.deal > most * self.pieces


@dataclass(frozen=True)
class WeekPiece:
    """One campaign of a week."""

    kind: MaterialKind
    branches: frozenset[int] | None
    """None for everywhere"""
    campaign_id: int | None = None
    name: str = ""

    def touches(self, branch_id: int | None) -> bool:
        return branch_id is None or self.branches is None or branch_id in self.branches


@dataclass(frozen=True)
class Excess:
    """A week of a branch that would hold too many deals."""

    branch_id: int | None
    """None where there is no branch yet"""
    branch: str
    monday: date
    mix: Mix
    """With the plan in it"""
    most: int
    others: int
    """Further branches where it would be too many as well"""


def kind_of(session: Session, plan: Typed) -> MaterialKind:
    """What it counts as: a price, a coupon or a deal of the library makes it a deal, whatever was chosen."""
    return MaterialKind.DEAL if why_deal(session, plan) else plan.kind


def why_deal(session: Session, plan: Typed) -> str:
    """Why it counts as a deal without having been called so, in words; empty where nothing says it."""
    if sells(plan.text, plan.attachments):
        return Sentence("写了价格或券，算「{kind}」", kind=Sentence(KIND_WORDS[MaterialKind.DEAL]))
    if fitness.kind_of(session, plan.attachments) == MaterialKind.DEAL:
        return Sentence("用了销售类的素材，算「{kind}」", kind=Sentence(KIND_WORDS[MaterialKind.DEAL]))
    return ""


def counts(plan: Counted) -> bool:
    """Whether it is a piece of the mix: it reaches customers, and does not repeat what they missed."""
    again = plan.conditions.get("campaign_id") is not None and plan.conditions.get("part") != "reached"
    return plan.way.sends and not again


def week_mix(
    session: Session, monday: date, branch_id: int | None, zone: ZoneInfo, *, without: int | None = None
) -> Mix:
    """The pieces of a branch's week by kind; of all branches together where none is named."""
    return mix_of(
        one for one in week_pieces(session, monday, zone, without=without) if one.touches(branch_id)
    )


def week_pieces(
    session: Session, monday: date, zone: ZoneInfo, *, without: int | None = None
) -> list[WeekPiece]:
    """Every campaign that counts in a week; `without` one that is looked at apart."""
    start = calendar.midnight(monday, zone)
    try:
        begins, ends = start.astimezone(UTC), (start + WEEK).astimezone(UTC)
    except OverflowError:  # the first and the last week of all years are not whole
        return []
    found = select(Campaign).where(
        col(Campaign.status).not_in(UNCOUNTED),
        Campaign.launch_at >= begins,
        Campaign.launch_at < ends,
        Campaign.id != without if without else col(Campaign.id).is_not(None),
    )
    return [
        WeekPiece(one.kind, _branches(session, one.scope), one.id, one.name)
        for one in session.exec(found.order_by(col(Campaign.launch_at)))
        if counts(one)
    ]


def with_plan(
    session: Session, plan: Typed, branch_id: int | None, zone: ZoneInfo, number: int | None
) -> Mix:
    """The week of a plan with the plan in it, whether it is planned already or only typed."""
    others = week_pieces(session, calendar.monday(plan.launch_at, zone), zone, without=number)
    itself = WeekPiece(kind_of(session, plan), None)
    return mix_of([*(one for one in others if one.touches(branch_id)), itself])


def fullest(session: Session, plan: Typed, zone: ZoneInfo, number: int | None) -> int | None:
    """Of the branches of a plan the one whose week holds the most deals with it; None where it goes everywhere."""
    here = _branches(session, plan.scope)
    if not here:
        return None
    others = week_pieces(session, calendar.monday(plan.launch_at, zone), zone, without=number)
    itself = WeekPiece(kind_of(session, plan), here)

    def deals(branch_id: int) -> float:
        mix = mix_of([*(one for one in others if one.touches(branch_id)), itself])
        return mix.deal / mix.pieces

    return max(sorted(here), key=deals)


def excess(session: Session, plan: Typed, zone: ZoneInfo, number: int | None = None) -> Excess | None:
    """Where this plan makes the deals of its week too many, the worst branch first; None where it does not."""
    if kind_of(session, plan) != MaterialKind.DEAL or not counts(plan):
        return None
    monday = calendar.monday(plan.launch_at, zone)
    here = _branches(session, plan.scope)
    rows = session.exec(select(Branch.id, Branch.name).order_by(col(Branch.id)))
    names = {row_id or 0: name for row_id, name in rows if here is None or row_id in here}
    others = week_pieces(session, monday, zone, without=number)
    itself = WeekPiece(MaterialKind.DEAL, here)
    caps = most_of(session, monday)
    found = []
    for branch_id in names or {0: ""}:
        mix = mix_of([*(one for one in others if one.touches(branch_id or None)), itself])
        most = caps.get(branch_id, caps[None])
        if mix.over(most):
            found.append((mix.deal / mix.pieces, branch_id, mix, most))
    if not found:
        return None
    _share, branch_id, mix, most = max(found, key=lambda one: (one[0], one[2].deal, -one[1]))
    return Excess(branch_id or None, names.get(branch_id, ""), monday, mix, most, len(found) - 1)


def said(it: Excess) -> str:
    """In words, for whoever plans it."""
    words = Sentence(
        "{branch} {day} 那一周排上它，销售是 {n} / {pieces}，{percent}%，最多 {most}%",
        branch=it.branch,
        day=f"{it.monday.month}.{it.monday.day}",
        n=it.mix.deal,
        pieces=it.mix.pieces,
        percent=it.mix.percent(MaterialKind.DEAL),
        most=it.most,
    )
    return together([words, Sentence("另有 {n} 个分公司也超", n=it.others)]) if it.others else words


def complaints(session: Session, plan: Typed, zone: ZoneInfo, number: int | None) -> dict[str, str]:
    """Why it may not leave, where HQ is strict; where it only warns, nothing."""
    if preferences.read(session).mix_rule != BLOCK:
        return {}
    over = excess(session, plan, zone, number)
    return {"kind": together([said(over), Sentence("换一周，或者请总部放宽这一周")])} if over else {}


def most_of(session: Session, monday: date) -> dict[int | None, int]:
    """The most deals of a hundred pieces by branch, under None everywhere else."""
    usual = preferences.read(session).deal_percent
    kept = allowances(session, monday)
    everywhere = max([usual, *(one.percent for one in kept if one.branch_id is None)])
    found: dict[int | None, int] = {None: everywhere}
    for one in kept:
        found[one.branch_id] = max(found.get(one.branch_id, everywhere), one.percent)
    return found


def allowances(session: Session, monday: date, branch_id: int | None = None) -> list[MixAllowance]:
    """What HQ allowed for a week, of one branch where one is named; the newest first."""
    found = select(MixAllowance).where(MixAllowance.monday == monday)
    if branch_id is not None:
        found = found.where(
            or_(col(MixAllowance.branch_id).is_(None), col(MixAllowance.branch_id) == branch_id)
        )
    return list(session.exec(found.order_by(col(MixAllowance.id).desc())))


def allow(
    session: Session,
    monday: date,
    branch_id: int | None,
    percent: int,
    *,
    who: str,
    reason: str,
    now: datetime,
) -> str:
    """More deals in this one week of a branch, or of every branch. Who may say so is HQ alone: pages see to it."""
    usual, reason = preferences.read(session).deal_percent, reason.strip()
    branch = session.get(Branch, branch_id) if branch_id else None
    if branch_id and branch is None:
        raise Refused(faults={"branch_id": Sentence("没有这样的分公司")})
    wrong: dict[str, str] = {}
    if not usual < percent <= 100:
        wrong["percent"] = Sentence("放宽到 {low}% 以上、100% 以内，现在是 {n}%", low=usual, n=percent)
    if monday.weekday():
        wrong["monday"] = Sentence("要写那一周的星期一")
    if not reason:
        wrong["reason"] = Sentence("请写为什么放宽，以后看得到")
    elif len(reason) > LONGEST_REASON:
        wrong["reason"] = Sentence("原因 {n} 个字，最多 {most} 个", n=len(reason), most=LONGEST_REASON)
    elif fault := text_fault(reason):
        wrong["reason"] = fault
    refuse_faults(wrong)
    row = MixAllowance(
        branch_id=branch_id, monday=monday, percent=percent, by=who[:64], reason=reason, at=now
    )
    session.add(row)
    session.flush()
    words = Sentence(
        "{branch} {day} 那一周的销售放宽到 {percent}%：{reason}",
        branch=branch.name if branch else Sentence("全国"),
        day=f"{monday.month}.{monday.day}",
        percent=percent,
        reason=reason,
    )
    return audit.note(session, who, "mix.allow", row.id, words, now)


def mix_of(pieces: Iterable[WeekPiece]) -> Mix:
    """How many there are of each kind."""
    kinds = [one.kind for one in pieces]
    return Mix(*(kinds.count(kind) for kind in MaterialKind))


def _branches(session: Session, scope: dict[str, list[int]]) -> frozenset[int] | None:
    return frozenset(fitness.branches_of(session, scope)) if any(scope.values()) else None
