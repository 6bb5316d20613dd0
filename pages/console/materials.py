"""素材: what HQ and branches prepare, in which version it was approved, where it may go, and which campaigns show it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, case
from sqlmodel import Session, col, select
from werkzeug.datastructures import MultiDict

from models.accounts import Role
from models.campaigns import Campaign, approval, renewal
from models.campaigns.approval import key_of
from models.campaigns.attachments import poster_among
from models.db import count, count_by
from models.errors import Refused
from models.kinds import KIND_WORDS, MaterialKind
from models.materials import (
    LONGEST_NAME,
    STOCK_WORDS,
    Material,
    MaterialStatus,
    MaterialVersion,
    Stock,
    fitness,
    library,
    usage,
)
from models.materials.library import MaterialFields
from models.materials.usage import Lately
from models.org import Branch
from pages.console import posters
from pages.console.campaigns import attachments, pictures, preview, wording
from pages.web import access, campaign_check, form_once, form_version, formatting, input_limits, lists
from pages.web.i18n import _
from pages.web.site import site
from posters.pictures import shrink

blueprint = Blueprint("materials", __name__, url_prefix="/console/materials")
SMALL = 56
"""Pixels of one in the list, on a sharp screen"""
NEEDS_A_HAND = (
    MaterialStatus.SUBMITTED,
    MaterialStatus.DRAFT,
    MaterialStatus.APPROVED,
    MaterialStatus.RETIRED,
)
"""In this order they stand in the list."""
DONE = {
    "saved": "存好了。提交以后才能用在活动里。",
    "submit": "已提交，等总部审批。",
    "approved": "已批准，活动里可以用了。",
    "return": "已退回，写的人会看到原因。",
    "retire": "已停用。已经用上它的活动不受影响。",
    "stock": "件数改好了。",
    "renewed": "没开始的活动换成新的一版了。批过的要重新提交。",
    "renewed_some": "能换的换了。还标着旧版的换不了，打开它看原因。",
}


@dataclass(frozen=True)
class MaterialLine:
    """One piece in the list."""

    material: Material
    version: MaterialVersion
    campaigns: list[Campaign]
    regions: str
    span: str
    lately: Lately
    over: bool
    """Its last day is past."""


@blueprint.get("")
@access.offices
def all_materials() -> ResponseReturnValue:
    wanted, search = request.args.get("kind", ""), lists.text()
    mine: list[ColumnElement[bool]] = [access.scope().materials()]
    if search:
        mine.append(col(Material.name).contains(search, autoescape=True))
    standings, chosen = _standings(), request.args.get("status", "")
    within = [*mine, standings[chosen][1]] if chosen in standings else mine
    with site().db.read() as session:
        counts = count_by(session, Material.kind, *within)
        items: list[lists.Filter] = [
            (_("全部"), sum(counts.values()), lists.narrowed(kind=""), wanted not in list(MaterialKind))
        ]
        items += [
            (_(word), counts.get(kind, 0), lists.narrowed(kind=kind), wanted == kind)
            for kind, word in KIND_WORDS.items()
        ]
        if wanted in list(MaterialKind):
            within.append(col(Material.kind) == wanted)
        found = lists.list_page(items, lambda page: lines(session, within, page))
        chips: list[lists.Filter] = [
            (_(word), count(session, Material, *mine, condition), name, chosen == name)
            for name, (word, condition) in standings.items()
        ]
        return render_template(
            "console/materials.html",
            listing=found,
            chips=[(*one[:2], lists.narrowed(status="" if one[3] else one[2]), one[3]) for one in chips],
            **posters.strip(session),
        )


def _standings() -> dict[str, tuple[str, ColumnElement[bool]]]:
    """What a piece may be looked for by, in words and as a condition."""
    over = col(Material.valid_until).is_not(None) & (col(Material.valid_until) <= site().clock())
    status = col(Material.status)
    return {
        "usable": (
            "可用",
            col(Material.approved_version).is_not(None) & (status != MaterialStatus.RETIRED) & ~over,
        ),
        "submitted": ("待审批", status == MaterialStatus.SUBMITTED),
        "draft": ("草稿", status == MaterialStatus.DRAFT),
        "over": ("已过期", over),
    }


def lines(session: Session, within: list[ColumnElement[bool]], page: lists.Page) -> list[MaterialLine]:
    """Those that need a hand first."""
    found = select(Material, MaterialVersion).join(
        MaterialVersion,
        (col(MaterialVersion.material_id) == col(Material.id)) & (MaterialVersion.number == Material.version),
    )
    rank = case(*((col(Material.status) == status, n) for n, status in enumerate(NEEDS_A_HAND)))
    rows = session.exec(page.cut(found.where(*within).order_by(rank, col(Material.changed_at).desc()))).all()
    ids, now = [one.id or 0 for one, _version in rows], site().clock()
    used, names = fitness.used_by(session, ids), wording.branch_names(session)
    lately = usage.of_materials(session, ids, access.scope().campaigns(session), now)
    return [
        MaterialLine(
            one,
            version,
            used[one.id or 0],
            regions(one, names),
            span(one),
            lately[one.id or 0],
            over=one.valid_until is not None and one.valid_until <= now,
        )
        for one, version in rows
    ]


def regions(material: Material, names: Mapping[int, str]) -> str:
    if not material.regions:
        return _("全国")
    known = [names[one] for one in material.regions if one in names]
    return "、".join(known) if len(known) <= 3 else _("{name}等 {n} 个", name=known[0], n=len(known))


@blueprint.get("/new")
@access.offices
def new() -> ResponseReturnValue:
    with site().db.read() as session:
        return _form(session, read(session, MultiDict({"kind": MaterialKind.CONTENT})))


@blueprint.post("/new")
@access.offices
@input_limits.takes_files
def create() -> ResponseReturnValue:
    return _save(None)


@blueprint.get("/<int:material_id>/edit")
@access.offices
def edit(material_id: int) -> ResponseReturnValue:
    with site().db.read() as session:
        material = access.material(session, material_id, change=True)
        return _form(session, library.fields_of(material, library.newest(session, material)), material)


@blueprint.post("/<int:material_id>/edit")
@access.offices
@input_limits.takes_files
def change(material_id: int) -> ResponseReturnValue:
    return _save(material_id)


@blueprint.post("/attachments")
@access.offices
def attached() -> ResponseReturnValue:
    """The attachments of the form after its button."""
    with site().db.read() as session:
        fields = read(session, request.form)
        return render_template(
            "console/campaigns/attachments.html",
            faults={},
            **attachments.section(session, fields.attachments, url_for("materials.attached")),
        )


@blueprint.get("/<int:material_id>")
@access.offices
def detail(material_id: int) -> ResponseReturnValue:
    return _page(material_id, {})


@blueprint.post("/<int:material_id>/<any(submit, approve, return, retire, stock):step>")
@access.offices
def do(material_id: int, step: str) -> ResponseReturnValue:
    """The buttons of its page; whose each is, the verbs themselves say."""
    who, now = access.viewer(), site().clock()
    by: dict[str, Any] = {"who": who.name, "now": now}
    done = step
    try:
        with site().db.write() as session:
            material = access.material(session, material_id, change=True)
            if step == "submit":
                library.submit(session, material, account_id=who.id, **by)
                done = "approved" if material.status == MaterialStatus.APPROVED else step
            elif step == "approve":
                library.approve(session, material, account_id=who.id, **by)
                done = "approved"
            elif step == "return":
                reason = request.form.get("reason", "")[:2000]
                library.give_back(session, material, account_id=who.id, reason=reason, **by)
            elif step == "retire":
                library.retire(session, material, **by)
            else:
                left = request.form.get("left", "").strip()
                if not left.isdecimal():
                    raise Refused(faults={"left": _("要写一个数")})
                library.count_stock(session, material, input_limits.number(left), **by)
    except Refused as refused:
        return _page(material_id, refused.faults or {"": refused.words}), 409
    return redirect(url_for("materials.detail", material_id=material_id, done=done), 303)


def read(session: Session, source: "MultiDict[str, str]") -> MaterialFields:
    """What was typed, as a material."""
    kind = next((one for one in MaterialKind if one == source.get("kind")), MaterialKind.CONTENT)
    stock = next((one for one in Stock if one == source.get("stock")), Stock.NONE)
    left = source.get("stock_left", "")
    return MaterialFields(
        name=source.get("name", "").strip()[:200],
        kind=kind,
        text=source.get("text", "").replace("\r\n", "\n").strip()[:8000],
        attachments=attachments.read(session, source),
        regions=sorted({input_limits.number(one) for one in source.getlist("region") if one.isdecimal()}),
        valid_from=_day(source.get("valid_from", "")),
        valid_until=_day(source.get("valid_until", ""), after=1),
        stock=stock,
        stock_left=input_limits.number(left) if left.isdecimal() and stock == Stock.IN else None,
        stock_floor=input_limits.number(source.get("stock_floor", "")) if stock == Stock.IN else 0,
    )


def unreadable(source: "MultiDict[str, str]") -> dict[str, str]:
    """By field, what is no day or no number: left out, it would silently mean always, or not counted."""
    days, numbers = ("valid_from", "valid_until"), ("stock_left", "stock_floor")
    typed = {name: source.get(name, "").strip() for name in (*days, *numbers)}
    wrong = {name: _("请选一个日期") for name in days if typed[name] and not input_limits.day(typed[name])}
    return wrong | {name: _("要写一个数") for name in numbers if typed[name] and not typed[name].isdecimal()}


def _day(written: str, after: int = 0) -> datetime | None:
    """The beginning of this day in the shop's own time, or of one so many days after it."""
    found = input_limits.day(written.strip())
    if found is None:
        return None
    day = found + timedelta(days=after)
    return datetime(day.year, day.month, day.day, tzinfo=site().zone).astimezone(UTC)


