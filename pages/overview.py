"""今日: is everything in time, does it grow, do the guides act, and what only a person can solve."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue
from sqlmodel import Session, select

from models import stats, week
from models.accounts import HQ
from models.campaign_tables import PAUSED, RUNNING
from models.org import Guide, Store
from pages import campaign_words, charts, gates, words
from pages.chores import chores
from pages.language import _
from pages.site import site

blueprint = Blueprint("overview", __name__, url_prefix="/console")
NO_NEWS = re.compile(r'value="[0-9a-f]{128}"|data-live-time>[^<]*<')
"""What differs in every answer and is no news: masked form tokens and the time."""


@dataclass(frozen=True)
class Lane:
    name: str
    rows: list[list[week.Block]]


@blueprint.get("/")
@gates.staff
def today() -> ResponseReturnValue:
    return render_template("console/today.html", **_numbers(), live=True)


@blueprint.get("/today-live")
@gates.staff
def live() -> ResponseReturnValue:
    return still_fresh(render_template("console/today_live.html", **_numbers()))


def still_fresh(fragment: str) -> ResponseReturnValue:
    """A polled part with its ETag; 304 when the browser has just this."""
    response = make_response(fragment)
    response.set_etag(hashlib.sha256(NO_NEWS.sub("", fragment).encode()).hexdigest()[:20])
    response.headers["X-Now"] = words.clock_seconds(site().clock())
    return response.make_conditional(request)


def _numbers() -> dict[str, Any]:
    here, now, zone = gates.reach(), site().clock(), site().zone
    since = stats.day_start(now, zone)
    with site().db.read() as session:
        campaigns = here.campaigns(session)
        running = stats.campaign_lines(session, [RUNNING, PAUSED], campaigns, here.tasks(), limit=200)
        welcomes = stats.welcomes(session, since, here.deliveries())
        arrivals = stats.arrivals(session, since, now, zone, here.friends())
        names = campaign_words.branch_names(session)
        first = week.monday(now, zone)
        return {
            "people": stats.people(session, here.guides(), here.stores(), here.branches()),
            "health": _health(stats.health(session, now), here.role == HQ),
            "welcomes": welcomes,
            "welcome_chart": charts.welcome_bars(welcomes),
            "arrivals": arrivals,
            "arrival_chart": charts.hour_bars(arrivals, now.astimezone(zone).hour),
            "hour_axis": charts.hour_axis(arrivals, now.astimezone(zone).hour),
            "running": running[:6],
            "more_running": len(running) - 6,
            "paused": sum(line.campaign.status == PAUSED for line in running),
            "started_today": sum(bool(line.campaign.launched_at and line.campaign.launched_at >= since) for line in running),
            "tasks": sum((line.progress for line in running), stats.Progress()),
            "chores": chores(session, here, now),
            "branch_names": names,
            "scope_words": campaign_words.scope_words,
            "when": campaign_words.when,
            "channel_word": campaign_words.channel_word,
            "channel_icon": campaign_words.channel_icon,
            "days": [first + timedelta(days=n) for n in range(week.DAYS)],
            "today": now.astimezone(zone).date(),
            "lanes": _lanes(session, here, names, now),
            "shares": {line.campaign.id: line.progress for line in running},
        }


def _health(found: stats.Health, hq: bool) -> tuple[str, str]:
    """(tone, words): the one line at the top right."""
    refused = [window for window in found.windows if window.name.startswith("secret:")]
    if refused:
        return "bad", _("平台不认密钥，所有调用都停着，{t} 再试。请管理员核对", t=words.clock(refused[0].until))
    if found.windows:
        return "warn", _(
            "平台关了 {n} 个接口，最晚 {t} 恢复，会自动续上", n=len(found.windows),
            t=words.clock(max(one.until for one in found.windows)),
        )
    if found.backlog and hq:
        return "warn", _("{n} 个回调等了一分钟以上", n=words.count(found.backlog))
    return "ok", _("平台没有拦我们，回调无积压") if hq else _("平台没有拦我们")


def _lanes(session: Session, here: gates.Reach, names: dict[int, str], now: datetime) -> list[Lane]:
    """The calendar's lanes: the whole company first, then single branches, then scopes of several."""
    stores = {one: branch for one, branch in session.exec(select(Store.id, Store.branch_id)) if one}
    guides = {one: stores[store] for one, store in session.exec(select(Guide.id, Guide.store_id)) if one and store in stores}
    found = week.blocks(
        session, week.monday(now, site().zone), site().zone, here.campaigns(session), here.announcements(),
        {"stores": stores, "guides": guides},
    )
    lanes: dict[str, list[week.Block]] = {}
    for block in sorted(found, key=lambda one: (len(one.scope) > 0, one.scope)):
        lanes.setdefault(
            campaign_words.scope_words({"branches": list(block.scope)}, names) if block.scope else _("全国"), []
        ).append(block)
    return [Lane(name, week.rows(lane)) for name, lane in lanes.items()]
