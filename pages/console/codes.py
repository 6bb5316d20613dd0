"""入口码: where friends come from, whom a scan adds, what each code cost and brought, and how much room the platform leaves."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, case, or_
from sqlmodel import Session, col, select
from werkzeug.datastructures import MultiDict

from models.accounts import Role
from models.db import count, count_by
from models.friends import entry_code_figures, entry_code_users
from models.friends.entry_code_figures import CodeFigures, CodeStanding
from models.friends.entry_codes import MOST_WAYS, OWN, EntryCode, EntryCodeKind, EntryCodeStatus
from models.org import Branch, Guide, GuideStatus, Store
from models.stats import day_start
from pages.web import access, lists
from pages.web.code_pictures import svg_of
from pages.web.i18n import _
from pages.web.site import site

blueprint = Blueprint("codes", __name__, url_prefix="/console/codes")
KIND_WORDS = {
    EntryCodeKind.GUIDE: "导购胸牌、海报",
    EntryCodeKind.STORE: "门店",
    EntryCodeKind.BRANCH: "分公司、总部",
    EntryCodeKind.SOURCE: "渠道",
}
DONE = {
    "created": "码建好了。",
    "asked": "已向平台要码，一般几秒就好，做好后图会出现在这里。",
    "changed": "改好了。",
    "retired": "已停用，平台那边几秒后删掉。来过的好友照样算在它名下。",
}


@dataclass(frozen=True)
class CodeLine:
    """One code with whom it adds and what it brought."""

    code: EntryCode
    came: CodeFigures
    standing: CodeStanding
    place: str
    """Its store, branch or HQ"""
    people: list[str]
    """The names of those who stand in it"""
    left_at: datetime | None


@blueprint.get("")
@access.staff
def all_codes() -> ResponseReturnValue:
    here, now = access.now_in_scope()
    wanted, search = request.args.get("kind", ""), lists.text()
    narrow: list[ColumnElement[bool]] = [OWN, here.codes()]
    if search:
        narrow.append(_called(search))
    if request.args.get("code") == EntryCodeStatus.FAILED:
        narrow.append(_failed())
    over = col(EntryCode.status) == EntryCodeStatus.RETIRED
    with site().db.read() as session:
        counts = count_by(session, EntryCode.kind, *narrow, ~over)
        retired = count(session, EntryCode, *narrow, over)
        items = _filters(counts, retired, wanted)
        shown = [*narrow, *_chosen(wanted, over)]
        listing = lists.list_page(items, lambda page: lines(session, shown, now, page))
        since = day_start(now, site().zone)
        today = entry_code_figures.by_kind(session, here.friends(), since)
        used = entry_code_users.used_ways(session) if here.all else None
    return render_template(
        "console/codes.html",
        listing=listing,
        today=[(kind, today.get(kind, 0)) for kind in (*EntryCodeKind, None)],
        today_total=sum(today.values()),
        kind_words=KIND_WORDS,
        used=used,
        most=MOST_WAYS,
        searched=search,
        now=now,
    )


@blueprint.get("/<int:code_id>")
@access.staff
def detail(code_id: int) -> ResponseReturnValue:
    return page_of(code_id, None, {})


def page_of(code_id: int, typed: "MultiDict[str, str] | None", faults: dict[str, str]) -> str:
    now = site().clock()
    with site().db.read() as session:
        code = access.code(session, code_id)
        line = lines(session, [col(EntryCode.id) == code_id], now, None)[0]
    form = typed if typed is not None else form_of(code)
    faults = beside(faults)
    return render_template(
        "console/code.html",
        code=code,
        line=line,
        says=code.says(site().public_url),
        kind_words=KIND_WORDS,
        form=form,
        faults=faults,
        may_change=may_change(code),
        notice_=_(DONE.get(request.args.get("done", ""), "")),
    )


def may_change(code: EntryCode) -> bool:
    """HQ and branches, what they may see; a store's manager looks only."""
    return access.viewer().role in (Role.HQ, Role.BRANCH) and code.status != EntryCodeStatus.RETIRED


def form_of(code: EntryCode) -> "MultiDict[str, str]":
    return MultiDict(
        {
            "name": code.name,
            "place": code.place,
            "cost": f"{code.cost_cents / 100:.2f}".removesuffix(".00") if code.cost_cents else "",
            "target": str(code.target or ""),
            "valid_until": code.valid_until.isoformat() if code.valid_until else "",
        }
    )


def beside(faults: dict[str, str]) -> dict[str, str]:
    """By the names of the form, which asks for yuan."""
    return {"cost" if name == "cost_cents" else name: words for name, words in faults.items()}


