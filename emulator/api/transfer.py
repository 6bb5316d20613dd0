"""Handing customers and their groups to a colleague: on the job, or after somebody has left."""

from typing import Any

from .. import limits, transfers
from ..clock import day_of
from ..dispatch import Api, PlatformCall
from ..errors import Refusal, errmsg
from ..platform import Platform
from ..schema import ListOf, Record, Schema, Text, Whole
from .contacts import known_member
from .pages import cursor_at, page, position_of

RESULTS_PER_PAGE = 1000


def on_job(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    handover = known_member(platform, call.body["handover_userid"])["userid"]
    return _start(platform, call, handover, resigned=False)


def resigned(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    return _start(platform, call, _leaver(platform, call.body["handover_userid"]), resigned=True)


def _start(platform: Platform, call: PlatformCall, handover: str, *, resigned: bool) -> dict[str, Any]:
    takeover = _taker(platform, call.body["takeover_userid"])
    if handover.lower() == takeover.lower():
        raise Refusal(40130)
    words = call.body.get("transfer_success_msg", "")
    with platform.state.change():
        answers = [
            {
                "external_userid": one,
                "errcode": transfers.start(platform, handover, takeover, one, words, resigned=resigned),
            }
            for one in dict.fromkeys(call.body["external_userid"])
        ]
    return {"customer": answers}


def _leaver(platform: Platform, userid: str) -> str:
    """She must have left, and the company must have known her."""
    row = platform.state.row("SELECT * FROM member WHERE userid = ?", userid)
    if not row:
        raise Refusal(40003, "handover_userid")
    if row["left_at"] is None:
        raise Refusal(40097)
    return str(row["userid"])


def _taker(platform: Platform, userid: str) -> str:
    member = known_member(platform, userid)
    if not member["contact_feature"]:
        raise Refusal(84074)
    if member["status"] != 1:
        raise Refusal(41054)
    return str(member["userid"])


def result(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    return _results(platform, call, resigned=False)


def resigned_result(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    return _results(platform, call, resigned=True)


def _results(platform: Platform, call: PlatformCall, *, resigned: bool) -> dict[str, Any]:
    """The newest transfer of each customer between these two."""
    after = position_of(call.body.get("cursor")) or [0]
    rows = platform.state.rows(
        "SELECT id, external_userid, status, COALESCE(ended, due) AS at FROM transfer t WHERE handover = ? AND takeover = ?"
        " AND resigned = ? AND id > ? AND NOT EXISTS (SELECT 1 FROM transfer n WHERE n.handover = t.handover AND"
        " n.takeover = t.takeover AND n.external_userid = t.external_userid AND n.id > t.id) ORDER BY id LIMIT ?",
        call.body["handover_userid"],
        call.body["takeover_userid"],
        resigned,
        after[0],
        RESULTS_PER_PAGE + 1,
    )
    found, cursor = page(rows, RESULTS_PER_PAGE, "id")
    return {
        "customer": [
            {
                "external_userid": row["external_userid"],
                "status": row["status"],
                "takeover_time": int(row["at"]),
            }
            for row in found
        ],
        "next_cursor": cursor,
    }


def unassigned(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    """Customers of people who left, without those who are being asked just now."""
    size, number = call.body.get("page_size", 1000), call.body.get("page_id", 0)
    if number * size >= limits.UNASSIGNED_ROWS:
        raise Refusal(40058, "page_id * page_size must stay below 50000")
    after = position_of(call.body.get("cursor"), 2) or ["", ""]
    rows = platform.state.rows(
        "SELECT f.userid, f.external_userid, m.left_at FROM friend f JOIN member m USING (userid) WHERE m.left_at IS NOT NULL"
        " AND f.relation = 'full' AND (f.userid, f.external_userid) > (?, ?) AND NOT EXISTS (SELECT 1 FROM transfer t WHERE"
        " t.handover = f.userid AND t.external_userid = f.external_userid AND t.status = 2)"
        " ORDER BY f.userid, f.external_userid LIMIT ? OFFSET ?",
        *after,
        size + 1,
        0 if call.body.get("cursor") else number * size,
    )
    found, more = rows[:size], len(rows) > size
    return {
        "info": [
            {
                "handover_userid": row["userid"],
                "external_userid": row["external_userid"],
                "dimission_time": int(row["left_at"]),
            }
            for row in found
        ],
        "is_last": not more,
        "next_cursor": cursor_at(found[-1]["userid"], found[-1]["external_userid"]) if more else "",
    }


# ---- groups


def group_resigned(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    return _move_groups(platform, call, resigned=True)


def group_on_job(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    return _move_groups(platform, call, resigned=False)


def _move_groups(platform: Platform, call: PlatformCall, *, resigned: bool) -> dict[str, Any]:
    """At once and without an event: only those that did not move are named."""
    new = _taker(platform, call.body["new_owner"])
    failed = []
    with platform.state.change():
        for chat_id in dict.fromkeys(call.body["chat_id_list"]):
            if code := _move_group(platform, chat_id, new, resigned=resigned):
                failed.append({"chat_id": chat_id, "errcode": code, "errmsg": errmsg(code)})
    return {"failed_chat_list": failed}


def _move_group(platform: Platform, chat_id: str, new: str, *, resigned: bool) -> int:
    chat, now = platform.chat(chat_id), platform.clock.now()
    if not chat:
        return 49008
    if chat["kind"] != "customer":
        return 90501
    old = chat["owner"]
    here = platform.member(old) is not None
    if resigned and here:
        return 90500
    if not resigned and not here:
        return 90502
    if old.lower() == new.lower():
        return 90508
    first, after = day_of(now)
    if _moved(platform, "owner", old, first, after) >= limits.GROUPS_PER_DAY:
        return 45009
    since = now - limits.TRANSFER_DAYS * transfers.DAY
    if not resigned and _moved(platform, "chat_id", chat_id, since, now + 1) >= limits.TRANSFERS_PER_DAYS:
        return 40128
    state = platform.state
    state.run("UPDATE chat SET owner = ? WHERE chat_id = ?", new, chat_id)
    state.run("INSERT OR IGNORE INTO chat_person VALUES (?, ?, 1, ?, 1)", chat_id, new, now)
    if not here:
        state.run("DELETE FROM chat_person WHERE chat_id = ? AND who = ?", chat_id, old)
    state.run("INSERT INTO chat_transfer VALUES (?, ?, ?, ?)", chat_id, old, new, now)
    platform.ledger.write("chat_transfer", chat_id, handover=old, takeover=new)
    return 0


def _moved(platform: Platform, column: str, value: str, first: float, after: float) -> int:
    found: int = platform.state.value(
        f"SELECT COUNT(*) FROM chat_transfer WHERE {column} = ? AND at >= ? AND at < ?", value, first, after
    )
    return found


_WHO: dict[str, Schema] = {
    "handover_userid": Text(missing=41009, empty=41009, wrong=40003),
    "takeover_userid": Text(missing=41009, empty=41009, wrong=40003),
}
_CUSTOMERS = ListOf(
    item=Text(wrong=40096),
    least=1,
    most=limits.TRANSFER_CUSTOMERS,
    missing=41035,
    too_few=41035,
)
RESIGNED = Record(fields=_WHO | {"external_userid": _CUSTOMERS})
ON_JOB = Record(
    fields=_WHO
    | {
        "external_userid": _CUSTOMERS,
        "transfer_success_msg": Text(most_chars=limits.TRANSFER_LETTERS),
    }
)
RESULT = Record(fields=_WHO | {"cursor": Text()})
UNASSIGNED = Record(fields={"cursor": Text(), "page_id": Whole(), "page_size": Whole(low=1, high=1000)})
GROUPS = Record(
    fields={
        "chat_id_list": ListOf(
            item=Text(), least=1, most=limits.TRANSFER_GROUPS, missing=40063, too_few=40063
        ),
        "new_owner": Text(missing=41009, empty=41009, wrong=40003),
    }
)

APIS = {
    "externalcontact/transfer_customer": Api("POST", on_job, ON_JOB),
    "externalcontact/transfer_result": Api("POST", result, RESULT),
    "externalcontact/resigned/transfer_customer": Api("POST", resigned, RESIGNED),
    "externalcontact/resigned/transfer_result": Api("POST", resigned_result, RESULT),
    "externalcontact/get_unassigned_list": Api("POST", unassigned, UNASSIGNED),
    "externalcontact/groupchat/transfer": Api("POST", group_resigned, GROUPS),
    "externalcontact/groupchat/onjob_transfer": Api("POST", group_on_job, GROUPS),
}
