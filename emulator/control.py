"""The switches: reset, clock, chaos, tokens, directory, groups, and the ledger; JSON, from this machine only."""

import json
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, jsonify, request

from . import directory, mass_assistant, moments, transfers
from .api.token import expire_tokens
from .callbacks import Outgoing, verify
from .clock import iso
from .errors import Unwilling
from .platform import Platform

control = Blueprint("control", __name__, url_prefix="/control")
SHOWN = 500


def platform() -> Platform:
    found: Platform = current_app.extensions["wecom"]
    return found


def asked() -> dict[str, Any]:
    """The JSON body of a switch or a button; nothing sent means {}."""
    if not request.get_data():
        return {}
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Unwilling("the body must be a JSON object", 400)
    return body


def told(answer: dict[str, Any], sent: Outgoing | None, wanted: dict[str, Any]) -> Response:
    """With `"wait": true` the answer comes after the callback was received or given up."""
    if wanted.get("wait") and sent:
        answer = answer | {"callback": sent.waited()}
    return jsonify(answer)


@control.before_request
def only_from_here() -> None:
    """Nobody else's browser page may pull the switches, and no other machine."""
    if not _is_local(request.remote_addr or ""):
        raise Unwilling("the switches answer this machine only", 403)
    if not _is_local(_name_of(request.host)):  # a name that somebody points at this machine
        raise Unwilling("the switches answer to 127.0.0.1 and localhost only", 403)
    only_json()


def only_json() -> None:
    """A form of a strange page cannot send JSON; whatever changes something must."""
    if request.method == "POST" and not request.is_json:
        raise Unwilling("Content-Type must be application/json", 415)


def _name_of(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_local(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host.removeprefix("::ffff:")).is_loopback
    except ValueError:
        return False


@control.post("/reset")
def reset() -> Response:
    platform().reset()
    return jsonify({})


@control.post("/clock")
def clock() -> Response:
    offset = asked().get("offset_seconds")
    if isinstance(offset, bool) or not isinstance(offset, int | float):
        raise Unwilling("offset_seconds must be a number", 400)
    platform().set_clock(float(offset))
    transfers.settle(platform())
    return jsonify({"now": iso(platform().clock.now()), "offset_seconds": offset})


@control.post("/chaos")
def chaos() -> Response:
    platform().chaos.replace(asked())
    return jsonify(platform().chaos.shown())


@control.post("/tokens/expire")
def tokens_expire() -> Response:
    expire_tokens(platform(), forget=bool(asked().get("forget")))
    return jsonify({})


@control.post("/verify")
def verify_endpoints() -> Response:
    """What the admin page does on saving: an echo through each callback address."""
    return jsonify({name: verify(endpoint) for name, endpoint in platform().corp.endpoints.items()})


@control.post("/rules")
def rules() -> Response:
    """`mass_rule`: month (days of the month), week (7) or day (1)."""
    mass_assistant.set_rule(platform(), asked().get("mass_rule"))
    return jsonify({"mass_rule": mass_assistant.rule_of(platform())})


@control.post("/moments")
def moment_rules() -> Response:
    """`per_day`: posts that one customer sees a day (0: all), `job_seconds`: how long jobs take."""
    return jsonify(moments.set_rules(platform(), asked()))


@control.post("/customer-limits")
def customer_limits() -> Response:
    """How many customers each of these may have; null lifts it."""
    return jsonify(transfers.set_rules(platform(), asked()))


@control.post("/members")
def members() -> Response:
    wanted = asked()
    return told(*directory.change_members(platform(), wanted), wanted)


@control.post("/departments")
def departments() -> Response:
    wanted = asked()
    return told(*directory.change_departments(platform(), wanted), wanted)


@control.post("/groups")
def groups() -> Response:
    wanted = asked()
    return told(*directory.change_groups(platform(), wanted), wanted)


@control.get("/ledger")
def ledger() -> Response:
    kinds = [kind for kind in request.args.get("kind", "").split(",") if kind]
    rows = platform().ledger.rows(
        request.args.get("since", 0, int),
        kinds,
        request.args.get("who"),
        min(request.args.get("limit", 1000, int), 10_000),
    )
    return jsonify({"rows": rows, "last": platform().ledger.last()})


@control.get("/state")
def state() -> Response:
    rows, clock_ = platform().state.rows, platform().clock
    ways = rows(
        "SELECT config_id, qr_id, payload, json_extract(body, '$.state') AS state, json_extract(body, '$.user') AS user"
        " FROM contact_way ORDER BY born LIMIT ?",
        SHOWN,
    )
    return jsonify(
        {
            "corp_id": platform().corp.corp_id,
            "now": iso(clock_.now()),
            "offset_seconds": clock_.offset,
            "chaos": platform().chaos.shown(),
            "ledger": platform().ledger.last(),
            "counts": {
                table: platform().state.value(f"SELECT COUNT(*) FROM {table}")
                for table in ("member", "customer", "friend", "chat", "contact_way", "mass", "card", "moment")
            },
            "members": rows(
                "SELECT userid, name, position, left_at FROM member ORDER BY userid LIMIT ?", SHOWN
            ),
            "customers": rows(
                "SELECT external_userid, name FROM customer ORDER BY external_userid LIMIT ?", SHOWN
            ),
            "friends": rows(
                "SELECT userid, external_userid, relation, state FROM friend ORDER BY since LIMIT ?", SHOWN
            ),
            "transfers": rows(
                "SELECT handover, takeover, external_userid, resigned, status FROM transfer ORDER BY id DESC LIMIT ?",
                SHOWN,
            ),
            "groups": rows(
                "SELECT chat_id, name, kind, owner, dismissed_at FROM chat ORDER BY chat_id LIMIT ?", SHOWN
            ),
            "contact_ways": [way | {"user": json.loads(way["user"] or "[]")} for way in ways],
            "mass_rule": mass_assistant.rule_of(platform()),
            "mass_tasks": rows(
                "SELECT msgid, userid, status, send_time, cancelled FROM mass_task JOIN mass USING (msgid)"
                " ORDER BY mass_task.rowid DESC LIMIT ?",
                SHOWN,
            ),
            "moment_tasks": rows(
                "SELECT moment_id, userid, published, creator, cancelled FROM moment_task JOIN moment USING (moment_id)"
                " ORDER BY moment_task.rowid DESC LIMIT ?",
                SHOWN,
            ),
        }
    )
