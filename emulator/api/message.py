"""The app's messages to members: who gets them, and what is silently dropped."""

import hashlib
import json
import secrets
from typing import Any

from .. import limits
from ..dispatch import Api, PlatformCall
from ..errors import Refusal
from ..platform import Platform
from ..schema import ListOf, Record, Schema, Text, Whole
from .attachments import check_media
from .cards import INTERACTIVE, TemplateCard

_MEDIA = Record(fields={"media_id": Text(missing=41006, empty=40007)})
_URL = Text(
    missing=40063, empty=40063, most_bytes=limits.CARD_URL_BYTES, pattern=r"https?://\S+", wrong=45034
)
_ARTICLE = Record(
    fields={
        "title": Text(missing=41016, empty=41016, most_bytes=limits.CARD_TITLE_BYTES),
        "description": Text(most_bytes=limits.CARD_DESC_BYTES),
        "url": Text(most_bytes=limits.CARD_URL_BYTES),
        "picurl": Text(),
        "appid": Text(),
        "pagepath": Text(),
    }
)
KINDS: dict[str, Schema] = {
    # App text that is too long is cut, not refused; everything else is refused.
    "text": Record(missing=44004, fields={"content": Text(missing=44004, empty=44004)}),
    "markdown": Record(
        missing=44004,
        fields={
            "content": Text(missing=44004, empty=44004, most_bytes=limits.APP_TEXT_BYTES, too_long=45002)
        },
    ),
    "textcard": Record(
        missing=40063,
        fields={
            "title": Text(missing=41016, empty=41016, most_bytes=limits.CARD_TITLE_BYTES, too_long=45002),
            "description": Text(
                missing=40063, empty=40063, most_bytes=limits.CARD_DESC_BYTES, too_long=45002
            ),
            "url": _URL,
            "btntxt": Text(most_chars=4),
        },
    ),
    "news": Record(
        missing=40063,
        fields={
            "articles": ListOf(
                item=_ARTICLE, least=1, most=limits.ARTICLES, missing=40063, too_many=45008, too_few=45008
            )
        },
    ),
    "image": Record(missing=40063, fields=_MEDIA.fields),
    "voice": Record(missing=40063, fields=_MEDIA.fields),
    "file": Record(missing=40063, fields=_MEDIA.fields),
    "video": Record(
        missing=40063,
        fields=_MEDIA.fields | {"title": Text(most_bytes=128), "description": Text(most_bytes=512)},
    ),
    "template_card": TemplateCard(missing=42031),
}
COMMON: dict[str, Schema] = {
    "touser": Text(wrong=40031),
    "toparty": Text(wrong=40066),
    "totag": Text(wrong=40068),
    "msgtype": Text(),
    "agentid": Whole(missing=41011, wrong=40056),
    "enable_id_trans": Whole(high=1),
    "enable_duplicate_check": Whole(high=1),
    "duplicate_check_interval": Whole(low=1, high=limits.DUPLICATE_SECONDS_MOST),
    "safe": Whole(high=2),
}


class Message(Record):
    """The common fields and the one object that `msgtype` names."""

    def check(self, value: Any, at: str) -> None:
        kind = value.get("msgtype") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in KINDS:
            raise Refusal(40008, "msgtype")
        Record(fields=COMMON | {kind: KINDS[kind]}).check(value, at)


