"""The attachments in the form of a campaign: what was typed, one more, one less, another order; and what was uploaded."""

import hashlib
import re
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from flask import Blueprint, render_template, request, send_file
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col, select
from werkzeug.datastructures import FileStorage, MultiDict

import posters
from models.campaigns.attachments import ORIGIN, POSTER_WORDS, USES, Attachment, AttachmentForm
from models.campaigns.files import FILE, MIMES, VIDEO, StoredFile, keep_file
from models.campaigns.pictures import Picture, keep_picture
from models.errors import Refused
from models.materials import Material, MaterialVersion, fitness, library
from pages.console.campaigns import pictures
from pages.console.campaigns.crop import Crop
from pages.web import access, campaign_check, input_limits
from pages.web.i18n import _
from pages.web.site import site
from posters.fields import PictureRefused
from posters.pictures import MAX_BYTES
from wecom.limits import limit_of

blueprint = Blueprint("attachments", __name__, url_prefix="/console")
FIELD = re.compile(r"attachments\.(\d{1,3})\.([a-z_.]+)")
"""The name of an input is the path of its field, which is how a fault finds it."""
NUMBERS = ("picture_id", "file_id")
FORM_ROOM = 1024 * 1024
"""Bytes that the rest of the form may take beside a file"""
TAKE = "take"
"""The button that takes a piece from the library"""
OFFERED = 200
MOST = 20
"""More than the platform takes, so that who wrote too many is told and loses none."""


# ---- what was typed


def typed(attachments: Sequence[Attachment]) -> dict[str, str]:
    """Attachments as the inputs of the form."""
    inputs: dict[str, str] = {}
    for n, one in enumerate(attachments):
        here = f"attachments.{n}."
        inputs[here + "form"] = one.form
        for name in (*USES[one.form], *(origin for origin in ORIGIN if getattr(one, origin))):
            value = getattr(one, name)
            if name == "words":
                inputs |= {f"{here}words.{word}": text for word, text in value.items()}
            else:
                inputs[here + name] = str(value or "")
    return inputs


def read(session: Session, source: "MultiDict[str, str]") -> list[Attachment]:
    """The inputs as attachments, after what the button wanted: `add:link`, `remove:2`, `up:2`."""
    found: dict[int, dict[str, str]] = {}
    for name in source:
        if match := FIELD.fullmatch(name):
            value = source.get(name, "")
            found.setdefault(int(match[1]), {})[match[2]] = value.replace("\r\n", "\n")[:8000].strip()
    written = [one for n in sorted(found)[:MOST] if (one := _attachment(session, found[n]))]
    kept = fitness.unlinked(session, written)
    if source.get("do") == TAKE and (piece := taken(session, source)):
        return [*kept, *fitness.copies(*piece)]
    return _arranged(kept, source.get("do", ""))


def taken(session: Session, source: "MultiDict[str, str]") -> tuple[Material, MaterialVersion] | None:
    """The piece of the library that was chosen, in its approved version."""
    material = access.material_if_hers(session, input_limits.number(source.get("from_library", "")))
    if material is None or not material.approved_version:
        return None
    return material, library.version_of(session, material, material.approved_version)


def _attachment(session: Session, inputs: dict[str, str]) -> Attachment | None:
    form = next((one for one in AttachmentForm if one == inputs.get("form")), None)
    if form is None:
        return None
    one = Attachment(form=form)
    for name in USES[form]:
        if name == "words":
            one.words = {word: text for word in POSTER_WORDS if (text := inputs.get(f"words.{word}", ""))}
        elif name in NUMBERS:
            setattr(one, name, _hers(session, name, inputs.get(name, "")))
        else:
            setattr(one, name, inputs.get(name, ""))
    if one.form == AttachmentForm.POSTER and one.design in posters.DESIGNS:
        _only_shown(one)
    one.material_id, one.version = (input_limits.number(inputs.get(name, "")) or None for name in ORIGIN)
    return one


def _only_shown(poster: Attachment) -> None:
    """What another design asked for goes when this one is chosen: the form does not show it any more."""
    fields = posters.DESIGNS[poster.design].FIELDS
    poster.words = {name: text for name, text in poster.words.items() if name in (*fields, "sentence")}
    poster.picture_id = poster.picture_id if "picture" in fields else None


def _hers(session: Session, name: str, written: str) -> int | None:
    number = input_limits.number(written)
    if not number:
        return None
    find = access.picture_if_hers if name == "picture_id" else access.file_if_hers
    found = find(session, number)
    return found.id if found else None


def _arranged(attachments: list[Attachment], do: str) -> list[Attachment]:
    verb, _colon, what = do.partition(":")
    place = int(what) if what.isdecimal() and len(what) < 4 else -1
    if verb == "add" and what in list(AttachmentForm) and len(attachments) < MOST:
        design = next(iter(posters.DESIGNS)) if what == AttachmentForm.POSTER else ""
        attachments.append(Attachment(form=AttachmentForm(what), design=design))
    elif verb == "remove" and 0 <= place < len(attachments):
        del attachments[place]
    elif verb == "up" and 0 < place < len(attachments):
        attachments[place - 1 : place + 1] = attachments[place - 1 : place + 1][::-1]
    return attachments


# ---- what was uploaded


