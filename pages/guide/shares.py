"""What a guide's page hands to the messenger's own sharing: the content in its names, and her word that she did it."""

import hashlib
from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, jsonify
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col, select

from models.campaigns import TaskAudience, cards, pictures, recipients, variants
from models.campaigns.attachments import Attachment, AttachmentForm
from models.campaigns.guide_day import Todo
from models.campaigns.variants import poster_of
from models.ledger.channels import CUSTOMER_GROUPS, SHARE_MOMENT
from models.org import Guide
from pages.guide.tasks import file_of, guide_only, own, picture_of
from pages.web.site import site
from posters.drawing import Size
from posters.fields import Art, Person, PosterFields, PosterRefused
from posters.pictures import shrink
from wecom.errors import PlatformError

blueprint = Blueprint("guide_share", __name__, url_prefix="/g")
MOST_RECEIVERS = 20_000
"""Of one call (contract 10)"""
ADDRESS = "address"
Json = dict[str, Any]


@blueprint.get("/tasks/<code>/share.json")
@guide_only
def handed(guide: Guide, code: str) -> ResponseReturnValue:
    """The call and its argument. Whatever has to be uploaded for it is uploaded now, once in three days."""
    with site().db.read() as session:
        todo = own(session, guide, code)
        if not todo.campaign.way.shared or not todo.open(site().clock()):
            abort(404)
        to = _receivers(session, todo)
        attached = variants.attached_for(session, todo.campaign, todo.task)
    try:
        attachments = [_attachment(todo, one) for one in attached]
    except PlatformError as error:
        return jsonify(words=str(error.words)), 503
    except PosterRefused as no:
        return jsonify(words=str(no)), 503
    argument: Json = {"text": {"content": todo.task.text}} if todo.task.text else {}
    return jsonify(call=todo.campaign.way.api, argument=argument | {"attachments": attachments} | to)


@blueprint.post("/tasks/<code>/shared")
@guide_only
def shared(guide: Guide, code: str) -> ResponseReturnValue:
    """The messenger said that her share was handed over, or she says 「我已发」, perhaps some time ago without connection.

    No more than her word (contract 10); again changes nothing. 204 tells her phone that it need not keep it any more.
    """
    with site().db.write() as session:
        cards.say_done(session, own(session, guide, code).task, site().clock())
    return "", 204


def _receivers(session: Session, todo: Todo) -> Json:
    """Whom the compose view proposes: those whom the campaign was frozen with. Moments are for all friends."""
    way = todo.campaign.way
    if way.name == SHARE_MOMENT:
        return {}
    members = session.exec(
        select(col(TaskAudience.members)).where(TaskAudience.task_id == todo.task.id)
    ).one()
    names = list(recipients.names_of(session, way.name, members).values())[:MOST_RECEIVERS]
    return {"chatIds" if way.to == CUSTOMER_GROUPS else "externalUserIds": names}


def _attachment(todo: Todo, one: Attachment) -> Json:
    """In the names of the page script, which differ from the server's (contract 10)."""
    match one.form:
        case AttachmentForm.POSTER:
            return {"msgtype": "image", "image": {"mediaid": _media("image", _poster(todo), "poster.jpg")}}
        case AttachmentForm.PICTURE:
            return {"msgtype": "image", "image": {"mediaid": _media("image", _picture(one), "picture.jpg")}}
        case AttachmentForm.LINK:
            card = {"title": one.title, "desc": one.note, "url": one.url, "imgUrl": _cover(one)}
            if todo.campaign.way.name == SHARE_MOMENT:
                card.pop("desc")
            return {"msgtype": "link", "link": {name: value for name, value in card.items() if value}}
        case AttachmentForm.PROGRAM:
            card = {"title": one.title, "appid": one.appid, "page": one.page, "imgUrl": _cover(one)}
            return {"msgtype": "miniprogram", "miniprogram": card}
        case _:
            name, content = _file(one)
            return {"msgtype": one.form, one.form: {"mediaid": _media(one.form, content, name)}}


def _poster(todo: Todo) -> bytes:
    with site().db.read() as session:
        plan = poster_of(session, todo.task)
    shelf = site().shelf
    if plan is None or shelf is None:
        abort(404)
    return shelf.poster(PosterFields(Person(**plan.person), Art(**plan.art)), Size.FULL)


def _picture(one: Attachment) -> bytes:
    with site().db.read() as session:
        return picture_of(session, one).content


def _file(one: Attachment) -> tuple[str, bytes]:
    with site().db.read() as session:
        found = file_of(session, one)
    return found.name, found.content


def _cover(one: Attachment) -> str:
    """An address that the messenger can load: the platform's own, for a picture of ours needs her session."""
    return (
        _known(ADDRESS, shrink(_picture(one)), "cover.jpg", _client().upload_picture)
        if one.picture_id
        else ""
    )


def _media(use: str, content: bytes, name: str) -> str:
    return _known(use, content, name, lambda data, called: _client().upload(use, data, called))


def _known(use: str, content: bytes, name: str, upload: Callable[[bytes, str], str]) -> str:
    """What the platform calls these bytes, uploaded when it does not hold them."""
    digest, now = hashlib.sha256(content).hexdigest(), site().clock()
    with site().db.read() as session:
        if known := pictures.known_media(session, digest, use, now):
            return known
    made = upload(content, name)
    with site().db.write() as session:
        pictures.remember_media(session, {(digest, use): made}, now)
    return made


def _client() -> Any:
    return site().client or abort(503)
