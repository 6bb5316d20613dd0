"""The pictures that a phone loads: entry codes, and whatever was uploaded."""

import io

import segno
from flask import Blueprint, Response

from .api.media import content_of
from .control import platform

pictures = Blueprint("pictures", __name__)


@pictures.get("/qr/<qr_id>.png")
def entry_code(qr_id: str) -> Response:
    payload = platform().state.value("SELECT payload FROM contact_way WHERE qr_id = ?", qr_id)
    if not payload:
        return _not_found()
    picture = io.BytesIO()
    segno.make(payload, error="m", micro=False).save(picture, kind="png", scale=12, border=4)
    return Response(picture.getvalue(), mimetype="image/png")


@pictures.get("/pic/<media_id>")
def uploaded(media_id: str) -> Response:
    """What a phone shows of a media_id or of an uploaded picture; a guess of an id finds nothing."""
    found = platform().state.row("SELECT * FROM media WHERE media_id = ?", media_id)
    if not found:
        return _not_found()
    return Response(
        content_of(platform(), found).data,
        mimetype=found["mime"],
        headers={"X-Content-Type-Options": "nosniff"},
    )


def _not_found() -> Response:
    return Response("not found", 404, mimetype="text/plain")
