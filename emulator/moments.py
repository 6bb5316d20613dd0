"""Moments on phones: a guide publishes what the company prepared or what she shares herself; customers see, like, comment."""

import json
from typing import Any

from .api.moments import JOB_SECONDS, run_jobs
from .clock import day_of
from .errors import Unwilling
from .friendships import known_customer, known_guide
from .platform import Platform

PER_DAY = "moments_per_day"
"""A note in the state: how many posts of the company's members one customer sees a day; 0 or none: all of them."""
LONGEST_COMMENT = 200


def set_rules(platform: Platform, wanted: dict[str, Any]) -> dict[str, Any]:
    """`per_day`: what one customer sees a day, 0 for all; `job_seconds`: how long jobs take."""
    for name, note in (("per_day", PER_DAY), ("job_seconds", JOB_SECONDS)):
        value = wanted.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise Unwilling(f"{name} must be a number from 0", 400)
        platform.state.remember(note, value)
    return {
        "per_day": platform.state.remembered(PER_DAY, 0),
        "job_seconds": platform.state.remembered(JOB_SECONDS),
    }


def publish(platform: Platform, userid: str, moment_id: str) -> dict[str, Any]:
    """Her one tap: now it stands in the Moments of her customers."""
    run_jobs(platform)
    guide, state, now = known_guide(platform, userid), platform.state, platform.clock.now()
    with state.change():
        post = open_task(platform, guide["userid"], moment_id)
        who = audience(platform, guide["userid"], json.loads(post["tags"]))
        full = set(who) & seen_enough(platform, now)
        state.run_many(
            "INSERT INTO moment_viewer VALUES (?, ?, ?, ?)",
            [(moment_id, guide["userid"], one, None if one in full else now) for one in who],
        )
        state.run(
            "UPDATE moment_task SET published = ? WHERE moment_id = ? AND userid = ?",
            now,
            moment_id,
            guide["userid"],
        )
        what = {"moment_id": moment_id, "userid": guide["userid"]} | json.loads(post["content"])
        platform.ledger.write_many("moment", [(one, what) for one in who if one not in full])
    return {
        "userid": guide["userid"],
        "visible": len(who),
        "shown": len(who) - len(full),
        "limited": len(full),
    }


def open_task(platform: Platform, userid: str, moment_id: str) -> dict[str, Any]:
    post = platform.state.row("SELECT * FROM moment WHERE moment_id = ?", moment_id)
    task = platform.state.row(
        "SELECT * FROM moment_task WHERE moment_id = ? AND userid = ?", moment_id, userid
    )
    if not post or not task:
        raise Unwilling("客户朋友圈里没有这一条", 404)
    if task["published"]:
        raise Unwilling("这一条已经发表过了")
    if post["cancelled"]:
        raise Unwilling("这一条已被企业取消")
    return post


def audience(platform: Platform, userid: str, tags: list[str]) -> list[str]:
    """Her friends, or only those who carry one of the company's tags."""
    rows = platform.state.rows(
        "SELECT external_userid FROM friend WHERE userid = ? AND relation = 'full' ORDER BY since, external_userid",
        userid,
    )
    friends = [str(row["external_userid"]) for row in rows]
    if not tags:
        return friends
    tagged = {
        str(one["external_userid"])
        for one in platform.corp.content.get("customers", [])
        if set(tags) & set(one.get("tags", []))
    }
    return [one for one in friends if one in tagged]


def seen_enough(platform: Platform, now: float) -> set[str]:
    """Customers who see no more of them today."""
    most: float = platform.state.remembered(PER_DAY, 0)
    if not most:
        return set()
    first, after = day_of(now)
    rows = platform.state.rows(
        "SELECT external_userid FROM moment_viewer WHERE shown >= ? AND shown < ?"
        " GROUP BY external_userid HAVING COUNT(*) >= ?",
        first,
        after,
        most,
    )
    return {str(row["external_userid"]) for row in rows}


def react(platform: Platform, external_userid: str, wanted: dict[str, Any]) -> dict[str, Any]:
    """A like (the second takes it back), or with `words` a comment."""
    known_customer(platform, external_userid)
    moment_id, userid = str(wanted.get("moment_id")), str(wanted.get("userid"))
    words, state = str(wanted.get("words", "")).strip(), platform.state
    if len(words) > LONGEST_COMMENT:
        raise Unwilling("评论太长了", 400)
    seen = state.row(
        "SELECT * FROM moment_viewer WHERE moment_id = ? AND userid = ? AND external_userid = ? AND shown IS NOT NULL",
        moment_id,
        userid,
        external_userid,
    )
    if not seen:
        raise Unwilling("她的朋友圈里没有这一条", 404)
    with state.change():
        taken_back = not words and state.run(
            "DELETE FROM moment_reaction WHERE moment_id = ? AND userid = ? AND external_userid = ? AND words = ''",
            moment_id,
            seen["userid"],
            external_userid,
        )
        if not taken_back:
            state.run(
                "INSERT INTO moment_reaction (moment_id, userid, external_userid, words, at) VALUES (?, ?, ?, ?, ?)",
                moment_id,
                seen["userid"],
                external_userid,
                words,
                platform.clock.now(),
            )
    return {"moment_id": moment_id, "liked": not words and not taken_back}


# ---- what the phones show


def of_guide(platform: Platform, userid: str, most: int) -> list[dict[str, Any]]:
    """What waits in her 客户朋友圈 and what she published, newest first."""
    run_jobs(platform)
    rows = platform.state.rows(
        "SELECT m.*, t.published, (SELECT COUNT(*) FROM moment_viewer v WHERE v.moment_id = t.moment_id"
        " AND v.userid = t.userid AND shown IS NOT NULL) AS shown FROM moment_task t JOIN moment m USING (moment_id)"
        " WHERE t.userid = ? ORDER BY born DESC, t.rowid DESC LIMIT ?",
        userid,
        most,
    )
    return [
        row
        | {
            "content": json.loads(row["content"]),
            "reactions": reactions(platform, row["moment_id"], userid),
        }
        for row in rows
    ]


def of_customer(platform: Platform, external_userid: str, most: int) -> list[dict[str, Any]]:
    """The posts that stand in her Moments, newest first, with what she said of them: others' words she does not see."""
    posts = platform.state.rows(
        "SELECT m.moment_id, m.content, v.userid, v.shown FROM moment_viewer v JOIN moment m USING (moment_id)"
        " WHERE v.external_userid = ? AND v.shown IS NOT NULL ORDER BY v.shown DESC, v.rowid DESC LIMIT ?",
        external_userid,
        most,
    )
    for post in posts:
        said = reactions(platform, post["moment_id"], post["userid"])
        own = [one["words"] for one in said if one["external_userid"] == external_userid]
        post["content"] = json.loads(post["content"])
        post["liked"], post["comments"] = "" in own, [words for words in own if words]
    return posts


def reactions(platform: Platform, moment_id: str, userid: str) -> list[dict[str, Any]]:
    """Likes (no words) and comments on one guide's copy of a post."""
    return platform.state.rows(
        "SELECT r.external_userid, c.name, r.words FROM moment_reaction r JOIN customer c USING (external_userid)"
        " WHERE r.moment_id = ? AND r.userid = ? ORDER BY r.id",
        moment_id,
        userid,
    )
