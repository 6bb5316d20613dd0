"""Reading CORP.json: who the invented company is, and to which addresses its callbacks go."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .crypto import CallbackCrypto
from .database import StoredState


class BadCorp(Exception):
    """CORP.json cannot be used; the text says why."""


@dataclass(frozen=True)
class CallbackEndpoint:
    """One callback address with its token and key."""

    source: str
    url: str
    crypto: CallbackCrypto
    json: bool = False


@dataclass(frozen=True)
class Corp:
    """The fixed part: secrets and callback addresses. People, groups and friendships live in the state."""

    corp_id: str
    seed: int
    public_url: str
    agent_id: int
    secrets: dict[str, str]
    """Secret -> scope (`app` or `contacts`)."""
    home: str
    trusted: frozenset[str]
    """Hosts (with port) that the OAuth pages may send people back to."""
    endpoints: dict[str, CallbackEndpoint]
    aibotid: str
    robot_name: str
    links: tuple[tuple[str, str], ...]
    """(word, address): where a person at the desk may go from the phones, such as the app's own console"""
    content: dict[str, Any]

    @classmethod
    def read(cls, path: str | Path) -> "Corp":
        try:
            return cls.of(json.loads(Path(path).read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise BadCorp(f"{path}: {error}") from error

    @classmethod
    def of(cls, content: dict[str, Any]) -> "Corp":
        try:
            app, robot = content["app"], content.get("robot") or {}
            contacts = content.get("contacts") or {}
            corp_id = content["corp_id"]
            endpoints = {"app": _endpoint("app", app, corp_id)}
            if contacts.get("callback_url"):
                endpoints["contacts"] = _endpoint("contacts", contacts, corp_id)
            if robot.get("callback_url"):
                endpoints["robot"] = _endpoint("robot", robot, "")
            secrets = {app["secret"]: "app"}
            if contacts.get("secret"):
                secrets[contacts["secret"]] = "contacts"
            for group in content.get("groups", []):
                check_group(group)
            home = app.get("home") or ""
            trusted = {urlsplit(url).netloc for url in [home, *app.get("trusted", [])] if url}
            return cls(
                corp_id=corp_id,
                seed=int(content.get("seed", 0)),
                public_url=(content.get("public_url") or "").rstrip("/"),
                agent_id=int(app["agentid"]),
                secrets=secrets,
                home=home,
                trusted=frozenset(trusted),
                endpoints=endpoints,
                aibotid=robot.get("aibotid", ""),
                robot_name=robot.get("name", ""),
                links=tuple((str(one["word"]), str(one["href"])) for one in content.get("links", [])),
                content=content,
            )
        except KeyError as error:
            raise BadCorp(f"CORP.json lacks {error}") from error
        except (TypeError, ValueError, AttributeError) as error:
            raise BadCorp(f"CORP.json: {error}") from error


def _endpoint(source: str, part: dict[str, Any], receive_id: str) -> CallbackEndpoint:
    if len(part["aes_key"]) != 43:
        raise BadCorp(f"{source}: aes_key must have 43 characters")
    crypto = CallbackCrypto(part["token"], part["aes_key"], receive_id)
    return CallbackEndpoint(source, part.get("callback_url") or "", crypto, json=source == "robot")


def settle(corp: Corp, state: StoredState, now: float) -> None:
    """Fills an empty state with the company of CORP.json; a state that already lives is left as it is."""
    if state.remembered("settled"):
        return
    with state.change():
        for department in corp.content.get("departments", []):
            state.run(
                "INSERT INTO department VALUES (?, ?, ?)",
                department["id"],
                department["name"],
                department.get("parentid", 0),
            )
        for member in corp.content.get("members", []):
            add_member(state, member)
        for customer in corp.content.get("customers", []):
            add_customer(state, customer)
            for userid in customer.get("friends_of", []):
                state.run(
                    "INSERT INTO friend VALUES (?, ?, 'full', ?, 1, '', '')",
                    userid,
                    customer["external_userid"],
                    now,
                )
        for group in corp.content.get("groups", []):
            add_group(state, group, now)
        state.remember("settled", True)


def add_member(state: StoredState, member: dict[str, Any]) -> None:
    state.run(
        "INSERT OR REPLACE INTO member VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
        member["userid"],
        member["name"],
        json.dumps(member.get("department", [1])),
        member.get("position", ""),
        bool(member.get("is_leader")),
        member.get("avatar"),
        member.get("status", 1),
        bool(member.get("admin_welcome")),
        bool(member.get("contact_feature", True)),
        bool(member.get("visible", True)),
    )
    if "main_department" in member or "leads" in member:
        keep_standing(state, member["userid"], member.get("main_department"), member.get("leads", []))


def keep_standing(state: StoredState, userid: str, main: int | None, leads: list[int]) -> None:
    """Her main department, and which ones she leads, where that is not all of hers or none."""
    state.run("INSERT OR REPLACE INTO standing VALUES (?, ?, ?)", userid, main, json.dumps(leads))


def standing(state: StoredState, member: dict[str, Any]) -> tuple[int, list[int]]:
    """Her main department, and for each of hers whether she leads it."""
    departments = json.loads(member["departments"])
    kept = state.row("SELECT * FROM standing WHERE userid = ?", member["userid"])
    leads = json.loads(kept["leads"]) if kept else departments if member["is_leader"] else []
    main = kept["main_department"] if kept and kept["main_department"] in departments else None
    return main or (departments[0] if departments else 1), [int(one in leads) for one in departments]


def add_customer(state: StoredState, customer: dict[str, Any]) -> None:
    state.run(
        "INSERT OR REPLACE INTO customer VALUES (?, ?, ?, ?, ?, ?)",
        customer["external_userid"],
        customer["name"],
        customer.get("avatar"),
        customer.get("type", 1),
        customer.get("gender", 0),
        customer.get("unionid"),
    )


def check_group(group: dict[str, Any]) -> None:
    if group["kind"] not in ("internal", "customer"):
        raise BadCorp(f"group {group['chat_id']}: kind must be internal or customer")
    if group["kind"] == "customer" and group.get("webhooks"):
        raise BadCorp(f"group {group['chat_id']}: a customer group cannot host a webhook robot")


def add_group(state: StoredState, group: dict[str, Any], now: float) -> None:
    check_group(group)
    version = f"{0:032x}"
    state.run(
        "INSERT INTO chat VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)",
        group["chat_id"],
        group["name"],
        group["kind"],
        group["owner"],
        now,
        group.get("notice", ""),
        version,
        bool(group.get("robot")),
    )
    for type_, people in ((1, group.get("members", [])), (2, group.get("customers", []))):
        for who in people:
            state.run(
                "INSERT OR IGNORE INTO chat_person VALUES (?, ?, ?, ?, 1)", group["chat_id"], who, type_, now
            )
    if group["owner"] not in group.get("members", []):
        state.run(
            "INSERT OR IGNORE INTO chat_person VALUES (?, ?, 1, ?, 1)", group["chat_id"], group["owner"], now
        )
    for webhook in group.get("webhooks", []):
        state.run(
            "INSERT INTO webhook VALUES (?, ?, ?)", webhook["key"], group["chat_id"], webhook.get("name", "")
        )
