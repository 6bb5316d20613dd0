"""Posters for the eyes of HQ: of one guide, as the form stands or as it was planned."""

from flask import Blueprint, Response, abort, make_response, request
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from models.campaigns.attachments import POSTER_WORDS, Attachment, AttachmentForm
from models.org import Guide
from pages.console.campaigns import preview
from pages.web import access, campaign_check, lists
from pages.web.site import site
from posters.fields import PosterRefused

blueprint = Blueprint("campaign_pictures", __name__, url_prefix="/console")


@blueprint.get("/campaigns/poster.jpg")
@access.offices
def poster() -> ResponseReturnValue:
    """The poster of one guide as the form stands, for the preview."""
    with site().db.read() as session:
        guide = access.guide(session, lists.number("guide"))
        picture_id = lists.number("picture_id")
        typed = Attachment(
            form=AttachmentForm.POSTER,
            design=request.args.get("design", ""),
            words={name: text[:200] for name in POSTER_WORDS if (text := request.args.get(name, ""))},
            picture_id=access.picture(session, picture_id).id if picture_id else None,
        )
        content = drawn(session, typed, guide)
    return jpeg(content)


@blueprint.get("/campaigns/<int:campaign_id>/posters/<int:guide_id>.jpg")
@access.staff
def planned_poster(campaign_id: int, guide_id: int) -> ResponseReturnValue:
    """The poster of one guide as it was planned."""
    with site().db.read() as session:
        campaign, guide = access.campaign(session, campaign_id), access.guide(session, guide_id)
        content = drawn(session, campaign.own_poster or abort(404), guide)
    return jpeg(content)


def drawn(session: Session, poster: Attachment, guide: Guide) -> bytes:
    """Her poster, or 422 in words."""
    try:
        return preview.draw(session, poster, guide)
    except PosterRefused as refused:
        abort(422, campaign_check.in_words(refused))


def jpeg(content: bytes) -> Response:
    """The answer that shows it."""
    response = make_response(content)
    response.mimetype = "image/jpeg"
    response.headers["Cache-Control"] = "private, max-age=300"
    return response
