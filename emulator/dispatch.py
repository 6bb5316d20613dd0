"""One API call from arrival to answer: chaos, frequency, token, schema of the body, and the ledger's row about it."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from flask import Request, Response
from werkzeug.datastructures import FileStorage

from . import limits, transfers
from .chaos import Rule
from .errors import Refusal, errmsg
from .ledger import shortened
from .platform import Platform
from .schema import Record

RESET = "emulator.reset"
"""Marked in the WSGI environment when the connection must be dropped without a byte of answer."""

ESCAPED = re.compile(rb"(?<!\\)(?:\\\\)*\\u[0-9a-fA-F]{4}")
GATEWAY_PAGE = (
    "<html><head><title>{0} Bad Gateway</title></head><body><h1>{0} Bad Gateway</h1><hr>nginx</body></html>"
)


@dataclass
class PlatformCall:
    """What an API function needs to know about the request."""

    api: str
    now: float
    query: dict[str, str]
    base_url: str
    scope: str = ""
    body: dict[str, Any] = field(default_factory=dict)
    raw: bytes = b""
    upload: FileStorage | None = None

    def asked(self, name: str, missing: int) -> str:
        """A required parameter of the address."""
        value = self.query.get(name, "")
        if not value:
            raise Refusal(missing, f"{name} missing")
        return value


@dataclass(frozen=True)
class Content:
    """An answer that is a file."""

    data: bytes
    mime: str
    filename: str


@dataclass(frozen=True)
class Api:
    """How one address is called and who answers it."""

    method: str
    answer: Callable[[Platform, PlatformCall], dict[str, Any] | Content]
    body: Record | None = None
    scopes: frozenset[str] = frozenset({"app"})
    """Whose token may call; empty: no token needed."""


def serve(platform: Platform, apis: dict[str, Api], name: str, request: Request) -> Response:
    """Answers one call under the chaos in force, and writes it into the ledger."""
    started = time.monotonic()
    rule = platform.chaos.take(name)
    platform.chaos.linger(rule, "before")
    call = PlatformCall(name, platform.clock.now(), request.args.to_dict(), base_of(platform, request))
    ip = request.remote_addr or ""
    if rule and rule.instead:
        answer: dict[str, Any] | Content = {
            "errcode": rule.errcode or 0,
            "errmsg": rule.errmsg or errmsg(rule.errcode or 0, ip=ip),
        }
    else:
        try:
            answer = carry_out(platform, apis, call, request)
        except Refusal as refusal:
            answer = refusal.answer(ip)
    platform.chaos.linger(rule, "after")
    write_down(platform, call, answer, rule, time.monotonic() - started)
    response = respond(answer, rule, request)
    response.date = datetime.fromtimestamp(call.now, UTC)
    return response


def base_of(platform: Platform, request: Request) -> str:
    """The address under which the caller sees us."""
    return platform.corp.public_url or request.host_url.rstrip("/")


def carry_out(
    platform: Platform, apis: dict[str, Api], call: PlatformCall, request: Request
) -> dict[str, Any] | Content:
    api = apis.get(call.api)
    if not api:
        raise Refusal(48001, "no such api")
    take = platform.rate_limits.take_or_close
    if "debug" in call.query and not take("debug", "", limits.DEBUG_PER_MINUTE, 60, call.now):
        raise Refusal(45009, "debug=1")
    if api.scopes:
        call.scope = check_token(platform, call)
        check_frequency(platform, call)
        if call.scope not in api.scopes:
            raise Refusal(48002, f"the {call.scope} secret may not call this")
    if request.method != api.method:
        raise Refusal(40058, f"use {api.method}")
    if api.body is not None:
        call.raw = request.get_data(cache=False)
        call.body = read_body(call.raw)
        # Robots' addresses take escaped characters; the API proper is documented to refuse them.
        if api.scopes and ESCAPED.search(call.raw):
            raise Refusal(40033)
        api.body.check(call.body, "")
    elif api.method == "POST":
        call.upload = request.files.get("media")
    transfers.settle(platform)
    answer = api.answer(platform, call)
    return answer if isinstance(answer, Content) else {"errcode": 0, "errmsg": "ok"} | answer


def check_token(platform: Platform, call: PlatformCall) -> str:
    value = call.query.get("access_token", "")
    if not value:
        raise Refusal(41001)
    token = platform.state.row("SELECT * FROM token WHERE value = ?", value)
    if not token:
        raise Refusal(40014)
    if token["expires"] <= call.now:
        raise Refusal(42001)
    return str(token["scope"])


def check_frequency(platform: Platform, call: PlatformCall) -> None:
    """The base frequency; sending messages does not count into it."""
    if call.api == "message/send":
        return
    take = platform.rate_limits.take_or_close
    if not take("minute", call.api, limits.API_PER_MINUTE, 60, call.now):
        raise Refusal(45009, "per minute")
    if not take("hour", call.api, limits.API_PER_HOUR, 3600, call.now):
        raise Refusal(45009, "per hour")


def read_body(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Refusal(40035, "body is not valid JSON in UTF-8") from error
    if not isinstance(body, dict):
        raise Refusal(40035, "body must be an object")
    return body


def write_down(
    platform: Platform,
    call: PlatformCall,
    answer: dict[str, Any] | Content,
    rule: Rule | None,
    seconds: float,
) -> None:
    shown = {"file": answer.filename, "bytes": len(answer.data)} if isinstance(answer, Content) else answer
    query = {
        name: value for name, value in call.query.items() if name not in ("access_token", "corpsecret", "key")
    }
    platform.ledger.write(
        "call",
        call.api,
        api=call.api,
        errcode=shown.get("errcode", 0),
        seconds=round(seconds, 4),
        agent=call.scope,
        request=shortened(call.body or query),
        answer=shortened(shown),
        chaos=chaos_words(rule),
    )


def chaos_words(rule: Rule | None) -> str:
    if not rule:
        return ""
    parts = {
        "delay": rule.delay,
        "reset": rule.reset,
        "html": rule.html,
        "status": rule.status,
        "truncated": rule.truncated,
        "empty": rule.empty,
    }
    return ", ".join(f"{name} {value}" for name, value in parts.items() if value) or f"errcode {rule.errcode}"


def respond(answer: dict[str, Any] | Content, rule: Rule | None, request: Request) -> Response:
    if rule and rule.reset:
        request.environ[RESET] = True
        return Response(b"")
    if rule and rule.html:
        return Response(GATEWAY_PAGE.format(rule.html), rule.html, mimetype="text/html")
    if isinstance(answer, Content):
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(answer.filename)}"}
        return Response(answer.data, mimetype=answer.mime, headers=headers)
    body = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
    if rule and rule.truncated:
        body = body[: len(body) // 2]
    if rule and rule.empty:
        body = b""
    status = rule.status if rule and rule.status else 200
    return Response(body, status, content_type="application/json; charset=UTF-8")
