"""Who is it: the platform's sign-in on phone and desk, and the signature its script asks for."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

from wecom.client import WorkClient
from wecom.errors import Action, PlatformError, broken
from wecom.tokens import Kept, token_name

AUTHORIZE_URL = "https://open.weixin.qq.com/connect/oauth2/authorize"
LOGIN_URL = "https://login.work.weixin.qq.com/wwlogin/sso/login"
IDENTIFY = "auth/getuserinfo"
MOST_CODE_BYTES = 512
_STATE = re.compile(r"[A-Za-z0-9]{1,128}")

TicketKind = Literal["corp", "agent"]
_TICKETS: dict[TicketKind, tuple[str, dict[str, str]]] = {
    "corp": ("get_jsapi_ticket", {}),
    "agent": ("ticket/get", {"type": "agent_config"}),
}


@dataclass(frozen=True)
class Identity:
    """A member of the corp has a userid; anybody else at most an external_userid."""

    userid: str | None
    external_userid: str | None


def authorize_url(
    corp_id: str,
    redirect_uri: str,
    state: str,
    *,
    agent_id: int | None = None,
    base: str = AUTHORIZE_URL,
    scope: Literal["snsapi_base", "snsapi_privateinfo"] = "snsapi_base",
) -> str:
    """Where a phone inside the messenger is sent to be recognised. State: letters and digits only."""
    _check_state(state)
    query = {
        "appid": corp_id, "redirect_uri": redirect_uri, "response_type": "code",
        "scope": scope, "state": state,
    }  # fmt: skip
    if agent_id is not None:
        query["agentid"] = str(agent_id)
    return f"{_page(base, AUTHORIZE_URL)}?{urlencode(query)}#wechat_redirect"


def login_url(corp_id: str, agent_id: int, redirect_uri: str, state: str, *, base: str = LOGIN_URL) -> str:
    """Where a desk browser shows the code that a member scans."""
    _check_state(state)
    query = {
        "login_type": "CorpApp", "appid": corp_id, "agentid": str(agent_id),
        "redirect_uri": redirect_uri, "state": state,
    }  # fmt: skip
    return f"{_page(base, LOGIN_URL)}?{urlencode(query)}"


def identify(client: WorkClient, code: str) -> Identity:
    """Whose code is it? A code works once, for five minutes; a used one is PlatformError(REFUSED)."""
    if not code or len(code.encode("utf-8", "replace")) > MOST_CODE_BYTES:
        raise PlatformError(IDENTIFY, None, Action.REFUSED, "登录凭证无效，请回到企业微信重新打开")
    answer = client.call(IDENTIFY, params={"code": code})
    # the new answer writes userid, the old one UserId; both are still seen
    userid = _first(answer, "userid", "UserId")
    external = _first(answer, "external_userid", "ExternalUserID", "external_userId")
    return Identity(userid, external)


def ticket(client: WorkClient, kind: TicketKind, now: datetime) -> str:
    """One of the two tickets of the platform's script; corp and agent tickets are not interchangeable."""
    api, params = _TICKETS[kind]

    def fetch() -> Kept:
        answer = client.call(api, params=params)
        value, lifetime = answer.get("ticket"), answer.get("expires_in", 7200)
        if not isinstance(value, str) or not value:
            raise broken(api, effect=False, executed=True, words="平台没有给出票据")
        return Kept.new(value, float(lifetime) if isinstance(lifetime, int) and lifetime > 0 else 7200.0, now)

    # the agent's ticket belongs to the app, so the secret is part of both names
    return client.tokens.obtain(token_name(f"ticket-{kind}", client.corp_id, client.secret), now, fetch).value


def signature(jsapi_ticket: str, nonce: str, timestamp: int, url: str) -> str:
    """SHA-1 over the four values in this order; the address without its fragment, as the browser sees it."""
    page = url.partition("#")[0]
    plain = f"jsapi_ticket={jsapi_ticket}&noncestr={nonce}&timestamp={timestamp}&url={page}"
    return hashlib.sha1(plain.encode(), usedforsecurity=False).hexdigest()


def js_config(
    client: WorkClient, url: str, now: datetime, *, kind: TicketKind = "agent", calls: Sequence[str] = ()
) -> dict[str, Any]:
    """What a page hands to the platform's script to be allowed its calls."""
    nonce, stamp = secrets.token_hex(8), int(now.timestamp())
    config: dict[str, Any] = {
        "timestamp": stamp,
        "nonceStr": nonce,
        "signature": signature(ticket(client, kind, now), nonce, stamp, url),
        "jsApiList": list(calls),
    }
    if kind == "agent":
        return {"corpid": client.corp_id, "agentid": client.agent_id, **config}
    return {"appId": client.corp_id, **config}


def _page(base: str, usual: str) -> str:
    """A base may be the page itself or only its host."""
    bare = base.rstrip("/")
    return bare if urlsplit(bare).path else bare + urlsplit(usual).path


def _check_state(state: str) -> None:
    if not _STATE.fullmatch(state):
        raise ValueError("state 只能用字母和数字，最多 128 个")


def _first(answer: dict[str, Any], *names: str) -> str | None:
    found = (answer.get(name) for name in names)
    return next((one for one in found if isinstance(one, str) and one), None)
