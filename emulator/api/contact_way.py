"""「联系我」: codes whose several users are picked by the platform, answered as the address of a picture."""

import json
import secrets
from typing import Any

from .. import limits
from ..dispatch import Api, PlatformCall
from ..errors import Refusal
from ..platform import Platform
from ..schema import Choice, Flag, ListOf, Record, Schema, Text, Whole
from .attachments import _LINK, _MINIPROGRAM, TEXT, check_media
from .contacts import known_member
from .pages import page, position_of

DAY = 86_400
CODE_OF_PERSON = "https://work.weixin.qq.com/ca/"


class Conclusions(Record):
    """The closing words of a temporary chat: a text and one more thing at most."""

    def check(self, value: Any, at: str) -> None:
        super().check(value, at)
        if len(set(value) - {"text"}) > 1:
            raise Refusal(40058, f"{at}: one of image, link and miniprogram")


CONCLUSIONS = Conclusions(
    fields={
        "text": TEXT,
        "image": Record(fields={"media_id": Text(missing=41006)}),
        "link": _LINK,
        "miniprogram": _MINIPROGRAM,
    }
)
_EDITABLE: dict[str, Schema] = {
    "style": Whole(low=0, high=3, wrong=41042),
    "remark": Text(most_chars=30),
    "skip_verify": Flag(),
    "state": Text(most_chars=30),
    "user": ListOf(item=Text(wrong=40003), wrong=40031),
    "party": ListOf(item=Whole(low=1), wrong=40066),
    "expires_in": Whole(low=1, high=limits.TEMP_DAYS * DAY),
    "chat_expires_in": Whole(low=1, high=limits.TEMP_DAYS * DAY),
    "unionid": Text(),
    "conclusions": CONCLUSIONS,
}
ADD = Record(
    fields=_EDITABLE
    | {
        "type": Choice(values=(1, 2), missing=41037, wrong=41039),
        "scene": Choice(values=(1, 2), missing=41038, wrong=41040),
        "is_temp": Flag(),
        "is_exclusive": Flag(),
        "mark_source": Flag(),
    }
)
CONFIG_ID = Text(missing=41043, empty=41043, wrong=41044)
ONE = Record(fields={"config_id": CONFIG_ID})
UPDATE = Record(fields=_EDITABLE | {"config_id": CONFIG_ID})
LIST = Record(
    fields={"start_time": Whole(), "end_time": Whole(), "cursor": Text(), "limit": Whole(low=1, high=1000)}
)


