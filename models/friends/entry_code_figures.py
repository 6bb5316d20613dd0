"""What came by entry codes: friends, who is still there, what each cost, how far the target is; queries only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case
from sqlmodel import Session, col, func, select

from models.friends import PRESENT, Friend
from models.friends.entry_codes import EntryCode, EntryCodeKind, EntryCodeStatus
from models.org import Guide, GuideStatus

WEEK = timedelta(days=7)
SLOW_BELOW = 0.6
"""Behind this share of where an even pace would be, a code is slow."""
MOST_JUDGED = 1_000
"""Codes with a target that a list looks through for slow ones"""
ROOT = func.coalesce(EntryCode.via_id, EntryCode.id)
"""The code that was printed, also where /near showed another for it"""


class CodeStanding(StrEnum):
    """What is to be said about a code; in the order in which somebody has to do something."""

    FAILED = "failed"
    LEFT = "left"
    """Its guide has left, and a colleague stands in it until somebody takes over her customers."""
    EXPIRED = "expired"
    SLOW = "slow"
    WAITING = "waiting"
    ACTIVE = "active"
    REACHED = "reached"
    RETIRED = "retired"


@dataclass(frozen=True)
class CodeFigures:
    """One code's friends."""

    total: int = 0
    here: int = 0
    """Of those still friends"""
    week: int = 0
    """Added in the last 7 days"""
    week_here: int = 0

    def towards(self, code: EntryCode) -> int:
        """What counts for its target: all that came where it has an end, else those of 7 days."""
        return self.total if code.valid_until else self.week

    def cents_each(self, code: EntryCode) -> int | None:
        """What one friend cost; None where nothing was spent, or nobody came."""
        return round(code.cost_cents / self.total) if code.cost_cents and self.total else None


def figures(session: Session, codes: Iterable[int | None], now: datetime) -> dict[int, CodeFigures]:
    """The friends of these codes, by the number of each; those whom /near gave another code count for the printed one."""
    recent, here = col(Friend.added_at) > now - WEEK, col(Friend.status).in_(PRESENT)
    counted: list[Any] = [ROOT, func.count(), _sum(here), _sum(recent), _sum(recent & here)]
    query = (
        select(*counted)
        .join(Friend, col(Friend.code_id) == col(EntryCode.id))
        .where(ROOT.in_([one for one in codes if one]))
        .group_by(ROOT)
    )
    return {number: CodeFigures(*map(int, came)) for number, *came in session.execute(query)}


def by_kind(
    session: Session, friends: ColumnElement[bool], since: datetime
) -> dict[EntryCodeKind | None, int]:
    """Where the friends since then came from; None: they scanned no code of ours."""
    query = (
        select(EntryCode.kind, func.count())
        .select_from(Friend)
        .outerjoin(EntryCode, col(EntryCode.id) == col(Friend.code_id))
        .where(col(Friend.added_at) >= since, friends)
        .group_by(EntryCode.kind)
    )
    return {kind: n for kind, n in session.execute(query)}  # noqa: C416 — rows are no pairs to mypy


def standing(
    code: EntryCode, counted: CodeFigures, left: Mapping[int, datetime | None], now: datetime, zone: ZoneInfo
) -> CodeStanding:
    """left: guides who are gone, and since when."""
    today = now.astimezone(zone).date()
    if code.status == EntryCodeStatus.RETIRED:
        return CodeStanding.RETIRED
    if code.guide_id in left:
        return CodeStanding.LEFT
    if code.status == EntryCodeStatus.FAILED or code.reason:
        return CodeStanding.FAILED
    if code.status == EntryCodeStatus.WAITING:
        return CodeStanding.WAITING
    if code.target and counted.towards(code) >= code.target:
        return CodeStanding.REACHED
    if code.valid_until and code.valid_until < today:
        return CodeStanding.EXPIRED
    if code.target and counted.towards(code) < SLOW_BELOW * _even_pace(code, today, zone):
        return CodeStanding.SLOW
    return CodeStanding.ACTIVE


def slow_among(
    session: Session, which: Iterable[ColumnElement[bool]], now: datetime, zone: ZoneInfo
) -> list[int]:
    """Those of these codes that are behind their target."""
    aimed = select(EntryCode).where(*which, col(EntryCode.target).is_not(None))
    codes = session.exec(aimed.order_by(col(EntryCode.id).desc()).limit(MOST_JUDGED)).all()
    came = figures(session, [one.id for one in codes], now)
    judged = {
        one.id or 0: standing(one, came.get(one.id or 0, CodeFigures()), {}, now, zone) for one in codes
    }
    return [code_id for code_id, found in judged.items() if found == CodeStanding.SLOW]


def left_of(session: Session, codes: Iterable[EntryCode]) -> dict[int, datetime | None]:
    """The guides of these codes who are gone, and since when."""
    holders = [one.guide_id for one in codes if one.guide_id and one.kind == EntryCodeKind.GUIDE]
    gone = select(Guide.id, Guide.left_at).where(col(Guide.id).in_(holders), Guide.status == GuideStatus.LEFT)
    return {guide_id or 0: at for guide_id, at in session.exec(gone)}


def _even_pace(code: EntryCode, today: date, zone: ZoneInfo) -> float:
    """So many friends it would have by now, if they came evenly; a code that has not hung for 7 days is not judged by them."""
    began = code.created_at.astimezone(zone).date()
    if code.valid_until is None:
        return float(code.target or 0) if (today - began) >= WEEK else 0.0
    whole = (code.valid_until - began).days + 1
    return (code.target or 0) * min(1.0, (today - began).days / whole) if whole > 0 else 0.0


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
