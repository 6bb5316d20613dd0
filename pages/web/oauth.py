"""Signing in through the platform: guides on the phone, branches and store managers on phone or desk."""

import logging
import secrets
from datetime import timedelta

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlmodel import select

from models.accounts import Account, lifecycle
from models.errors import Complaint
from models.org import find_guide
from pages.web import access, sessions
from pages.web.site import site
from wecom import oauth
from wecom.errors import PlatformError

blueprint = Blueprint("oauth", __name__)
COOKIE = "onetap_state"
STATE_LIFE = timedelta(minutes=10)
MESSENGER = "wxwork"
"""In the user agent of every browser inside the messenger."""

log = logging.getLogger(__name__)


def inside_messenger() -> bool:
    return MESSENGER in (request.user_agent.string or "").lower() or site().demo


def to_platform(realm: str, wanted: str) -> ResponseReturnValue:
    """Send the browser to the platform; `wanted` is where it goes afterwards. The state is bound to this browser."""
    state = secrets.token_hex(16)
    back = site().public_url + url_for(
        "oauth.guide_back" if realm == sessions.GUIDE else "oauth.console_back"
    )
    if realm == sessions.GUIDE or MESSENGER in request.user_agent.string.lower():
        address = oauth.authorize_url(
            site().corp_id, back, state, agent_id=site().agent_id, base=site().oauth_url
        )
    else:
        address = oauth.login_url(site().corp_id, site().agent_id, back, state, base=site().login_url)
    response = make_response(redirect(address))
    sessions.set_cookie(response, COOKIE, _signer().dumps([state, realm, wanted]), STATE_LIFE)
    return response


@blueprint.get("/g/oauth")
def guide_back() -> ResponseReturnValue:
    """A guide comes back from the platform."""
    wanted = _checked_state(sessions.GUIDE)
    with site().db.read() as session:
        guide = find_guide(session, _userid())
    if guide is None or not guide.present:
        return _stranger(
            Complaint("你不在导购名单里"),
            Complaint("可能还没同步到，或不在应用的可见范围。请总部的管理员把你加进门店"),
        )
    today = url_for("guide.today")
    response = make_response(redirect(wanted if wanted.startswith(today) else today))
    sessions.begin(response, sessions.GUIDE, guide_id=guide.id)
    return _forget_state(response)


@blueprint.get("/console/oauth/start")
@access.anybody
def start() -> ResponseReturnValue:
    if not site().platform_sign_in:
        abort(404)
    return to_platform(sessions.CONSOLE, access.safe_next(request.args.get("next", "")))


@blueprint.get("/console/oauth")
@access.anybody
def console_back() -> ResponseReturnValue:
    """Somebody of a branch or a store comes back from the platform."""
    wanted = access.safe_next(_checked_state(sessions.CONSOLE))
    userid = _userid()
    with site().db.read() as session:
        found = session.exec(select(Account).where(Account.active)).all()
    account = next((one for one in found if one.userid and one.userid.lower() == userid.lower()), None)
    if account is None:
        return _stranger(
            Complaint("这里还没有你的账号"),
            Complaint("请总部的管理员给你开一个分公司或店长账号，写上你的成员账号"),
        )
    with site().db.write() as session:
        lifecycle.signed_in(session, account, "从企业微信登录", site().clock())
    response = make_response(redirect(wanted))
    sessions.begin(response, sessions.CONSOLE, account_id=account.id)
    return _forget_state(response)


def _checked_state(realm: str) -> str:
    """Where this browser wanted to go. A state that it did not bring itself is refused (login CSRF, I09)."""
    try:
        state, of_realm, wanted = _signer().loads(
            request.cookies.get(COOKIE, ""), max_age=int(STATE_LIFE.total_seconds())
        )
    except (BadSignature, ValueError):
        state, of_realm, wanted = "", "", ""
    given = request.args.get("state", "").encode()
    if not state or of_realm != realm or not secrets.compare_digest(str(state).encode(), given):
        abort(400, Complaint("登录没有走完，或者不是从这台手机开始的。请回到企业微信里重新打开"))
    return str(wanted)


def _userid() -> str:
    client = site().client
    if client is None:
        abort(404)
    try:
        found = oauth.identify(client, request.args.get("code", ""))
    except PlatformError as error:
        log.warning("sign-in refused: %s", error)
        abort(400, Complaint("这次登录已经用过或过期了。请回到企业微信里重新打开"))
    return found.userid or ""


def _stranger(title: str, next_step: str) -> ResponseReturnValue:
    return _forget_state(
        make_response(render_template("web/message.html", title=title, words=next_step), 403)
    )


def _forget_state(response: Response) -> Response:
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="Lax", secure=site().secure)
    return response


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(site().secret_keys[::-1], salt="onetap oauth state")
