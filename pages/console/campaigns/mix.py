"""比例: what the week of a plan holds with it, and whether deals become too many."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session

from models import preferences
from models.campaigns import calendar, mix
from models.campaigns.mix import Excess, Mix, MixAllowance, Typed
from models.kinds import KIND_WORDS, MaterialKind
from models.org import Branch
from pages.web.i18n import _
from pages.web.site import site


@dataclass(frozen=True)
class MixShown:
    """A plan's week, with the plan in it."""

    monday: date
    place: str
    mix: Mix
    most: int
    over: Excess | None
    words: str
    strict: bool
    """HQ does not let it leave like this."""
    allowed: list[MixAllowance]
    parts: tuple[tuple[str, float, float], ...]
    """Each kind of the bar: its name, where it begins, how wide it is"""


def told(session: Session, plan: Typed, number: int | None) -> dict[str, Any]:
    """What the templates of a plan need: why it counts as what, and its week."""
    why = mix.why_deal(session, plan)
    return {
        "kinds": KIND_WORDS,
        "kind_why": why,
        "kind_put": "" if not why or plan.kind == MaterialKind.DEAL else _(KIND_WORDS[plan.kind]),
        "mix_week": _week(session, plan, number) if mix.counts(plan) else None,
    }


def _week(session: Session, plan: Typed, number: int | None) -> MixShown:
    zone = site().zone
    over, monday = mix.excess(session, plan, zone, number), calendar.monday(plan.launch_at, zone)
    branch = over.branch_id if over else mix.fullest(session, plan, zone, number)
    most = mix.most_of(session, monday)
    whole = mix.with_plan(session, plan, branch, zone, number)
    found = session.get(Branch, branch) if branch else None
    return MixShown(
        monday=monday,
        place=_place(found, plan),
        mix=whole,
        most=most.get(branch, most[None]),
        over=over,
        words=mix.said(over) if over else "",
        strict=preferences.read(session).mix_rule == mix.BLOCK,
        allowed=mix.allowances(session, monday, branch),
        parts=_parts(whole),
    )


def _place(branch: Branch | None, plan: Typed) -> str:
    if branch is None:
        return _("全国")
    several = sum(map(len, plan.scope.values())) > 1
    return _("{branch}（选中的里销售最多）", branch=branch.name) if several else branch.name


def _parts(whole: Mix) -> tuple[tuple[str, float, float], ...]:
    made, begin = [], 0.0
    for kind in MaterialKind:
        width = 100 * getattr(whole, kind) / whole.pieces if whole.pieces else 0.0
        made.append((str(kind), begin, width))
        begin += width
    return tuple(made)
