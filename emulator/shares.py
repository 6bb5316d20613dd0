"""What a page hands over to the messenger's compose views: she confirms or cancels, and only then somebody receives it."""

import json
import secrets
from dataclasses import dataclass
from typing import Any

from . import limits, moments
from .api.attachments import check_media, words_and_attachments
from .api.mass import SENT, owned_chats
from .api.moments import keep
from .errors import Refusal, Unwilling
from .friendships import known_guide
from .mass_assistant import hand_out
from .platform import Platform
from .schema import ListOf, Record, Schema, Text

CONTACT, CHAT, MOMENTS = "shareToExternalContact", "shareToExternalChat", "shareToExternalMoments"
CALLS = (CONTACT, CHAT, MOMENTS)
PHONE, COMPUTER, OLD, FORBIDDEN = "phone", "computer", "old", "forbidden"
CLIENTS = (PHONE, COMPUTER, OLD, FORBIDDEN)
"""On which client she opens pages; the last one is a phone whose app lacks the permission."""
NOT_SUPPORTED, NO_PERMISSION, CANCELLED = 3, 2, 1
"""errCode of each refusal"""


def set_client(platform: Platform, userid: str, client: Any) -> dict[str, Any]:
    if client not in CLIENTS:
        raise Unwilling(f"client must be one of {', '.join(CLIENTS)}", 400)
    guide = known_guide(platform, userid)
    platform.state.remember(f"client:{guide['userid'].lower()}", client)
    return {"client": client}


def client_of(platform: Platform, userid: str) -> str:
    return str(platform.state.remembered(f"client:{userid.lower()}", PHONE))


def begin(platform: Platform, userid: str, call: str, argument: str, page: str) -> dict[str, Any]:
    """The compose view of one call; one that was refused has its outcome at once."""
    client = client_of(platform, userid)
    content, outcome = {}, ""
    if client == FORBIDDEN:
        outcome = f"{call}:permission denied"
    elif client == OLD or (client == COMPUTER and call == MOMENTS):
        outcome = f"{call}:fail not supported"
    else:
        try:
            content = content_of(platform, call, argument)
        except Refusal as refusal:
            outcome = f"{call}:fail invalid parameter, {refusal.hint}"
    share_id = secrets.token_urlsafe(18)
    platform.state.run(
        "INSERT INTO share VALUES (?, ?, ?, ?, ?, ?, ?)",
        share_id,
        userid,
        call,
        json.dumps(content, ensure_ascii=False),
        page,
        platform.clock.now(),
        outcome,
    )
    return known(platform, userid, share_id)


def known(platform: Platform, userid: str, share_id: str) -> dict[str, Any]:
    found = platform.state.row("SELECT * FROM share WHERE share_id = ? AND userid = ?", share_id, userid)
    if not found:
        raise Unwilling("没有这次分享", 404)
    return found | {"content": json.loads(found["content"])}


def told(share: dict[str, Any]) -> dict[str, Any]:
    """What the page's promise gets."""
    outcome = str(share["outcome"])
    ends = (":ok", 0), (":cancel", CANCELLED), (":permission denied", NO_PERMISSION)
    code = next((code for end, code in ends if outcome.endswith(end)), NOT_SUPPORTED)
    return {"errCode": code, "errMsg": outcome, "page": share["page"]}


def finish(platform: Platform, userid: str, share_id: str, *, send: bool) -> dict[str, Any]:
    """Her tap on the compose view: a second one changes nothing."""
    guide = known_guide(platform, userid)
    with platform.state.change():
        share = known(platform, guide["userid"], share_id)
        if share["outcome"]:
            raise Unwilling("这次分享已经结束了")
        share["outcome"] = f"{share['call']}:{'ok' if send else 'cancel'}"
        platform.state.run("UPDATE share SET outcome = ? WHERE share_id = ?", share["outcome"], share_id)
        received = deliver(platform, guide["userid"], share) if send else 0
    return told(share) | {"received": received}


def deliver(platform: Platform, userid: str, share: dict[str, Any]) -> int:
    """How many receive it: what customers already got counts here as well."""
    content, now = share["content"], platform.clock.now()
    shown = {"text": content["text"], "attachments": content["attachments"]}
    if share["call"] == MOMENTS:
        moment_id = keep(platform, userid, shown, [], [userid], now)
        return int(moments.publish(platform, userid, moment_id)["shown"])
    chat_type = "group" if share["call"] == CHAT else "single"
    targets = receivers(platform, userid, share)
    return hand_out(platform, chat_type, share["share_id"], userid, targets, shown, now).count(SENT)


