"""What a guide's work brought, on her phone: yesterday, this week beside her usual one, and one small thing to do next."""

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from models.campaigns.guide_day import day_of
from models.campaigns.guide_results import Week, week_of
from models.org import Guide
from pages.guide.tasks import guide_only
from pages.web.site import site

blueprint = Blueprint("guide_results", __name__, url_prefix="/g")
CHART_HEIGHT, NUMBER_HEIGHT = 60, 18
SLOT, BAR = 46, 30
"""Width of a day, and of its bar"""


@dataclass(frozen=True)
class DayBar:
    """One day of the chart, in its units."""

    x: int
    y: int
    height: int
    number: int | None
    today: bool


@blueprint.get("/results")
@guide_only
def results(guide: Guide) -> ResponseReturnValue:
    now = site().clock()
    with site().db.read() as session:
        week = week_of(session, guide, now, site().zone)
        day = day_of(session, guide.id or 0, now, site().zone)
    return render_template("guide/results.html", week=week, bars=bars(week), day=day, now=now)


def bars(week: Week) -> list[DayBar]:
    """From zero, the best day of hers the highest."""
    most = max((day.reached or 0 for day in week.days), default=0) or 1
    drawn = []
    for day in week.days:
        height = round(CHART_HEIGHT * (day.reached or 0) / most)
        x = day.number * SLOT + (SLOT - BAR) // 2
        drawn.append(DayBar(x, NUMBER_HEIGHT + CHART_HEIGHT - height, height, day.reached, day.today))
    return drawn
