"""What each phone shows, as data: a guide's app chat and 群发助手, a customer's chats, a group."""

import json
from typing import Any

from .. import moments, transfers
from ..errors import Unwilling
from ..friendships import known_customer, known_guide
from ..platform import Platform

LINES = 200


def guide(platform: Platform, userid: str) -> dict[str, Any]:
    """The app chat (notices, cards as they look now, what she wrote) and her 群发助手."""
    member, state = known_guide(platform, userid), platform.state
    lines = newest(
        platform, member["userid"], ("notice", "card", "said", "recalled", "robot_reply", "remind")
    )
    copies = {
        row["task_id"]: row
        for row in state.rows("SELECT * FROM card WHERE userid = ? AND chat_id = ''", userid)
    }
    recalled = {line["what"]["msgid"] for line in lines if line["kind"] == "recalled"}
    chat = []
    for line in lines:
        what = line["what"]
        if line["kind"] == "recalled" or what.get("msgid") in recalled:
            continue
        if copy := copies.get(what.get("task_id")):
            what = what | {"card": json.loads(copy["body"]), "greyed": copy["greyed"]}
        chat.append(line | {"what": what})
    friends = state.rows(
        "SELECT external_userid, c.name, relation FROM friend JOIN customer c USING (external_userid) WHERE userid = ?"
        " AND relation != 'customer_left' ORDER BY since DESC LIMIT ?",
        userid,
        LINES,
    )
    return {
        "member": {"userid": member["userid"], "name": member["name"], "position": member["position"]},
        "chat": chat,
        "mass_assistant": mass_assistant(platform, userid),
        "moments": moments.of_guide(platform, member["userid"], LINES),
        "friends": friends,
    }


def mass_assistant(platform: Platform, userid: str) -> list[dict[str, Any]]:
    """Tasks of the native 群发助手, newest first."""
    rows = platform.state.rows(
        "SELECT mass.*, t.status, t.send_time, (SELECT COUNT(*) FROM mass_target g WHERE g.msgid = t.msgid"
        " AND g.userid = t.userid) AS receivers FROM mass_task t JOIN mass USING (msgid) WHERE t.userid = ?"
        " ORDER BY born DESC LIMIT ?",
        userid,
        LINES,
    )
    return [row | {"content": json.loads(row["content"])} for row in rows]


def customer(platform: Platform, external_userid: str) -> dict[str, Any]:
    """Her chats with each guide: welcomes and mass messages that really arrived."""
    person = known_customer(platform, external_userid)
    guides = platform.state.rows(
        "SELECT userid, m.name, m.left_at, relation FROM friend LEFT JOIN member m USING (userid) WHERE external_userid = ?"
        " ORDER BY since",
        external_userid,
    )
    return {
        "customer": {"external_userid": external_userid, "name": person["name"]},
        "guides": guides,
        "chat": newest(platform, external_userid, ("welcome", "mass", "said", "transfer")),
        "notices": transfers.waiting_for(platform, external_userid),
        "moments": moments.of_customer(platform, external_userid, LINES),
    }


def group(platform: Platform, chat_id: str) -> dict[str, Any]:
    chat = platform.state.row("SELECT * FROM chat WHERE chat_id = ?", chat_id)
    if not chat:
        raise Unwilling("没有这个群", 404)
    people = platform.state.rows(
        "SELECT who, p.type, COALESCE(m.name, c.name, who) AS name FROM chat_person p"
        " LEFT JOIN member m ON m.userid = who LEFT JOIN customer c ON c.external_userid = who"
        " WHERE chat_id = ? ORDER BY joined, who",
        chat_id,
    )
    lines = newest(platform, chat_id, ("robot", "robot_reply", "group_mass", "said"))
    copies = {
        row["task_id"]: row["body"]
        for row in platform.state.rows("SELECT * FROM card WHERE chat_id = ?", chat_id)
    }
    for line in lines:
        if body := copies.get((line["what"].get("template_card") or {}).get("task_id")):
            line["what"]["template_card"] = json.loads(body)
    return {"group": chat, "people": people, "chat": lines, "robot_name": platform.corp.robot_name}


def newest(platform: Platform, who: str, kinds: tuple[str, ...]) -> list[dict[str, Any]]:
    """The last lines, oldest first."""
    return platform.ledger.newest(who, kinds, LINES)
