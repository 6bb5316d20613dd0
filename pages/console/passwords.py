"""HQ's passwords: what they must be, how they are kept, and changing one's own."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from models.accounts import Account, audit, throttle
from pages.web import access, formatting, sessions
from pages.web.i18n import _
from pages.web.site import site

blueprint = Blueprint("passwords", __name__, url_prefix="/console")
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
NOBODY = HASHER.hash("nobody has this password")
"""Checked when there is no such login, so that a wrong login takes as long as a wrong password."""
SHORTEST, LONGEST = 10, 200


def hash_password(password: str) -> str:
    return HASHER.hash(password)


def is_right(password: str, user: Account | None) -> bool:
    try:
        HASHER.verify(user.password_hash if user else NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return user is not None


def fault_of(password: str, login: str, name: str) -> str:
    """Why this cannot be the password of this account; empty when it can."""
    if not SHORTEST <= len(password) <= LONGEST:
        return _(
            "密码要 {least} 到 {most} 个字，现在是 {n} 个", least=SHORTEST, most=LONGEST, n=len(password)
        )
    if password.lower() in (login.lower(), name.lower()) or len(set(password)) < 4:
        return _("这个密码太容易猜到，请换一个")
    return ""


@blueprint.get("/password")
@access.hq_only
def form() -> ResponseReturnValue:
    return _page({})


@blueprint.post("/password")
@access.hq_only
def change() -> ResponseReturnValue:
    """A new password for whoever is signed in; every other session of hers ends, this one gets a new cookie (I05)."""
    me, now = access.viewer(), site().clock()
    new, again = request.form.get("password", ""), request.form.get("again", "")
    with site().db.write() as session:
        shut = throttle.try_sign_in(session, _counted(me), request.remote_addr or "", now)
    if shut:
        wait = formatting.duration(shut - now)
        return _page({"old": _("原密码试错的次数太多，{wait}后再来。登录不受影响", wait=wait)}), 429
    faults = {"password": fault_of(new, me.login or "", me.name)} | (
        {"again": _("两次输入的密码不一样")} if new != again else {}
    )
    if not is_right(request.form.get("old", "")[:LONGEST], me):
        faults["old"] = _("原密码不对")
    elif new == request.form["old"]:
        faults["password"] = _("新密码和原来的一样，请换一个")
    if any(faults.values()):
        return _page(faults), 422
    hashed = hash_password(new)
    with site().db.write() as session:
        session.get_one(Account, me.id, with_for_update=True).password_hash = hashed
        sessions.end_all(session, user_id=me.id)
        throttle.signed_in_well(session, _counted(me))
        audit.record(session, me.name, "account.password", f"account:{me.id}", now, "改了自己的密码")
    response = make_response(redirect(url_for("passwords.form", done="changed"), 303))
    sessions.begin(response, sessions.CONSOLE, user_id=me.id)
    return response


def _counted(me: Account) -> str:
    """Counted apart from signing in: whoever found an open browser must not be able to shut the door for its owner."""
    return f"{me.login} changes"


def _page(faults: dict[str, str]) -> str:
    done = _("密码改好了。别处登录的已经退出，这里还在。") if request.args.get("done") else ""
    return render_template(
        "console/password.html", faults=faults, notice_=done, tab="password", here="accounts"
    )
