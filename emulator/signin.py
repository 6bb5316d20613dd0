"""The platform's own sign-in pages: on the phone the member is known, at the desk one is chosen."""

import re
import secrets
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as Answer

from .control import platform
from .errors import Unwilling, errmsg
from .friendships import known_guide
from .limits import OAUTH_STATE_BYTES

signin = Blueprint("signin", __name__, template_folder="templates")
STYLE = Path(__file__).parent / "static" / "choose.css"
COOKIE = "onetap_wecom_member"
SCOPES = ("snsapi_base", "snsapi_userinfo", "snsapi_privateinfo")


@signin.get("/choose.css")
def style() -> Response:
    return Response(STYLE.read_text(encoding="utf-8"), mimetype="text/css")


@signin.get("/connect/oauth2/authorize")
def authorize() -> Answer:
    """On the phone: the member who opened the page goes straight back with a code."""
    query = request.args
    wrong = wrong_request(query.get("appid", ""), query.get("redirect_uri", ""), query.get("state", ""))
    if query.get("response_type") != "code" or query.get("scope") not in SCOPES:
        wrong = wrong or errmsg(40058, "response_type or scope")
    if wrong:
        return refused(wrong)
    userid = request.cookies.get(COOKIE, "")
    if not platform().member(userid):
        return choose("/connect/choose")
    return back(userid, query["redirect_uri"], query.get("state", ""), query["scope"])


@signin.get("/connect/choose")
def choose_on_phone() -> Answer:
    """This browser's phone now belongs to that member."""
    member = known_guide(platform(), request.args.get("userid", ""))
    query = request.args.to_dict()
    query.pop("userid")
    answer = redirect("/connect/oauth2/authorize?" + urlencode(query))
    answer.set_cookie(COOKIE, member["userid"], httponly=True, samesite="Lax")
    return answer


@signin.get("/wwlogin/sso/login")
def desk() -> Answer:
    """At the desk: scanning with a phone becomes choosing whose phone it is."""
    query = request.args
    wrong = wrong_request(query.get("appid", ""), query.get("redirect_uri", ""), query.get("state", ""))
    if query.get("login_type") != "CorpApp" or query.get("agentid") != str(platform().corp.agent_id):
        wrong = wrong or errmsg(40058, "login_type or agentid")
    return refused(wrong) if wrong else choose("/wwlogin/choose")


@signin.get("/wwlogin/choose")
def choose_at_desk() -> Answer:
    query = request.args
    wrong = wrong_request(query.get("appid", ""), query.get("redirect_uri", ""), query.get("state", ""))
    if wrong:
        return refused(wrong)
    member = known_guide(platform(), query.get("userid", ""))
    return back(member["userid"], query["redirect_uri"], query.get("state", ""), "snsapi_base")


@signin.get("/phones/guide/<userid>/open")
def open_page(userid: str) -> Answer:
    """A tap on a link in her chat: her phone's browser opens it, and the platform knows that it is she."""
    member = known_guide(platform(), userid)
    url = request.args.get("url") or platform().corp.home
    if urlsplit(url).scheme not in ("http", "https"):
        raise Unwilling("只能打开网页地址", 400)
    answer = redirect(url)
    answer.set_cookie(COOKIE, member["userid"], httponly=True, samesite="Lax")
    return answer


def wrong_request(appid: str, redirect_uri: str, state: str) -> str:
    """Why the page refuses; empty when it does not."""
    corp = platform().corp
    if appid != corp.corp_id:
        return errmsg(40013, "appid")
    if urlsplit(redirect_uri).netloc not in corp.trusted:
        return errmsg(50001, urlsplit(redirect_uri).netloc)
    if not re.fullmatch(r"[A-Za-z0-9]*", state) or len(state) > OAUTH_STATE_BYTES:
        return errmsg(40058, "state: letters and digits, 128 bytes at most")
    return ""


def refused(words: str) -> Answer:
    return Response(words, 400, mimetype="text/plain")


def choose(action: str) -> Answer:
    """Everybody whose phone it may be. `known`, which the real page does not have, names the members whom the app
    would let in: they come first and are marked. A wrong choice is taken back where one came from."""
    query = request.args.to_dict()
    known = set(query.pop("known", "").lower().split(","))
    members = platform().state.rows(
        "SELECT userid, name, position FROM member WHERE left_at IS NULL AND visible ORDER BY is_leader DESC, userid LIMIT 500"
    )
    links = [
        member
        | {
            "href": f"{action}?{urlencode(query | {'userid': member['userid']})}",
            "known": member["userid"].lower() in known,
        }
        for member in members
    ]
    home = urlsplit(query["redirect_uri"])
    return Response(
        render_template(
            "choose.html",
            members=sorted(links, key=lambda one: not one["known"]),
            home=f"{home.scheme}://{home.netloc}/",
        )
    )


def back(userid: str, redirect_uri: str, state: str, scope: str) -> Answer:
    """Sends the browser back with a code of five minutes and one use."""
    code = secrets.token_urlsafe(32)
    platform().state.run(
        "INSERT INTO oauth_code VALUES (?, ?, ?, ?, NULL)", code, userid, scope, platform().clock.now()
    )
    parts = urlsplit(redirect_uri)
    query = parse_qsl(parts.query, keep_blank_values=True) + [("code", code), ("state", state)]
    return redirect(urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(query), "")))
