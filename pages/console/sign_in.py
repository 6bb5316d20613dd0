"""The way into the console: a password for HQ, the platform for branches and stores, a one-time link for the very first."""

from collections.abc import Mapping
from datetime import timedelta
from typing import cast

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from models import accounts
from models.accounts import Account, Role, lifecycle, passwords
from models.accounts.lifecycle import AccountFields, LinkUsed
from models.accounts.throttle import PasswordAttempt
from models.encryption import fingerprint
from models.errors import Refused
from pages.web import access, cookies, formatting, i18n, kept_forms, known_browsers, sessions
from pages.web.i18n import _
from pages.web.site import site

blueprint = Blueprint("sign_in", __name__, url_prefix="/console")


@blueprint.get("/sign-in")
@access.anybody
def form() -> ResponseReturnValue:
    if sessions.visit(sessions.CONSOLE):
        return redirect(access.safe_next(request.args.get("next", "")))
    return _page(request.args.get("next", ""))


@blueprint.post("/sign-in")
@access.anybody
def sign_in() -> ResponseReturnValue:
    login = request.form.get("login", "").strip()[:64]
    password = request.form.get("password", "")[: passwords.LONGEST]
    wanted, now = request.form.get("next", ""), site().clock()
    with site().db.read() as session:
        account = accounts.find_login(session, login)
    attempt = _attempt(login, account)
    with site().db.write() as session:
        shut_until = attempt.begin(session, now)
    if shut_until:
        return _shut(wanted, login, shut_until - now)
    if not passwords.is_right(password, account):
        return _page(wanted, login, _("登录名或密码不对。连续输错会关一阵再开")), 401
    return _welcome(cast(Account, account), access.safe_next(wanted), attempt)


@blueprint.post("/sign-out")
@access.anybody
def sign_out() -> ResponseReturnValue:
    response = make_response(redirect(url_for("sign_in.form")))
    sessions.end(response, sessions.CONSOLE)
    return response


@blueprint.post("/kept/drop")
@access.staff
def drop_kept() -> ResponseReturnValue:
    """She does not want back what she had written."""
    with site().db.write() as session:
        kept_forms.forget(session, access.viewer().id)
    return redirect(access.safe_next(request.form.get("next", "")), 303)


@blueprint.post("/language")
@access.anybody
def switch_language() -> ResponseReturnValue:
    """zh or en, kept with the account or, before signing in, in a cookie."""
    chosen = request.form.get("language", "")
    chosen = chosen if chosen in i18n.NAMES else i18n.CHINESE
    visit = sessions.visit(sessions.CONSOLE)
    if visit and visit.account:
        with site().db.write() as session:
            session.get_one(Account, visit.account.id).language = chosen
    response = make_response(redirect(access.safe_next(request.form.get("next", ""))))
    cookies.keep(response, i18n.COOKIE, chosen, i18n.COOKIE_LIFE)
    return response


@blueprint.get("/first")
@access.anybody
def first() -> ResponseReturnValue:
    token = request.args.get("token", "")
    with site().db.read() as session:
        link = accounts.open_link(session, fingerprint(token), site().clock())
    return _first(token, usable=link is not None), 200 if link else 410


@blueprint.post("/first")
@access.anybody
def make_first() -> ResponseReturnValue:
    """The first HQ account. The link works once, also for two people at the same moment."""
    fields, token = AccountFields.model_validate(request.form.to_dict()), request.form.get("token", "")
    fields.role = Role.HQ
    try:
        account = lifecycle.open_account(site().db, fields, fields.name, site().clock(), link=token)
    except LinkUsed:
        return _first(token, usable=False), 410
    except Refused as refused:
        return _first(token, faults=refused.faults), 422
    return _welcome(account, url_for("overview.today"))


def _first(token: str, *, usable: bool = True, faults: Mapping[str, str] | None = None) -> str:
    return render_template(
        "console/first.html", token=token, usable=usable, faults=faults or {}, form=request.form
    )


def _attempt(login: str, account: Account | None) -> PasswordAttempt:
    """In a browser that let this account in before, only its own tries count."""
    browser = known_browsers.known()
    own = browser and account and f"{sessions.CONSOLE}:{account.id}" in browser.people
    return PasswordAttempt(login, request.remote_addr or "", browser.name if browser and own else "")


def _shut(wanted: str, login: str, wait: timedelta) -> ResponseReturnValue:
    words = _(
        "试错的次数太多，这里先关 {wait}。不是你在试的话，请告诉管理员",
        wait=formatting.duration(wait + timedelta(seconds=59)),
    )
    return _page(wanted, login, words), 429, {"Retry-After": str(int(wait.total_seconds()) + 1)}


def _welcome(account: Account, where: str, attempt: PasswordAttempt | None = None) -> Response:
    response, now = make_response(redirect(where)), site().clock()
    with site().db.write() as session:
        if attempt:
            attempt.right(session, now)
        lifecycle.signed_in(session, account, "用密码登录", now)
    sessions.begin(response, sessions.CONSOLE, account_id=account.id)
    return response


def _page(wanted: str, login: str = "", fault: str = "") -> str:
    platform = url_for("oauth.start") if site().platform_sign_in else ""
    with site().db.read() as session:
        first_time = accounts.needs_first_account(session)
    return render_template(
        "console/sign_in.html",
        next=access.safe_next(wanted),
        login=login,
        fault=fault,
        platform=platform,
        first_time=first_time,
    )
