"""The native 群发助手: the one place where a guide's tap makes customers receive something."""

import json
from typing import Any

from .api.mass import LIMITED, NO_FRIEND, SENT, owned_chats
from .clock import day_of, month_of, week_of
from .errors import Unwilling
from .friendships import known_guide
from .limits import MASS_PER_WEEK
from .platform import Platform

RULES = ("month", "week", "day")
"""How many mass messages one customer or group may receive: days of the month per month, 7 per week, 1 per day."""


def set_rule(platform: Platform, rule: Any) -> None:
    if rule not in RULES:
        raise Unwilling(f"mass_rule must be one of {', '.join(RULES)}", 400)
    platform.state.remember("mass_rule", rule)


def rule_of(platform: Platform) -> str:
    return str(platform.state.remembered("mass_rule", platform.corp.content.get("mass_rule", "month")))


def confirm(platform: Platform, userid: str, msgid: str, chosen: list[str] | None = None) -> dict[str, Any]:
    """Sends to everybody whom the task names (or whom she chose, where she may) and who may still receive."""
    guide, state, now = known_guide(platform, userid), platform.state, platform.clock.now()
    with state.change():
        mass = open_task(platform, guide["userid"], msgid)
        targets = receivers(platform, mass, guide["userid"], chosen)
        content = json.loads(mass["content"])
        statuses = hand_out(platform, mass["chat_type"], msgid, guide["userid"], targets, content, now)
        state.run(
            "UPDATE mass_task SET status = 2, send_time = ? WHERE msgid = ? AND userid = ?",
            now,
            msgid,
            guide["userid"],
        )
    return {
        "userid": guide["userid"],
        "sent": statuses.count(SENT),
        "not_friend": statuses.count(NO_FRIEND),
        "limited": statuses.count(LIMITED),
    }


def open_task(platform: Platform, userid: str, msgid: str) -> dict[str, Any]:
    mass = platform.state.row("SELECT * FROM mass WHERE msgid = ?", msgid)
    task = platform.state.row("SELECT * FROM mass_task WHERE msgid = ? AND userid = ?", msgid, userid)
    if not mass or not task:
        raise Unwilling("群发助手里没有这个任务", 404)
    if task["status"] == 2:
        raise Unwilling("这个任务已经发送过了")
    if mass["cancelled"]:
        raise Unwilling("这个任务已被企业取消")
    return mass


def receivers(platform: Platform, mass: dict[str, Any], userid: str, chosen: list[str] | None) -> list[str]:
    if mass["chosen"]:
        rows = platform.state.rows(
            "SELECT target FROM mass_target WHERE msgid = ? AND userid = ? ORDER BY target",
            mass["msgid"],
            userid,
        )
        possible = [row["target"] for row in rows]
    else:
        possible = owned_chats(platform, userid)
    if chosen is None:
        return possible
    if mass["chosen"] and not mass["allow_select"]:
        raise Unwilling("这个任务不能改选接收的人")
    return [target for target in possible if target in chosen]


def hand_out(
    platform: Platform,
    chat_type: str,
    msgid: str,
    userid: str,
    targets: list[str],
    content: dict[str, Any],
    now: float,
) -> list[int]:
    """Who may still receive it has it now; what became of each is kept, and returned in their order."""
    outcome = {target: fate(platform, chat_type, userid, target, now) for target in targets}
    platform.state.run_many(
        "INSERT INTO mass_target VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
        " SET status = excluded.status, send_time = excluded.send_time",
        [
            (msgid, userid, target, status, now if status == SENT else None)
            for target, status in outcome.items()
        ],
    )
    what = {"msgid": msgid, "userid": userid} | content
    platform.ledger.write_many(
        "group_mass" if chat_type == "group" else "mass",
        [(target, what) for target, status in outcome.items() if status == SENT],
    )
    return list(outcome.values())


def fate(platform: Platform, chat_type: str, userid: str, target: str, now: float) -> int:
    """What becomes of one receiver at this moment."""
    if chat_type == "group":
        reachable = target in owned_chats(platform, userid)
    else:
        friend = platform.friend(userid, target)
        reachable = bool(friend and friend["relation"] == "full")
    if not reachable:
        return NO_FRIEND
    return LIMITED if received_enough(platform, target, now) else SENT


def received_enough(platform: Platform, target: str, now: float) -> bool:
    rule = rule_of(platform)
    if rule == "day":
        first, after, most = *day_of(now), 1
    elif rule == "week":
        first, after, most = *week_of(now), MASS_PER_WEEK
    else:
        first, after, most = month_of(now)
    received: int = platform.state.value(
        "SELECT COUNT(*) FROM mass_target WHERE target = ? AND status = 1 AND send_time >= ? AND send_time < ?",
        target,
        first,
        after,
    )
    return received >= most
