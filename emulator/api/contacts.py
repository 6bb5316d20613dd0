"""The directory: members and departments."""

import json
from typing import Any

from ..company import standing
from ..dispatch import Api, PlatformCall
from ..errors import Refusal
from ..platform import Platform
from ..schema import Record, Text, Whole
from .pages import page, position_of
from .token import ANY_SECRET


def user_get(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    refuse_contacts_secret(call)
    member = known_member(platform, call.asked("userid", 41009))
    return user_of(platform, member)


def user_list(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    refuse_contacts_secret(call)
    return {"userlist": [user_of(platform, member) for member in members_of(platform, call)]}


def user_simplelist(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    refuse_contacts_secret(call)
    return {
        "userlist": [
            {
                "userid": member["userid"],
                "name": member["name"],
                "department": json.loads(member["departments"]),
            }
            for member in members_of(platform, call)
        ]
    }


def user_list_id(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    """One row per member and department, for the directory-sync secret alone."""
    limit = call.body.get("limit", 10_000)
    after = position_of(call.body.get("cursor"), 2) or ["", -1]
    rows = [
        {"userid": member["userid"], "department": department}
        for member in platform.state.rows(
            "SELECT * FROM member WHERE left_at IS NULL AND userid >= ? ORDER BY userid LIMIT ?",
            after[0],
            limit + 2,
        )
        for department in sorted(json.loads(member["departments"]))
        if [member["userid"].lower(), department] > [after[0].lower(), after[1]]
    ]
    found, cursor = page(rows, limit, "userid", "department")
    return {"next_cursor": cursor, "dept_user": found}


def department_list(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    refuse_contacts_secret(call)
    return {
        "department": [
            {
                "id": row["id"],
                "name": row["name"],
                "parentid": row["parentid"],
                "order": 100_000_000 - row["id"],
                "department_leader": leaders_of(platform, row["id"]),
            }
            for row in departments_under(platform, call)
        ]
    }


def department_simplelist(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    return {
        "department_id": [
            {"id": row["id"], "parentid": row["parentid"], "order": 100_000_000 - row["id"]}
            for row in departments_under(platform, call)
        ]
    }


def department_get(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    refuse_contacts_secret(call)
    wanted = whole(call.asked("id", 60003))
    for row in departments_under(platform, call):
        if row["id"] == wanted:
            return {
                "department": {
                    "id": row["id"],
                    "name": row["name"],
                    "parentid": row["parentid"],
                    "order": 100_000_000 - row["id"],
                    "department_leader": leaders_of(platform, row["id"]),
                }
            }
    raise Refusal(60003)


def known_member(platform: Platform, userid: Any) -> dict[str, Any]:
    """A member who is still here and whom the app may see."""
    if not isinstance(userid, str):
        raise Refusal(40003, "userid must be a string")
    member = platform.member(userid)
    if not member or not member["visible"]:
        raise Refusal(60111, userid[:64])
    return member


def user_of(platform: Platform, member: dict[str, Any]) -> dict[str, Any]:
    """As an app created since 2022-06 sees a member: no mobile, mail or avatar, unless the company says otherwise."""
    departments = json.loads(member["departments"])
    main, leads = standing(platform.state, member)
    user = {
        "userid": member["userid"],
        "name": member["name"],
        "department": departments,
        "order": [0] * len(departments),
        "position": member["position"],
        "is_leader_in_dept": leads,
        "direct_leader": [],
        "main_department": main,
        "status": member["status"],
        "isleader": int(any(leads)),
        "enable": 1,
        "alias": "",
        "extattr": {"attrs": []},
        "hide_mobile": 0,
        "telephone": "",
    }
    if platform.corp.content["app"].get("sees_avatars") and member["avatar"]:
        user["avatar"] = member["avatar"]
    return user


def members_of(platform: Platform, call: PlatformCall) -> list[dict[str, Any]]:
    wanted = whole(call.asked("department_id", 60003))
    under = {wanted}
    if call.query.get("fetch_child") == "1":
        under = {row["id"] for row in subtree(platform, wanted)}
    elif not platform.state.row("SELECT 1 FROM department WHERE id = ?", wanted):
        raise Refusal(60003)
    members = platform.state.rows("SELECT * FROM member WHERE left_at IS NULL AND visible ORDER BY userid")
    return [member for member in members if under & set(json.loads(member["departments"]))]


def departments_under(platform: Platform, call: PlatformCall) -> list[dict[str, Any]]:
    wanted = call.query.get("id")
    if call.api == "department/get" or not wanted:
        return platform.state.rows("SELECT * FROM department ORDER BY id")
    return subtree(platform, whole(wanted))


def subtree(platform: Platform, top: int) -> list[dict[str, Any]]:
    rows = platform.state.rows(
        "WITH RECURSIVE under(id) AS (SELECT id FROM department WHERE id = ?"
        " UNION SELECT d.id FROM department d JOIN under u ON d.parentid = u.id)"
        " SELECT d.* FROM department d JOIN under USING (id) ORDER BY id",
        top,
    )
    if not rows:
        raise Refusal(60003)
    return rows


def leaders_of(platform: Platform, department: int) -> list[str]:
    return [
        row["userid"]
        for row in platform.state.rows("SELECT * FROM member WHERE left_at IS NULL ORDER BY userid")
        if (department, 1)
        in zip(json.loads(row["departments"]), standing(platform.state, row)[1], strict=True)
    ]


def refuse_contacts_secret(call: PlatformCall) -> None:
    """Since 2022-08 the directory-sync secret reads ids, not details."""
    if call.scope == "contacts":
        raise Refusal(48009)


def whole(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise Refusal(40058, "id must be a whole number") from error


LIST_ID = Record(fields={"cursor": Text(), "limit": Whole(low=1, high=10_000)})

APIS = {
    "user/get": Api("GET", user_get, scopes=ANY_SECRET),
    "user/list": Api("GET", user_list, scopes=ANY_SECRET),
    "user/simplelist": Api("GET", user_simplelist, scopes=ANY_SECRET),
    "user/list_id": Api("POST", user_list_id, LIST_ID, scopes=frozenset({"contacts"})),
    "department/list": Api("GET", department_list, scopes=ANY_SECRET),
    "department/simplelist": Api("GET", department_simplelist, scopes=ANY_SECRET),
    "department/get": Api("GET", department_get, scopes=ANY_SECRET),
}
