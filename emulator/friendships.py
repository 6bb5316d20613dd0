"""What people do with codes and friends: scanning, deleting, accepting; each becomes an event."""

import json
import secrets
from typing import Any

from .api.contact_way import DAY, users_of
from .callbacks import Outgoing
from .company import add_customer
from .errors import Unwilling
from .platform import Platform

SCANNED = 1
"""`add_way` of a customer who came by code."""


def scan(
    platform: Platform, external_userid: str, asked: dict[str, Any]
) -> tuple[dict[str, Any], Outgoing | None]:
    """A customer scans a code; the platform picks the guide, and nobody can ask for another."""
    customer = known_or_new_customer(platform, external_userid, asked)
    way = way_of(platform, asked)
    body = json.loads(way["body"])
    with platform.state.change():
        users = users_of(platform, body)
        if not users:
            raise Unwilling("这个码后面已经没有人了")
        userid = platform.dice().choice(users)
        if body.get("is_temp"):
            platform.state.run("UPDATE contact_way SET spent = 1 WHERE config_id = ?", way["config_id"])
        state = body.get("state", "")
        answer: dict[str, Any] = {
            "userid": userid,
            "external_userid": external_userid,
            "welcome_code": None,
            "state": state,
        }
        before = platform.state.row(
            "SELECT * FROM friend WHERE userid = ? AND external_userid = ?", userid, external_userid
        )
        if before and before["relation"] in ("full", "half"):
            return answer | {"already": True}, None
        waits = not body.get("skip_verify", True)
        relation = "pending" if waits else "half" if asked.get("half") else "full"
        befriend(platform, userid, external_userid, relation, state)
        if waits:
            return answer | {"waiting": True}, None
        code = new_welcome_code(platform, userid, customer)
    change = "add_half_external_contact" if relation == "half" else "add_external_contact"
    sent = platform.tell_contact(change, userid, external_userid, State=state, WelcomeCode=code)
    return answer | {"welcome_code": code or None}, sent


def accept(platform: Platform, userid: str, external_userid: str) -> tuple[dict[str, Any], Outgoing | None]:
    """The member accepts a request, or adds back somebody who added her one-sidedly."""
    member = known_guide(platform, userid)
    with platform.state.change():
        row = platform.state.row(
            "SELECT * FROM friend WHERE userid = ? AND external_userid = ? AND relation IN ('pending', 'half')",
            member["userid"],
            external_userid,
        )
        if not row:
            raise Unwilling("没有等待通过的好友申请")
        befriend(platform, member["userid"], external_userid, "full", row["state"])
        customer = known_customer(platform, external_userid)
        code = new_welcome_code(platform, member["userid"], customer) if row["relation"] == "pending" else ""
    sent = platform.tell_contact(
        "add_external_contact", member["userid"], external_userid, State=row["state"], WelcomeCode=code
    )
    return {
        "userid": member["userid"],
        "external_userid": external_userid,
        "welcome_code": code or None,
    }, sent


def customer_deletes(
    platform: Platform, external_userid: str, userid: str
) -> tuple[dict[str, Any], Outgoing | None]:
    """The member keeps the customer in her list and does not see that she was deleted; mass messages fail."""
    changed = platform.state.run(
        "UPDATE friend SET relation = 'customer_left' WHERE userid = ? AND external_userid = ? AND relation = 'full'",
        userid,
        external_userid,
    )
    if not changed:
        raise Unwilling("你们不是好友")
    member = platform.member(userid)
    name = member["userid"] if member else userid
    return {"userid": name}, platform.tell_contact("del_follow_user", name, external_userid)


def guide_deletes(
    platform: Platform, userid: str, external_userid: str
) -> tuple[dict[str, Any], Outgoing | None]:
    member = known_guide(platform, userid)
    if not platform.state.run(
        "DELETE FROM friend WHERE userid = ? AND external_userid = ?", member["userid"], external_userid
    ):
        raise Unwilling("你们不是好友")
    return {"userid": member["userid"]}, platform.tell_contact(
        "del_external_contact", member["userid"], external_userid
    )


def befriend(platform: Platform, userid: str, external_userid: str, relation: str, state: str) -> None:
    platform.state.run(
        "INSERT INTO friend VALUES (?, ?, ?, ?, ?, ?, '') ON CONFLICT (userid, external_userid)"
        " DO UPDATE SET relation = excluded.relation, since = excluded.since, state = excluded.state",
        userid,
        external_userid,
        relation,
        platform.clock.now(),
        SCANNED,
        state,
    )


def new_welcome_code(platform: Platform, userid: str, customer: dict[str, Any]) -> str:
    """None where an admin-side welcome is configured for the member, and none for a customer on WeCom."""
    member = platform.member(userid)
    if not member or member["admin_welcome"] or customer["type"] != 1:
        return ""
    code = secrets.token_urlsafe(32)
    platform.state.run(
        "INSERT INTO welcome_code VALUES (?, ?, ?, ?, NULL)",
        code,
        userid,
        customer["external_userid"],
        platform.clock.now(),
    )
    return code


def way_of(platform: Platform, asked: dict[str, Any]) -> dict[str, Any]:
    """The code that was scanned, by what the picture holds or, for machines, by its id."""
    way = platform.state.row(
        "SELECT * FROM contact_way WHERE payload = ? OR config_id = ?",
        asked.get("payload"),
        asked.get("config_id"),
    )
    if not way:
        raise Unwilling("这个码不存在或已失效", 404)
    body = json.loads(way["body"])
    if body.get("is_temp") and (
        way["spent"] or way["born"] + body.get("expires_in", 7 * DAY) <= platform.clock.now()
    ):
        raise Unwilling("这个临时码已失效", 404)
    return way


def known_or_new_customer(platform: Platform, external_userid: str, asked: dict[str, Any]) -> dict[str, Any]:
    if asked.get("name") and not platform.customer(external_userid):
        add_customer(
            platform.state,
            {"external_userid": external_userid, "type": 1}
            | {
                name: asked[name] for name in ("name", "avatar", "type", "unionid", "gender") if name in asked
            },
        )
    return known_customer(platform, external_userid)


def known_customer(platform: Platform, external_userid: str) -> dict[str, Any]:
    customer = platform.customer(external_userid)
    if not customer:
        raise Unwilling("没有这位顾客；要新来一位，请带上 name", 404)
    return customer


def known_guide(platform: Platform, userid: str) -> dict[str, Any]:
    member = platform.member(userid)
    if not member:
        raise Unwilling("没有这位成员", 404)
    return member
