"""今日: is everything in time, does it grow, do the guides act, and what only a person can solve."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, current_app, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session, select

from models import stats, week
from models.accounts import HQ
from models.campaign_tables import PAUSED, RUNNING
from models.org import Guide, Store
from models.outbox import ROUTES
from pages import campaign_words, charts, gates, words
from pages.language import _
from pages.site import site

blueprint = Blueprint("overview", __name__, url_prefix="/console")
MOST_LANES = 8
NO_NEWS = re.compile(r'value="[0-9a-f]{128}"|data-live-time>[^<]*<')
"""What differs in every answer and is no news: masked form tokens and the time."""


@dataclass(frozen=True)
class Chore:
    """Something that only a person can solve: what, what it means, one verb."""

    icon: str
    tone: str
    what: str
    detail: str
    verb: str
    href: str


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
            "chores": _chores(session, here, now),
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
            "平台关了 {n} 个接口，最晚 {t} 恢复，会自动续上",
            n=len(found.windows),
            t=words.clock(max(one.until for one in found.windows)),
        )
    if found.backlog and hq:
        return "warn", _("{n} 个回调等了一分钟以上", n=words.count(found.backlog))
    return "ok", _("平台没有拦我们，回调无积压")


def _chores(session: Session, here: gates.Reach, now: datetime) -> list[Chore]:
    hq = here.role == HQ
    found = stats.waiting(
        session,
        hq=hq,
        deliveries=here.deliveries(),
        campaigns=here.campaigns(session),
        guides=here.guides(),
        codes=here.codes(),
    )
    made = []
    if found.parked:
        made.append(
            Chore(
                "inbox",
                "bad",
                _("{n} 个回调处理失败，已停放", n=found.parked),
                _("内容都在，修好后可重放"),
                _("查看"),
                _to("callbacks.all_callbacks", state="parked"),
            )
        )
    for channel, number in found.unknown:
        label = _(ROUTES[channel].label) if channel in ROUTES else channel
        made.append(
            Chore(
                "state-unknown",
                "warn",
                _("{n} 条{what}结果不明", n=number, what=label),
                _("平台没回答，为免重复没有重发"),
                _("核对"),
                _to("deliveries.all_deliveries", state="unknown", channel=channel),
            )
        )
    if found.held:
        made.append(
            Chore(
                "player-pause",
                "warn",
                _("{n} 条投递等人放行", n=words.count(found.held)),
                _("从备份恢复后先停着，看过再放"),
                _("查看"),
                _to("deliveries.all_deliveries", state="held"),
            )
        )
    for campaign in found.paused:
        made.append(
            Chore(
                "player-pause",
                "warn",
                _("「{name}」停着", name=campaign.name),
                campaign.status_words or _("等你决定继续还是停止"),
                _("决定"),
                url_for("campaigns.detail", campaign_id=campaign.id),
            )
        )
    if found.leavers:
        gone = words.duration(now - found.first_left_at) if found.first_left_at else ""
        made.append(
            Chore(
                "user-minus",
                "quiet",
                _("{n} 位导购离职，{m} 位好友待交接", n=found.leavers, m=words.count(found.left_friends)),
                _("最早一位已离职 {t}", t=gone) if gone else "",
                _("看名单"),
                _to("guides.all_guides", state="left"),
            )
        )
    if found.failed_codes:
        made.append(
            Chore(
                "qrcode",
                "bad",
                _("{n} 个渠道码没生成", n=found.failed_codes),
                _("原因写在每一行"),
                _("查看"),
                _to("stores.all_stores", code="failed"),
            )
        )
    return made


def _to(endpoint: str, **query: Any) -> str:
    """The address of a list with its filter; this page when that list is not part of this installation."""
    return url_for(endpoint, **query) if endpoint in current_app.view_functions else url_for("overview.today")


def _lanes(session: Session, here: gates.Reach, names: dict[int, str], now: datetime) -> list[Lane]:
    """The calendar's lanes: the whole company first, then single branches, then scopes of several."""
    stores = {one: branch for one, branch in session.exec(select(Store.id, Store.branch_id)) if one}
    guides = {one: stores[store] for one, store in session.exec(select(Guide.id, Guide.store_id)) if one and store in stores}
    found = week.blocks(
        session,
        week.monday(now, site().zone),
        site().zone,
        here.campaigns(session),
        here.announcements(),
        {"stores": stores, "guides": guides},
    )
    lanes: dict[str, list[week.Block]] = {}
    for block in sorted(found, key=lambda one: (len(one.scope) > 0, one.scope)):
        lanes.setdefault(
            campaign_words.scope_words({"branches": list(block.scope)}, names) if block.scope else _("全国"), []
        ).append(block)
    return [Lane(name, week.rows(lane)) for name, lane in list(lanes.items())[:MOST_LANES]]
