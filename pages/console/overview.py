"""今日: is everything in time, does it grow, do the guides act, and what only a person can solve."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement
from sqlmodel import Session, select

from models import stats
from models.accounts import Role
from models.campaigns import UNDER_WAY, calendar, progress
from models.ledger.channels import CHANNELS, GUIDES
from models.org import Guide, Store
from pages.console import charts
from pages.console.campaigns import wording
from pages.console.todo import todo_list
from pages.web import access, formatting
from pages.web.i18n import _
from pages.web.polling import still_fresh
from pages.web.scope import Scope
from pages.web.site import site

blueprint = Blueprint("overview", __name__, url_prefix="/console")


@dataclass(frozen=True)
class Lane:
    name: str
    rows: list[list[calendar.Block]]


@blueprint.get("/")
@access.staff
def today() -> ResponseReturnValue:
    return render_template("console/today.html", **_numbers(), live=True)


@blueprint.get("/today-live")
@access.staff
def live() -> ResponseReturnValue:
    return still_fresh(render_template("console/today_live.html", **_numbers()))


def _numbers() -> dict[str, Any]:
    here, now, zone = access.scope(), site().clock(), site().zone
    since = stats.day_start(now, zone)
    with site().db.read() as session:
        campaigns = here.campaigns(session)
        running = stats.campaign_lines(session, UNDER_WAY, campaigns, here.tasks(), limit=200)
        welcomes = stats.welcomes(session, since, here.deliveries())
        arrivals = stats.arrivals(session, since, now, zone, here.friends())
        names = wording.branch_names(session)
        first = calendar.monday(now, zone)
        return {
            "people": stats.people(session, here.guides(), here.stores(), here.branches()),
            "health": _health(stats.health(session, now), here.role == Role.HQ),
            "welcomes": welcomes,
            "welcome_chart": charts.welcome_bars(welcomes),
            "arrivals": arrivals,
            "arrival_chart": charts.hour_bars(arrivals, now.astimezone(zone).hour),
            "hour_axis": charts.hour_axis(arrivals, now.astimezone(zone).hour),
            "running": running[:6],
            "counts": stats.campaign_counts(session, campaigns),
            "started_today": sum(
                bool(line.campaign.launched_at and line.campaign.launched_at >= since) for line in running
            ),
            "tasks": sum((line.progress for line in running), progress.Progress()),
            "todo_list": todo_list(session, here, campaigns, now),
            "branch_names": names,
            "scope_words": wording.scope_words,
            "when": wording.when,
            "channel_word": wording.channel_word,
            "channel_icon": wording.channel_icon,
            "planned": [one for one in CHANNELS.values() if one.word and one.to != GUIDES],
            "days": [first + timedelta(days=n) for n in range(calendar.DAYS)],
            "today": now.astimezone(zone).date(),
            "lanes": _lanes(session, here, campaigns, names, now),
            "shares": {line.campaign.id: line.progress for line in running},
        }


def _health(found: stats.Health, hq: bool) -> tuple[str, str]:
    """(tone, words): the one line at the top right."""
    refused = [window for window in found.windows if window.name.startswith("secret:")]
    if refused:
        return "bad", _(
            "平台不认密钥，所有调用都停着，{t} 再试。请管理员核对", t=formatting.clock(refused[0].until)
        )
    if found.windows:
        return "warn", _(
            "平台关了 {n} 个接口，最晚 {t} 恢复，会自动续上",
            n=len(found.windows),
            t=formatting.clock(max(one.until for one in found.windows)),
        )
    if found.unanswered:
        return "warn", _("{n} 个调用平台没有回答，正在重试", n=formatting.count(found.unanswered))
    if found.backlog and hq:
        return "warn", _("{n} 个回调等了一分钟以上", n=formatting.count(found.backlog))
    return "ok", _("平台没有拦我们，回调无积压") if hq else _("平台没有拦我们")


def _lanes(
    session: Session, here: Scope, campaigns: ColumnElement[bool], names: dict[int, str], now: datetime
) -> list[Lane]:
    """The calendar's lanes: the whole company first, then single branches, then scopes of several."""
    stores = {one: branch for one, branch in session.exec(select(Store.id, Store.branch_id)) if one}
    guides = {
        one: stores[store]
        for one, store in session.exec(select(Guide.id, Guide.store_id))
        if one and store in stores
    }
    found = calendar.blocks(
        session,
        calendar.monday(now, site().zone),
        site().zone,
        campaigns,
        here.announcements(),
        {"stores": stores, "guides": guides},
    )
    lanes: dict[str, list[calendar.Block]] = {}
    for block in sorted(found, key=lambda one: (len(one.scope) > 0, one.scope)):
        lanes.setdefault(
            wording.scope_words({"branches": list(block.scope)}, names) if block.scope else _("全国"), []
        ).append(block)
    return [Lane(name, calendar.rows(lane)) for name, lane in lanes.items()]
