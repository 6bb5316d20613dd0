"""Customers and their guides, as the customer-contact API shows them."""

from typing import Any

from ..dispatch import Api, PlatformCall
from ..errors import Refusal
from ..platform import Platform
from ..schema import ListOf, Record, Text, Whole
from .contacts import known_member
from .pages import page, position_of

FOLLOWERS_PER_PAGE = 500
SEEN = "relation IN ('full', 'customer_left')"


def follow_users(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    rows = platform.state.rows(
        "SELECT userid FROM member WHERE left_at IS NULL AND visible AND contact_feature ORDER BY userid"
    )
    return {"follow_user": [row["userid"] for row in rows]}


def list_(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    member = known_member(platform, call.asked("userid", 41009))
    rows = platform.state.rows(
        f"SELECT external_userid FROM friend WHERE userid = ? AND {SEEN} ORDER BY since, external_userid",
        member["userid"],
    )
    if not rows:
        raise Refusal(84061)
    return {"external_userid": [row["external_userid"] for row in rows]}


def get(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    customer = platform.customer(call.asked("external_userid", 41035))
    if not customer:
        raise Refusal(40096)
    after = position_of(call.query.get("cursor"), 2) or [-1, ""]
    rows = platform.state.rows(
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


def batch(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    """Guide by guide in the order of the ids; the cursor goes on inside the same list."""
    users = [known_member(platform, userid)["userid"] for userid in call.body["userid_list"]]
    limit = call.body.get("limit", 50)
    after = position_of(call.body.get("cursor"), 3) or ["", -1, ""]
    marks = ",".join("?" * len(users))
    rows = platform.state.rows(
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


def remark(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    member = known_member(platform, call.body["userid"])
    if not set(call.body) - {"userid", "external_userid"}:
        raise Refusal(40058, "nothing to change")
    if not platform.friend(member["userid"], call.body["external_userid"]):
        raise Refusal(84061)
    if "remark" in call.body:
        platform.state.run(
            "UPDATE friend SET remark = ? WHERE userid = ? AND external_userid = ?",
            call.body["remark"],
            member["userid"],
            call.body["external_userid"],
        )
    return {}


BATCH = Record(
    fields={
        "userid_list": ListOf(item=Text(wrong=40003), least=1, most=100, missing=40063, too_few=40063),
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
        "remark_mobiles": ListOf(),
        "remark_pic_mediaid": Text(),
    }
)
APIS = {
    "externalcontact/get_follow_user_list": Api("GET", follow_users),
    "externalcontact/list": Api("GET", list_),
    "externalcontact/get": Api("GET", get),
    "externalcontact/batch/get_by_user": Api("POST", batch, BATCH),
    "externalcontact/remark": Api("POST", remark, REMARK),
}