def receivers(platform: Platform, userid: str, share: dict[str, Any]) -> list[str]:
    """Whom the page proposed, as far as she knows them; without a proposal all of hers."""
    wanted = share["content"].get("to")
    hers = owned_chats(platform, userid) if share["call"] == CHAT else moments.audience(platform, userid, [])
    return [one for one in hers if one in wanted] if wanted else hers


# ---- what a call may carry: other names than the server's JSON has


def content_of(platform: Platform, call: str, argument: str) -> dict[str, Any]:
    """As the platform's book keeps content, from the names of the page script."""
    try:
        asked = json.loads(argument)
    except ValueError as error:
        raise Refusal(40035, "not JSON") from error
    ARGUMENT[call].check(asked, "")
    content = words_and_attachments(asked)
    attachments = content["attachments"]
    kinds = {one["msgtype"] for one in attachments}
    if call == MOMENTS and (
        len(kinds) > 1 or any(len(attachments) > limits.MOMENT_MOST[one] for one in kinds)
    ):
        raise Refusal(41065, "nine images, or one video, or one link")
    return content | {
        "attachments": [stored(platform, one) for one in attachments],
        "to": asked.get("externalUserIds") or asked.get("chatIds") or [],
    }


def stored(platform: Platform, one: dict[str, Any]) -> dict[str, Any]:
    kind = one["msgtype"]
    part = dict(one[kind])
    if media_id := part.pop("mediaid", ""):
        check_media(platform, media_id, kind, platform.clock.now(), kind)
        part["media_id"] = media_id
    if address := part.pop("imgUrl", ""):
        part["pic_url" if kind == "image" else "picurl"] = address
    if kind in ("image", "video", "file") and not part:
        raise Refusal(41006, f"{kind} needs mediaid")
    return {"msgtype": kind, kind: part}


_ADDRESS = Text(pattern=r"https?://\S+", wrong=40094)
_MEDIA = Record(missing=40063, fields={"mediaid": Text(missing=41006)})
_FIELDS: dict[str, Schema] = {
    "image": Record(missing=40063, fields={"mediaid": Text(), "imgUrl": _ADDRESS}),
    "video": _MEDIA,
    "file": _MEDIA,
    "link": Record(
        missing=40063,
        fields={
            "title": Text(missing=40063, empty=40063),
            "imgUrl": _ADDRESS,
            "desc": Text(),
            "url": Text(missing=40063, pattern=r"https?://\S+", wrong=40094),
        },
    ),
    "miniprogram": Record(
        missing=40063,
        fields={
            "appid": Text(missing=40063),
            "title": Text(missing=40063),
            "imgUrl": _ADDRESS,
            "page": Text(missing=40063),
        },
    ),
}


@dataclass(frozen=True, kw_only=True)
class Shared(Schema):
    """One attachment of a call, of the kinds that it takes."""

    kinds: tuple[str, ...]

    def check(self, value: Any, at: str) -> None:
        kind = value.get("msgtype") if isinstance(value, dict) else None
        if kind not in self.kinds:
            raise Refusal(41065, f"{at}.msgtype")
        Record(fields={"msgtype": Text(), kind: _FIELDS[kind]}).check(value, at)


def _argument(chars: int, kinds: tuple[str, ...], **receivers: Schema) -> Record:
    content = Record(fields={"content": Text(most_chars=chars, too_long=45002, missing=40063)})
    return Record(
        fields={"text": content, "attachments": ListOf(item=Shared(kinds=kinds), most=9), **receivers}
    )


ARGUMENT = {
    CONTACT: _argument(
        limits.SHARE_TEXT_CHARS, tuple(_FIELDS), externalUserIds=ListOf(most=limits.SHARE_CUSTOMERS)
    ),
    CHAT: _argument(limits.SHARE_TEXT_CHARS, tuple(_FIELDS), chatIds=ListOf(most=limits.MASS_CHATS)),
    MOMENTS: _argument(limits.MOMENT_TEXT_CHARS, ("image", "video", "link")),
}
