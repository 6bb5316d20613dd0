"""重复的活动: the rule and the next dates of the series in which a campaign stands, what was made, and stopping it."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session
from werkzeug.datastructures import MultiDict

from models.campaigns import Campaign, repeat, series
from models.campaigns.series import Series
from models.errors import Refused, refuse_faults
from models.sentences import Sentence
from pages.console.campaigns import repeat_form
from pages.web import access
from pages.web.i18n import _
from pages.web.site import site

blueprint = Blueprint("campaign_series", __name__, url_prefix="/console/campaigns")


@blueprint.get("/<int:campaign_id>/series")
@access.offices
def ask(campaign_id: int) -> ResponseReturnValue:
    return _shown(campaign_id)


@blueprint.post("/<int:campaign_id>/series")
@access.offices
def change(campaign_id: int) -> ResponseReturnValue:
    """Another rule for what has not been made."""
    faults: dict[str, str] = {}
    rule = repeat_form.read(request.form, faults)

    def do(session: Session, found: Series, campaign: Campaign, who: str, now: datetime) -> None:
        refuse_faults(faults)
        if rule is None:
            raise Refused(Sentence("不再重复，请点停下"))
        series.change(session, found, rule, who, now)

    return _done(campaign_id, do, "changed")


@blueprint.post("/<int:campaign_id>/series/pattern")
@access.offices
def take_over(campaign_id: int) -> ResponseReturnValue:
    """What has not been made becomes like this one."""
    return _done(campaign_id, series.take_over, "pattern")


@blueprint.post("/<int:campaign_id>/series/stop")
@access.offices
def stop(campaign_id: int) -> ResponseReturnValue:
    def do(session: Session, found: Series, campaign: Campaign, who: str, now: datetime) -> None:
        series.stop(session, found, who, now)

    return _done(campaign_id, do, "stopped")


def _done(
    campaign_id: int, do: Callable[[Session, Series, Campaign, str, datetime], object], said: str
) -> ResponseReturnValue:
    who, now = access.viewer().name, site().clock()
    try:
        with site().db.write() as session:
            campaign, found = _found(session, campaign_id)
            do(session, found, campaign, who, now)
    except Refused as refused:
        faults = refused.faults or {"": refused.words}
        return make_response(_shown(campaign_id, faults), 422 if refused.faults else 409)
    return redirect(url_for("campaign_series.ask", campaign_id=campaign_id, done=said), 303)


def _found(session: Session, campaign_id: int) -> tuple[Campaign, Series]:
    campaign = access.campaign(session, campaign_id, change=True)
    return campaign, series.of_campaign(session, campaign) or abort(404)


def _shown(campaign_id: int, faults: dict[str, str] | None = None) -> str:
    said = {
        "changed": _("改好了，已经建好的不变。"),
        "pattern": _("以后新建的都照这一次。"),
        "stopped": _("停下了，建好还没开始的也不发了。"),
    }
    with site().db.read() as session:
        campaign, found = _found(session, campaign_id)
        typed: MultiDict[str, str] = request.form if faults else repeat_form.typed(found)
        rule = found.rule
        words = _(repeat.words(rule, found.first_at, found.where))
        coming = repeat_form.next_of(session, rule, found.first_at, found.where)
        made = series.occurrences(session, found)
    shown = repeat_form.Dates(words, () if found.stopped_at else coming)
    return render_template(
        "console/campaigns/series.html",
        campaign=campaign,
        series=found,
        made=made,
        faults=faults or {},
        notice_=said.get(request.args.get("done", ""), ""),
        here="campaigns",
        **repeat_form.section(typed, typed.getlist(repeat_form.WEEKDAY), shown),
    )
