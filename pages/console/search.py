"""⌘K: campaigns, guides, friends, stores and calls by name or number, each within the viewer's reach."""

from dataclasses import dataclass

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col, select

from models.campaigns import Campaign
from models.friends import Customer, Friend
from models.ledger.outbox import Outbox
from models.org import Guide, Store
from pages.web import access, input_limits
from pages.web.i18n import _
from pages.web.site import site

blueprint = Blueprint("search", __name__, url_prefix="/console/search")
EACH = 8


@dataclass(frozen=True)
class Hit:
    icon: str
    name: str
    more: str
    href: str


@blueprint.get("")
@access.staff
def results() -> ResponseReturnValue:
    words = request.args.get("q", "").strip()[:60]
    with site().db.read() as session:
        groups = _hits(session, words) if words else []
    return render_template("console/search.html", words=words, groups=groups)


def _hits(session: Session, words: str) -> list[tuple[str, list[Hit]]]:
    here = access.scope()
    campaigns = session.exec(
        select(Campaign)
        .where(col(Campaign.name).contains(words, autoescape=True), here.campaigns(session))
        .order_by(col(Campaign.id).desc())
        .limit(EACH)
    )
    guides = session.exec(
        select(Guide, Store.name)
        .outerjoin(Store, col(Store.id) == col(Guide.store_id))
        .where(
            col(Guide.name).contains(words, autoescape=True) | (col(Guide.userid_key) == words.lower()),
            here.guides(),
        )
        .order_by(col(Guide.name))
        .limit(EACH)
    )
    friends = session.exec(
        select(Friend.id, Customer.name, Guide.name)
        .join(Customer, col(Customer.id) == col(Friend.customer_id))
        .join(Guide, col(Guide.id) == col(Friend.owner_id))
        .where(
            col(Customer.name).contains(words, autoescape=True) | (col(Customer.external_userid) == words),
            here.friends(),
        )
        .order_by(col(Friend.id).desc())
        .limit(EACH)
    )
    stores = session.exec(
        select(Store)
        .where(col(Store.name).contains(words, autoescape=True) | (col(Store.code) == words), here.stores())
        .order_by(col(Store.name))
        .limit(EACH)
    )
    calls = session.exec(select(Outbox).where(Outbox.id == input_limits.number(words), here.deliveries()))
    found = [
        (
            _("活动"),
            [
                Hit("speakerphone", one.name, "", url_for("campaigns.detail", campaign_id=one.id))
                for one in campaigns
            ],
        ),
        (
            _("导购"),
            [
                Hit("users", one.name, shop or "", _to("guides.detail", guide_id=one.id))
                for one, shop in guides
            ],
        ),
        (
            _("好友"),
            [
                Hit(
                    "user-heart",
                    name or "?",
                    _("经{guide}", guide=guide),
                    _to("friends.detail", friend_id=row),
                )
                for row, name, guide in friends
            ],
        ),
        (
            _("门店"),
            [
                Hit("building-store", one.name, one.address, _to("stores.detail", store_id=one.id))
                for one in stores
            ],
        ),
        (
            _("投递"),
            [
                Hit("send", f"{one.id} · {one.target}", one.why, _to("deliveries.detail", delivery_id=one.id))
                for one in calls
            ],
        ),
    ]
    return [(word, hits) for word, hits in found if hits]


def _to(endpoint: str, **row: int | None) -> str:
    """The row's own page; empty when this noun has none."""
    return url_for(endpoint, **row) if endpoint in current_app.view_functions else ""  # type: ignore[arg-type]
