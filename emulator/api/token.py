"""Access tokens, JS tickets and the platform's own addresses."""

import secrets
from typing import Any

from .. import limits
from ..dispatch import Api, PlatformCall
from ..errors import Refusal
from ..platform import Platform

HOUR = 3600


def gettoken(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    """The same token again while it is valid; after too many wrong secrets right ones are refused too, for an hour."""
    corp_id, secret = call.asked("corpid", 41002), call.asked("corpsecret", 41004)
    if platform.rate_limits.closed("bad secret", "", HOUR, call.now):
        raise Refusal(45009, "too many wrong secrets")
    scope = platform.corp.secrets.get(secret)
    if corp_id != platform.corp.corp_id or not scope:
        platform.rate_limits.take_or_close("bad secret", "", limits.BAD_SECRETS_PER_HOUR, HOUR, call.now)
        raise Refusal(40001)
    call.scope = scope
    state = platform.state
    with state.change():
        token = state.row("SELECT * FROM token WHERE scope = ? AND expires > ?", scope, call.now)
        if not token:
            token = {"value": secrets.token_urlsafe(96), "expires": call.now + limits.TOKEN_SECONDS}
            state.run("INSERT INTO token VALUES (?, ?, ?)", token["value"], scope, token["expires"])
    return {"access_token": token["value"], "expires_in": int(token["expires"] - call.now)}


def expire_tokens(platform: Platform, forget: bool = False) -> None:
    """The platform may end a token early: the next call answers 42001 (or 40014 once it is forgotten)."""
    if forget:
        platform.state.run("DELETE FROM token")
    else:
        platform.state.run("UPDATE token SET expires = MIN(expires, ?)", platform.clock.now())


def corp_ticket(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    return ticket(platform, "corp", call.now)


def agent_ticket(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    if call.asked("type", 40063) != "agent_config":
        raise Refusal(40058, "type must be agent_config")
    return ticket(platform, "agent_config", call.now)


def ticket(platform: Platform, kind: str, now: float) -> dict[str, Any]:
    if not platform.rate_limits.take_or_close("ticket", kind, limits.TICKETS_PER_HOUR[kind], HOUR, now):
        raise Refusal(45009, "tickets per hour")
    state = platform.state
    with state.change():
        found = state.row("SELECT * FROM ticket WHERE kind = ? AND expires > ?", kind, now)
        if not found:
            found = {"value": secrets.token_urlsafe(64), "expires": now + limits.TOKEN_SECONDS}
            state.run(
                "INSERT OR REPLACE INTO ticket VALUES (?, ?, ?)", kind, found["value"], found["expires"]
            )
    return {"ticket": found["value"], "expires_in": int(found["expires"] - now)}


def callback_ips(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    return {"ip_list": ["127.0.0.1", "::1"]}


ANY_SECRET = frozenset({"app", "contacts"})

APIS = {
    "gettoken": Api("GET", gettoken, scopes=frozenset()),
    "get_jsapi_ticket": Api("GET", corp_ticket),
    "ticket/get": Api("GET", agent_ticket),
    "getcallbackip": Api("GET", callback_ips, scopes=ANY_SECRET),
    "get_api_domain_ip": Api("GET", callback_ips, scopes=ANY_SECRET),
}
