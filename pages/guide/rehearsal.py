"""The page of a 【测试】: a guide's task as it would be, with nothing to send and nobody who gets it."""

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue
from sqlmodel import Session, select

from models.campaigns.audience import fill
from models.campaigns.pictures import poster_plan
from models.campaigns.rehearsals import Rehearsal
from models.org import Guide, store_of
from pages.guide.tasks import drawn, guide_only, picture_of, shown_picture
from pages.web import headers
from pages.web.site import site

blueprint = Blueprint("guide_rehearsals", __name__, url_prefix="/g/rehearsals")


@blueprint.get("/<code>")
@guide_only
def page(guide: Guide, code: str) -> ResponseReturnValue:
    if looked := headers.look_ahead():
        return looked
    with site().db.write() as session:
        one = own(session, guide, code)
        one.opened_at = one.opened_at or site().clock()
        fields, store = one.fields, store_of(session, guide)
    return render_template(
        "guide/rehearsal.html", rehearsal=one, fields=fields, text=fill(fields.text, guide, store)
    )


@blueprint.get("/<code>/poster.jpg")
@guide_only
def poster(guide: Guide, code: str) -> ResponseReturnValue:
    with site().db.read() as session:
        fields = own(session, guide, code).fields
        mine = fields.own_poster
        plan = poster_plan(session, mine, guide, store_of(session, guide)) if mine else None
    return drawn(plan, fields.name)


@blueprint.get("/<code>/pictures/<int:place>.jpg")
@guide_only
def picture(guide: Guide, code: str, place: int) -> ResponseReturnValue:
    with site().db.read() as session:
        fields = own(session, guide, code).fields
        one = fields.attachments[place] if place < len(fields.attachments) else abort(404)
        found = picture_of(session, one)
    return shown_picture(found, fields.name)


def own(session: Session, guide: Guide, code: str) -> Rehearsal:
    """Her own, while it was not taken back; somebody else's looks like none at all (J01)."""
    query = select(Rehearsal).where(Rehearsal.code == code, Rehearsal.guide_id == guide.id)
    found = session.exec(query).one_or_none()
    if found is None or found.withdrawn_at:
        abort(404, "这条测试已经撤回，或者不是给你的。回到「今日」看看有什么要做")
    return found
