"""我的密码: HQ changes its own password."""

from datetime import timedelta

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from models.accounts import Account, lifecycle, passwords
from pages.web import access, formatting, sessions
from pages.web.i18n import _
from pages.web.site import site

blueprint = Blueprint("passwords", __name__, url_prefix="/console")


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
        shut = lifecycle.changing(me).begin(session, now)
    if shut:
        wait = formatting.duration(shut - now + timedelta(seconds=59))
        return _page({"old": _("原密码试错的次数太多，{wait}后再来。登录不受影响", wait=wait)}), 429
    old = request.form.get("old", "")[: passwords.LONGEST]
    if faults := lifecycle.password_faults(me, old, new, again):
        return _page(faults), 422
    hashed = passwords.hash_password(new)
    with site().db.write() as session:
        account = session.get_one(Account, me.id, with_for_update=True)
        lifecycle.change_password(session, account, hashed, now)
    response = make_response(redirect(url_for("passwords.form", done="changed"), 303))
    sessions.begin(response, sessions.CONSOLE, account_id=me.id)
    return response


def _page(faults: dict[str, str]) -> str:
    done = _("密码改好了。别处登录的已经退出，这里还在。") if request.args.get("done") else ""
    return render_template(
        "console/password.html", faults=faults, notice_=done, tab="password", here="accounts"
    )
