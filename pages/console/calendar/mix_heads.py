"""The head of a week: its mix of content, brand and deals, as models/campaigns/mix.py counts it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models import preferences
from models.campaigns import mix
from models.campaigns.mix import Mix, WeekPiece
from models.kinds import MaterialKind
from pages.web import formatting
from pages.web.i18n import _
from pages.web.labels import word_of

SUNDAY = timedelta(days=6)


@dataclass(frozen=True)
class WeekHead:
    """A week's mix, and where it holds too many deals."""

    monday: date
    mix: Mix
    """Of the viewer's branch; of the whole company for HQ"""
    most: int
    """Per cent of deals that it may have"""
    names: Mapping[MaterialKind, Sequence[str]]
    over: Mix | None = None
    """Where it has more: of this week, or of the branch where it is worst"""
    over_most: int = 0
    branch: str = ""
    """That branch, where the whole of the week is not too much"""
    allowed: str = ""
    """Who allowed more, in words"""
    one_more: str = ""
    """What one more deal would mean, in words"""
    deals: tuple[int, ...] = ()
    """The deals of the week that make it too much"""

    @property
    def share(self) -> int:
        return self.mix.percent(MaterialKind.DEAL)


def head(
    session: Session, monday: date, branch_id: int | None, zone: ZoneInfo, names: Mapping[int, str]
) -> WeekHead | None:
    """None where nothing counts in this week. HQ also hears of the branch that is worst off (`names`: all of them)."""
    pieces = mix.week_pieces(session, monday, zone)
    here = [one for one in pieces if one.touches(branch_id)]
    if not here:
        return None
    caps, whole = mix.most_of(session, monday), mix.mix_of(here)
    most = caps.get(branch_id, caps[None])
    place, over, over_most = branch_id, whole if whole.over(most) else None, most
    if over is None and branch_id is None:
        place, over, over_most = _worst(pieces, caps, names)
    return WeekHead(
        monday,
        whole,
        most,
        {kind: [one.name for one in here if one.kind == kind] for kind in MaterialKind},
        over,
        over_most,
        names.get(place or 0, "") if branch_id is None else "",
        _allowed(session, monday, branch_id),
        "" if over else _one_more(session, whole, most),
        tuple(one.campaign_id or 0 for one in pieces if one.kind == MaterialKind.DEAL and one.touches(place))
        if over
        else (),
    )


def _worst(
    pieces: Sequence[WeekPiece], caps: Mapping[int | None, int], names: Collection[int]
) -> tuple[int | None, Mix | None, int]:
    """The branch with the greatest share of deals among those that have too many."""
    mixes = {branch: mix.mix_of(one for one in pieces if one.touches(branch)) for branch in names}
    over = [branch for branch, each in mixes.items() if each.over(caps.get(branch, caps[None]))]
    if not over:
        return None, None, 0
    worst = max(over, key=lambda branch: (mixes[branch].deal / mixes[branch].pieces, -branch))
    return worst, mixes[worst], caps.get(worst, caps[None])


def _allowed(session: Session, monday: date, branch_id: int | None) -> str:
    kept = mix.allowances(session, monday, branch_id)
    rows = kept if branch_id is not None else [one for one in kept if one.branch_id is None]
    if not rows:
        return ""
    row = max(rows, key=lambda one: one.percent)
    return _("{who} 放宽到 {n}%", who=row.by, n=row.percent)


def _one_more(session: Session, whole: Mix, most: int) -> str:
    """Before somebody plans it."""
    after = Mix(whole.content, whole.brand, whole.deal + 1)
    if not after.over(most):
        return ""
    words = _(
        "再排 1 件销售是 {a} / {b}，{n}%，超过 {most}% 的上限，",
        a=after.deal,
        b=after.pieces,
        n=after.percent(MaterialKind.DEAL),
        most=most,
    )
    strict = preferences.read(session).mix_rule == mix.BLOCK
    return words + (_("提交时会拦下。") if strict else _("提交时会提醒。")) + _("内容和品牌还可以排。")


def title(it: WeekHead) -> str:
    """11.23 – 29 销售 29%，上限 20%"""
    days, over = formatting.short_days(it.monday, it.monday + SUNDAY), it.over or it.mix
    words = _("{days} {branch}销售 {n}%，上限 {most}%") if it.branch else _("{days} 销售 {n}%，上限 {most}%")
    return words.format(days=days, branch=it.branch, n=over.percent(MaterialKind.DEAL), most=it.over_most)


def cure(it: WeekHead) -> str:
    """How many deals would have to become something else."""
    over = it.over or it.mix
    least = over.deal - it.over_most * over.pieces // 100
    after = Mix(over.content + least, over.brand, over.deal - least)
    return _(
        "{deals} 件{kind}里改 {n} 件不带价的就够，降到 {after}%。",
        deals=over.deal,
        kind=word_of(MaterialKind.DEAL),
        n=least,
        after=after.percent(MaterialKind.DEAL),
    )
