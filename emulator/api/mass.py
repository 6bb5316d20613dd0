"""企业群发: the API only creates tasks; nothing is delivered before the guide confirms in her own 群发助手."""

import json
import secrets
from typing import Any

from .. import limits
from ..dispatch import Api, PlatformCall
from ..errors import Refusal
from ..platform import Platform
from ..schema import Choice, Flag, ListOf, Record, Text, Whole
from .attachments import ATTACHMENTS, TEXT, check_content, words_and_attachments
from .contacts import known_member
from .pages import page, position_of

DAY = 86_400
MONTH_SECONDS = 31 * DAY
SENT, NO_FRIEND, LIMITED = 1, 2, 3
"""Of one receiver; 0 is not sent yet. A task itself is 0 (not sent) or 2 (sent)."""


def add(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    body = call.body
    chat_type = body.get("chat_type", "single")
    check_content(platform, body, call.now)
    if "tag_filter" in body:
        raise Refusal(40068, "no such tag")
    if chat_type == "group":
        pairs, failed, chosen = group_receivers(platform, body)
    else:
        pairs, failed, chosen = *single_receivers(platform, body), True
    if chosen and not pairs:
        raise Refusal(41048)
    msgid = f"msg{secrets.token_urlsafe(24)}"
    senders = {userid for userid, _ in pairs} or {known_member(platform, body["sender"])["userid"]}
    state = platform.state
    with state.change():
        state.run(
            "INSERT INTO mass VALUES (?, ?, ?, ?, ?, ?, NULL)",
            msgid,
            chat_type,
            json.dumps(words_and_attachments(body), ensure_ascii=False),
            bool(body.get("allow_select")),
            chosen,
            call.now,
        )
        state.run_many(
            "INSERT INTO mass_task VALUES (?, ?, 0, NULL)", [(msgid, userid) for userid in sorted(senders)]
        )
        state.run_many(
            "INSERT INTO mass_target VALUES (?, ?, ?, 0, NULL)",
            [(msgid, userid, target) for userid, target in pairs],
        )
    return {"fail_list": failed, "msgid": msgid}


def single_receivers(platform: Platform, body: dict[str, Any]) -> tuple[list[tuple[str, str]], list[str]]:
    """(guide, customer) pairs and the customers nobody can reach."""
    if "chat_id_list" in body:
        raise Refusal(40058, "chat_id_list belongs to chat_type group")
    wanted, sender = list(dict.fromkeys(body.get("external_userid", []))), body.get("sender")
    if not wanted and not sender:
        raise Refusal(40058, "external_userid and sender are both empty")
    if sender:
        userid = known_member(platform, sender)["userid"]
        rows = platform.state.rows(
            "SELECT external_userid FROM friend WHERE userid = ? AND relation IN ('full', 'customer_left')"
            " ORDER BY since",
            userid,
        )
        friends = dict.fromkeys(row["external_userid"] for row in rows)
        reached = [target for target in wanted or friends if target in friends]
        return [(userid, target) for target in reached], [
            target for target in wanted if target not in friends
        ]
    last = {target: last_guide(platform, target) for target in wanted}
    pairs = [(guide, target) for target, guide in last.items() if guide]
    return pairs, [target for target, guide in last.items() if not guide]


def last_guide(platform: Platform, external_userid: str) -> str:
    """Without a sender, only the member who was last in touch with the customer gets the task."""
    return (
        platform.state.value(
            "SELECT f.userid FROM friend f JOIN member m USING (userid) WHERE external_userid = ? AND m.left_at IS NULL"
            " AND m.visible AND relation IN ('full', 'customer_left') ORDER BY since DESC, f.userid LIMIT 1",
            external_userid,
        )
        or ""
    )


def group_receivers(
    platform: Platform, body: dict[str, Any]
) -> tuple[list[tuple[str, str]], list[str], bool]:
    """Groups owned by the sender; without a list she chooses among hers when she confirms."""
    if "external_userid" in body:
        raise Refusal(40058, "external_userid belongs to chat_type single")
    if "sender" not in body:
        raise Refusal(40058, "sender is required for chat_type group")
    userid = known_member(platform, body["sender"])["userid"]
    wanted = list(dict.fromkeys(body.get("chat_id_list", [])))
    owned = owned_chats(platform, userid)
    reached = [chat_id for chat_id in wanted if chat_id in owned]
    return [(userid, chat_id) for chat_id in reached], [c for c in wanted if c not in owned], bool(wanted)


def owned_chats(platform: Platform, userid: str) -> list[str]:
    rows = platform.state.rows(
        "SELECT chat_id FROM chat WHERE owner = ? AND kind = 'customer' AND dismissed_at IS NULL ORDER BY chat_id",
        userid,
    )
    return [row["chat_id"] for row in rows]


def known_mass(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    found = platform.state.row("SELECT * FROM mass WHERE msgid = ?", call.body["msgid"])
    if not found:
        raise Refusal(41047)
    return found


def list_(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    body = call.body
    if not 0 <= body["end_time"] - body["start_time"] <= MONTH_SECONDS:
        raise Refusal(40058, "start_time to end_time: one month at most")
    limit = body.get("limit", 50)
    if body.get("filter_type", 2) == 1 or body.get("creator"):
        return {"group_msg_list": [], "next_cursor": ""}
    after = position_of(body.get("cursor"), 2) or [-1, ""]
    rows = platform.state.rows(
        "SELECT * FROM mass WHERE chat_type = ? AND born >= ? AND born < ? AND (born, msgid) > (?, ?)"
        " ORDER BY born, msgid LIMIT ?",
        body["chat_type"],
        body["start_time"],
        body["end_time"] + 1,
        after[0],
        after[1],
        limit + 1,
    )
    found, cursor = page(rows, limit, "born", "msgid")
    return {"group_msg_list": [shown(row) for row in found], "next_cursor": cursor}


def shown(row: dict[str, Any]) -> dict[str, Any]:
    content = json.loads(row["content"])
    return {
        "msgid": row["msgid"],
        "create_time": int(row["born"]),
        "create_type": 0,
        "text": {"content": content["text"]},
        "attachments": content["attachments"],
    }


def tasks(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    msgid, limit = known_mass(platform, call)["msgid"], call.body.get("limit", 500)
    after = position_of(call.body.get("cursor")) or [""]
    rows = platform.state.rows(
        "SELECT userid, status, send_time FROM mass_task WHERE msgid = ? AND userid > ? ORDER BY userid LIMIT ?",
        msgid,
        after[0],
        limit + 1,
    )
    found, cursor = page(rows, limit, "userid")
    return {"task_list": [with_time(row) for row in found], "next_cursor": cursor}


def results(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    """One guide's receivers. Groups that she could choose herself are listed only once they were sent to."""
    found_mass, limit = known_mass(platform, call), call.body.get("limit", 500)
    after = position_of(call.body.get("cursor")) or [""]
    rows = platform.state.rows(
        "SELECT userid, target, status, send_time FROM mass_target WHERE msgid = ? AND userid = ? AND target > ?"
        " ORDER BY target LIMIT ?",
        found_mass["msgid"],
        call.body["userid"],
        after[0],
        limit + 1,
    )
    found, cursor = page(rows, limit, "target")
    name = "chat_id" if found_mass["chat_type"] == "group" else "external_userid"
    return {"send_list": [{name: row.pop("target")} | with_time(row) for row in found], "next_cursor": cursor}


def with_time(row: dict[str, Any]) -> dict[str, Any]:
    """`send_time` is absent until something was sent."""
    sent_at = row.pop("send_time")
    return row | ({"send_time": int(sent_at)} if sent_at else {})


def remind(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    found, state = known_mass(platform, call), platform.state
    if found["cancelled"]:
        raise Refusal(41093)
    with state.change():
        lately = state.value(
            "SELECT COUNT(*) FROM reminder WHERE msgid = ? AND at > ? AND at <= ?",
            found["msgid"],
            call.now - DAY,
            call.now,
        )
        if lately >= limits.REMINDERS_PER_DAY:
            raise Refusal(41094)
        state.run("INSERT INTO reminder VALUES (?, ?)", found["msgid"], call.now)
        waiting = state.rows("SELECT userid FROM mass_task WHERE msgid = ? AND status = 0", found["msgid"])
    platform.ledger.write_many("remind", [(row["userid"], {"msgid": found["msgid"]}) for row in waiting])
    return {}


def cancel(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    """Stops the members who have not sent; what was sent stays sent."""
    found = known_mass(platform, call)
    if found["cancelled"]:
        raise Refusal(41093)
    platform.state.run("UPDATE mass SET cancelled = ? WHERE msgid = ?", call.now, found["msgid"])
    return {}


MSGID = Text(missing=41046, empty=41046, wrong=41047)
LIMIT = Whole(low=1, high=1000)
MASS = Record(
    fields={
        "chat_type": Choice(values=("single", "group")),
        "external_userid": ListOf(item=Text(wrong=40096), least=1, most=limits.MASS_CUSTOMERS),
        "chat_id_list": ListOf(item=Text(), least=1, most=limits.MASS_CHATS),
        "tag_filter": Record(
            fields={
                "group_list": ListOf(
                    item=Record(
                        fields={"tag_list": ListOf(item=Text(wrong=40068), least=1, most=100, missing=40058)}
                    ),
                    least=1,
                    missing=40058,
                )
            }
        ),
        "sender": Text(empty=40058, wrong=40003),
        "allow_select": Flag(),
        "text": TEXT,
        "attachments": ATTACHMENTS,
    }
)
LIST = Record(
    fields={
        "chat_type": Choice(values=("single", "group"), missing=40063),
        "start_time": Whole(missing=40063),
        "end_time": Whole(missing=40063),
        "creator": Text(),
        "filter_type": Whole(high=2),
        "limit": Whole(low=1, high=100),
        "cursor": Text(),
    }
)

APIS = {
    "externalcontact/add_msg_template": Api("POST", add, MASS),
    "externalcontact/get_groupmsg_list_v2": Api("POST", list_, LIST),
    "externalcontact/get_groupmsg_task": Api(
        "POST", tasks, Record(fields={"msgid": MSGID, "limit": LIMIT, "cursor": Text()})
    ),
    "externalcontact/get_groupmsg_send_result": Api(
        "POST",
        results,
        Record(fields={"msgid": MSGID, "userid": Text(missing=41009), "limit": LIMIT, "cursor": Text()}),
    ),
    "externalcontact/remind_groupmsg_send": Api("POST", remind, Record(fields={"msgid": MSGID})),
    "externalcontact/cancel_groupmsg_send": Api("POST", cancel, Record(fields={"msgid": MSGID})),
}
