"""账号与设置: who may sign in, which programs may ask, and what the brand has chosen, each on a page."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import col, select

from models import placeholders, preferences
from models.accounts import Account, Role, api_tokens, lifecycle
from models.accounts.api_tokens import ApiToken
from models.accounts.lifecycle import AccountFields
from models.errors import Refused
from models.groups import robots
from models.org import Branch, Guide, GuideStatus, Store
from models.sentences import Sentence
from pages.web import access, form_version, lists
from pages.web.i18n import _
from pages.web.site import site
from wecom.limits import measure

blueprint = Blueprint("accounts", __name__, url_prefix="/console")
UNITS = {
    "fresh_seconds": "秒",
    "keep_bodies_days": "天",
    "keep_ledger_days": "天",
    "removal_guard_percent": "%",
    "stop_percent": "%",
}
WHY = {
    "name": "出现在控制台、海报和没有门店的欢迎语里",
    "robot_name": "大家 @ 它时写的名字，写对了，紧跟着名字的话也听得懂",
    "fresh_seconds": "平台的时间和我们差得比这多，就不收，防止旧消息被重放",
    "keep_bodies_days": "里面有客户的信息，过期只清原文，记录还在",
    "keep_ledger_days": "每次调用的记录，过期整行清掉",
    "approval": "总部只有一个账号时，总部自己的活动没有第二个人能批，先不用审；分公司的由总部批",
    "stop_percent": "最近 50 件里这么多没送出，活动就自己停下；每个活动可以另定",
    "removal_guard_percent": "一次对账要少掉这么多导购或好友时，先停下等人看",
}


@blueprint.get("/settings")
@access.hq_only
def settings() -> ResponseReturnValue:
    return _settings({}, {}, _("已保存，从下一条消息起用新的。") if request.args.get("done") else "")


@blueprint.post("/settings")
@access.hq_only
def save_settings() -> ResponseReturnValue:
    """All or nothing; the words name the field and its limit."""
    given = {
        name: request.form[name].replace("\r\n", "\n") for name in preferences.LABELS if name in request.form
    }
    try:
        with site().db.write() as session:
            form_version.check(preferences.read(session))
            preferences.change(session, access.viewer().name, site().clock(), **given)
    except Refused as refused:
        faults = refused.faults or {"": refused.words, **_saved_elsewhere(given)}
        return _settings(given, faults, ""), 422 if refused.faults else 409
    return redirect(url_for("accounts.settings", done="saved"), 303)


def _saved_elsewhere(given: dict[str, str]) -> dict[str, str]:
    """What somebody else has chosen meanwhile, beside what this form says."""
    with site().db.read() as session:
        chosen = preferences.read(session)
    now = {name: str(getattr(chosen, name)) for name in given}
    return {
        name: Sentence("现在保存的是「{value}」", value=value[:60])
        for name, value in now.items()
        if value != given[name].strip()
    }


@blueprint.post("/settings/preview")
@access.hq_only
def preview() -> ResponseReturnValue:
    """The welcome as a real guide's customer would read it; nothing is kept."""
    return render_template("console/welcome_preview.html", **_preview(request.form.get("welcome", "")))


def _settings(form: dict[str, str], faults: dict[str, str], notice: str) -> str:
    with site().db.read() as session:
        chosen, called = preferences.read(session), robots.called(session)
    values = {name: str(getattr(chosen, name)) for name in preferences.LABELS} | form
    return render_template(
        "console/settings.html",
        form=values,
        version=form_version.mark(chosen),
        faults=faults,
        notice_=notice,
        labels=preferences.LABELS,
        choices={"approval": preferences.APPROVAL},
        units=UNITS,
        why=WHY,
        called=called if called.lower() != chosen.robot_name.lower() else "",
        limits=preferences.LIMITS,
        tab="brand",
        **_preview(values["welcome"]),
    )


def _preview(text: str) -> dict[str, object]:
    """Somebody real stands in for all guides: the first who works in a store."""
    text = text.replace("\r\n", "\n")
    somebody = select(Guide.name, Store.name).where(Guide.status == GuideStatus.ACTIVE)
    with site().db.read() as session:
        sample = session.exec(somebody.join(Store, col(Store.id) == Guide.store_id).limit(1)).first()
        guide, store = sample or (_("导购"), preferences.read(session).name)
    return {
        "filled": placeholders.fill(text, {"导购名": guide, "门店名": store}),
        "sample_name": guide,
        "sample_store": store,
        "size": measure(text, "bytes"),
        "most": preferences.WELCOME_BYTES,
    }