def add(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    body = call.body
    check_users(platform, body)
    check_conclusions(platform, call)
    if body.get("is_temp") and body["type"] != 1:
        raise Refusal(41039, "a temporary code belongs to one user")
    state = platform.state
    config_id, qr_id = secrets.token_hex(16), secrets.token_urlsafe(12)
    with state.change():
        if not body.get("is_temp") and lasting(platform) >= limits.CONTACT_WAYS:
            raise Refusal(41045)
        state.run(
            "INSERT INTO contact_way (config_id, qr_id, payload, body, born) VALUES (?, ?, ?, ?, ?)",
            config_id,
            qr_id,
            CODE_OF_PERSON + secrets.token_hex(8),
            json.dumps(body),
            call.now,
        )
    answer = {"config_id": config_id}
    if body["scene"] == 2:
        answer["qr_code"] = picture_of(call, qr_id)
    return answer


def get(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    way = known_way(platform, call)
    body = json.loads(way["body"])
    shown = {
        "config_id": way["config_id"],
        "type": body["type"],
        "scene": body["scene"],
        "style": body.get("style", 1),
        "remark": body.get("remark", ""),
        "skip_verify": body.get("skip_verify", True),
        "state": body.get("state", ""),
        "user": body.get("user", []),
        "party": body.get("party", []),
        "is_temp": body.get("is_temp", False),
        "expires_in": body.get("expires_in", 7 * DAY),
        "chat_expires_in": body.get("chat_expires_in", DAY),
        "unionid": body.get("unionid", ""),
        "conclusions": body.get("conclusions", {}),
    }
    if body["scene"] == 2:
        shown["qr_code"] = picture_of(call, way["qr_id"])
    return {"contact_way": shown}


def list_(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    body = call.body
    first, last = body.get("start_time", call.now - 90 * DAY), body.get("end_time", call.now)
    limit = body.get("limit", 100)
    after = position_of(body.get("cursor"), 2) or [0, ""]
    rows = platform.state.rows(
        "SELECT config_id, born FROM contact_way WHERE born BETWEEN ? AND ? AND (born, config_id) > (?, ?)"
        " ORDER BY born, config_id LIMIT ?",
        first,
        last + 1,
        after[0],
        after[1],
        limit + 1,
    )
    found, cursor = page(rows, limit, "born", "config_id")
    return {"contact_way": [{"config_id": row["config_id"]} for row in found], "next_cursor": cursor}


def update(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    """`user`, `party` and `remark` overwrite; what is not named stays. Type and scene cannot change."""
    way = known_way(platform, call)
    body = json.loads(way["body"]) | {name: value for name, value in call.body.items() if name != "config_id"}
    check_users(platform, body)
    check_conclusions(platform, call)
    platform.state.run(
        "UPDATE contact_way SET body = ? WHERE config_id = ?", json.dumps(body), way["config_id"]
    )
    return {}


def delete(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    way = known_way(platform, call)
    platform.state.run("DELETE FROM contact_way WHERE config_id = ?", way["config_id"])
    return {}


def known_way(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    way = platform.state.row("SELECT * FROM contact_way WHERE config_id = ?", call.body["config_id"])
    if not way:
        raise Refusal(41044)
    return way


def check_users(platform: Platform, body: dict[str, Any]) -> None:
    users, parties = body.get("user") or [], body.get("party") or []
    if body["type"] == 1 and (len(users) != 1 or parties):
        raise Refusal(40058, "type 1 needs exactly one user and no party")
    if not users and not parties:
        raise Refusal(40058, "user and party are both empty")
    for userid in users:
        member = known_member(platform, userid)
        if member["status"] != 1:
            raise Refusal(41054, userid)
        if not member["contact_feature"]:
            raise Refusal(84074, userid)
    for party in parties:
        if not platform.state.row("SELECT 1 FROM department WHERE id = ?", party):
            raise Refusal(60003, str(party))
    if len(users_of(platform, body)) > limits.CONTACT_WAY_USERS:
        raise Refusal(41041)


def check_conclusions(platform: Platform, call: PlatformCall) -> None:
    conclusions = call.body.get("conclusions", {})
    for kind, name in (("image", "media_id"), ("miniprogram", "pic_media_id")):
        if kind in conclusions:
            check_media(platform, conclusions[kind][name], "image", call.now, f"conclusions.{kind}")


def lasting(platform: Platform) -> int:
    """How many codes count into the quota: temporary ones do not. The cheap count first, it mostly suffices."""
    count: int = platform.state.value("SELECT COUNT(*) FROM contact_way")
    if count < limits.CONTACT_WAYS:
        return count
    counted = "SELECT COUNT(*) FROM contact_way WHERE json_extract(body, '$.is_temp') IS NOT 1"
    return int(platform.state.value(counted))


def users_of(platform: Platform, body: dict[str, Any]) -> list[str]:
    """Everybody who may be picked: named users and members of named departments, still here and active."""
    found = {}
    for userid in body.get("user") or []:
        member = platform.member(userid)
        if member and member["status"] == 1:
            found[member["userid"]] = True
    if parties := set(body.get("party") or []):
        for member in platform.state.rows(
            "SELECT * FROM member WHERE left_at IS NULL AND status = 1 ORDER BY userid"
        ):
            if parties & set(json.loads(member["departments"])):
                found[member["userid"]] = True
    return list(found)


def picture_of(call: PlatformCall, qr_id: str) -> str:
    return f"{call.base_url}/qr/{qr_id}.png"


APIS = {
    "externalcontact/add_contact_way": Api("POST", add, ADD),
    "externalcontact/get_contact_way": Api("POST", get, ONE),
    "externalcontact/list_contact_way": Api("POST", list_, LIST),
    "externalcontact/update_contact_way": Api("POST", update, UPDATE),
    "externalcontact/del_contact_way": Api("POST", delete, ONE),
}
