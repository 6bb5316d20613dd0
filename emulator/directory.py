"""Changes that administrators and group owners make by hand: members, departments, groups; each becomes events."""

import json
import secrets
from typing import Any

from .callbacks import Outgoing
from .cards import member_event
from .company import add_group, add_member, keep_standing, standing
from .errors import Unwilling
from .friendships import known_customer, known_guide
from .platform import Platform


def change_members(platform: Platform, asked: dict[str, Any]) -> tuple[dict[str, Any], Outgoing | None]:
    if "add" in asked:
        return hire(platform, asked["add"])
    if "remove" in asked:
        return remove(platform, str(asked["remove"]))
    if "update" in asked:
        return update(platform, asked["update"])
    if "rename" in asked:
        return rename(platform, str(asked["rename"]["userid"]), str(asked["rename"]["to"]))
    raise Unwilling("add, remove, update or rename", 400)


def hire(platform: Platform, member: dict[str, Any]) -> tuple[dict[str, Any], Outgoing | None]:
    if platform.member(member["userid"]):
        raise Unwilling("这个 userid 已经有人了")
    with platform.state.change():
        platform.state.run("DELETE FROM member WHERE userid = ?", member["userid"])
        add_member(platform.state, member)
    row = known_guide(platform, member["userid"])
    sent = platform.tell(
        "contacts", "change_contact", {"ChangeType": "create_user"} | fields_of(platform, row)
    )
    if row["visible"]:
        member_event(platform, row["userid"], "subscribe")
    return {"userid": row["userid"]}, sent


def remove(platform: Platform, userid: str) -> tuple[dict[str, Any], Outgoing | None]:
    """She leaves: directory and app both say so, and her customers wait for an heir."""
    row = known_guide(platform, userid)
    with platform.state.change():
        platform.state.run("UPDATE member SET left_at = ? WHERE userid = ?", platform.clock.now(), userid)
        platform.state.run(
            "DELETE FROM chat_person WHERE who = ? AND chat_id NOT IN (SELECT chat_id FROM chat WHERE owner = ?)",
            userid,
            userid,
        )
    sent = platform.tell("contacts", "change_contact", {"ChangeType": "delete_user", "UserID": row["userid"]})
    member_event(platform, row["userid"], "unsubscribe")
    return {"userid": row["userid"]}, sent


def update(platform: Platform, changes: dict[str, Any]) -> tuple[dict[str, Any], Outgoing | None]:
    """Only what changed is told; leaving the app's visible range is told by the app."""
    before = known_guide(platform, str(changes.get("userid")))
    columns = {
        "name": "name",
        "position": "position",
        "is_leader": "is_leader",
        "status": "status",
        "avatar": "avatar",
        "admin_welcome": "admin_welcome",
        "contact_feature": "contact_feature",
        "visible": "visible",
        "department": "departments",
    }
    if strange := set(changes) - set(columns) - {"userid", "main_department", "leads"}:
        raise Unwilling(f"unknown {', '.join(sorted(strange))}", 400)
    old = fields_of(platform, before)
    with platform.state.change():
        if {"main_department", "leads", "is_leader"} & set(changes):
            _keep_standing(platform, before, changes)
        for name, column in columns.items():
            if name in changes:
                value = json.dumps(changes[name]) if name == "department" else changes[name]
                platform.state.run(
                    f"UPDATE member SET {column} = ? WHERE userid = ?", value, before["userid"]
                )
    after = known_guide(platform, before["userid"])
    told = {
        name: value
        for name, value in fields_of(platform, after).items()
        if name == "UserID" or old[name] != value
    }
    sent = None
    if len(told) > 1:
        sent = platform.tell("contacts", "change_contact", {"ChangeType": "update_user"} | told)
    if before["visible"] != after["visible"]:
        member_event(platform, after["userid"], "subscribe" if after["visible"] else "unsubscribe")
    return {"userid": after["userid"]}, sent


