"""Signing in through the platform: guides on the phone, branches and store managers on phone or desk.

Each trip to the platform is a *round* with a state of its own, in a cookie of its own, so that two pages opened at once
do not take each other's place. A state is good for one try. Who comes back with a used one (the back button, a page
that the browser loads twice) is led on when she is signed in, else another round begins by itself, a few times at most.
"""

import logging
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import NoReturn
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlmodel import select

from models.accounts import Account, Role, leaving, lifecycle
from models.org import find_guide
from models.sentences import Sentence
from pages.web import access, cookies, errors, known_browsers, quotas, sessions
from pages.web.headers import look_ahead
from pages.web.site import site
from wecom import oauth
from wecom.errcodes import USED_CODES
from wecom.errors import Action, PlatformError

blueprint = Blueprint("oauth", __name__)
COOKIE = "onetap_state_"
"""With the beginning of the state behind it"""
STATE_LIFE = timedelta(minutes=10)
MOST_ROUNDS = 3
"""So many in a row begin by themselves; then a person has to tap."""
MOST_OPEN = 8
"""Rounds that one browser may have under way; a new one ends the oldest."""
MOST_LETTERS = 1000
"""Of an address to come back to; with a longer one she comes back to the first page."""
JUNK, JUNK_WINDOW = 10, timedelta(seconds=5)
"""Codes that the platform did not know, from one address or known browser: each was a call of its quota."""
ALL_JUNK, ALL_JUNK_WINDOW = 1500, timedelta(minutes=1)
"""From everywhere together: a tenth of what the platform allows, 10,000 calls a minute (contract 4.6)"""
MESSENGER = "wxwork"
"""In the user agent of every browser inside the messenger."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Round:
    """One trip to the platform and back."""

    state: str
    realm: str
    wanted: str
    number: int = 1
    """Which one in a row; a person's own tap is the first"""

    @property
    def cookie(self) -> str:
        return COOKIE + self.state[:8]


def inside_messenger() -> bool:
    return MESSENGER in (request.user_agent.string or "").lower() or site().demo


def to_platform(realm: str, wanted: str, number: int = 1) -> Response:
    """Send the browser to the platform; `wanted` is where it goes afterwards. The state is bound to this browser."""
    trip = Round(
        secrets.token_hex(16), realm, wanted if len(wanted) <= MOST_LETTERS else _home(realm), number
    )
    back = site().public_url + url_for(
        "oauth.guide_back" if realm == sessions.GUIDE else "oauth.console_back"
    )
    if realm == sessions.GUIDE or MESSENGER in request.user_agent.string.lower():
        address = oauth.authorize_url(
            site().corp_id, back, trip.state, agent_id=site().agent_id, base=site().oauth_url
        )
    else:
        address = oauth.login_url(site().corp_id, site().agent_id, back, trip.state, base=site().login_url)
        if site().demo:
            address += "&" + urlencode({"known": ",".join(_known())})
    response = make_response(redirect(address))
    for name in _too_many():
        cookies.drop(response, name)
    value = _signer().dumps([trip.state, trip.realm, trip.wanted, trip.number])
    cookies.keep(response, trip.cookie, value, STATE_LIFE)
    return response


def _known() -> list[str]:
    """Members who have an account: the built-in WeCom marks them where one chooses whose phone it is."""
    with site().db.read() as session:
        return [one for one in session.exec(select(Account.userid).where(Account.active)) if one]


@blueprint.get("/g/oauth")
def guide_back() -> ResponseReturnValue:
    """A guide comes back from the platform."""
    userid, wanted = _returned(sessions.GUIDE)
    with site().db.read() as session:
        guide = find_guide(session, userid)
    if guide is None or not guide.present:
        return _stranger(
            Sentence("你不在导购名单里"),
            Sentence("可能还没同步到，或不在应用的可见范围。请总部的管理员把你加进门店"),
            {Sentence("再试一次"): url_for("guide.today")},
        )
    response = make_response(redirect(wanted))
    sessions.begin(response, sessions.GUIDE, guide_id=guide.id)
    return response


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
    userid, wanted = _returned(sessions.CONSOLE)
    with site().db.read() as session:
        account = leaving.by_userid(session, userid)
    if account is not None and account.active and account.role == Role.HQ:
        return _stranger(
            Sentence("总部账号用密码登录"),
            Sentence("写在账号里的企业微信账号只用来收测试，不能用它登录"),
            {Sentence("回到登录"): url_for("sign_in.form", next=wanted)},
        )
    if account is None or not account.active:
        return _stranger(
            Sentence("这里还没有你的账号"),
            Sentence("请总部的管理员给你开一个分公司或店长账号，写上你的成员账号"),
            {
                Sentence("换一个人登录"): url_for("oauth.start", next=wanted),
                Sentence("回到登录"): url_for("sign_in.form", next=wanted),
            },
        )
    with site().db.write() as session:
        lifecycle.signed_in(session, account, "从企业微信登录", site().clock())
    response = make_response(redirect(wanted))
    sessions.begin(response, sessions.CONSOLE, account_id=account.id)
    return response


