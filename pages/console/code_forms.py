"""New entry codes, and what is changed about them: what was typed, and what is wrong with it."""

import re
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col, select
from werkzeug.datastructures import MultiDict

from models.accounts import Role
from models.errors import Refused
from models.friends import entry_code_plans
from models.friends.entry_code_plans import CodePlan
from models.friends.entry_codes import EntryCode, EntryCodeKind, EntryCodeStatus, LeadsTo
from models.org import Branch, Store, named
from models.sentences import Sentence
from pages.console.codes import beside, may_change, page_of
from pages.web import access, form_once, input_limits
from pages.web.site import site

blueprint = Blueprint("code_forms", __name__, url_prefix="/console/codes")
OFFERED = {"store": "门店", "branch": "分公司", "hq": "总部", "channel": "渠道"}
"""What the form makes; HQ is a branch's code without a branch"""
LONGEST_STORE = 64
_YUAN = re.compile(r"(\d{1,9})(?:\.(\d{1,2}))?")


@blueprint.get("/new")
@access.offices
def new() -> ResponseReturnValue:
    usual = {"kind": "store", "leads_to": LeadsTo.NEAR, **request.args.to_dict()}
    return _new_page(MultiDict(usual), {})


def _new_page(form: "MultiDict[str, str]", faults: dict[str, str]) -> str:
    with site().db.read() as session:
        branches = session.exec(
            select(Branch).where(access.scope().branches()).order_by(col(Branch.id))
        ).all()
    hq, faults = access.viewer().role == Role.HQ, beside(faults)
    offered = {kind: word for kind, word in OFFERED.items() if hq or kind != "hq"}
    return render_template(
        "console/code_new.html",
        form=form,
        faults=faults,
        kinds=offered,
        branches=branches,
        once=form_once.mark(),
    )


@blueprint.post("")
@access.offices
def create() -> ResponseReturnValue:
    try:
        with site().db.write() as session:
            number = form_once.made(session, "entry_code", lambda: _create(session, request.form).id)
            status = session.get_one(EntryCode, number).status
    except Refused as refused:
        return _new_page(request.form, refused.faults or {"": refused.words}), 422
    done = "asked" if status == EntryCodeStatus.WAITING else "created"
    return redirect(url_for("codes.detail", code_id=number, done=done), 303)


def _create(session: Session, form: "MultiDict[str, str]") -> EntryCode:
    who, kind = access.viewer(), form.get("kind", "")
    values, faults = _values(form)
    place_faults: dict[str, str] = {}
    store = (
        _store(session, form.get("store", "").strip(), place_faults) if kind in ("store", "channel") else None
    )
    branch = _branch(session, form) if kind in ("branch", "channel") else None
    if kind == "branch" and branch is None:
        place_faults["branch"] = Sentence("选一家分公司")
    if kind not in OFFERED or (kind == "hq" and who.role != Role.HQ):
        place_faults["kind"] = Sentence("选一种码")
    if faults | place_faults:
        raise Refused(faults=faults | place_faults)
    plan = CodePlan(
        kind=EntryCodeKind.BRANCH if kind == "hq" else EntryCodeKind(kind),
        leads_to=LeadsTo.USERS if form.get("leads_to") == LeadsTo.USERS else LeadsTo.NEAR,
        store=store,
        branch=branch,
        **values,
    )
    return entry_code_plans.create(session, plan, who.name, site().clock(), site().zone)


@blueprint.post("/<int:code_id>")
@access.offices
def change(code_id: int) -> ResponseReturnValue:
    try:
        with site().db.write() as session:
            code = _changeable(session, code_id)
            values, faults = _values(request.form)
            if faults:
                raise Refused(faults=faults)
            if code.kind == EntryCodeKind.GUIDE:
                values = {"target": values["target"]}
            entry_code_plans.change(session, code, values, access.viewer().name, site().clock(), site().zone)
    except Refused as refused:
        return page_of(code_id, request.form, refused.faults or {"": refused.words}), 422
    return redirect(url_for("codes.detail", code_id=code_id, done="changed"), 303)


@blueprint.post("/<int:code_id>/retire")
@access.offices
def retire(code_id: int) -> ResponseReturnValue:
    try:
        with site().db.write() as session:
            code = _changeable(session, code_id)
            entry_code_plans.retire(session, code, access.viewer().name, site().clock())
    except Refused as refused:
        return page_of(code_id, None, {"": refused.words}), 409
    return redirect(url_for("codes.detail", code_id=code_id, done="retired"), 303)


def _changeable(session: Session, code_id: int) -> EntryCode:
    code = access.code(session, code_id)
    if not may_change(code):
        abort(403)
    return code


def _values(form: "MultiDict[str, str]") -> tuple[dict[str, Any], dict[str, str]]:
    """Name, place, cost, target and last day; what cannot be read is said by its field."""
    faults: dict[str, str] = {}
    values: dict[str, Any] = {name: form.get(name, "").strip()[:200] for name in ("name", "place")}
    cost, target, until = (form.get(name, "").strip() for name in ("cost", "target", "valid_until"))
    read = _YUAN.fullmatch(cost.replace(",", "")) if cost else None
    if cost and read is None:
        faults["cost"] = Sentence("写成元，例如 4680 或 4680.50")
    values["cost_cents"] = int(read[1]) * 100 + int((read[2] or "").ljust(2, "0")) if read else 0
    if target and not target.isdecimal():
        faults["target"] = Sentence("目标要是整数，不设就空着")
    values["target"] = input_limits.number(target) if target and target.isdecimal() else None
    values["valid_until"] = input_limits.day(until) if until else None
    if until and values["valid_until"] is None:
        faults["valid_until"] = Sentence("请选日期，没有就空着")
    return values, faults


def _store(session: Session, text: str, faults: dict[str, str]) -> Store | None:
    """The store of this code or name, of those that the viewer may see."""
    found = named(session, Store, text[:LONGEST_STORE], access.scope().stores())
    if len(found) > 1:
        faults["store"] = Sentence("有几家店都叫这个名字，请写编号")
    elif text and not found:
        faults["store"] = Sentence("没有叫「{text}」的门店，写店名或编号", text=text[:LONGEST_STORE])
    return found[0] if len(found) == 1 else None


def _branch(session: Session, form: "MultiDict[str, str]") -> Branch | None:
    """The viewer's own; HQ chooses one."""
    who = access.viewer()
    number = who.branch_id if who.role == Role.BRANCH else form.get("branch", 0, type=input_limits.number)
    return session.get(Branch, number) if number else None
