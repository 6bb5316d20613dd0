"""Temporary media (three days) and permanent pictures."""

import mimetypes
import secrets
from typing import Any

from .. import limits
from ..dispatch import Api, Content, PlatformCall
from ..errors import Refusal
from ..platform import Platform

PICTURE_BYTES = 2 * 1024 * 1024
DAY = 86_400
MOMENTS, ALBUM = "moments", "album"
PURPOSES = {"1": MOMENTS, "2": ALBUM}
"""`attachment_type`: what these media may be used for, and nothing else."""


def looks_like(kind: str, data: bytes) -> bool:
    """By its first bytes: JPG or PNG, AMR, MP4; a file may be anything."""
    if kind == "image":
        return data[:3] == b"\xff\xd8\xff" or data[:8] == b"\x89PNG\r\n\x1a\n"
    if kind == "voice":
        return data[:5] == b"#!AMR"
    return data[4:8] == b"ftyp" if kind == "video" else True


def upload(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    return keep(platform, call, call.query.get("type", ""), "app")


def upload_attachment(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    """Media for moments or the product album: of no use in messages, as theirs are of no use here."""
    purpose, kind = PURPOSES.get(call.query.get("attachment_type", "")), call.query.get("media_type", "")
    if not purpose:
        raise Refusal(40058, "attachment_type must be 1 or 2")
    if kind == "voice" or (purpose == MOMENTS and kind == "file"):
        raise Refusal(40004, "media_type")
    return keep(platform, call, kind, purpose)


def keep(platform: Platform, call: PlatformCall, kind: str, origin: str) -> dict[str, Any]:
    """Size, kind and a file name are checked; the answer's created_at is a string, as the platform writes it."""
    if kind not in limits.MEDIA_BYTES:
        raise Refusal(40005, "type")
    filename, data = received(call)
    # The app's own media must be larger than five bytes; a robot's may have just five.
    if len(data) < limits.MEDIA_LEAST_BYTES + (not origin.startswith("webhook:")):
        raise Refusal(40006)
    if len(data) > limits.MEDIA_BYTES[kind]:
        raise Refusal(45001)
    if not looks_like(kind, data):
        raise Refusal(40004, f"not a {kind}")
    media_id = store(platform, kind, origin, filename, data, call.now)
    return {"type": kind, "media_id": media_id, "created_at": str(int(call.now))}


def upload_picture(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    """A permanent address for a picture that may stand in messages."""
    filename, data = received(call)
    if not limits.MEDIA_LEAST_BYTES <= len(data) <= PICTURE_BYTES:
        raise Refusal(40009)
    if not looks_like("image", data):
        raise Refusal(40004, "not a picture")
    for days, most in limits.PICTURES_PER_DAYS.items():
        if not platform.rate_limits.take_or_close("picture", str(days), most, days * DAY, call.now):
            raise Refusal(45009, f"pictures in {days} days")
    return {"url": f"{call.base_url}/pic/{store(platform, 'picture', 'app', filename, data, call.now)}"}


def received(call: PlatformCall) -> tuple[str, bytes]:
    if call.upload is None or not call.upload.filename:
        raise Refusal(44001, "multipart field media with a filename")
    return call.upload.filename.replace('"', "")[:200], call.upload.read()


def store(platform: Platform, kind: str, origin: str, filename: str, data: bytes, now: float) -> str:
    media_id = secrets.token_urlsafe(36)
    (platform.media_dir / media_id).write_bytes(data)
    mime = mimetypes.guess_type(filename)[0] or "application/octet-stream"
    if kind in ("image", "picture"):
        mime = "image/jpeg" if data[:3] == b"\xff\xd8\xff" else "image/png"
    platform.state.run(
        "INSERT INTO media VALUES (?, ?, ?, ?, ?, ?)", media_id, kind, origin, filename, mime, now
    )
    return media_id


def get(platform: Platform, call: PlatformCall) -> Content:
    found = platform.state.row(
        "SELECT * FROM media WHERE media_id = ? AND kind != 'picture' AND origin = 'app' AND born > ?",
        call.asked("media_id", 41006),
        call.now - limits.MEDIA_SECONDS,
    )
    if not found:
        raise Refusal(40007)
    return content_of(platform, found)


def content_of(platform: Platform, found: dict[str, Any]) -> Content:
    return Content((platform.media_dir / found["media_id"]).read_bytes(), found["mime"], found["filename"])


APIS = {
    "media/upload": Api("POST", upload),
    "media/upload_attachment": Api("POST", upload_attachment),
    "media/uploadimg": Api("POST", upload_picture),
    "media/get": Api("GET", get),
}
