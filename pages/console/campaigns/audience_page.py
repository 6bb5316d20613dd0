"""会发给谁: the preview before a start, the same numbers as frozen afterwards, and why one customer gets it or not."""

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col, select

from models.campaigns import Campaign, Exclusion, why_not
from models.campaigns.fields import of_campaign
from models.campaigns.freeze import audience_of
from models.campaigns.overlap import overlaps, quota_left, tasks_that_day
from models.campaigns.samples import samples
from models.campaigns.selection import Selection, select_audience
from models.friends import Customer, Friend
from models.ledger.channels import CUSTOMERS
from pages.web import access
from pages.web.site import site

blueprint = Blueprint("campaign_audience", __name__, url_prefix="/console/campaigns")
ANSWERED = 8
"""So many customers of a name are answered for at once."""


@blueprint.get("/<int:campaign_id>/audience")
@access.offices
def audience(campaign_id: int) -> ResponseReturnValue:
    find = request.args.get("find", "").strip()[:64]
    with site().db.read() as session:
        campaign = access.campaign(session, campaign_id, change=True)
        shown = _frozen(session, campaign) if campaign.launched_at else preview_of(session, campaign)
        answers = _answers(session, campaign, find, shown["count_"]) if find else []
    return render_template(
        "console/campaigns/audience_page.html", campaign=campaign, find=find, answers=answers, **shown
    )


def preview_of(session: Session, campaign: Campaign) -> dict[str, Any]:
    """What the templates of a preview need: the selection as its launch would make it, and what surrounds it."""
    at, number, zone = max(campaign.launch_at, site().clock()), campaign.id, site().zone
    found = select_audience(session, of_campaign(campaign), at, zone, number=number)
    turn = request.args.get("turn", 0, type=int) % 1000
    return {
        "count_": found,
        "way": campaign.way,
        "turn": turn,
        "people": samples(session, found, turn) if campaign.way.to == CUSTOMERS else [],
        "quota": quota_left(found),
        "others": overlaps(session, found, at, number) if campaign.way.to == CUSTOMERS else [],
        "day_tasks": tasks_that_day(session, found, at, zone, number),
    }


def _frozen(session: Session, campaign: Campaign) -> dict[str, Any]:
    whole = audience_of(session, campaign.id or 0)
    reasons = session.exec(select(Exclusion).where(Exclusion.campaign_id == campaign.id)).all()
    return {
        "members": len(whole.members) if whole else 0,
        "reasons": [(one.words, len(one.members)) for one in reasons],
        "way": campaign.way,
        "count_": None,
    }


def _answers(
    session: Session, campaign: Campaign, find: str, found: Selection | None
) -> list[tuple[Customer, str]]:
    """Customers within the viewer's reach who are called so, or have this id, each with her line."""
    hers = select(Friend.customer_id).where(access.scope().friends())
    named = col(Customer.name).contains(find, autoescape=True) | (col(Customer.external_userid) == find)
    query = select(Customer).where(named, col(Customer.id).in_(hers)).order_by(col(Customer.id))
    return [
        (one, why_not.answer(session, campaign, one.id or 0, site().clock(), site().zone, found))
        for one in session.exec(query.limit(ANSWERED))
    ]
