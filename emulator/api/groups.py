"""Customer groups, as the customer-contact API shows them."""

from typing import Any

from ..dispatch import Api, PlatformCall
from ..errors import Refusal
from ..platform import Platform
from ..schema import ListOf, Record, Text, Whole
from .contacts import known_member
from .pages import page, position_of


def list_(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    """Customer groups only; status 1 when the owner has left."""
    owners = (call.body.get("owner_filter") or {}).get("userid_list")
    wanted = {known_member(platform, userid)["userid"].lower() for userid in owners} if owners else None
    visible = platform.state.value("SELECT COUNT(*) FROM member WHERE left_at IS NULL AND visible")
    if not wanted and visible > 1000:
        raise Refusal(81017)
    limit, status = call.body["limit"], call.body.get("status_filter", 0)
    after = position_of(call.body.get("cursor")) or [""]
    rows = platform.state.rows(
        "SELECT chat_id, owner, m.left_at FROM chat LEFT JOIN member m ON m.userid = chat.owner"
        " WHERE kind = 'customer' AND dismissed_at IS NULL AND chat_id > ? ORDER BY chat_id",
        after[0],
    )
    rows = [
        {"chat_id": row["chat_id"], "status": 1 if row["left_at"] else 0}
        for row in rows
        if not wanted or row["owner"].lower() in wanted
    ]
    found, cursor = page([row for row in rows if not status or row["status"] == status], limit, "chat_id")
    return {"group_chat_list": found} | ({"next_cursor": cursor} if cursor else {})


def get(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    chat = platform.chat(call.body["chat_id"])
    if not chat:
        raise Refusal(49008)
    if chat["kind"] != "customer":
        raise Refusal(90501)
    people = platform.state.rows(
        "SELECT * FROM chat_person WHERE chat_id = ? ORDER BY joined, who", chat["chat_id"]
    )
    return {
        "group_chat": {
            "chat_id": chat["chat_id"],
            "name": chat["name"],
            "owner": chat["owner"],
            "create_time": int(chat["born"]),
            "notice": chat["notice"],
            "admin_list": [],
            "member_version": chat["version"],
            "member_list": [person_of(platform, row, call.body.get("need_name", 0)) for row in people],
        }
    }


def person_of(platform: Platform, row: dict[str, Any], need_name: int) -> dict[str, Any]:
    person = {
        "userid": row["who"],
        "type": row["type"],
        "join_time": int(row["joined"]),
        "join_scene": row["scene"],
        "group_nickname": "",
    }
    if need_name:
        known = platform.member(row["who"]) if row["type"] == 1 else platform.customer(row["who"])
        person["name"] = known["name"] if known else ""
    return person


CHAT_LIST = Record(
    fields={
        "status_filter": Whole(low=0, high=3),
        "cursor": Text(),
        "limit": Whole(low=1, high=1000, missing=40063),
        "owner_filter": Record(fields={"userid_list": ListOf(item=Text(wrong=40003), most=100, wrong=40031)}),
    }
)
CHAT_GET = Record(fields={"chat_id": Text(missing=40063, empty=40063), "need_name": Whole(high=1)})

APIS = {
    "externalcontact/groupchat/list": Api("POST", list_, CHAT_LIST),
    "externalcontact/groupchat/get": Api("POST", get, CHAT_GET),
}
