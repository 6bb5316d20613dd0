"""Webhook robots of internal groups: a key, twenty messages a minute, no token."""

import base64
import binascii
import hashlib
from typing import Any

from .. import limits
from ..dispatch import Api, PlatformCall
from ..errors import Refusal
from ..platform import Platform
from ..schema import ListOf, Record, Schema, Text
from .attachments import check_media
from .cards import NOTICES, TemplateCard
from .media import keep, looks_like

_MEDIA = Record(missing=40063, fields={"media_id": Text(missing=41006, empty=40007)})
_ARTICLE = Record(
    fields={
        "title": Text(missing=41016, empty=41016, most_bytes=limits.CARD_TITLE_BYTES),
        "description": Text(most_bytes=limits.CARD_DESC_BYTES),
        "url": Text(missing=40063, empty=40063),
        "picurl": Text(),
    }
)


def _text(most: int, **more: Schema) -> Record:
    content: dict[str, Schema] = {
        "content": Text(missing=44004, empty=44004, most_bytes=most, too_long=45002)
    }
    return Record(missing=44004, fields=content | more)


KINDS: dict[str, Schema] = {
    "text": _text(limits.ROBOT_TEXT_BYTES, mentioned_list=ListOf(), mentioned_mobile_list=ListOf()),
    "markdown": _text(limits.ROBOT_MARKDOWN_BYTES),
    "markdown_v2": _text(limits.ROBOT_MARKDOWN_BYTES),
    "image": Record(missing=40063, fields={"base64": Text(missing=40063), "md5": Text(missing=40063)}),
    "news": Record(
        missing=40063,
        fields={
            "articles": ListOf(
                item=_ARTICLE, least=1, most=limits.ARTICLES, missing=40063, too_many=45008, too_few=45008
            )
        },
    ),
    "file": _MEDIA,
    "voice": _MEDIA,
    "template_card": TemplateCard(types=NOTICES, missing=42031),
}


class WebhookMessage(Record):
    def check(self, value: Any, at: str) -> None:
        kind = value.get("msgtype") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in KINDS:
            raise Refusal(40008, "msgtype")
        Record(fields={"msgtype": Text(), kind: KINDS[kind]}).check(value, at)


def send(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    robot = known_robot(platform, call)
    kind = call.body["msgtype"]
    content = call.body[kind]
    if kind == "image":
        content = checked_image(content)
    if kind in ("file", "voice"):
        check_media(platform, content["media_id"], kind, call.now, kind, origin=f"webhook:{robot['key']}")
    if not platform.rate_limits.take("webhook", robot["key"], limits.ROBOT_PER_MINUTE, 60, call.now):
        raise Refusal(45009)
    platform.ledger.write("robot", robot["chat_id"], robot=robot["name"], msgtype=kind, **{kind: content})
    return {}


def known_robot(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    """A wrong key and a robot that was removed (or whose group is gone) answer the same, for ever."""
    call.scope = "webhook"
    found = platform.state.row(
        "SELECT webhook.* FROM webhook JOIN chat USING (chat_id) WHERE key = ? AND dismissed_at IS NULL",
        call.query.get("key", ""),
    )
    if not found:
        raise Refusal(93000)
    return found


def checked_image(content: dict[str, Any]) -> dict[str, Any]:
    """The ledger keeps the picture's size and md5, not its bytes."""
    try:
        data = base64.b64decode(content["base64"], validate=True)
    except binascii.Error as error:
        raise Refusal(40058, "image.base64 has a prefix, a line break or is not base64") from error
    if len(data) > limits.ROBOT_IMAGE_BYTES:
        raise Refusal(45001)
    if not looks_like("image", data):
        raise Refusal(40004, "not a picture")
    if hashlib.md5(data).hexdigest() != content["md5"].lower():
        raise Refusal(301019)
    return {"md5": content["md5"], "bytes": len(data)}


def upload(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    robot = known_robot(platform, call)
    kind = call.query.get("type", "")
    if kind not in ("file", "voice"):
        raise Refusal(40005, "type must be file or voice")
    return keep(platform, call, kind, f"webhook:{robot['key']}")


NO_TOKEN: frozenset[str] = frozenset()

APIS = {
    "webhook/send": Api("POST", send, WebhookMessage(), scopes=NO_TOKEN),
    "webhook/upload_media": Api("POST", upload, scopes=NO_TOKEN),
}
