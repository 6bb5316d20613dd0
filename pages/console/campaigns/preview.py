"""How a campaign will look to a named guide and her customers: card, 群发助手, chat, poster."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import url_for
from sqlmodel import Session, col, func, select

import posters
from models import preferences
from models.campaigns.attachments import Attachment, AttachmentForm, poster_among
from models.campaigns.audience import fill
from models.campaigns.card_content import NOTE, TITLE, URGENT, deed
from models.campaigns.fields import CampaignFields
from models.campaigns.files import StoredFile
from models.campaigns.pictures import art_of, poster_plan
from models.db import count
from models.friends import Friend, FriendStatus
from models.friends.entry_codes import EntryCode, EntryCodeKind, EntryCodeStatus
from models.ledger.channels import MOMENT, SHARE_MOMENT, Channel
from models.materials import Material
from models.org import Guide, Store, active_in
from pages.web import access
from pages.web.formatting import local, size
from pages.web.i18n import _
from pages.web.site import site
from posters.fields import Art, Person, PosterFields

SAMPLES = 40


@dataclass(frozen=True)
class Preview:
    """Everything that the four panes show, in the name of one guide."""

    guide: str
    store: str
    sample: int
    """Her id, and that of the next one"""
    next_sample: int
    longest: int
    """Whose name is the longest of all in scope: what fits hers fits every poster"""
    card_title: str
    card_note: str
    card_line: str
    text: str
    attachments: tuple["Shown", ...]
    """In the order in which customers get them"""
    customers: int
    way: Channel
    second_text: str = ""
    second_percent: int = 0
    """What some customers get instead of the text, and how many of a hundred"""

    @property
    def notice(self) -> bool:
        """No customer gets anything."""
        return not self.way.sends

    @property
    def post(self) -> bool:
        """Customers find it in their Moments, not in a chat."""
        return self.way.name in (MOMENT, SHARE_MOMENT)

    @property
    def messages(self) -> int:
        """How many a customer gets: the text and each attachment are one."""
        return bool(self.text) + len(self.attachments)

    @property
    def poster(self) -> "Shown | None":
        return next((one for one in self.attachments if one.form == AttachmentForm.POSTER), None)


@dataclass(frozen=True)
class Shown:
    """One attachment as it can be seen."""

    form: AttachmentForm
    title: str = ""
    note: str = ""
    picture: str = ""
    """Address of the picture, of her poster, of the cover; empty when there is none"""
    missing: str = ""
    """What is still to be chosen before there is something to see"""


def preview(
    session: Session, fields: CampaignFields, sample: int, campaign_id: int | None = None
) -> Preview | None:
    """None when nobody is in scope. With a `campaign_id` what stands there is looked at, else what is being typed."""
    found = _sample(session, fields, sample)
    if found is None:
        return None
    guide, store, next_sample, longest = found
    text = fill(fields.text, guide, store)
    friends = count(session, Friend, Friend.owner_id == guide.id, Friend.status == FriendStatus.FRIEND)
    until = _("{t} 前", t=f"{local(fields.ends_at):%m-%d %H:%M}")
    title = fields.card_title or fields.name or _("活动名称")
    return Preview(
        guide.name,
        store.name if store else "",
        guide.id or 0,
        next_sample,
        longest,
        title[:TITLE],
        (fields.card_note or until)[:NOTE],
        " · ".join([*([_(URGENT)] if fields.urgent else []), *map(_, deed(fields.way)), until]),
        text,
        tuple(_shown(session, one, guide, campaign_id) for one in fields.attachments),
        friends,
        fields.way,
        fill(fields.second_text, guide, store),
        fields.second_percent,
    )


def _sample(
    session: Session, fields: CampaignFields, sample: int
) -> tuple[Guide, Store | None, int, int] | None:
    """A guide in scope, with a ready code first when the poster needs one; the ids of the next one and of the longest name."""
    with_code = bool(poster_among(fields.attachments))
    rows, longest = _candidates(session, fields.scope, with_code=with_code)
    if not rows:
        rows, longest = _candidates(session, fields.scope)
    if not rows:
        return None
    place = next((n for n, (guide, _store) in enumerate(rows) if guide.id == sample), 0)
    guide, store = rows[place]
    return guide, store, rows[(place + 1) % len(rows)][0].id or 0, longest


def _candidates(
    session: Session, scope: dict[str, list[int]], *, with_code: bool = False
) -> tuple[list[tuple[Guide, Store | None]], int]:
    """The first of them, also whose name is the longest of all, and her id."""
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
    rows = [(guide, store) for guide, store in session.execute(query.order_by(col(Guide.id)).limit(SAMPLES))]
    named = query.where(func.lower(Guide.name) != Guide.userid_key)
    longest = session.execute(named.order_by(func.length(Guide.name).desc(), col(Guide.id)).limit(1)).first()
    if longest is None:
        return rows, rows[0][0].id or 0 if rows else 0
    known = any(guide is longest[0] for guide, _store in rows)
    return rows if known else [*rows, (longest[0], longest[1])], longest[0].id or 0


def _shown(session: Session, one: Attachment, guide: Guide, campaign_id: int | None) -> Shown:
    if one.form == AttachmentForm.POSTER:
        address, missing = _poster(one, guide, campaign_id)
        return Shown(one.form, picture=address, missing=missing)
    picture = url_for("attachments.picture", picture_id=one.picture_id) if one.picture_id else ""
    if one.form == AttachmentForm.PICTURE:
        return Shown(one.form, picture=picture, missing="" if picture else _("还没选图片"))
    if one.form in (AttachmentForm.VIDEO, AttachmentForm.FILE):
        file = session.get(StoredFile, one.file_id) if one.file_id else None
        name, missing = (file.name, "") if file else ("", _("还没上传"))
        return Shown(one.form, name, size(file.size) if file else "", missing=missing)
    missing = "" if one.title else _("还没写标题")
    return Shown(one.form, one.title, one.note, f"{picture}?small=1" if picture else "", missing)


def _poster(poster: Attachment, guide: Guide, campaign_id: int | None) -> tuple[str, str]:
    """(address, or empty; why there is none)"""
    if poster.design == "artwork" and not poster.picture_id:
        return "", _("还没选海报图")
    if poster.design != "artwork" and not poster.words.get("headline"):
        return "", _("还没写标题")
    if campaign_id:
        return url_for("campaign_pictures.planned_poster", campaign_id=campaign_id, guide_id=guide.id), ""
    query: dict[str, Any] = {
        "guide": guide.id or 0,
        "design": poster.design,
        "picture_id": poster.picture_id or "",
        **poster.words,
    }
    return url_for("campaign_pictures.poster", **query), ""


def somebody(session: Session) -> Guide | None:
    """A guide within reach as an example, with a code of her own where there is one."""
    rows = _candidates(session, {}, with_code=True)[0] or _candidates(session, {})[0]
    return rows[0][0] if rows else None


def in_somebodys_words(session: Session, text: str) -> str:
    """The text as the customers of that guide read it."""
    guide = somebody(session)
    store = session.get(Store, guide.store_id) if guide and guide.store_id else None
    return fill(text, guide, store) if guide else text


def of_material(session: Session, material: Material, attachments: Sequence[Attachment]) -> list[Shown]:
    """The attachments of a piece of the library."""
    guide = somebody(session)
    if guide is None:
        return []
    shown = []
    for one in attachments:
        seen = _shown(session, one, guide, None)
        if one.form == AttachmentForm.POSTER and not seen.missing:
            seen = replace(seen, picture=url_for("materials.poster", material_id=material.id))
        shown.append(seen)
    return shown


def draw(session: Session, poster: Attachment, guide: Guide) -> bytes:
    """Her poster for the phone; without a code of hers only the artwork. Raises PosterRefused in words."""
    store = session.get(Store, guide.store_id) if guide.store_id else None
    plan = poster_plan(session, poster, guide, store)
    if plan is None:
        art = art_of(session, poster, preferences.read(session).name)
        return posters.shrink(posters.draw_art(Art(**art)))
    fields = PosterFields(Person(**plan.person), Art(**plan.art))
    shelf = site().shelf
    phone = posters.Size.PHONE
    return shelf.poster(fields, phone) if shelf else posters.draw(fields, phone)
