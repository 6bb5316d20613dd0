"""A newer version of a piece was approved: one press takes it over, in one campaign or in all that have not started."""

from flask import Blueprint, make_response, redirect, url_for
from flask.typing import ResponseReturnValue

from models.campaigns import renewal
from models.errors import Refused
from models.materials import fitness
from pages.console import campaigns
from pages.web import access
from pages.web.i18n import _
from pages.web.site import site

blueprint = Blueprint("campaign_renewal", __name__, url_prefix="/console")


@blueprint.post("/campaigns/<int:campaign_id>/renew")
@access.offices
def renew(campaign_id: int) -> ResponseReturnValue:
    who, now = access.viewer(), site().clock()
    try:
        with site().db.write() as session:
            campaign = access.campaign(session, campaign_id, change=True)
            renewal.renew(session, campaign, who=who.name, account_id=who.id, now=now, zone=site().zone)
    except Refused as refused:
        return make_response(campaigns.shown(campaign_id, _(refused.words)), 409)
    return redirect(url_for("campaigns.detail", campaign_id=campaign_id, done="renew"), 303)


@blueprint.post("/materials/<int:material_id>/renew")
@access.offices
def renew_all(material_id: int) -> ResponseReturnValue:
    """In all campaigns that the viewer may change; the page then shows which are still behind, and where to look."""
    who, now = access.viewer(), site().clock()
    with site().db.write() as session:
        material = access.material(session, material_id)
        used = fitness.used_by(session, [material_id])[material_id]
        mine = [one for one in used if access.may_change(session, one)]
        old = renewal.behind(session, mine, material)
        _changed, refused = renewal.renew_all(
            session, old, who=who.name, account_id=who.id, now=now, zone=site().zone
        )
    done = "renewed_some" if refused else "renewed"
    return redirect(url_for("materials.detail", material_id=material_id, done=done), 303)
