"""What may be done about a campaign: a button for each verb, and a question before what cannot be undone."""

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col

from models.campaigns import Campaign, Task, drafts, large_audience, lifecycle, looks, pilot, planning
from models.campaigns.scoped_funnel import view_of
from models.db import count
from models.errors import Refused
from pages.console import campaigns
from pages.web import access
from pages.web.i18n import _
from pages.web.site import site

blueprint = Blueprint("campaign_acts", __name__, url_prefix="/console/campaigns")
VERBS = {
    "remind": lifecycle.remind,
    "pause": lifecycle.pause,
    "resume": lifecycle.resume,
    "cancel": lifecycle.cancel,
    "unschedule": drafts.unschedule,
    "refresh": looks.want_now,
    "go_on": pilot.go_on,
}
LAUNCHING = {"schedule": planning.schedule, "launch": planning.launch_now}
"""At its time, or at once; what these look at is a week of the shop's own calendar"""
STARTING = (*LAUNCHING, "resume")
"""What lets a campaign go to its customers, where it has not yet"""


@blueprint.get("/<int:campaign_id>/stop")
@access.offices
def ask_stop(campaign_id: int) -> ResponseReturnValue:
    """What cannot be undone is asked once, with its numbers."""
    with site().db.read() as session:
        campaign = access.campaign(session, campaign_id, change=True)
        if campaign.over:
            return redirect(url_for("campaigns.detail", campaign_id=campaign_id))
        view = view_of(session, campaign, access.scope().tasks())
        unsent = (
            Task.campaign_id == campaign_id,
            col(Task.ready_at).is_not(None) if campaign.way.together else Task.msgid != "",
            col(Task.confirmed_at).is_(None),
            access.scope().tasks(),
        )
        waiting = count(session, Task, *unsent)
    return render_template("console/campaigns/stop.html", campaign=campaign, view=view, waiting=waiting)


@blueprint.post("/<int:campaign_id>/<verb>")
@access.offices
def act(campaign_id: int, verb: str) -> ResponseReturnValue:
    """One of VERBS or LAUNCHING; the noun knows whether it may be."""
    if verb not in VERBS and verb not in LAUNCHING:
        abort(404)
    asked = _number_to_type(campaign_id, verb)
    try:
        large_audience.refuse_untyped(asked, request.form.get("customers", ""))
    except Refused as refused:
        return make_response(number_page(campaign_id, verb, asked, refused.faults), 422)
    who = access.viewer()
    try:
        with site().db.write() as session:
            campaign = session.get_one(Campaign, campaign_id)
            if verb in LAUNCHING:
                LAUNCHING[verb](session, campaign, who.name, site().clock(), site().zone)
            else:
                VERBS[verb](session, campaign, who.name, site().clock())
    except Refused as refused:
        return make_response(campaigns.shown(campaign_id, _(refused.words)), 409)
    return redirect(url_for("campaigns.detail", campaign_id=campaign_id, done=verb), 303)


def _number_to_type(campaign_id: int, verb: str) -> int:
    with site().db.read() as session:
        campaign = access.campaign(session, campaign_id, change=True)
        if verb not in STARTING or not campaign.unstarted:
            return 0
        return number_asked(session, campaign)


def number_asked(session: Session, campaign: Campaign) -> int:
    """How many customers whoever starts or approves it has to type; 0 where it needs none."""
    at = max(campaign.launch_at, site().clock())
    return large_audience.number_to_type(session, campaign, at, site().zone, number=campaign.id)


def number_page(campaign_id: int, verb: str, asked: int, faults: dict[str, str]) -> str:
    """Asks for the number of a huge audience before it does what the button says (F13)."""
    with site().db.read() as session:
        campaign = access.campaign(session, campaign_id, change=True)
    first = {} if not request.form.get("customers") else faults
    return render_template(
        "console/campaigns/number.html",
        campaign=campaign,
        verb=verb,
        asked=asked,
        faults=first,
        form=request.form,
        here="campaigns",
    )
