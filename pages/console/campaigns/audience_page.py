"""会发给谁: the preview before a start, the same numbers as frozen afterwards, and why one customer gets it or not."""

from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col, select

from models import preferences
from models.campaigns import Campaign, Exclusion, why_not
from models.campaigns.fields import CampaignFields, of_campaign
from models.campaigns.freeze import audience_of
from models.campaigns.overlap import caps_met, overlaps, quota_left, taken_before, tasks_that_day
from models.campaigns.samples import samples
from models.campaigns.selection import Selection, select_audience
from models.campaigns.shifts import cards_of_a_day
from models.friends import Customer, Friend
from models.ledger.channels import CUSTOMERS, GROUP_MASS, MASS
from models.org import Guide, Store
from pages.web import access, lists
from pages.web.formatting import count
from pages.web.i18n import _
from pages.web.site import site
from wecom.rate_limits import PER_MINUTE

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
    at, fields = max(campaign.launch_at, site().clock()), of_campaign(campaign)
    found = select_audience(session, fields, at, site().zone, number=campaign.id)
    turn = lists.number("turn")
    return {
        "count_": found,
        "way": campaign.way,
        **forecast(session, found, fields, at, campaign.id),
        **surroundings(session, found, fields, at, campaign.id, turn),
    }


def forecast(
    session: Session, found: Selection, plan: CampaignFields, at: datetime, number: int | None
) -> dict[str, Any]:
    """What is left of the customers' limits afterwards, what it asks of the platform, and who of them other plans take
    before its time comes."""
    taken = taken_before(session, found, plan.channel, at, number)
    quota, caps = quota_left(found, plan.channel), caps_met(found, plan.channel)
    calls = found.sending if plan.channel in (MASS, GROUP_MASS) else 0
    said = [_("{n} 位收满平台额度", n=count(quota.last))] if quota and quota.last else []
    said += [_("{n} 位到品牌 {days} 天上限", n=count(full), days=days) for days, full in caps.items() if full]
    if (quota or caps) and not said and not taken:
        said = [_("没有客户到上限")]
    if calls:
        said.append(_("建 {n} 个群发任务，平台每分钟收 {most} 个", n=count(calls), most=count(PER_MINUTE)))
    return {
        "quota": quota,
        "caps": caps,
        "calls": calls,
        "forecast": said if found.reached else [],
        "taken": taken,
    }


def surroundings(
    session: Session, found: Selection, plan: CampaignFields, at: datetime, number: int | None, turn: int
) -> dict[str, Any]:
    """Twenty real people, other campaigns, the guides' day; of a campaign, or of what somebody types."""
    to_customers, turn = plan.way.to == CUSTOMERS, turn % 1000
    rhythm, day = (
        preferences.read(session).card_rhythm,
        tasks_that_day(session, found, at, site().zone, number),
    )
    return {
        "turn": turn,
        "people": samples(session, found, turn) if to_customers else [],
        "others": overlaps(session, found, plan.channel, at, number) if to_customers else None,
        "day_tasks": [
            (tasks, cards_of_a_day(tasks, rhythm, urgent=plan.urgent), guides)
            for tasks, guides in day.items()
        ],
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
) -> list[tuple[Customer, str, str]]:
    """Customers within the viewer's reach who are called so, or have this id: each with whose friend she is, and her line."""
    hers = select(Friend.customer_id).where(access.scope().friends())
    named = col(Customer.name).contains(find, autoescape=True) | (col(Customer.external_userid) == find)
    query = select(Customer).where(named, col(Customer.id).in_(hers)).order_by(col(Customer.id))
    people = list(session.exec(query.limit(ANSWERED)))
    known = _known_by(session, [one.id or 0 for one in people])
    return [
        (
            one,
            known.get(one.id or 0, ""),
            why_not.answer(session, campaign, one.id or 0, site().clock(), site().zone, found),
        )
        for one in people
    ]


def _known_by(session: Session, customers: list[int]) -> dict[int, str]:
    """Customer → the guides within the viewer's reach who have her, with their stores: namesakes are told apart by it."""
    query = (
        select(Friend.customer_id, Guide.name, Store.name)
        .join(Guide, col(Guide.id) == col(Friend.owner_id))
        .outerjoin(Store, col(Store.id) == col(Guide.store_id))
        .where(col(Friend.customer_id).in_(customers), access.scope().friends())
        .order_by(col(Friend.added_at).desc())
    )
    found: dict[int, list[str]] = {}
    for customer, guide, store in session.exec(query):
        found.setdefault(customer, []).append(f"{store} {guide}" if store else guide)
    return {customer: "、".join(names) for customer, names in found.items()}