@blueprint.get("/<int:code_id>.svg")
@access.staff
def picture(code_id: int) -> ResponseReturnValue:
    """The code redrawn from what it says; the platform's own picture is never shown."""
    with site().db.read() as session:
        code = access.code(session, code_id)
    if not (says := code.says(site().public_url)):
        abort(404, _("这个码还没有做好，做好后图就在这里"))
    response = Response(svg_of(says), mimetype="image/svg+xml")
    if request.args.get("download"):
        response.headers["Content-Disposition"] = f'attachment; filename="code-{code_id}.svg"'
    return response


def _failed() -> ColumnElement[bool]:
    """Also those of which a code that /near would show has failed."""
    broken = col(EntryCode.status) == EntryCodeStatus.FAILED
    behind = select(EntryCode.via_id).where(broken, col(EntryCode.via_id).is_not(None))
    return or_(broken, col(EntryCode.id).in_(behind))


def _filters(counts: dict[str, int], retired: int, wanted: str) -> list[lists.Filter]:
    items: list[lists.Filter] = [
        (_("全部"), sum(counts.values()), lists.narrowed(kind=""), wanted not in (*EntryCodeKind, "retired"))
    ]
    items += [
        (_(word), counts.get(kind, 0), lists.narrowed(kind=kind), wanted == kind)
        for kind, word in KIND_WORDS.items()
    ]
    if retired or wanted == "retired":
        items.append((_("已停用"), retired, lists.narrowed(kind="retired"), wanted == "retired"))
    return items


def _chosen(wanted: str, over: ColumnElement[bool]) -> list[ColumnElement[bool]]:
    if wanted == "retired":
        return [over]
    return [~over, *([col(EntryCode.kind) == wanted] if wanted in list(EntryCodeKind) else [])]


def _called(text: str) -> ColumnElement[bool]:
    """By its name, its store's or its guide's."""
    stores = select(Store.id).where(col(Store.name).contains(text, autoescape=True))
    guides = select(Guide.id).where(col(Guide.name).contains(text, autoescape=True))
    return or_(
        col(EntryCode.name).contains(text, autoescape=True),
        col(EntryCode.store_id).in_(stores),
        col(EntryCode.guide_id).in_(guides),
    )


def lines(
    session: Session, shown: list[ColumnElement[bool]], now: datetime, page: lists.Page | None
) -> list[CodeLine]:
    """What needs work first: failed ones, of guides who left, over, slow; then what was paid for, stores, guides."""
    zone = site().zone
    gone = select(Guide.id).where(Guide.status == GuideStatus.LEFT)
    rank = case(
        (or_(col(EntryCode.status) == EntryCodeStatus.FAILED, col(EntryCode.reason) != ""), 0),
        (col(EntryCode.guide_id).in_(gone), 1),
        (col(EntryCode.valid_until) < now.astimezone(zone).date(), 2),
        (col(EntryCode.id).in_(entry_code_figures.slow_among(session, shown, now, zone)), 3),
        (col(EntryCode.kind) == EntryCodeKind.SOURCE, 4),
        (col(EntryCode.kind) == EntryCodeKind.BRANCH, 5),
        (col(EntryCode.kind) == EntryCodeKind.STORE, 6),
        else_=7,
    )
    query = select(EntryCode).where(*shown).order_by(rank, col(EntryCode.id).desc())
    codes = list(session.exec(page.cut(query) if page else query))
    came = entry_code_figures.figures(session, [one.id for one in codes], now)
    left = entry_code_figures.left_of(session, codes)
    stores = lists.names(session, Store, [one.store_id for one in codes])
    branches = lists.names(session, Branch, [one.branch_id for one in codes])
    people = _people(session, codes)
    zero = CodeFigures()
    return [
        CodeLine(
            code=one,
            came=came.get(one.id or 0, zero),
            standing=entry_code_figures.standing(one, came.get(one.id or 0, zero), left, now, zone),
            place=stores.get(one.store_id) or branches.get(one.branch_id) or _("总部"),
            people=[people.get(userid.lower(), userid) for userid in one.userids],
            left_at=left.get(one.guide_id or 0),
        )
        for one in codes
    ]


def _people(session: Session, codes: list[EntryCode]) -> dict[str, str]:
    """The names of all who stand in these codes, by the key of their userid."""
    keys = {userid.lower() for one in codes for userid in one.userids}
    named_ = select(Guide.userid_key, Guide.name).where(col(Guide.userid_key).in_(keys))
    return dict(session.exec(named_).all())
