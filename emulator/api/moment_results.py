"""What became of a 客户朋友圈 post: who published it, in whose Moments it stands, likes and comments."""

import json
from typing import Any

from .. import limits
from ..dispatch import Api, PlatformCall
from ..errors import Refusal
from ..platform import Platform
from ..schema import Record, Text, Whole
from .moments import run_jobs
from .pages import page, position_of

DAY = 86_400


def known_moment(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    run_jobs(platform)
    found = platform.state.row("SELECT * FROM moment WHERE moment_id = ?", call.body["moment_id"])
    if not found:
        raise Refusal(41060)
    return found


def list_(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    run_jobs(platform)
    body = call.body
    if not 0 <= body["end_time"] - body["start_time"] <= limits.MOMENT_DAYS * DAY:
        raise Refusal(40058, f"start_time to end_time: {limits.MOMENT_DAYS} days at most")
    limit, kind = body.get("limit", 20), body.get("filter_type", 2)
    after = position_of(body.get("cursor"), 2) or [-1, ""]
    rows = platform.state.rows(
        "SELECT * FROM moment WHERE born >= ? AND born < ? AND (born, moment_id) > (?, ?) AND (? = '' OR creator = ?)"
        " AND (? = 2 OR (creator != '') = ?) ORDER BY born, moment_id LIMIT ?",
        body["start_time"],
        body["end_time"] + 1,
        after[0],
        after[1],
        body.get("creator", ""),
        body.get("creator", ""),
        kind,
        kind,
        limit + 1,
    )
    found, cursor = page(rows, limit, "born", "moment_id")
    return {"moment_list": [shown(row) for row in found], "next_cursor": cursor}


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """Pictures, a video or a link stand beside each other here, not in `attachments`; a company's post has no creator."""
    content = json.loads(row["content"])
    by_kind: dict[str, list[Any]] = {}
    for one in content["attachments"]:
        by_kind.setdefault(one["msgtype"], []).append(one[one["msgtype"]])
    return {
        "moment_id": row["moment_id"],
        **({"creator": row["creator"]} if row["creator"] else {}),
        "create_time": str(int(row["born"])),
        "create_type": int(bool(row["creator"])),
        "visible_type": int(not json.loads(row["tags"])),
        "text": {"content": content["text"]},
        **({"image": by_kind["image"]} if "image" in by_kind else {}),
        **{kind: by_kind[kind][0] for kind in ("video", "link") if kind in by_kind},
    }


def tasks(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    found, limit = known_moment(platform, call), call.body.get("limit", 500)
    if found["creator"]:
        raise Refusal(41067)
    after = position_of(call.body.get("cursor")) or [""]
    rows = platform.state.rows(
        "SELECT userid, published IS NOT NULL AS publish_status FROM moment_task WHERE moment_id = ? AND userid > ?"
        " ORDER BY userid LIMIT ?",
        found["moment_id"],
        after[0],
        limit + 1,
    )
    kept, cursor = page(rows, limit, "userid")
    return {"task_list": kept, "next_cursor": cursor}


def published(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    """One sender's copy; before she published it there is nothing to tell."""
    found = known_moment(platform, call)
    task = platform.state.row(
        "SELECT * FROM moment_task WHERE moment_id = ? AND userid = ?",
        found["moment_id"],
        call.body["userid"],
    )
    if not task:
        raise Refusal(41061)
    if not task["published"]:
        raise Refusal(41062)
    return task


def customers(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    """Whom she let see it when she published."""
    return viewers(platform, call, "1", 500)


def delivered(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    """Those in whose Moments it really stands."""
    answer = viewers(platform, call, "shown IS NOT NULL", 3000)
    kept = [{"external_userid": row["external_userid"]} for row in answer["customer_list"]]
    return answer | {"customer_list": kept}


def viewers(platform: Platform, call: PlatformCall, which: str, usual: int) -> dict[str, Any]:
    task, limit = published(platform, call), call.body.get("limit", usual)
    after = position_of(call.body.get("cursor")) or [""]
    rows = platform.state.rows(
        f"SELECT userid, external_userid FROM moment_viewer WHERE moment_id = ? AND userid = ? AND {which}"
        " AND external_userid > ? ORDER BY external_userid LIMIT ?",
        task["moment_id"],
        task["userid"],
        after[0],
        limit + 1,
    )
    found, cursor = page(rows, limit, "external_userid")
    return {"customer_list": found, "next_cursor": cursor}


def comments(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    """Who liked and who commented; what they wrote the platform does not tell."""
    task = published(platform, call)
    rows = platform.state.rows(
        "SELECT external_userid, words, at FROM moment_reaction WHERE moment_id = ? AND userid = ? ORDER BY id",
        task["moment_id"],
        task["userid"],
    )
    told = [
        (bool(row["words"]), {"external_userid": row["external_userid"], "create_time": int(row["at"])})
        for row in rows
    ]
    return {
        "comment_list": [one for comment, one in told if comment],
        "like_list": [one for comment, one in told if not comment],
    }


def cancel(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    """Stops the senders who have not published; what is published stays."""
    found = known_moment(platform, call)
    if found["creator"]:
        raise Refusal(41067)
    platform.state.run(
        "UPDATE moment SET cancelled = ? WHERE moment_id = ? AND cancelled IS NULL",
        call.now,
        found["moment_id"],
    )
    return {}


MOMENT_ID = Text(missing=41059, empty=41059)
ONE = {"moment_id": MOMENT_ID, "userid": Text(missing=41009, empty=41009)}
LIST = Record(
    fields={
        "start_time": Whole(missing=40063),
        "end_time": Whole(missing=40063),
        "creator": Text(),
        "filter_type": Whole(high=2),
        "limit": Whole(low=1, high=20),
        "cursor": Text(),
    }
)

APIS = {
    "externalcontact/get_moment_list": Api("POST", list_, LIST),
    "externalcontact/get_moment_task": Api(
        "POST",
        tasks,
        Record(fields={"moment_id": MOMENT_ID, "limit": Whole(low=1, high=1000), "cursor": Text()}),
    ),
    "externalcontact/get_moment_customer_list": Api(
        "POST", customers, Record(fields=ONE | {"limit": Whole(low=1, high=1000), "cursor": Text()})
    ),
    "externalcontact/get_moment_send_result": Api(
        "POST", delivered, Record(fields=ONE | {"limit": Whole(low=1, high=5000), "cursor": Text()})
    ),
    "externalcontact/get_moment_comments": Api("POST", comments, Record(fields=dict(ONE))),
    "externalcontact/cancel_moment_task": Api("POST", cancel, Record(fields={"moment_id": MOMENT_ID})),
}
