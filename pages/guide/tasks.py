"""What a guide opens on her phone: Today, and one task with her poster, the text and the one button."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from io import BytesIO
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session, select

from models.campaigns import Campaign, Task, cards, variants
from models.campaigns.attachments import Attachment
from models.campaigns.files import MIMES, StoredFile
from models.campaigns.guide_day import Todo, day_of
from models.campaigns.pictures import Picture, PosterPlan
from models.campaigns.variants import poster_of
from models.errors import Refused
from models.org import Guide
from pages.web import headers, oauth, sessions
from pages.web.site import site
from posters.drawing import Size
from posters.fields import Art, Person, PosterFields, PosterRefused
from posters.pictures import PHONE_WIDTH, shrink
from wecom.errors import PlatformError
from wecom.oauth import js_config

blueprint = Blueprint("guide", __name__, url_prefix="/g")
View = TypeVar("View", bound=Callable[..., Any])
JS_CALLS = ("closeWindow", "shareToExternalContact", "shareToExternalChat", "shareToExternalMoments")
SMALL = 142
"""Pixels of one of nine pictures, on a sharp screen"""


def guide_only(view: View) -> View:
    """The page of one guide: who she is comes from her session alone, never from the request (J02)."""

    @wraps(view)
    def show(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        visit = sessions.visit(sessions.GUIDE)
        if visit and visit.guide:
            return cast(ResponseReturnValue, view(visit.guide, *args, **kwargs))
        if not site().platform_sign_in or not oauth.inside_messenger():
            return render_template(
                "guide/outside.html", address=site().public_url + url_for("guide.today")
            ), 403
        return oauth.to_platform(
            sessions.GUIDE,
            request.full_path.rstrip("?") if request.method == "GET" else url_for("guide.today"),
        )

    return cast(View, show)


@blueprint.get("/")
@guide_only
def today(guide: Guide) -> ResponseReturnValue:
    now = site().clock()
    with site().db.read() as session:
        return render_template(
            "guide/today.html", guide=guide, day=day_of(session, guide.id or 0, now, site().zone), now=now
        )


@blueprint.get("/tasks/<code>")
@guide_only
def task(guide: Guide, code: str) -> ResponseReturnValue:
    """Opening the page is what 「已打开」 means; a look ahead is not opening."""
    if looked := headers.look_ahead():
        return looked
    now = site().clock()
    with site().db.write() as session:
        todo = own(session, guide, code)
        if todo.open(now):
            cards.open_task(session, todo.task, now)
    return _page(todo, now)


@blueprint.get("/campaigns/<int:campaign_id>")
@guide_only
def own_task(guide: Guide, campaign_id: int) -> ResponseReturnValue:
    """What cards of many guides link to: each gets to her own task, or to her day where she has none (J01)."""
    with site().db.read() as session:
        hers = select(Task.code).where(Task.campaign_id == campaign_id, Task.guide_id == guide.id)
        code = session.exec(hers).one_or_none()
    return redirect(url_for("guide.task", code=code) if code else url_for("guide.today"), 302)


def _page(todo: Todo, now: datetime, refusal: str = "") -> str:
    _let_script_in()
    said = todo.task.reported_at
    return render_template(
        "guide/task.html",
        task=todo.task,
        campaign=todo.campaign,
        open=todo.open(now),
        undo=bool(said and now - said <= cards.UNDO),
        now=now,
        jssdk_url=site().jssdk_url,
        pointed=request.args.get("go") == "1",
        refusal=refusal,
    )


@blueprint.post("/tasks/<code>/go")
@guide_only
def go(guide: Guide, code: str) -> ResponseReturnValue:
    """Her one button. Nothing here makes the platform send: it points to where her tap counts."""
    with site().db.write() as session:
        todo = own(session, guide, code)
        cards.open_task(session, todo.task, site().clock())
        way = todo.campaign.way
    if site().emulator_url and not way.shared:
        place = "moments" if way.together else "mass-assistant"
        return redirect(f"{site().emulator_url}/phones/guide/{guide.userid}/{place}", 303)
    return redirect(url_for("guide.task", code=code, go=1) + "#where", 303)


@blueprint.post("/tasks/<code>/said")
@guide_only
def said(guide: Guide, code: str) -> ResponseReturnValue:
    """Her word that she sent it; a second tap changes nothing."""
    return _change(guide, code, cards.say_done)


@blueprint.post("/tasks/<code>/unsaid")
@guide_only
def unsaid(guide: Guide, code: str) -> ResponseReturnValue:
    """She takes her word back: within ten minutes, and as long as the platform has not confirmed it."""
    return _change(guide, code, cards.unsay)


@blueprint.get("/tasks/<code>/poster.jpg")
@guide_only
def poster(guide: Guide, code: str) -> ResponseReturnValue:
    """Her poster: 750 wide for the phone, `?full=1` as it was drawn."""
    with site().db.read() as session:
        todo = own(session, guide, code)
        plan = poster_of(session, todo.task)
    return drawn(plan, todo.campaign.name)


def drawn(plan: PosterPlan | None, name: str) -> Response:
    """A guide's poster in the size that was asked for."""
    shelf = site().shelf
    if plan is None or shelf is None:
        abort(404)
    fields = PosterFields(Person(**plan.person), Art(**plan.art))
    try:
        content = shelf.poster(fields, Size.FULL if request.args.get("full") else Size.PHONE)
    except PosterRefused as no:
        abort(404, str(no))
    return _picture(content, f"{name}.jpg")


