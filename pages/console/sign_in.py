"""The way into the console: a password for HQ, the messenger for branches and stores, a one-time link for the very first."""

import secrets
from datetime import datetime, timedelta
from typing import cast

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import col, delete

from models import accounts
from models.accounts import HQ, SETUP_LINK_LIFE, Account, SetupLink, audit, throttle
from models.db import Database
from models.encryption import fingerprint
from pages.console import passwords
from pages.web import access, formatting, i18n, sessions
from pages.web.i18n import _
from pages.web.site import site

blueprint = Blueprint("sign_in", __name__, url_prefix="/console")


def make_setup_link(db: Database, now: datetime) -> str | None:
    """A token for /console/first?token=…, once printed by the server; None when an HQ account exists. Older links end."""
    token = secrets.token_urlsafe(24)
    with db.write() as session:
        if not accounts.needs_first_account(session):
            return None
        session.execute(delete(SetupLink).where(col(SetupLink.used_at).is_(None)))
        session.add(
            SetupLink(token_hash=fingerprint(token), created_at=now, expires_at=now + SETUP_LINK_LIFE)
        )
    return token


@blueprint.get("/sign-in")
@access.anybody
def form() -> ResponseReturnValue:
    if sessions.visit(sessions.CONSOLE):
        return redirect(access.safe_next(request.args.get("next", "")))
    return _page(request.args.get("next", ""))


@blueprint.post("/sign-in")
@access.anybody
def sign_in() -> ResponseReturnValue:
    login, password = (
        request.form.get("login", "").strip()[:64],
        request.form.get("password", "")[: passwords.LONGEST],
    )
    wanted, now = request.form.get("next", ""), site().clock()
    with site().db.write() as session:
        shut_until = throttle.try_sign_in(session, login, request.remote_addr or "", now)
    if shut_until:
        wait = formatting.duration(shut_until - now + timedelta(minutes=1))
        return _page(
            wanted, login, _("试错的次数太多，这里先关 {wait}。不是你在试的话，请告诉管理员", wait=wait)
        ), 429
    with site().db.read() as session:
        user = accounts.find_login(session, login)
    if not passwords.is_right(password, user):
        return _page(wanted, login, _("登录名或密码不对。连续输错会关一阵再开")), 401
    return _welcome(cast(Account, user), access.safe_next(wanted))


@blueprint.post("/sign-out")
@access.anybody
def sign_out() -> ResponseReturnValue:
    response = make_response(redirect(url_for("sign_in.form")))
    sessions.end(response, sessions.CONSOLE)
    return response


@blueprint.post("/language")
@access.anybody
def switch_language() -> ResponseReturnValue:
    """zh or en, kept with the account or, before signing in, in a cookie."""
    chosen = request.form.get("language", "")
    chosen = chosen if chosen in i18n.NAMES else i18n.CHINESE
    visit = sessions.visit(sessions.CONSOLE)
    if visit and visit.user:
        with site().db.write() as session:
            session.get_one(Account, visit.user.id).language = chosen
    response = make_response(redirect(access.safe_next(request.form.get("next", ""))))
    sessions.set_cookie(response, i18n.COOKIE, chosen, i18n.COOKIE_LIFE)
    return response


@blueprint.get("/first")
@access.anybody
def first() -> ResponseReturnValue:
    token = request.args.get("token", "")
    with site().db.read() as session:
        link = accounts.open_link(session, fingerprint(token), site().clock())
    return render_template(
        "console/first.html", token=token, usable=link is not None, faults={}, form={}
    ), 200 if link else 410


@blueprint.post("/first")
@access.anybody
def make_first() -> ResponseReturnValue:
    """The first HQ account. The link works once, also for two people at the same moment."""
    token, now = request.form.get("token", ""), site().clock()
    name, login = request.form.get("name", "").strip(), request.form.get("login", "").strip()
    wrong = faults(name, login, request.form.get("password", ""), request.form.get("again", ""))
    with site().db.read() as session:
        usable = accounts.open_link(session, fingerprint(token), now) is not None
    if not usable or wrong:
        page = render_template(
            "console/first.html", token=token, usable=usable, faults=wrong, form=request.form
        )
        return page, 422 if usable else 410
    hashed = passwords.hash_password(request.form["password"])
    with site().db.write() as session:
        link = accounts.open_link(session, fingerprint(token), now)
        user = Account(role=HQ, name=name, login=login, password_hash=hashed, created_at=now)
        if link:
            link.used_at = now
            session.add(user)
            audit.record(session, name, "建了第一个账号", f"账号 {login}", now)
    if link is None:
        return render_template("console/first.html", token=token, usable=False, faults={}, form={}), 410
    return _welcome(user, "/console/")


def faults(name: str, login: str, password: str, again: str) -> dict[str, str]:
    """Why this cannot be an HQ account, by field; empty when it can."""
    found = {}
    if not 1 <= len(name) <= 20:
        found["name"] = _("姓名要 1 到 20 个字")
    if not (2 <= len(login) <= 64 and login.isprintable() and " " not in login):
        found["login"] = _("登录名要 2 到 64 个字，不能有空格")
    if fault := passwords.fault_of(password, login, name):
        found["password"] = fault
    if password != again:
        found["again"] = _("两次输入的密码不一样")
    return found


def _welcome(user: Account, where: str) -> Response:
    response = make_response(redirect(where))
    with site().db.write() as session:
        throttle.signed_in_well(session, user.login or "")
        audit.record(session, user.name, "登录", f"账号 {user.login}", site().clock())
    sessions.begin(response, sessions.CONSOLE, user_id=user.id)
    return response


def _page(wanted: str, login: str = "", fault: str = "") -> str:
    messenger = "/console/oauth/start" if site().messenger_sign_in else ""
    with site().db.read() as session:
        first_time = accounts.needs_first_account(session)
    return render_template(
        "console/sign_in.html",
        next=access.safe_next(wanted),
        login=login,
        fault=fault,
        messenger=messenger,
        first_time=first_time,
    )