def send(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    body, kind = call.body, call.body["msgtype"]
    check_agent(platform, body)
    if kind in ("image", "voice", "file", "video"):
        check_media(platform, body[kind]["media_id"], kind, call.now, kind)
    users, invalid = receivers(platform, body)
    answer: dict[str, Any] = {name: "|".join(ids) for name, ids in invalid.items() if ids}
    if not users:
        raise Refusal(81013)
    digest = hashlib.sha256(call.raw).hexdigest()
    with platform.state.change():
        if before := already_sent(platform, body, digest, call.now):
            platform.ledger.write_many(
                "dropped", [(user, {"why": "duplicate", "msgid": before}) for user in users]
            )
            return answer | {"msgid": before}
        return answer | deliver(platform, call, users, digest)


def deliver(platform: Platform, call: PlatformCall, users: list[str], digest: str) -> dict[str, Any]:
    body, kind, now = call.body, call.body["msgtype"], call.now
    content = body[kind]
    task_id = content.get("task_id") if kind == "template_card" else None
    if task_id and platform.state.value("SELECT 1 FROM card WHERE task_id = ?", task_id):
        raise Refusal(40058, "task_id was used before")
    if (
        kind == "template_card"
        and content["card_type"] in INTERACTIVE
        and not platform.corp.endpoints["app"].url
    ):
        raise Refusal(43012)
    if kind == "text":
        content = {"content": content["content"].encode()[: limits.APP_TEXT_BYTES].decode(errors="ignore")}
    msgid = secrets.token_urlsafe(48)
    platform.state.run("INSERT INTO message VALUES (?, ?, ?, ?, NULL)", msgid, digest, json.dumps(users), now)
    arrived = [user for user in users if within_rate(platform, user, now)]
    dropped = [
        (user, {"why": "rate", "msgid": msgid, "msgtype": kind}) for user in users if user not in set(arrived)
    ]
    platform.ledger.write_many("dropped", dropped)
    if kind == "template_card":
        platform.ledger.write_many(
            "card", [(user, {"task_id": task_id, "msgid": msgid, "card": content}) for user in arrived]
        )
        if task_id:
            platform.state.run_many(
                "INSERT INTO card VALUES (?, ?, '', ?, NULL, ?)",
                [(task_id, user, json.dumps(content, ensure_ascii=False), now) for user in arrived],
            )
    else:
        platform.ledger.write_many(
            "notice", [(user, {"msgid": msgid, "msgtype": kind, kind: content}) for user in arrived]
        )
    answer = {"msgid": msgid}
    if kind == "template_card" and content["card_type"] in INTERACTIVE:
        answer["response_code"] = new_response_code(platform, content["task_id"], None, now)
    return answer


def check_agent(platform: Platform, body: dict[str, Any]) -> None:
    if body["agentid"] != platform.corp.agent_id:
        raise Refusal(301002)


def receivers(platform: Platform, body: dict[str, Any]) -> tuple[list[str], dict[str, list[str]]]:
    """Members who will get it, and what of touser / toparty / totag is not valid (ids come back lower-cased)."""
    visible = "SELECT userid, departments FROM member WHERE left_at IS NULL AND visible AND status = 1"
    if body.get("touser") == "@all":
        return [row["userid"] for row in platform.state.rows(visible + " ORDER BY userid")], {}
    names = [part for part in body.get("touser", "").split("|") if part]
    parties = [part for part in body.get("toparty", "").split("|") if part]
    tags = [part for part in body.get("totag", "").split("|") if part]
    if not names and not parties and not tags:
        raise Refusal(82001)
    if len(names) > limits.RECEIVERS:
        raise Refusal(40032)
    if len(parties) > limits.PARTIES or len(tags) > limits.PARTIES:
        raise Refusal(40058, "toparty and totag: 100 at most")
    users: dict[str, bool] = {}
    wrong: dict[str, list[str]] = {"invaliduser": [], "invalidparty": [], "invalidtag": tags}
    for name in names:
        found = platform.state.row(visible + " AND userid = ?", name)
        if found:
            users[found["userid"]] = True
        else:
            wrong["invaliduser"].append(name.lower())
    for party in parties:
        members = [
            row["userid"]
            for row in platform.state.rows(visible + " ORDER BY userid")
            if party.isdigit() and int(party) in json.loads(row["departments"])
        ]
        users |= dict.fromkeys(members, True)
        if not members:
            wrong["invalidparty"].append(party)
    return list(users), wrong


def already_sent(platform: Platform, body: dict[str, Any], digest: str, now: float) -> str | None:
    """The duplicate check compares the whole request as it was written, within the asked interval."""
    if not body.get("enable_duplicate_check"):
        return None
    interval = body.get("duplicate_check_interval", limits.DUPLICATE_SECONDS)
    found: str | None = platform.state.value(
        "SELECT msgid FROM message WHERE digest = ? AND born > ? AND born <= ?", digest, now - interval, now
    )
    return found


def within_rate(platform: Platform, user: str, now: float) -> bool:
    """More than 30 a minute or 1000 an hour to one member: silently dropped."""
    take = platform.rate_limits.take
    return take("member minute", user, limits.MEMBER_PER_MINUTE, 60, now) and take(
        "member hour", user, limits.MEMBER_PER_HOUR, 3600, now
    )


def new_response_code(platform: Platform, task_id: str, userid: str | None, now: float) -> str:
    code = secrets.token_urlsafe(40)
    platform.state.run("INSERT INTO response_code VALUES (?, ?, ?, ?, NULL)", code, task_id, userid, now)
    return code


def recall(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    found = platform.state.row("SELECT * FROM message WHERE msgid = ?", call.body["msgid"])
    if not found:
        raise Refusal(40058, "msgid")
    if call.now - found["born"] > limits.RECALL_SECONDS:
        raise Refusal(42052)
    if not found["recalled"]:
        platform.state.run("UPDATE message SET recalled = ? WHERE msgid = ?", call.now, found["msgid"])
        users = json.loads(found["users"])
        platform.ledger.write_many("recalled", [(user, {"msgid": found["msgid"]}) for user in users])
    return {}


APIS = {
    "message/send": Api("POST", send, Message()),
    "message/recall": Api("POST", recall, Record(fields={"msgid": Text(missing=40063, empty=40063)})),
}
