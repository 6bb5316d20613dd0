"""客户朋友圈: the API starts a job that makes one post for many senders; nobody sees it before a sender publishes it."""

import json
import secrets
from typing import Any

from .. import limits
from ..dispatch import Api, PlatformCall
from ..errors import Refusal
from ..platform import Platform
from ..schema import ListOf, Record, Schema, Text, Whole
from .attachments import check_media, words_and_attachments
from .contacts import subtree
from .media import MOMENTS

STARTED, RUNNING, DONE = 1, 2, 3
JOB_SECONDS = "moment_job_seconds"
"""A note in the state: how long jobs take now"""


def add(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    body = call.body
    if not platform.rate_limits.take_or_close("moments", "", limits.MOMENTS_PER_MINUTE, 60, call.now):
        raise Refusal(45009, "moment tasks per minute")
    check_content(platform, body, call.now)
    jobid, seconds = secrets.token_urlsafe(24), platform.state.remembered(JOB_SECONDS)
    takes = limits.MOMENT_JOB_SECONDS if seconds is None else seconds
    platform.state.run(
        "INSERT INTO moment_job VALUES (?, ?, ?, ?, NULL)",
        jobid,
        json.dumps(body, ensure_ascii=False),
        call.now,
        call.now + takes,
    )
    return {"jobid": jobid}


def check_content(platform: Platform, body: dict[str, Any], now: float) -> None:
    """One kind of attachment only, and media that were uploaded for moments."""
    attachments = words_and_attachments(body)["attachments"]
    kinds = {one["msgtype"] for one in attachments}
    if len(kinds) > 1:
        raise Refusal(41065, "attachments must be of one kind")
    for kind in kinds:
        if len(attachments) > limits.MOMENT_MOST[kind]:
            raise Refusal(41064, f"{kind}: {limits.MOMENT_MOST[kind]} at most")
    for index, one in enumerate(attachments):
        kind, at = one["msgtype"], f"attachments[{index}]"
        stored = "image" if kind == "link" else kind
        check_media(platform, one[kind]["media_id"], stored, now, at, MOMENTS)
        if kind == "video" and video_seconds(platform, one[kind]["media_id"]) > limits.MOMENT_VIDEO_SECONDS:
            raise Refusal(41082, at)


def video_seconds(platform: Platform, media_id: str) -> float:
    """From the movie header; 0 where there is none to read."""
    data = (platform.media_dir / media_id).read_bytes()
    start = data.find(b"mvhd") + 4
    if start < 4 or len(data) < start + 32:
        return 0.0
    long = data[start] == 1
    at, size = (start + 20, 8) if long else (start + 12, 4)
    scale, length = (
        int.from_bytes(data[at : at + 4], "big"),
        int.from_bytes(data[at + 4 : at + 4 + size], "big"),
    )
    return length / scale if scale else 0.0


# ---- jobs


def run_jobs(platform: Platform) -> None:
    """Finish the jobs whose time has come: each becomes a post in the phones of its senders."""
    due = "SELECT * FROM moment_job WHERE result IS NULL AND due <= ? ORDER BY due"
    state, now = platform.state, platform.clock.now()
    if not state.row(due, now):
        return
    with state.change():  # asked again inside: another thread may have been quicker
        for job in state.rows(due, now):
            result = json.dumps(make(platform, json.loads(job["body"]), job["due"]))
            state.run("UPDATE moment_job SET result = ? WHERE jobid = ?", result, job["jobid"])


def make(platform: Platform, body: dict[str, Any], now: float) -> dict[str, Any]:
    """Senders and tags that do not exist come back as invalid; the others get their task."""
    visible = body.get("visible_range") or {}
    senders, strangers = senders_of(platform, visible.get("sender_list"))
    known = {str(tag["id"]) for tag in platform.corp.content.get("tags", [])}
    wanted = (visible.get("external_contact_list") or {}).get("tag_list", [])
    wrong_tags, tags = [tag for tag in wanted if tag not in known], [tag for tag in wanted if tag in known]
    result: dict[str, Any] = {
        "errcode": 0,
        "errmsg": "ok",
        "invalid_sender_list": strangers,
        "invalid_external_contact_list": {"tag_list": wrong_tags},
    }
    if not senders or (wanted and not tags):
        return result | {
            "errcode": 60111 if not senders else 40068,
            "errmsg": "nobody to publish or to see it",
        }
    return result | {"moment_id": keep(platform, "", words_and_attachments(body), tags, senders, now)}


def keep(
    platform: Platform, creator: str, content: dict[str, Any], tags: list[str], senders: list[str], now: float
) -> str:
    """A post in its senders' phones; without a creator it is the company's."""
    moment_id, state = f"mom{secrets.token_urlsafe(24)}", platform.state
    state.run(
        "INSERT INTO moment VALUES (?, ?, ?, ?, ?, NULL)",
        moment_id,
        creator,
        json.dumps(content, ensure_ascii=False),
        json.dumps(tags),
        now,
    )
    state.run_many("INSERT INTO moment_task VALUES (?, ?, NULL)", [(moment_id, one) for one in senders])
    return moment_id


def senders_of(
    platform: Platform, wanted: dict[str, list[Any]] | None
) -> tuple[list[str], dict[str, list[Any]]]:
    """Who may publish, and who was named and may not; without a list everybody in the visible range."""
    members = platform.state.rows(
        "SELECT userid, departments FROM member WHERE left_at IS NULL AND visible AND contact_feature AND status = 1"
        " ORDER BY userid"
    )
    if not wanted:
        return [row["userid"] for row in members], {"user_list": [], "department_list": []}
    able = {row["userid"].lower(): row["userid"] for row in members}
    users = wanted.get("user_list", [])
    found = {able[one.lower()]: True for one in users if one.lower() in able}
    under, nowhere = set(), []
    for department in wanted.get("department_list", []):
        try:
            under |= {row["id"] for row in subtree(platform, department)}
        except Refusal:
            nowhere.append(department)
    for row in members:
        if under & set(json.loads(row["departments"])):
            found[row["userid"]] = True
    return list(found), {
        "user_list": [one for one in users if one.lower() not in able],
        "department_list": nowhere,
    }


def job_result(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    run_jobs(platform)
    job = platform.state.row("SELECT * FROM moment_job WHERE jobid = ?", call.asked("jobid", 40063))
    if not job or job["born"] + limits.MOMENT_JOB_KEPT_SECONDS <= call.now:
        raise Refusal(40058, "jobid unknown or older than 24 hours")
    if job["result"] is None:
        early = call.now < (job["born"] + job["due"]) / 2
        return {"status": STARTED if early else RUNNING, "type": "add_moment_task"}
    return {"status": DONE, "type": "add_moment_task", "result": json.loads(job["result"])}


_MEDIA = Record(missing=40063, fields={"media_id": Text(missing=41006, empty=40007)})
_LINK = Record(
    missing=40063,
    fields={
        "title": Text(most_bytes=limits.MOMENT_LINK_TITLE_BYTES),
        "url": Text(
            missing=40063, empty=40063, most_bytes=limits.LINK_URL_BYTES, pattern=r"https?://\S+", wrong=40094
        ),
        "media_id": Text(missing=41006, empty=40007),
    },
)
KINDS = {"image": _MEDIA, "video": _MEDIA, "link": _LINK}


class Attachment(Schema):
    """`msgtype` and the one object of that name."""

    def check(self, value: Any, at: str) -> None:
        kind = value.get("msgtype") if isinstance(value, dict) else None
        if kind not in KINDS:
            raise Refusal(41065, f"{at}.msgtype must be one of {', '.join(KINDS)}")
        Record(fields={"msgtype": Text(), kind: KINDS[kind]}).check(value, at)


class MomentText(Text):
    """Counted in characters and in bytes."""

    def check(self, value: Any, at: str) -> None:
        super().check(value, at)
        Text(most_bytes=limits.MOMENT_TEXT_BYTES, too_long=45002).check(value, at)


ADD = Record(
    fields={
        "text": Record(
            fields={"content": MomentText(most_chars=limits.MOMENT_TEXT_CHARS, too_long=45002, missing=40063)}
        ),
        "attachments": ListOf(item=Attachment(), most=9, too_many=41064),
        "visible_range": Record(
            fields={
                "sender_list": Record(
                    fields={
                        "user_list": ListOf(item=Text(wrong=40003), most=limits.MOMENT_SENDERS),
                        "department_list": ListOf(item=Whole()),
                    }
                ),
                "external_contact_list": Record(fields={"tag_list": ListOf(item=Text(wrong=40068))}),
            }
        ),
    }
)

APIS = {
    "externalcontact/add_moment_task": Api("POST", add, ADD),
    "externalcontact/get_moment_task_result": Api("GET", job_result),
}
