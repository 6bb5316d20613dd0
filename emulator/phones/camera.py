"""A phone's camera: the codes that a customer has at hand, and reading a picture as a camera would."""

import io
import json
from dataclasses import dataclass
from typing import Any

import zxingcpp
from PIL import Image, UnidentifiedImageError

from ..api.media import content_of
from ..errors import Unwilling
from ..languages import _
from ..platform import Platform

MOST = 6


@dataclass(frozen=True)
class Seen:
    """A picture with a code in it, and where she sees it."""

    picture: str
    words: str
    body: dict[str, str]
    """What is posted when she points her camera at it."""


def at_hand(platform: Platform, lines: list[dict[str, Any]]) -> list[Seen]:
    """Posters that she received, posters that other customers show her, and codes that hang in stores."""
    own = _posters([(line["what"], line["what"].get("userid", "")) for line in reversed(lines)])
    rows = platform.state.rows(
        "SELECT content, t.userid FROM mass JOIN mass_task t USING (msgid) WHERE t.send_time IS NOT NULL"
        " ORDER BY t.send_time DESC LIMIT 40"
    )
    others = _posters([(json.loads(row["content"]), row["userid"]) for row in rows])
    found = {
        media_id: Seen(
            f"/pic/{media_id}", _("{guide}发来的", guide=_name(platform, userid)), {"media_id": media_id}
        )
        for media_id, userid in own
    }
    for media_id, userid in others:
        words = _("朋友给她看，{guide}的", guide=_name(platform, userid))
        found.setdefault(media_id, Seen(f"/pic/{media_id}", words, {"media_id": media_id}))
    return [*list(found.values())[:MOST], *_in_stores(platform)]


def _posters(contents: list[tuple[dict[str, Any], str]]) -> list[tuple[str, str]]:
    return [
        (one["image"]["media_id"], userid)
        for content, userid in contents
        for one in content.get("attachments") or []
        if one["msgtype"] == "image" and one["image"].get("media_id")
    ]


def _in_stores(platform: Platform) -> list[Seen]:
    """Codes of several members hang in a store."""
    rows = platform.state.rows(
        "SELECT qr_id, payload, body FROM contact_way WHERE json_array_length(json_extract(body, '$.user')) > 1"
        " ORDER BY born LIMIT ?",
        MOST,
    )
    return [
        Seen(
            f"/qr/{row['qr_id']}.png",
            json.loads(row["body"]).get("remark") or _("店里的码"),
            {"payload": row["payload"]},
        )
        for row in rows
    ]


def _name(platform: Platform, userid: str) -> str:
    member = platform.state.row("SELECT name FROM member WHERE userid = ?", userid)
    return str(member["name"]) if member else userid


def read(platform: Platform, media_id: str) -> str:
    """The payload of the code in an uploaded picture."""
    found = platform.state.row(
        "SELECT * FROM media WHERE media_id = ? AND kind IN ('image', 'picture')", media_id
    )
    if not found:
        raise Unwilling("没有这张图", 404)
    return seen_in(content_of(platform, found).data)


def seen_in(content: bytes) -> str:
    """The payload of the code in a picture."""
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as picture:
            seen = [code.text for code in zxingcpp.read_barcodes(picture.convert("L")) if code.valid]
    except (UnidentifiedImageError, OSError) as error:
        raise Unwilling("这张照片读不出来") from error
    if not seen:
        raise Unwilling("这张图里没有读出二维码")
    return str(seen[0])