def days(material: Material | MaterialFields) -> tuple[str, str]:
    """Its first and its last day as a form has them; empty for always."""
    zone = site().zone
    first = f"{material.valid_from.astimezone(zone):%Y-%m-%d}" if material.valid_from else ""
    until = material.valid_until - timedelta(seconds=1) if material.valid_until else None
    return first, f"{until.astimezone(zone):%Y-%m-%d}" if until else ""


def span(material: Material) -> str:
    """From when to when it may be used, in words."""
    first, last = days(material)
    begins, ends = (formatting.short_day(date.fromisoformat(one)) if one else "" for one in (first, last))
    if first and last:
        return f"{begins} – {ends}"
    return _("{day} 以前", day=ends) if last else _("{day} 起", day=begins) if first else _("长期")


def _save(material_id: int | None) -> ResponseReturnValue:
    verb = request.form.get("do", "save")
    source = request.form.copy()
    faults = attachments.take_uploads(source)
    with site().db.read() as session:
        material = access.material(session, material_id, change=True) if material_id else None
        fields = read(session, source)
        if verb != "save":
            return _form(session, fields, material)
        faults = library.complaints(session, fields) | unreadable(source) | faults
        if faults := faults | campaign_check.of_posters(session, fields.attachments, faults):
            return _form(session, fields, material, faults), 422
    try:
        with site().db.write() as session:
            row_id = _write(session, fields, material_id)
    except Refused as refused:
        with site().db.read() as session:
            material = access.material(session, material_id, change=True) if material_id else None
            return _form(session, fields, material, refused.faults or {"": refused.words}), 409
    return redirect(url_for("materials.detail", material_id=row_id, done="saved"), 303)


