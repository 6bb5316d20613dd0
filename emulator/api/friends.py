"""Customers and their guides, as the customer-contact API shows them."""

from typing import Any

from ..calls import Api, Call
from ..messenger import Messenger
from ..refuse import Refusal
from ..shapes import Listing, Record, Text, Whole
from .contacts import known_member
from .pages import page, position_of

FOLLOWERS_PER_PAGE = 500
SEEN = "relation IN ('full', 'customer_left')"


def follow_users(messenger: Messenger, call: Call) -> dict[str, Any]:
    rows = messenger.state.rows(
        "SELECT userid FROM member WHERE left_at IS NULL AND visible AND contact_feature ORDER BY userid"
    )
    return {"follow_user": [row["userid"] for row in rows]}


def list_(messenger: Messenger, call: Call) -> dict[str, Any]:
    member = known_member(messenger, call.asked("userid", 41009))
    rows = messenger.state.rows(
        f"SELECT external_userid FROM friend WHERE userid = ? AND {SEEN} ORDER BY since, external_userid",
        member["userid"],
    )
    if not rows:
        raise Refusal(84061)
    return {"external_userid": [row["external_userid"] for row in rows]}


def get(messenger: Messenger, call: Call) -> dict[str, Any]:
    customer = messenger.customer(call.asked("external_userid", 41035))
    if not customer:
        raise Refusal(40096)
    after = position_of(call.query.get("cursor"), 2) or [-1, ""]
    rows = messenger.state.rows(
        f"SELECT friend.* FROM friend JOIN member USING (userid) WHERE external_userid = ? AND {SEEN}"
        " AND member.left_at IS NULL AND member.visible AND (since, userid) > (?, ?) ORDER BY since, userid LIMIT ?",
        customer["external_userid"],
        after[0],
        after[1],
        FOLLOWERS_PER_PAGE + 1,
    )
    if not rows:
        raise Refusal(84061)
    found, cursor = page(rows, FOLLOWERS_PER_PAGE, "since", "userid")
    followers = [follow_of(row) | {"tags": [], "oper_userid": oper_of(row)} for row in found]
    answer: dict[str, Any] = {"external_contact": contact_of(customer), "follow_user": followers}
    return answer | ({"next_cursor": cursor} if cursor else {})


def batch(messenger: Messenger, call: Call) -> dict[str, Any]:
    """Guide by guide in the order of the ids; the cursor goes on inside the same list."""
    users = [known_member(messenger, userid)["userid"] for userid in call.body["userid_list"]]
    limit = call.body.get("limit", 50)
    after = position_of(call.body.get("cursor"), 3) or ["", -1, ""]
    marks = ",".join("?" * len(users))
    rows = messenger.state.rows(
        f"SELECT friend.*, c.name, c.avatar, c.type, c.gender, c.unionid FROM friend JOIN customer c USING (external_userid)"
        f" WHERE userid IN ({marks}) AND {SEEN} AND (userid, since, external_userid) > (?, ?, ?)"
        " ORDER BY userid, since, external_userid LIMIT ?",
        *users,
        *after,
        limit + 1,
    )
    found, cursor = page(rows, limit, "userid", "since", "external_userid")
    return {
        "external_contact_list": [
            {
                "external_contact": contact_of(row),
                "follow_info": follow_of(row) | {"tag_id": [], "oper_userid": oper_of(row)},
            }
            for row in found
        ],
        "next_cursor": cursor,
    }


def contact_of(customer: dict[str, Any]) -> dict[str, Any]:
    contact = {name: customer[name] for name in ("external_userid", "name", "type", "gender")}
    contact["avatar"] = customer["avatar"] or ""
    if customer["unionid"] and customer["type"] == 1:
        contact["unionid"] = customer["unionid"]
    return contact


def follow_of(row: dict[str, Any]) -> dict[str, Any]:
    follow = {
        "userid": row["userid"],
        "remark": row["remark"],
        "description": "",
        "createtime": int(row["since"]),
        "remark_mobiles": [],
        "add_way": row["add_way"],
    }
    return follow | ({"state": row["state"]} if row["state"] else {})


