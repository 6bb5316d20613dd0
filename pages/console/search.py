"""⌘K: campaigns, guides, friends, stores and calls by name or number, each within the viewer's reach."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from models.campaigns import Campaign
from models.friends import Customer, Friend
from models.ledger.outbox import Outbox
from models.org import Guide, Store, renames
from pages.web import access, input_limits
from pages.web.i18n import _
from pages.web.scope import Scope
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
    found = [
        (_("活动"), _campaigns(session, here, words)),
        (_("导购"), _guides(session, here, words)),
        (_("好友"), _friends(session, here, words)),
        (_("门店"), _stores(session, here, words)),
        (_("投递"), _calls(session, here, words)),
    ]
    return [(noun, hits) for noun, hits in found if hits]


def _campaigns(session: Session, here: Scope, words: str) -> list[Hit]:
    rows = session.exec(
        select(Campaign)
        .where(_named(Campaign.name, words), here.campaigns(session))
        .order_by(col(Campaign.id).desc())
        .limit(EACH)
    )
    return [
        Hit("speakerphone", one.name, "", url_for("campaigns.detail", campaign_id=one.id)) for one in rows
    ]


def _guides(session: Session, here: Scope, words: str) -> list[Hit]:
    userid_key = renames.current(session, words, site().clock()).lower()  # an old one leads to her, too
    rows = session.exec(
        select(Guide, Store.name)
        .outerjoin(Store, col(Store.id) == col(Guide.store_id))
        .where(_named(Guide.name, words) | (col(Guide.userid_key) == userid_key), here.guides())
        .order_by(col(Guide.name))
        .limit(EACH)
    )
    return [
        Hit("users", one.name, shop or "", url_for("guides.detail", guide_id=one.id)) for one, shop in rows
    ]


def _friends(session: Session, here: Scope, words: str) -> list[Hit]:
    rows = session.exec(
        select(Friend.id, Customer.name, Guide.name)
        .join(Customer, col(Customer.id) == col(Friend.customer_id))
        .join(Guide, col(Guide.id) == col(Friend.owner_id))
        .where(_named(Customer.name, words) | (col(Customer.external_userid) == words), here.friends())
        .order_by(col(Friend.id).desc())
        .limit(EACH)
    )
    return [
        Hit(
            "user-heart",
            name or "?",
            _("经{guide}", guide=guide),
            url_for("friends.detail", friend_id=friend_id),
        )
        for friend_id, name, guide in rows
    ]


def _stores(session: Session, here: Scope, words: str) -> list[Hit]:
    rows = session.exec(
        select(Store)
        .where(_named(Store.name, words) | (col(Store.code) == words), here.stores())
        .order_by(col(Store.name))
        .limit(EACH)
    )
    return [
        Hit("building-store", one.name, one.address, url_for("stores.detail", store_id=one.id))
        for one in rows
    ]


def _calls(session: Session, here: Scope, words: str) -> list[Hit]:
    rows = session.exec(select(Outbox).where(Outbox.id == input_limits.number(words), here.deliveries()))
    return [
        Hit(
            "send",
            f"{one.id} · {one.target}",
            one.why,
            url_for("deliveries.detail", delivery_id=one.id),
        )
        for one in rows
    ]


def _named(name: str, words: str) -> ColumnElement[bool]:
    return col(name).contains(words, autoescape=True)