def _write(session: Session, fields: MaterialFields, material_id: int | None) -> int:
    who, now = access.viewer(), site().clock()
    by: dict[str, Any] = {"who": who.name, "account_id": who.id, "now": now}
    if material_id:
        material = access.material(session, material_id, change=True)
        form_version.check(library.fields_of(material, library.newest(session, material)))
        library.revise(session, material, fields, **by)
        return material_id
    return form_once.made(
        session,
        "material",
        lambda: library.create(session, fields, branch_id=who.branch_id, **by).id,
    )


def _form(
    session: Session,
    fields: MaterialFields,
    material: Material | None = None,
    faults: Mapping[str, str] | None = None,
) -> str:
    kept = library.fields_of(material, library.newest(session, material)) if material else None
    first, last = days(fields)
    return render_template(
        "console/material_form.html",
        material=material,
        fields=fields,
        form={
            "name": fields.name,
            "valid_from": first,
            "valid_until": last,
            "stock_left": "" if fields.stock_left is None else fields.stock_left,
            "stock_floor": fields.stock_floor,
        },
        faults=faults or {},
        once=form_once.mark(),
        version=form_version.mark(kept) if kept else "",
        branches=session.exec(select(Branch).where(access.scope().branches()).order_by(col(Branch.id))).all(),
        kinds=KIND_WORDS,
        stocks=STOCK_WORDS,
        LONGEST_NAME=LONGEST_NAME,
        text_bytes=library.TEXT_BYTES,
        **attachments.section(session, fields.attachments, url_for("materials.attached")),
    )


def _page(material_id: int, faults: Mapping[str, str]) -> str:
    who = access.viewer()
    with site().db.read() as session:
        material = access.material(session, material_id)
        versions = library.versions(session, material)
        key = key_of(who.name, who.id)
        used = fitness.used_by(session, [material_id])[material_id]
        mine = [one for one in used if access.may_change(session, one)]
        return render_template(
            "console/material.html",
            material=material,
            version=versions[0],
            versions=versions,
            campaigns=used,
            taken={one.id: _taken(one, material_id) for one in used},
            behind=renewal.behind(session, mine, material),
            span=span(material),
            regions=regions(material, wording.branch_names(session)),
            may_change=access.may_change_material(material),
            no=library.why_not_approve(session, material, key) if who.role == Role.HQ else None,
            text=preview.in_somebodys_words(session, versions[0].text),
            shown=preview.of_material(session, material, versions[0].attached),
            faults=faults,
            form=request.form,
            most=approval.LONGEST_REASON,
            done=_(DONE.get(request.args.get("done", ""), "")) if request.args.get("done") else "",
        )


def _taken(campaign: Campaign, material_id: int) -> int:
    """Which version it holds."""
    return next((one.version or 0 for one in campaign.attached if one.material_id == material_id), 0)


@blueprint.get("/<int:material_id>/poster.jpg")
@access.offices
def poster(material_id: int) -> ResponseReturnValue:
    """Its poster as one guide within reach would send it."""
    with site().db.read() as session:
        material = access.material(session, material_id)
        shown = poster_among(library.newest(session, material).attached) or abort(404)
        sample = preview.somebody(session) or abort(404)
        content = pictures.drawn(session, shown, sample)
    return pictures.jpeg(shrink(content, SMALL) if request.args.get("small") else content)