def oper_of(row: dict[str, Any]) -> str:
    """Who began it: the customer by scanning, else the member."""
    return str(row["external_userid"] if row["add_way"] == 1 else row["userid"])


def remark(messenger: Messenger, call: Call) -> dict[str, Any]:
    member = known_member(messenger, call.body["userid"])
    if not set(call.body) - {"userid", "external_userid"}:
        raise Refusal(40058, "nothing to change")
    if not messenger.friend(member["userid"], call.body["external_userid"]):
        raise Refusal(84061)
    if "remark" in call.body:
        messenger.state.run(
            "UPDATE friend SET remark = ? WHERE userid = ? AND external_userid = ?",
            call.body["remark"],
            member["userid"],
            call.body["external_userid"],
        )
    return {}


def groupchat_list(messenger: Messenger, call: Call) -> dict[str, Any]:
    """Customer groups only; status 1 when the owner has left."""
    owners = (call.body.get("owner_filter") or {}).get("userid_list")
    wanted = {known_member(messenger, userid)["userid"].lower() for userid in owners} if owners else None
    visible = messenger.state.value("SELECT COUNT(*) FROM member WHERE left_at IS NULL AND visible")
    if not wanted and visible > 1000:
        raise Refusal(81017)
    limit, status = call.body["limit"], call.body.get("status_filter", 0)
    after = position_of(call.body.get("cursor")) or [""]
    rows = messenger.state.rows(
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


def groupchat_get(messenger: Messenger, call: Call) -> dict[str, Any]:
    chat = messenger.chat(call.body["chat_id"])
    if not chat:
        raise Refusal(49008)
    if chat["kind"] != "customer":
        raise Refusal(90501)
    people = messenger.state.rows(
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
            "member_list": [chat_member(messenger, row, call.body.get("need_name", 0)) for row in people],
        }
    }


def chat_member(messenger: Messenger, row: dict[str, Any], need_name: int) -> dict[str, Any]:
    person = {
        "userid": row["who"],
        "type": row["type"],
        "join_time": int(row["joined"]),
        "join_scene": row["scene"],
        "group_nickname": "",
    }
    if need_name:
        known = messenger.member(row["who"]) if row["type"] == 1 else messenger.customer(row["who"])
        person["name"] = known["name"] if known else ""
    return person


BATCH = Record(
    fields={
        "userid_list": Listing(item=Text(wrong=40003), least=1, most=100, missing=40063, too_few=40063),
        "cursor": Text(),
        "limit": Whole(low=1, high=100),
    }
)
REMARK = Record(
    fields={
        "userid": Text(missing=41009),
        "external_userid": Text(missing=41035),
        "remark": Text(most_chars=20),
        "description": Text(most_chars=150),
        "remark_company": Text(most_chars=20),
        "remark_mobiles": Listing(),
        "remark_pic_mediaid": Text(),
    }
)
CHAT_LIST = Record(
    fields={
        "status_filter": Whole(low=0, high=3),
        "cursor": Text(),
        "limit": Whole(low=1, high=1000, missing=40063),
        "owner_filter": Record(
            fields={"userid_list": Listing(item=Text(wrong=40003), most=100, wrong=40031)}
        ),
    }
)
CHAT_GET = Record(fields={"chat_id": Text(missing=40063, empty=40063), "need_name": Whole(high=1)})

APIS = {
    "externalcontact/get_follow_user_list": Api("GET", follow_users),
    "externalcontact/list": Api("GET", list_),
    "externalcontact/get": Api("GET", get),
    "externalcontact/batch/get_by_user": Api("POST", batch, BATCH),
    "externalcontact/remark": Api("POST", remark, REMARK),
    "externalcontact/groupchat/list": Api("POST", groupchat_list, CHAT_LIST),
    "externalcontact/groupchat/get": Api("POST", groupchat_get, CHAT_GET),
}