def _returned(realm: str) -> tuple[str, str]:
    """Who came back, and where she wanted to go. Every other end is an answer of its own."""
    if looked := look_ahead():
        abort(looked)  # it must not use up the code of the person behind it
    trip, code = _round(realm), request.args.get("code", "")
    if trip is None and sessions.visit(realm):
        abort(make_response(redirect(_home(realm))))
    if trip is None or not code:
        # not begun in this browser (login CSRF, I09), or too long ago: only a person's tap begins another round
        abort(400, Sentence("登录没有走完，或者不是从这台手机开始的。请点下面的按钮重新登录"))
    _refuse_junk()
    if quotas.first(f"state:{trip.state}", STATE_LIFE):
        return _userid(trip, code), trip.wanted
    if sessions.visit(realm):
        abort(make_response(redirect(trip.wanted)))
    return _again(trip)


def _round(realm: str) -> Round | None:
    """The round of this state, if it began in this browser."""
    given = request.args.get("state", "")
    try:
        state, of_realm, wanted, number = _signer().loads(
            request.cookies.get(COOKIE + given[:8], ""), max_age=int(STATE_LIFE.total_seconds())
        )
    except (BadSignature, ValueError):
        return None
    if of_realm != realm or not secrets.compare_digest(str(state).encode(), given.encode()):
        return None
    return Round(str(state), realm, _inside(realm, str(wanted)), int(number))


def _userid(trip: Round, code: str) -> str:
    client = site().client
    if client is None:
        abort(404)
    try:
        found = oauth.identify(client, code)
    except PlatformError as error:
        log.warning("sign-in refused: %s", error)
        if error.errcode in USED_CODES or (error.errcode is None and error.action == Action.REFUSED):
            _count_junk()
            _again(trip)
        abort(503, Sentence("企业微信现在没有告诉我们你是谁。请过一会儿点下面的按钮再登录一次"))
    return found.userid or ""


def _again(trip: Round) -> NoReturn:
    """Another round by itself, so that the person gets in; not for ever."""
    if trip.number >= MOST_ROUNDS:
        abort(400, Sentence("登录没有走完，这次的凭证已经用过或过期了。请点下面的按钮重新登录"))
    abort(to_platform(trip.realm, trip.wanted, trip.number + 1))


def _refuse_junk() -> None:
    """Who only brings codes that the platform does not know waits; a known browser is counted for itself."""
    now = site().clock()
    wait = quotas.wait(_junk_name(), JUNK, JUNK_WINDOW, now)
    if not wait and known_browsers.known() is None:
        wait = quotas.wait("junk", ALL_JUNK, ALL_JUNK_WINDOW, now)
    if wait:
        words = Sentence("从这里来的登录太多。请等 {n} 秒，这一页会自己再试", n=wait)
        abort(errors.come_again(words, wait))


def _count_junk() -> None:
    now = site().clock()
    quotas.take(_junk_name(), JUNK, JUNK_WINDOW, now)
    quotas.take("junk", ALL_JUNK, ALL_JUNK_WINDOW, now)


def _junk_name() -> str:
    browser = known_browsers.known()
    return f"junk:{browser.name if browser else request.remote_addr}"


def _too_many() -> list[str]:
    """Cookies of rounds that make room for a new one: the spoilt, then the oldest."""
    begun: dict[str, float] = {}
    for name in request.cookies:
        if name.startswith(COOKIE):
            try:
                _, born = _signer().loads(
                    request.cookies[name], max_age=int(STATE_LIFE.total_seconds()), return_timestamp=True
                )
                begun[name] = born.timestamp()
            except BadSignature:
                begun[name] = 0.0
    by_age = sorted(begun, key=lambda name: begun[name])
    keep = by_age[max(0, len(by_age) - MOST_OPEN + 1) :]
    return [name for name in by_age if name not in keep or not begun[name]]


def _home(realm: str) -> str:
    return url_for("guide.today" if realm == sessions.GUIDE else "overview.today")


def _inside(realm: str, wanted: str) -> str:
    """Where it may lead: only to pages of this realm."""
    if realm == sessions.CONSOLE:
        return access.safe_next(wanted)
    return wanted if wanted.startswith(_home(realm)) else _home(realm)


def _stranger(title: str, next_step: str, ways: dict[str, str]) -> ResponseReturnValue:
    """Known to the platform, not to us; `ways` lead back (word: address)."""
    if site().demo:
        ways |= {Sentence("换一部手机"): f"{site().emulator_url}/phones/"}
    return render_template("web/message.html", title=title, words=next_step, ways=ways), 403


def _signer() -> URLSafeTimedSerializer:
    return cookies.signer("oauth state")
