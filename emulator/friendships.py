"""What people do with codes and friends: scanning, deleting, accepting; each becomes an event."""

import json
import secrets
from typing import Any

from .api.contact_way import DAY, users_of
from .callbacks import Outgoing
from .company import add_customer
from .errors import Unwilling
from .messenger import Messenger

SCANNED = 1
"""`add_way` of a customer who came by code."""


def scan(
    messenger: Messenger, external_userid: str, asked: dict[str, Any]
) -> tuple[dict[str, Any], Outgoing | None]:
    """A customer scans a code; the platform picks the guide, and nobody can ask for another."""
    customer = known_or_new_customer(messenger, external_userid, asked)
    way = way_of(messenger, asked)
    body = json.loads(way["body"])
    with messenger.state.change():
        users = users_of(messenger, body)
        if not users:
            raise Unwilling("这个码后面已经没有人了")
        userid = messenger.dice().choice(users)
        if body.get("is_temp"):
            messenger.state.run("UPDATE contact_way SET spent = 1 WHERE config_id = ?", way["config_id"])
        state = body.get("state", "")
        answer: dict[str, Any] = {
            "userid": userid,
            "external_userid": external_userid,
            "welcome_code": None,
            "state": state,
        }
        before = messenger.state.row(
            "SELECT * FROM friend WHERE userid = ? AND external_userid = ?", userid, external_userid
        )
        if before and before["relation"] in ("full", "half"):
            return answer | {"already": True}, None
        waits = not body.get("skip_verify", True)
        relation = "pending" if waits else "half" if asked.get("half") else "full"
        befriend(messenger, userid, external_userid, relation, state)
        if waits:
            return answer | {"waiting": True}, None
        code = new_welcome_code(messenger, userid, customer)
    change = "add_half_external_contact" if relation == "half" else "add_external_contact"
    sent = messenger.tell_contact(change, userid, external_userid, State=state, WelcomeCode=code)
    return answer | {"welcome_code": code or None}, sent


def accept(messenger: Messenger, userid: str, external_userid: str) -> tuple[dict[str, Any], Outgoing | None]:
    """The member accepts a request, or adds back somebody who added her one-sidedly."""
    member = known_guide(messenger, userid)
    with messenger.state.change():
        row = messenger.state.row(
            "SELECT * FROM friend WHERE userid = ? AND external_userid = ? AND relation IN ('pending', 'half')",
            member["userid"],
            external_userid,
        )
        if not row:
            raise Unwilling("没有等待通过的好友申请")
        befriend(messenger, member["userid"], external_userid, "full", row["state"])
        customer = known_customer(messenger, external_userid)
        code = new_welcome_code(messenger, member["userid"], customer) if row["relation"] == "pending" else ""
    sent = messenger.tell_contact(
        "add_external_contact", member["userid"], external_userid, State=row["state"], WelcomeCode=code
    )
    return {
        "userid": member["userid"],
        "external_userid": external_userid,
        "welcome_code": code or None,
    }, sent


def customer_deletes(
    messenger: Messenger, external_userid: str, userid: str
) -> tuple[dict[str, Any], Outgoing | None]:
    """The member keeps the customer in her list and does not see that she was deleted; mass messages fail."""
    changed = messenger.state.run(
        "UPDATE friend SET relation = 'customer_left' WHERE userid = ? AND external_userid = ? AND relation = 'full'",
        userid,
        external_userid,
    )
    if not changed:
        raise Unwilling("你们不是好友")
    member = messenger.member(userid)
    name = member["userid"] if member else userid
    return {"userid": name}, messenger.tell_contact("del_follow_user", name, external_userid)


def guide_deletes(
    messenger: Messenger, userid: str, external_userid: str
) -> tuple[dict[str, Any], Outgoing | None]:
    member = known_guide(messenger, userid)
    if not messenger.state.run(
        "DELETE FROM friend WHERE userid = ? AND external_userid = ?", member["userid"], external_userid
    ):
        raise Unwilling("你们不是好友")
    return {"userid": member["userid"]}, messenger.tell_contact(
        "del_external_contact", member["userid"], external_userid
    )


def befriend(messenger: Messenger, userid: str, external_userid: str, relation: str, state: str) -> None:
    messenger.state.run(
        "INSERT INTO friend VALUES (?, ?, ?, ?, ?, ?, '') ON CONFLICT (userid, external_userid)"
        " DO UPDATE SET relation = excluded.relation, since = excluded.since, state = excluded.state",
        userid,
        external_userid,
        relation,
        messenger.clock.now(),
        SCANNED,
        state,
    )


def new_welcome_code(messenger: Messenger, userid: str, customer: dict[str, Any]) -> str:
    """None where an admin-side welcome is configured for the member, and none for a customer on WeCom."""
    member = messenger.member(userid)
    if not member or member["admin_welcome"] or customer["type"] != 1:
        return ""
    code = secrets.token_urlsafe(32)
    messenger.state.run(
        "INSERT INTO welcome_code VALUES (?, ?, ?, ?, NULL)",
        code,
        userid,
        customer["external_userid"],
        messenger.clock.now(),
    )
    return code


def way_of(messenger: Messenger, asked: dict[str, Any]) -> dict[str, Any]:
    """The code that was scanned, by what the picture holds or, for machines, by its id."""
    way = messenger.state.row(
        "SELECT * FROM contact_way WHERE payload = ? OR config_id = ?",
        asked.get("payload"),
        asked.get("config_id"),
    )
    if not way:
        raise Unwilling("这个码不存在或已失效", 404)
    body = json.loads(way["body"])
    if body.get("is_temp") and (
        way["spent"] or way["born"] + body.get("expires_in", 7 * DAY) <= messenger.clock.now()
    ):
        raise Unwilling("这个临时码已失效", 404)
    return way


def known_or_new_customer(
    messenger: Messenger, external_userid: str, asked: dict[str, Any]
) -> dict[str, Any]:
    if asked.get("name") and not messenger.customer(external_userid):
        add_customer(
            messenger.state,
            {"external_userid": external_userid, "type": 1}
            | {
                name: asked[name] for name in ("name", "avatar", "type", "unionid", "gender") if name in asked
            },
        )
    return known_customer(messenger, external_userid)


def known_customer(messenger: Messenger, external_userid: str) -> dict[str, Any]:
    customer = messenger.customer(external_userid)
    if not customer:
        raise Unwilling("没有这位顾客；要新来一位，请带上 name", 404)
    return customer


def known_guide(messenger: Messenger, userid: str) -> dict[str, Any]:
    member = messenger.member(userid)
    if not member:
        raise Unwilling("没有这位成员", 404)
    return member