@blueprint.get("/tasks/<code>/pictures/<int:place>.jpg")
@guide_only
def picture(guide: Guide, code: str, place: int) -> ResponseReturnValue:
    """A picture that all guides forward alike: the attachment at this place, or its cover."""
    with site().db.read() as session:
        todo = own(session, guide, code)
        found = picture_of(session, _attachment(session, todo, place))
    return shown_picture(found, todo.campaign.name)


def shown_picture(found: Picture, name: str) -> Response:
    """A picture of HQ's in the size that was asked for."""
    width = SMALL if request.args.get("small") else PHONE_WIDTH
    content = found.content if request.args.get("full") else shrink(found.content, width)
    return _picture(content, f"{name}.jpg")


@blueprint.get("/tasks/<code>/files/<int:place>")
@guide_only
def file(guide: Guide, code: str, place: int) -> ResponseReturnValue:
    """The video or file at this place."""
    with site().db.read() as session:
        found = file_of(session, _attachment(session, own(session, guide, code), place))
    return send_file(
        BytesIO(found.content), MIMES[found.form], as_attachment=True, download_name=found.name, etag=False
    )


def _attachment(session: Session, todo: Todo, place: int) -> Attachment:
    attached = variants.attached_for(session, todo.campaign, todo.task)
    return attached[place] if place < len(attached) else abort(404)


def picture_of(session: Session, one: Attachment) -> Picture:
    """Of an attachment, or 404."""
    found = session.get(Picture, one.picture_id) if one.picture_id else None
    return found or abort(404)


def file_of(session: Session, one: Attachment) -> StoredFile:
    """Of an attachment, or 404."""
    found = session.get(StoredFile, one.file_id) if one.file_id else None
    return found or abort(404)


@blueprint.get("/js-config")
@guide_only
def config(guide: Guide) -> ResponseReturnValue:
    """The signature that the platform's script asks for, for a page of our own only."""
    client, url = site().client, request.args.get("url", "")
    if client is None or not url.startswith(site().public_url + url_for("guide.today")):
        abort(404)
    try:
        return jsonify(js_config(client, url, site().clock(), calls=JS_CALLS))
    except PlatformError as error:
        abort(503, error.words)


def own(session: Session, guide: Guide, code: str) -> Todo:
    """Her own task; somebody else's looks like none at all (J01)."""
    found = session.exec(
        select(Task, Campaign)
        .join(Campaign, Campaign.id == Task.campaign_id)  # type: ignore[arg-type]
        .where(Task.code == code, Task.guide_id == guide.id)
    ).one_or_none()
    if found is None:
        abort(404, "没有这件任务，或者它不是你的。回到「今日」看看有什么要做")
    return Todo(*found)


def _change(guide: Guide, code: str, verb: Callable[..., bool]) -> ResponseReturnValue:
    now = site().clock()
    try:
        with site().db.write() as session:
            verb(session, own(session, guide, code).task, now)
    except Refused as refused:
        with site().db.read() as session:
            return _page(own(session, guide, code), now, refused.words), 409
    return redirect(url_for("guide.task", code=code), 303)


def _let_script_in() -> None:
    """The platform's script when it is not ours, and the built-in WeCom as the place where the button leads."""
    if site().jssdk_url:
        parts = urlsplit(site().jssdk_url)
        origin = f"{parts.scheme}://{parts.netloc}"
        headers.allow(script_src=site().jssdk_url, frame_src=origin, form_action=origin)
    if site().emulator_url:
        headers.allow(connect_src=site().emulator_url)


def _picture(content: bytes, name: str) -> Response:
    """With ?full=1 a file to keep, under the campaign's name: Chinese in a header has to be spelled out for it."""
    plain = "".join(sign for sign in name if sign.isprintable())
    keep = bool(request.args.get("full"))
    response = send_file(BytesIO(content), "image/jpeg", as_attachment=keep, download_name=plain, etag=False)
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response
