"""The lanes of a week: the whole company first, then single branches, then scopes of several."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, select

from models.campaigns import calendar
from models.org import Guide, Store
from pages.console.campaigns import wording
from pages.web import formatting
from pages.web.i18n import _
from pages.web.scope import Scope
from pages.web.site import site

SHORT = 4
"""Letters of the names of branches that fit in front of a name"""


@dataclass(frozen=True)
class Lane:
    name: str
    rows: list[list[calendar.Block]]


def blocks(
    session: Session, here: Scope, campaigns: ColumnElement[bool], first: date, days: int = calendar.DAYS
) -> list[calendar.Block]:
    """Everything within reach on these days, each with the branches that it concerns."""
    stores = {one: branch for one, branch in session.exec(select(Store.id, Store.branch_id)) if one}
    guides = {
        one: stores[store]
        for one, store in session.exec(select(Guide.id, Guide.store_id))
        if one and store in stores
    }
    places = {"stores": stores, "guides": guides}
    branch = here.branch_id or stores.get(here.store_id or 0)
    return calendar.blocks(session, first, site().zone, campaigns, here.announcements(), places, days, branch)


def lanes(found: list[calendar.Block], names: dict[int, str]) -> list[Lane]:
    by_place: dict[str, list[calendar.Block]] = {}
    for block in sorted(found, key=lambda one: (len(one.scope) > 0, one.scope)):
        by_place.setdefault(place(block, names), []).append(block)
    return [Lane(name, calendar.rows(lane)) for name, lane in by_place.items()]


def place(block: calendar.Block, names: dict[int, str]) -> str:
    """Where it goes, in front of its name."""
    return wording.scope_words({"branches": list(block.scope)}, names) if block.scope else _("全国")


def short_place(block: calendar.Block, names: dict[int, str]) -> str:
    """The same where there is little room: 全国; 沈阳大连; 3 家."""
    words = [names.get(one, "?") for one in block.scope]
    if len(words) < 2:
        return place(block, names)
    return "".join(words) if sum(map(len, words)) <= SHORT else _("{n} 家", n=len(words))


def later(block: calendar.Block, names: dict[int, str], most: int) -> str:
    """Which branches begin after the others: 大连 14:00、长春 16:00; of more than so many only until when."""
    if len(block.later) > most:
        return _("另 {n} 家到 {t}", n=len(block.later), t=_time(block.later[-1][1], block))
    return formatting.listed(f"{names.get(one, '?')} {_time(at, block)}" for one, at in block.later)


def _time(at: datetime, block: calendar.Block) -> str:
    """The hour; with the day where it is another."""
    same = formatting.local(at).date() == formatting.local(block.starts_at).date()
    return formatting.clock(at) if same else formatting.moment(at)