@blueprint.post("/pictures")
@access.offices
@input_limits.takes_files
def upload_picture() -> ResponseReturnValue:
    """One picture, cleaned before it is kept; the answer is its slot of the form."""
    picture, fault = take_picture(_first_file())
    return _slot(of_form=AttachmentForm.PICTURE, picture=picture, fault_=fault), 422 if fault else 200


@blueprint.post("/files")
@access.offices
@input_limits.takes_files
def upload_file() -> ResponseReturnValue:
    """One video or file; the answer is its slot of the form."""
    form = VIDEO if request.form.get("form") == VIDEO else FILE
    file, fault = take_file(_first_file(), form)
    return _slot(of_form=form, file=file, fault_=fault), 422 if fault else 200


@blueprint.get("/pictures/<int:picture_id>.jpg")
@access.staff
def picture(picture_id: int) -> ResponseReturnValue:
    with site().db.read() as session:
        found = access.picture(session, picture_id)
    return pictures.jpeg(posters.shrink(found.content) if request.args.get("small") else found.content)


@blueprint.get("/files/<int:file_id>")
@access.staff
def file(file_id: int) -> ResponseReturnValue:
    with site().db.read() as session:
        kept = access.file(session, file_id)
    return send_file(BytesIO(kept.content), MIMES[kept.form], as_attachment=True, download_name=kept.name)


def take_uploads(source: "MultiDict[str, str]") -> dict[str, str]:
    """Without script files come with the form: each is kept and named in its slot. What is wrong, by field."""
    faults: dict[str, str] = {}
    for name, sent in request.files.items():
        match = FIELD.fullmatch(name)
        if not match or match[2] != "upload" or not sent.filename:
            continue
        here = f"attachments.{match[1]}."
        form = source.get(here + "form", "")
        slot = "file_id" if form in (VIDEO, FILE) else "picture_id"
        kept, fault = take_file(sent, form) if slot == "file_id" else take_picture(sent)
        if kept is not None:
            source[here + slot] = str(kept.id)
        elif fault:
            faults[here + slot] = fault
    return faults


def take_picture(sent: FileStorage | None) -> tuple[Picture | None, str]:
    """Clean what was uploaded and keep it: (picture, what is wrong with it)."""
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
    with site().db.write() as session:
        kept = keep_picture(
            session,
            sha256=hashlib.sha256(clean.jpeg).hexdigest(),
            name=_name_of(sent),
            width=clean.width,
            height=clean.height,
            content=clean.jpeg,
            now=site().clock(),
            account_id=access.viewer().id,
        )
    return kept, ""


def take_file(sent: FileStorage | None, form: str) -> tuple[StoredFile | None, str]:
    """Keep a video or a file as it is: (file, what is wrong with it)."""
    raw = sent.read() if sent else b""
    if not raw:
        return None, _("没有收到文件，请再选一次")
    try:
        with site().db.write() as session:
            kept = keep_file(
                session,
                form=form,
                name=_name_of(sent),
                content=raw,
                account_id=access.viewer().id or 0,
                now=site().clock(),
            )
    except Refused as refused:
        return None, refused.words
    return kept, ""


def crop_of(picture: Picture | None) -> Crop | None:
    return Crop(picture.width, picture.height) if picture else None


def _first_file() -> FileStorage | None:
    return next(iter(request.files.values()), None)


def _name_of(sent: FileStorage | None) -> str:
    name = ((sent.filename if sent else "") or "").replace("\\", "/").rpartition("/")[2]
    return "".join(one for one in name if one.isprintable())[-120:]


def _slot(**shown: object) -> str:
    """Only the slots of the form are filled: whatever else somebody names is none."""
    match = FIELD.fullmatch(request.form.get("slot", ""))
    here = f"attachments.{match[1]}." if match else "attachments.0."
    return render_template("console/campaigns/slot.html", here=here, **bounds(), **shown)


def section(session: Session, kept: Sequence[Attachment], again: str) -> dict[str, Any]:
    """What the section of a form needs that shows these; `again` is where its buttons ask."""
    seen = select(Picture).where(col(Picture.id).in_([one.picture_id for one in kept]))
    stored = select(StoredFile).where(col(StoredFile.id).in_([one.file_id for one in kept]))
    return {
        "attachments": kept,
        "inputs": typed(kept),
        "attachments_again": again,
        "pictures": {one.id: one for one in session.exec(seen)},
        "files": {one.id: one for one in session.exec(stored)},
        "crop_of": crop_of,
        "designs": posters.DESIGNS,
        "poster_words": POSTER_WORDS,
        "most_attachments": limit_of("mass", "attachments").most,
        **bounds(),
    }


def offer(session: Session) -> dict[str, Any]:
    """What the composer offers from the library."""
    allowed = access.scope().materials()
    return {"on_offer": fitness.on_offer(session, allowed, site().clock(), OFFERED)}


def bounds() -> dict[str, Any]:
    """How much each upload may weigh: pictures as we open them, the others what the platform or a request takes."""
    return {
        "picture_bytes": MAX_BYTES,
        "file_bytes": {
            form: min(limit_of(form, form).most, input_limits.MOST_BYTES - FORM_ROOM)
            for form in (VIDEO, FILE)
        },
    }