@blueprint.get("/accounts")
@access.hq_only
def all_accounts() -> ResponseReturnValue:
    return _accounts({}, {})


@blueprint.post("/accounts")
@access.hq_only
def add_account() -> ResponseReturnValue:
    """HQ signs in by password; branches and stores through the platform, so they only need a userid."""
    try:
        typed = request.form.to_dict()
        if typed.get("role") == Role.HQ:
            typed["userid"] = typed.get("hq_userid", "")
        fields = AccountFields.model_validate(typed | {"again": None})
        lifecycle.open_account(site().db, fields, access.viewer().name, site().clock())
    except Refused as refused:
        return _accounts(request.form.to_dict(), refused.faults), 422
    return redirect(url_for("accounts.all_accounts", done="added"), 303)


@blueprint.post("/accounts/<int:account_id>/userid")
@access.hq_only
def name_userid(account_id: int) -> ResponseReturnValue:
    """By which userid a 【测试】 reaches somebody of HQ."""
    who, now, userid = access.viewer().name, site().clock(), request.form.get("userid", "")[:80]
    with site().db.write() as session:
        account = session.get(Account, account_id, with_for_update=True)
        if account is None:
            abort(404)
        try:
            lifecycle.name_userid(session, account, userid, who, now)
        except Refused as refused:
            abort(409, _(refused.words))
    return redirect(url_for("accounts.all_accounts", done="userid"), 303)


@blueprint.post("/accounts/<int:account_id>/<verb>")
@access.hq_only
def switch(account_id: int, verb: str) -> ResponseReturnValue:
    """Switching off ends every session of the account at once."""
    if verb not in ("off", "on"):
        abort(404)
    me, now = access.viewer(), site().clock()
    with site().db.write() as session:
        account = session.get(Account, account_id, with_for_update=True)
        if account is None:
            abort(404)
        try:
            lifecycle.switch(session, account, verb == "on", me, now)
        except Refused as refused:
            abort(409, _(refused.words))
    return redirect(url_for("accounts.all_accounts", done=verb), 303)


def _accounts(form: dict[str, str], faults: dict[str, str]) -> str:
    with site().db.read() as session:
        rows = list(
            session.exec(
                select(Account).order_by(col(Account.active).desc(), col(Account.role), col(Account.id))
            )
        )
        branches = lists.names(session, Branch, [row.branch_id for row in rows])
        stores = lists.names(session, Store, [row.store_id for row in rows])
    said = {
        "userid": _("企业微信账号改好了。"),
        "added": _("账号建好了。"),
        "off": _("已停用，正开着的页面也马上退出。"),
        "on": _("已重新启用。"),
    }
    return render_template(
        "console/accounts.html",
        rows=rows,
        branches=branches,
        stores=stores,
        form={"role": Role.HQ} | form,
        faults=faults,
        notice_=said.get(request.args.get("done", ""), ""),
        tab="accounts",
    )


@blueprint.get("/tokens")
@access.hq_only
def all_tokens() -> ResponseReturnValue:
    return _tokens("", {})


@blueprint.post("/tokens")
@access.hq_only
def add_token() -> ResponseReturnValue:
    """The token's text exists only in this one answer."""
    name, writes, who = request.form.get("name", ""), bool(request.form.get("writes")), access.viewer().name
    try:
        with site().db.write() as session:
            text = api_tokens.create(session, name, writes=writes, who=who, now=site().clock())
    except Refused as refused:
        return _tokens("", refused.faults), 422
    return _tokens(text, {})


@blueprint.post("/tokens/<int:token_id>/revoke")
@access.hq_only
def revoke(token_id: int) -> ResponseReturnValue:
    with site().db.write() as session:
        row = session.get(ApiToken, token_id, with_for_update=True)
        if row is None:
            abort(404)
        api_tokens.revoke(session, row, access.viewer().name, site().clock())
    return redirect(url_for("accounts.all_tokens", done="revoked"), 303)


def _tokens(fresh: str, faults: dict[str, str]) -> str:
    with site().db.read() as session:
        newest = select(ApiToken).order_by(
            col(ApiToken.revoked_at).asc().nulls_first(), col(ApiToken.id).desc()
        )
        rows = list(session.exec(newest))
    notice = _("已收回，用它的程序马上进不来。") if request.args.get("done") else ""
    return render_template(
        "console/tokens.html",
        rows=rows,
        fresh=fresh,
        faults=faults,
        form=request.form.to_dict() if faults else {},
        notice_=notice,
        tab="tokens",
    )