def _keep_standing(platform: Platform, member: dict[str, Any], changes: dict[str, Any]) -> None:
    theirs = changes.get("department") or json.loads(member["departments"])
    main, flags = standing(platform.state, member)
    before = [one for one, leads in zip(json.loads(member["departments"]), flags, strict=True) if leads]
    if "is_leader" in changes:
        before = theirs if changes["is_leader"] else []
    keep_standing(
        platform.state,
        member["userid"],
        changes.get("main_department", main),
        changes.get("leads", before),
    )


NAMED = {
    "member": "userid", "standing": "userid", "friend": "userid", "welcome_code": "userid", "mass_task": "userid",
    "mass_target": "userid", "transfer": "handover", "card": "userid", "response_code": "userid", "chat": "owner",
    "chat_person": "who", "chat_transfer": "owner",
}  # fmt: skip
"""Where a member stands by her userid"""


def rename(platform: Platform, userid: str, to: str) -> tuple[dict[str, Any], Outgoing | None]:
    """An administrator gives her another userid: all that is hers goes by it, and the directory tells both."""
    before = known_guide(platform, userid)
    if platform.member(to) and to.lower() != userid.lower():
        raise Unwilling("这个 userid 已经有人了")
    with platform.state.change():
        for table, column in NAMED.items():
            platform.state.run(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", to, before["userid"])
        for way in platform.state.rows("SELECT config_id, body FROM contact_way"):
            body = json.loads(way["body"])
            if before["userid"] in body.get("user", []):
                body["user"] = [to if one == before["userid"] else one for one in body["user"]]
                platform.state.run(
                    "UPDATE contact_way SET body = ? WHERE config_id = ?",
                    json.dumps(body, ensure_ascii=False),
                    way["config_id"],
                )
    told = {"ChangeType": "update_user", "UserID": before["userid"], "NewUserID": to}
    return {"userid": to}, platform.tell("contacts", "change_contact", told)


def fields_of(platform: Platform, row: dict[str, Any]) -> dict[str, Any]:
    departments = json.loads(row["departments"])
    main, leads = standing(platform.state, row)
    return {
        "UserID": row["userid"],
        "Name": row["name"],
        "Department": ",".join(str(part) for part in departments),
        "MainDepartment": main,
        "IsLeaderInDept": ",".join(str(one) for one in leads),
        "Position": row["position"],
        "Status": row["status"],
    }


def change_departments(platform: Platform, asked: dict[str, Any]) -> tuple[dict[str, Any], Outgoing | None]:
    """add {id, name, parentid} · move {id, parentid} · remove id."""
    added, moved, removed = asked.get("add"), asked.get("move"), asked.get("remove")
    if moved:
        if not platform.state.run(
            "UPDATE department SET parentid = ? WHERE id = ?", moved["parentid"], moved["id"]
        ):
            raise Unwilling("没有这个部门", 404)
        told: dict[str, Any] = {
            "ChangeType": "update_party",
            "Id": moved["id"],
            "ParentId": moved["parentid"],
        }
    elif added:
        platform.state.run(
            "INSERT OR REPLACE INTO department VALUES (?, ?, ?)",
            added["id"],
            added["name"],
            added.get("parentid", 1),
        )
        told = {
            "ChangeType": "create_party",
            "Id": added["id"],
            "Name": added["name"],
            "ParentId": added.get("parentid", 1),
            "Order": 100_000_000 - added["id"],
        }
    elif removed:
        platform.state.run("DELETE FROM department WHERE id = ?", removed)
        told = {"ChangeType": "delete_party", "Id": int(removed)}
    else:
        raise Unwilling("add, move or remove", 400)
    return {}, platform.tell("contacts", "change_contact", told)


def change_groups(platform: Platform, asked: dict[str, Any]) -> tuple[dict[str, Any], Outgoing | None]:
    """create {group} · dismiss chat_id · owner / name {chat_id, …} · join / quit {chat_id, who} · webhook {chat_id, key}."""
    if group := asked.get("create"):
        with platform.state.change():
            add_group(platform.state, group, platform.clock.now())
        return {"chat_id": group["chat_id"]}, tell_group(platform, group["chat_id"], {"ChangeType": "create"})
    if chat_id := asked.get("dismiss"):
        known_chat(platform, chat_id)
        sent = tell_group(platform, chat_id, {"ChangeType": "dismiss"})
        platform.state.run(
            "UPDATE chat SET dismissed_at = ? WHERE chat_id = ?", platform.clock.now(), chat_id
        )
        return {"chat_id": chat_id}, sent
    for name in ("owner", "name", "notice"):
        if part := asked.get(name):
            known_chat(platform, part["chat_id"])
            platform.state.run(f"UPDATE chat SET {name} = ? WHERE chat_id = ?", part[name], part["chat_id"])
            detail = {"ChangeType": "update", "UpdateDetail": f"change_{name}"}
            return {"chat_id": part["chat_id"]}, tell_group(
                platform, part["chat_id"], detail | new_version(platform, part["chat_id"])
            )
    if part := asked.get("join"):
        return join(platform, part)
    if part := asked.get("quit"):
        return leave(platform, part)
    if part := asked.get("webhook"):
        return add_webhook(platform, part), None
    raise Unwilling("create, dismiss, owner, name, notice, join, quit or webhook", 400)


def add_webhook(platform: Platform, part: dict[str, Any]) -> dict[str, Any]:
    """Somebody adds a 群机器人 in a group; its key is hers to copy."""
    chat = known_chat(platform, part["chat_id"])
    if chat["kind"] != "internal":
        raise Unwilling("客户群里没有群机器人")
    platform.state.run(
        "INSERT INTO webhook VALUES (?, ?, ?)", str(part["key"]), chat["chat_id"], str(part.get("name", ""))
    )
    return {"chat_id": chat["chat_id"]}


def join(platform: Platform, part: dict[str, Any]) -> tuple[dict[str, Any], Outgoing | None]:
    chat, scene = known_chat(platform, part["chat_id"]), int(part.get("scene", 3))
    who = str(part["who"])
    staff = platform.member(who)
    if not staff:
        known_customer(platform, who)
    if not staff and chat["kind"] == "internal":
        raise Unwilling("店内群里没有顾客")
    platform.state.run(
        "INSERT OR IGNORE INTO chat_person VALUES (?, ?, ?, ?, ?)",
        chat["chat_id"],
        who,
        1 if staff else 2,
        platform.clock.now(),
        scene,
    )
    detail = {
        "ChangeType": "update",
        "UpdateDetail": "add_member",
        "JoinScene": scene,
        "MemChangeCnt": 1,
        "MemChangeList": {"Item": [who]},
    }
    return {"chat_id": chat["chat_id"]}, tell_group(
        platform, chat["chat_id"], detail | new_version(platform, chat["chat_id"])
    )


def leave(platform: Platform, part: dict[str, Any]) -> tuple[dict[str, Any], Outgoing | None]:
    chat, who = known_chat(platform, part["chat_id"]), str(part["who"])
    if not platform.state.run("DELETE FROM chat_person WHERE chat_id = ? AND who = ?", chat["chat_id"], who):
        raise Unwilling("这个人不在群里")
    detail = {
        "ChangeType": "update",
        "UpdateDetail": "del_member",
        "QuitScene": int(part.get("scene", 0)),
        "MemChangeCnt": 1,
        "MemChangeList": {"Item": [who]},
    }
    return {"chat_id": chat["chat_id"]}, tell_group(
        platform, chat["chat_id"], detail | new_version(platform, chat["chat_id"])
    )


def tell_group(platform: Platform, chat_id: str, fields: dict[str, Any]) -> Outgoing | None:
    """Only customer groups are told about; internal groups live without events."""
    chat = platform.chat(chat_id)
    if not chat or chat["kind"] != "customer":
        return None
    return platform.tell("app", "change_external_chat", {"ChatId": chat_id} | fields)


def new_version(platform: Platform, chat_id: str) -> dict[str, str]:
    chat, version = known_chat(platform, chat_id), secrets.token_hex(16)
    platform.state.run("UPDATE chat SET version = ? WHERE chat_id = ?", version, chat_id)
    return {"LastMemVer": chat["version"], "CurMemVer": version}


def known_chat(platform: Platform, chat_id: Any) -> dict[str, Any]:
    chat = platform.chat(chat_id)
    if not chat:
        raise Unwilling("没有这个群", 404)
    return chat
