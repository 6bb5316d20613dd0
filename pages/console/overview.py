"""今日: is everything in time, does it grow, do the guides act, and what only a person can solve."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from models import stats
from models.accounts import Role
from models.campaigns import UNDER_WAY, calendar, progress
from models.ledger.channels import CHANNELS, GUIDES, confirmed
from pages.console import charts, lanes
from pages.console.campaigns import wording
from pages.console.todo import todo_list
from pages.web import access, formatting
from pages.web.i18n import _
from pages.web.polling import still_fresh
from pages.web.site import site

blueprint = Blueprint("overview", __name__, url_prefix="/console")


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
            "confirmed": confirmed(),
            "planned": [one for one in CHANNELS.values() if one.word and one.to != GUIDES],
            "days": [first + timedelta(days=n) for n in range(calendar.DAYS)],
            "today": now.astimezone(zone).date(),
            "lanes": lanes.lanes(lanes.blocks(session, here, campaigns, first), names),
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
