"""The lanes of a week: the whole company first, then single branches, then scopes of several."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, select

from models.campaigns import CampaignStatus, calendar, recurrence
from models.org import Guide, Store
from pages.console.campaigns import wording
from pages.web import formatting
from pages.web.i18n import _
from pages.web.scope import Scope
from pages.web.site import site

REPEAT = "repeat"
"""What such a time is called among the nouns of the calendar"""
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
    places = _places(session)
    branch = here.branch_id or places["stores"].get(here.store_id or 0)
    return calendar.blocks(session, first, site().zone, campaigns, here.announcements(), places, days, branch)


def _places(session: Session) -> dict[str, dict[int, int]]:
    """The branch of each store and of each guide."""
    stores = {one: branch for one, branch in session.exec(select(Store.id, Store.branch_id)) if one}
    guides = {
        one: stores[store]
        for one, store in session.exec(select(Guide.id, Guide.store_id))
        if one and store in stores
    }
    return {"stores": stores, "guides": guides}


def coming(session: Session, here: Scope, first: date, days: int = calendar.DAYS) -> list[calendar.Block]:
    """The times of repeats on these days that are not made yet: the rule alone says them."""
    zone, places = site().zone, _places(session)
    start, end = calendar.midnight(first, zone), calendar.midnight(first + timedelta(days=days), zone)
    found = []
    for series, at, campaign_id in recurrence.coming(session, here.series(), start, end, site().clock()):
        until = at + series.lasts
        begin, lasts = calendar.place(first, days, at, until, zone)
        found.append(
            calendar.Block(
                noun=REPEAT,
                id=campaign_id,
                name=series.name,
                channel=series.fields.channel,
                status=CampaignStatus.SCHEDULED,
                first=begin,
                days=lasts,
                starts_at=at,
                scope=calendar.branches_in(series.fields.scope, places),
                ends_at=until,
                made_by=series.created_by,
                from_before=at < start,
                goes_on=until > end,
            )
        )
    return found


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
