"""How a campaign will look to a named guide and her customers: card, 群发助手, chat, poster."""

from dataclasses import dataclass

from flask import url_for
from sqlmodel import Session, col, select

import posters
from models import preferences
from models.campaigns import Campaign, ContentKind
from models.campaigns.audience import fill
from models.campaigns.card_content import NOTE, TITLE
from models.campaigns.fields import CampaignFields
from models.campaigns.pictures import ART_WORDS, Picture, poster_plan
from models.db import count
from models.friends import Friend, FriendStatus
from models.friends.entry_codes import EntryCode, EntryCodeKind, EntryCodeStatus
from models.org import Guide, Store, active_in
from pages.web import access
from pages.web.formatting import local
from pages.web.i18n import _
from pages.web.site import site
from posters.fields import Art, Person, PosterFields

SAMPLES = 40


@dataclass(frozen=True)
class Preview:
    """Everything that the four panes show, in the name of one guide."""

    guide: str
    store: str
    next_sample: int
    card_title: str
    card_note: str
    card_line: str
    text: str
    picture: str
    """Address of the picture or of her poster; empty when there is none"""
    picture_words: str
    """Why there is no picture to show"""
    messages: int
    """How many a customer gets"""
    customers: int
    notice: bool


def preview(
    session: Session, fields: CampaignFields, sample: int, campaign_id: int | None = None
) -> Preview | None:
    """None when nobody is in scope. With a `campaign_id` what stands there is looked at, else what is being typed."""
    found = _sample(session, fields, sample)
    if found is None:
        return None
    guide, store, next_sample = found
    text = fill(fields.text, guide, store)
    picture, words = _picture(fields, guide, campaign_id)
    friends = count(session, Friend, Friend.owner_id == guide.id, Friend.status == FriendStatus.FRIEND)
    until = _("{t} 前", t=f"{local(fields.ends_at):%m-%d %H:%M}")
    title = fields.card_title or fields.name or _("活动名称")
    notice = not fields.way.confirmed
    return Preview(
        guide.name,
        store.name if store else "",
        next_sample,
        title[:TITLE],
        (fields.card_note or until)[:NOTE],
        until if notice else _("{n} 位客户 · {until}", n=friends, until=until),
        text,
        picture,
        words,
        bool(text) + bool(picture or words),
        friends,
        notice,
    )


def _sample(session: Session, fields: CampaignFields, sample: int) -> tuple[Guide, Store | None, int] | None:
    """A guide in scope, with a ready code first when the poster needs one, and the id of the next one."""
    rows = _candidates(session, fields.scope, with_code=fields.content == ContentKind.POSTER) or _candidates(
        session, fields.scope
    )
    if not rows:
        return None
    place = next((n for n, (guide, _store) in enumerate(rows) if guide.id == sample), 0)
    guide, store = rows[place]
    return guide, store, rows[(place + 1) % len(rows)][0].id or 0


def _candidates(
    session: Session, scope: dict[str, list[int]], *, with_code: bool = False
) -> list[tuple[Guide, Store | None]]:
    query = active_in(scope).where(access.scope().guides()).add_columns(Store)
    if with_code:
        query = query.where(
            col(Guide.id).in_(
                select(EntryCode.guide_id).where(
                    EntryCode.status == EntryCodeStatus.READY,
                    EntryCode.kind == EntryCodeKind.GUIDE,
                    EntryCode.payload != "",
                )
            )
        )
    return [(guide, store) for guide, store in session.execute(query.order_by(col(Guide.id)).limit(SAMPLES))]


def _picture(fields: CampaignFields, guide: Guide, campaign_id: int | None) -> tuple[str, str]:
    """(address, or empty; why there is none)"""
    if fields.content == ContentKind.PICTURE:
        if not fields.picture_id:
            return "", _("还没选图片")
        return url_for("campaign_pictures.picture", picture_id=fields.picture_id), ""
    if fields.content != ContentKind.POSTER:
        return "", ""
    if fields.design == "artwork" and not fields.picture_id:
        return "", _("还没选海报图")
    if fields.design != "artwork" and not fields.poster.get("headline"):
        return "", _("还没写标题")
    if campaign_id:
        return url_for("campaign_pictures.planned_poster", campaign_id=campaign_id, guide_id=guide.id), ""
    query = {
        "guide": guide.id or 0,
        "design": fields.design,
        "picture_id": fields.picture_id or "",
        **fields.poster,
    }
    return url_for("campaign_pictures.poster", **query), ""


def draw(session: Session, campaign: Campaign, guide: Guide) -> bytes:
    """Her poster for the phone; without a code of hers only the artwork. Raises PosterRefused in words."""
    store = session.get(Store, guide.store_id) if guide.store_id else None
    plan = poster_plan(session, campaign, guide, store)
    if plan is None:
        return posters.shrink(posters.draw_art(_art(session, campaign)))
    fields = PosterFields(Person(**plan.person), Art(**plan.art))
    shelf = site().shelf
    size = posters.Size.PHONE
    return shelf.poster(fields, size) if shelf else posters.draw(fields, size)


def _art(session: Session, campaign: Campaign) -> Art:
    """The artwork alone, as the plan of somebody with a code would have it."""
    picture = session.get(Picture, campaign.picture_id) if campaign.picture_id else None
    words = {name: str(campaign.poster.get(name) or "") for name in ART_WORDS}
    return Art(
        design=campaign.design,
        picture=picture.content if picture else b"",
        brand=preferences.read(session).name,
        **words,
    )
