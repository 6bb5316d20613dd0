"""Text and attachments of welcome and mass messages: what the platform accepts."""

from typing import Any

from .. import limits
from ..errors import Refusal
from ..platform import Platform
from ..schema import ListOf, Record, Schema, Text

TEXT = Record(fields={"content": Text(most_bytes=limits.TEXT_BYTES, too_long=45002, missing=40063)})

_LINK = Record(
    fields={
        "title": Text(missing=40063, empty=40063, most_bytes=limits.LINK_TITLE_BYTES),
        "picurl": Text(most_bytes=limits.LINK_URL_BYTES),
        "desc": Text(most_bytes=limits.LINK_DESC_BYTES),
        "url": Text(
            missing=40063, empty=40063, most_bytes=limits.LINK_URL_BYTES, pattern=r"https?://\S+", wrong=40094
        ),
    }
)
_MINIPROGRAM = Record(
    fields={
        "title": Text(missing=40063, empty=40063, most_bytes=limits.MINIPROGRAM_TITLE_BYTES),
        "pic_media_id": Text(missing=40063, empty=40007),
        "appid": Text(missing=40063, empty=40063),
        "page": Text(missing=40063, empty=40063),
    }
)
_MEDIA = Record(fields={"media_id": Text(missing=41006, empty=40007)})
KINDS: dict[str, Record] = {
    "image": Record(fields={"media_id": Text(), "pic_url": Text()}),
    "link": _LINK,
    "miniprogram": _MINIPROGRAM,
    "video": _MEDIA,
    "file": _MEDIA,
}


class Attachment(Schema):
    """`msgtype` and the one object of that name; an empty sibling object is refused as an unknown field."""

    def check(self, value: Any, at: str) -> None:
        kind = value.get("msgtype") if isinstance(value, dict) else None
        if kind not in KINDS:
            raise Refusal(41065, f"{at}.msgtype must be one of {', '.join(KINDS)}")
        fields: dict[str, Schema] = {"msgtype": Text(missing=41065)}
        part = KINDS[kind]
        Record(fields=fields | {kind: Record(fields=part.fields, missing=40063)}).check(value, at)
        if kind == "image" and not (value["image"].get("media_id") or value["image"].get("pic_url")):
            raise Refusal(40007, f"{at}.image needs media_id or pic_url")


ATTACHMENTS = ListOf(item=Attachment(), most=limits.ATTACHMENTS, too_many=41064)


def check_content(platform: Platform, body: dict[str, Any], now: float) -> None:
    """Something must be said, and every media_id must be alive and of the right kind."""
    for index, attachment in enumerate(words_and_attachments(body)["attachments"]):
        kind = attachment["msgtype"]
        part = attachment[kind]
        if kind in ("video", "file"):
            check_media(platform, part["media_id"], kind, now, f"attachments[{index}]")
        elif kind == "miniprogram":
            check_media(platform, part["pic_media_id"], "image", now, f"attachments[{index}]")
        elif kind == "image" and part.get("media_id"):
            check_media(platform, part["media_id"], "image", now, f"attachments[{index}]")
        elif kind == "image" and not uploaded_picture(platform, part["pic_url"]):
            raise Refusal(40007, f"attachments[{index}].image.pic_url must come from media/uploadimg")


def words_and_attachments(body: dict[str, Any]) -> dict[str, Any]:
    """As the platform's book keeps what a body says; something must be said."""
    text, attachments = (body.get("text") or {}).get("content", ""), body.get("attachments") or []
    if not text and not attachments:
        raise Refusal(44004, "text and attachments are both empty")
    return {"text": text, "attachments": attachments}


def uploaded_picture(platform: Platform, url: str) -> bool:
    media_id = url.rsplit("/pic/", 1)[-1]
    return bool(platform.state.row("SELECT 1 FROM media WHERE media_id = ? AND kind = 'picture'", media_id))


def check_media(
    platform: Platform, media_id: str, kind: str, now: float, at: str, origin: str = "app"
) -> None:
    """Three days, the same kind, and uploaded for the right use: a robot's upload is of no use to the app."""
    found = platform.state.row("SELECT * FROM media WHERE media_id = ?", media_id)
    if (
        not found
        or found["kind"] != kind
        or found["origin"] != origin
        or found["born"] + limits.MEDIA_SECONDS <= now
    ):
        raise Refusal(40007, f"{at}: no such {kind}, or older than three days")
