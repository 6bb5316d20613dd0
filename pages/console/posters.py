"""海报: which designs are in use and what became of them, and all of them large."""

from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlmodel import Session

import posters
from models import preferences
from models.campaigns import CampaignStatus
from models.campaigns.attachments import Attachment, AttachmentForm
from models.campaigns.pictures import poster_plan
from models.materials import usage
from models.materials.usage import DesignUse
from models.org import Store
from pages.console.campaigns import pictures, preview
from pages.web import access
from pages.web.formatting import count, day
from pages.web.i18n import _
from pages.web.labels import Label, state_of
from pages.web.site import site
from posters.drawing import Size
from posters.fields import Art, Person, PosterFields, PosterRefused
from posters.samples import samples

blueprint = Blueprint("poster_designs", __name__, url_prefix="/console/materials/posters")
SMALL = 148
"""Pixels of one in the strip, on a sharp screen"""
UNUSED = DesignUse(None, 0, None, 0, usage.Lately())


@dataclass(frozen=True)
class DesignShown:
    """One design in the strip."""

    name: str
    title: str
    about: str
    state: Label
    words: str
    received: int
    """Customers who received one lately"""


@blueprint.get("")
@access.offices
def sheet() -> ResponseReturnValue:
    """All of them large, as a real guide would send them."""
    with site().db.read() as session:
        return render_template("console/posters.html", here="materials", **strip(session))


@blueprint.get("/<design>.jpg")
@access.offices
def sample(design: str) -> Response:
    """The design filled in, with the strip of a guide within reach; `?small=1` for the strip of all."""
    art = samples().get(design) or abort(404)
    with site().db.read() as session:
        content = _drawn(session, art)
    return pictures.jpeg(posters.shrink(content, SMALL) if request.args.get("small") else content)


def strip(session: Session) -> dict[str, Any]:
    """What the strip shows: each design, and how many came by guides' codes."""
    here, now = access.scope(), site().clock()
    used = usage.of_designs(session, here.campaigns(session), now)
    return {
        "designs": [_shown(name, design, used.get(name, UNUSED)) for name, design in posters.DESIGNS.items()],
        "scanned": usage.scanned(session, here.friends(), now),
    }


def _shown(name: str, design: Any, use: DesignUse) -> DesignShown:
    label, words = _stands(use)
    return DesignShown(name, _(design.TITLE), _(design.ABOUT), label, words, use.lately.received)


def _stands(use: DesignUse) -> tuple[Label, str]:
    if use.status == CampaignStatus.RUNNING:
        return state_of(use.status), _("{n} 个在用", n=use.going)
    if use.status == CampaignStatus.SCHEDULED and use.starts:
        return state_of(use.status), _("{day} 起", day=day(use.starts))
    if use.status:
        return state_of(use.status), _(state_of(use.status).word)
    if use.before:
        return state_of(CampaignStatus.FINISHED), _("用过 {n} 次", n=count(use.before))
    return state_of(CampaignStatus.DRAFT), _("还没用过")


def _drawn(session: Session, art: Art) -> bytes:
    guide = preview.somebody(session)
    store = session.get(Store, guide.store_id) if guide and guide.store_id else None
    plan = poster_plan(session, Attachment(form=AttachmentForm.POSTER), guide, store) if guide else None
    art = replace(art, brand=preferences.read(session).name)
    shelf, size = site().shelf, Size.PHONE
    try:
        if plan is None:  # nobody has a code yet
            return posters.shrink(posters.draw_art(art))
        fields = PosterFields(Person(**plan.person), art)
        return shelf.poster(fields, size) if shelf else posters.draw(fields, size)
    except PosterRefused as refused:
        abort(422, str(refused))
