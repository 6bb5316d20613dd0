"""Pictures and posters of a campaign: taken from the form, drawn for the preview, shown."""

import hashlib

from flask import Blueprint, Response, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue
from sqlmodel import Session

import posters
from models.campaigns import Campaign
from models.campaigns.fields import POSTER_WORDS
from models.campaigns.pictures import Picture, keep_picture
from models.org import Guide
from pages.console.campaigns import preview
from pages.console.campaigns.crop import Crop
from pages.web import access, campaign_check, input_limits, lists
from pages.web.i18n import _
from pages.web.site import site
from posters.fields import PictureRefused, PosterRefused

blueprint = Blueprint("campaign_pictures", __name__, url_prefix="/console")


@blueprint.get("/campaigns/poster.jpg")
@access.offices
def poster() -> ResponseReturnValue:
    """The poster of one guide as the form stands, for the preview."""
    with site().db.read() as session:
        guide = access.guide(session, lists.number("guide"))
        words = {name: request.args.get(name, "")[:200] for name in POSTER_WORDS}
        picture_id = lists.number("picture_id")
        now = site().clock()
        plan = Campaign(
            name="",
            design=request.args.get("design", ""),
            poster=words,
            picture_id=access.picture(session, picture_id).id if picture_id else None,
            launch_at=now,
            ends_at=now,
            created_at=now,
        )
        content = _drawn(session, plan, guide)
    return _jpeg(content)


@blueprint.get("/campaigns/<int:campaign_id>/posters/<int:guide_id>.jpg")
@access.staff
def planned_poster(campaign_id: int, guide_id: int) -> ResponseReturnValue:
    """The poster of one guide as it was planned."""
    with site().db.read() as session:
        campaign, guide = access.campaign(session, campaign_id), access.guide(session, guide_id)
        content = _drawn(session, campaign, guide)
    return _jpeg(content)


@blueprint.post("/pictures")
@access.offices
@input_limits.takes_files
def upload() -> ResponseReturnValue:
    """One picture, cleaned before it is kept; the answer is the slot of the form."""
    picture, fault = take_upload()
    return render_template(
        "console/campaigns/picture.html", picture=picture, fault_=fault, crop=crop_of(picture)
    ), 422 if fault else 200


@blueprint.get("/pictures/slot")
@access.offices
def slot() -> ResponseReturnValue:
    """The slot of the form with a picture that was uploaded before."""
    with site().db.read() as session:
        kept = access.picture(session, lists.number("picture_id"))
    return render_template("console/campaigns/picture.html", picture=kept, crop=crop_of(kept), alone=True)


@blueprint.get("/pictures/<int:picture_id>.jpg")
@access.staff
def picture(picture_id: int) -> ResponseReturnValue:
    with site().db.read() as session:
        found = access.picture(session, picture_id)
    return _jpeg(posters.shrink(found.content) if request.args.get("small") else found.content)


def take_upload() -> tuple[Picture | None, str]:
    """Clean what was uploaded and keep it: (picture, what is wrong with it)."""
    sent = request.files.get("upload")
    raw = sent.read() if sent else b""
    if not raw:
        return None, _("没有收到图片，请再选一次")
    pool = site().posters
    try:
        clean = pool.submit_clean(raw).result(30) if pool else posters.clean_picture(raw)
    except PictureRefused as refused:
        return None, campaign_check.in_words(refused)
    except TimeoutError:
        return None, _("现在画图的太多，这张没有存。请过一分钟再传")
    name = (sent.filename if sent else "") or ""
    with site().db.write() as session:
        kept = keep_picture(
            session,
            sha256=hashlib.sha256(clean.jpeg).hexdigest(),
            name="".join(c for c in name if c.isprintable())[-120:],
            width=clean.width,
            height=clean.height,
            content=clean.jpeg,
            now=site().clock(),
            account_id=access.viewer().id,
        )
    return kept, ""


def crop_of(picture: Picture | None) -> Crop | None:
    return Crop(picture.width, picture.height) if picture else None


def _drawn(session: Session, campaign: Campaign, guide: Guide) -> bytes:
    try:
        return preview.draw(session, campaign, guide)
    except PosterRefused as refused:
        abort(422, campaign_check.in_words(refused))


def _jpeg(content: bytes) -> Response:
    response = make_response(content)
    response.mimetype = "image/jpeg"
    response.headers["Cache-Control"] = "private, max-age=300"
    return response
