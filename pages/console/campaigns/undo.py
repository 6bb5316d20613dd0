"""A campaign once more as a new draft, and a draft that goes away."""

from flask import Blueprint, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from models.campaigns import CampaignStatus, drafts
from models.errors import Refused
from pages.console import campaigns
from pages.web import access
from pages.web.i18n import _
from pages.web.site import site

blueprint = Blueprint("campaign_undo", __name__, url_prefix="/console/campaigns")


@blueprint.post("/<int:campaign_id>/copy")
@access.offices
def copy(campaign_id: int) -> ResponseReturnValue:
    who, now = access.viewer(), site().clock()
    try:
        with site().db.write() as session:
            campaign = access.campaign(session, campaign_id, change=True)
            made = drafts.copy(session, campaign, who=who.name, account_id=who.id, now=now).id
    except Refused as refused:
        words = _(next(iter(refused.faults.values()), refused.words))
        return make_response(campaigns.shown(campaign_id, words), 409)
    return redirect(url_for("campaign_editor.edit", campaign_id=made, done="copied"), 303)


@blueprint.get("/<int:campaign_id>/discard")
@access.offices
def ask_discard(campaign_id: int) -> ResponseReturnValue:
    """What cannot be undone is asked once."""
    with site().db.read() as session:
        campaign = access.campaign(session, campaign_id, change=True)
    if campaign.status != CampaignStatus.DRAFT:
        return redirect(url_for("campaigns.detail", campaign_id=campaign_id))
    return render_template("console/campaigns/discard.html", campaign=campaign)


@blueprint.post("/<int:campaign_id>/discard")
@access.offices
def discard(campaign_id: int) -> ResponseReturnValue:
    try:
        with site().db.write() as session:
            campaign = access.campaign(session, campaign_id, change=True)
            drafts.discard(session, campaign, access.viewer().name, site().clock())
    except Refused as refused:
        return make_response(campaigns.shown(campaign_id, _(refused.words)), 409)
    return redirect(url_for("campaigns.all_campaigns", done="discarded"), 303)
