"""门店与码: which stores there are, who works there, and the code that hangs in each."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from models import preferences
from models.db import count, count_by
from models.errors import Refused
from models.friends import PRESENT, Friend, FriendStatus, entry_code_users, entry_codes, missing_codes
from models.friends.entry_codes import SHARED_BY_A_STORE, EntryCode, EntryCodeKind, EntryCodeStatus
from models.org import Branch, Guide, GuideStatus, Store, cities, opening
from models.waiting import of_nobody_gone
from pages.console import prints, shifts
from pages.web import access, lists
from pages.web.i18n import _
from pages.web.site import site

blueprint = Blueprint("stores", __name__, url_prefix="/console")
MISSING = "missing"
CODE_STATES = (EntryCodeStatus.READY, EntryCodeStatus.WAITING, EntryCodeStatus.FAILED)
MOST_PEOPLE = 200


@dataclass(frozen=True)
class StoreLine:
    """One store with its numbers."""

    store: Store
    branch: str
    guides: int
    friends: int
    code: EntryCode | None


@blueprint.get("/stores")
@access.staff
def all_stores() -> ResponseReturnValue:
    here, wanted = access.scope(), request.args.get("code", "")
    narrow = [here.stores(), *_narrowed()]
    with site().db.read() as session:
        counts = {state: count(session, Store, *narrow, _coded(state)) for state in (*CODE_STATES, MISSING)}
        shown = [*narrow, *([_coded(wanted)] if wanted in (*CODE_STATES, MISSING) else [])]
        branches = list(session.exec(select(Branch).where(here.branches()).order_by(col(Branch.id))))
        total = count(session, Store, *narrow)
        missing = (_("还没有码"), MISSING, counts[MISSING])
        items = lists.filters(
            counts, CODE_STATES, by="code", offered=[EntryCodeStatus.READY], also=[missing], total=total
        )
        found = lists.list_page(items, lambda page: _lines(session, shown, page))
        failed_guides = count(
            session,
            EntryCode,
            EntryCode.kind == EntryCodeKind.GUIDE,
            EntryCode.status == EntryCodeStatus.FAILED,
            here.codes(),
            of_nobody_gone(),
        )
    return render_template(
        "console/stores.html",
        listing=found,
        branches=branches,
        failed_guides=failed_guides,
        chosen_branch=lists.number("branch"),
    )


@blueprint.get("/stores/<int:store_id>")
@access.staff
def detail(store_id: int) -> ResponseReturnValue:
    return _page(store_id, {}, {})


def _page(store_id: int, typed: dict[str, str], faults: dict[str, str]) -> str:
    with site().db.read() as session:
        brand = preferences.read(session)
        store = access.store(session, store_id)
        line = _lines(session, [col(Store.id) == store_id], None)[0]
        people = select(Guide).where(Guide.store_id == store_id).order_by(col(Guide.status), col(Guide.id))
        guides = list(session.exec(people.limit(MOST_PEOPLE)))
        friends = friends_of(session, [guide.id or 0 for guide in guides])
        own = own_codes(session, [guide.id or 0 for guide in guides])
        lacks_own, people_lacking = missing_codes.of_store(session, store)
        lacking = (lacks_own + len(people_lacking)) if people_lacking else 0
        present = {guide.userid for guide in guides if guide.present}
        week = shifts.week_of(session, store, shifts.today())
        cards = prints.counted(session, store_id)
        strangers = [one for one in (line.code.userids if line.code else []) if one not in present]
    return render_template(
        "console/store.html",
        store=store,
        line=line,
        guides=guides,
        friends=friends,
        own=own,
        strangers=strangers,
        week=week,
        lacking=lacking,
        here=",".join(PRESENT),
        out_of_step=_out_of_step(line.code, [guide for guide in guides if guide.present]),
        notice_=_saved() or code_notice(),
        usual=brand,
        hours={"opens": store.opens, "closes": store.closes} | typed,
        city=typed.get("city", store.city),
        cards=cards,
        faults=faults,
    )


@blueprint.post("/stores/<int:store_id>/hours")
@access.offices
def save_hours(store_id: int) -> ResponseReturnValue:
    """When this store is open: cards reach its guides only then."""
    typed = {name: request.form.get(name, "").strip()[:8] for name in preferences.HOURS}
    try:
        with site().db.write() as session:
            store = access.store(session, store_id)
            opening.change(
                session, store, typed["opens"], typed["closes"], access.viewer().name, site().clock()
            )
    except Refused as refused:
        return _page(store_id, typed, refused.faults), 422
    return redirect(url_for("stores.detail", store_id=store_id, done="hours"), 303)


@blueprint.post("/stores/<int:store_id>/city")
@access.offices
def save_city(store_id: int) -> ResponseReturnValue:
    """In which city customers find this store."""
    city = request.form.get("city", "").strip()[: 2 * cities.LETTERS]
    try:
        with site().db.write() as session:
            store = access.store(session, store_id)
            cities.change(session, store, city, access.viewer().name, site().clock())
    except Refused as refused:
        return _page(store_id, {"city": city}, refused.faults), 422
    return redirect(url_for("stores.detail", store_id=store_id, done="city"), 303)


@blueprint.post("/stores/<int:store_id>/closed")
@access.offices
def close(store_id: int) -> ResponseReturnValue:
    """Closed for good, or there again."""
    closed = request.form.get("closed") == "yes"
    with site().db.write() as session:
        store = access.store(session, store_id)
        opening.close_for_good(session, store, closed, access.viewer().name, site().clock())
    done = "closed" if closed else "reopened"
    return redirect(url_for("stores.detail", store_id=store_id, done=done), 303)


def _saved() -> tuple[str, str] | None:
    """(words, tone) after something of the store was changed."""
    said = {
        "hours": _("营业时间已保存，从下一张卡片起用新的。"),
        "city": _("城市已保存，顾客找店时马上用新的。"),
        "closed": _("已记为关店，顾客找店时不再看到它。"),
        "reopened": _("又开了，顾客找店时马上看得到。"),
    }
    done = request.args.get("done", "")
    return (said[done], "ok") if done in said else None


@blueprint.post("/stores/<int:store_id>/code")
@access.offices
def make_code(store_id: int) -> ResponseReturnValue:
    """Ask the platform for the store's code; one that works gets the people who are there now."""
    now, who = site().clock(), access.viewer().name
    with site().db.write() as session:
        store = access.store(session, store_id)
        code = entry_codes.of_store(session, store_id)
        if code and code.status == EntryCodeStatus.READY:
            done = "refreshed" if entry_code_users.ask_to_refresh(session, store, who, now) else "same"
        else:
            done = "waiting" if code and code.status == EntryCodeStatus.WAITING else "asked"
            entry_codes.ask_for_store(session, store, who, now)
    return redirect(url_for("stores.detail", store_id=store_id, done=done), 303)


@blueprint.post("/stores/<int:store_id>/codes")
@access.offices
def make_missing_codes(store_id: int) -> ResponseReturnValue:
    """Ask the platform for every code that the store and its people lack."""
    with site().db.write() as session:
        store = access.store(session, store_id)
        asked = missing_codes.ask_for_all(session, store, access.viewer().name, site().clock())
    return redirect(url_for("stores.detail", store_id=store_id, done="asked" if asked else "waiting"), 303)


def code_notice() -> tuple[str, str]:
    """(words, tone) after a code was asked for."""
    said = {
        "asked": _("已向平台要码，一般几秒就好。做好后图会出现在这里。"),
        "refreshed": _("已让码指向现在在岗的人，几秒后生效。码的图不变。"),
        "same": _("码里已经是现在在岗的人，不用换。"),
        "waiting": _("已经在等平台，不用再要一次。"),
    }
    done = request.args.get("done", "")
    return said.get(done, ""), "warn" if done in ("same", "waiting") else "ok"


def friends_of(session: Session, guides: list[int]) -> dict[int, int]:
    """How many present friends each guide's account has."""
    return count_by(
        session, Friend.owner_id, col(Friend.owner_id).in_(guides), Friend.status == FriendStatus.FRIEND
    )


def own_codes(session: Session, guides: list[int]) -> dict[int | None, EntryCode]:
    query = select(EntryCode).where(
        EntryCode.kind == EntryCodeKind.GUIDE, col(EntryCode.guide_id).in_(guides)
    )
    return {code.guide_id: code for code in session.exec(query.order_by(col(EntryCode.id).desc()))}


def _out_of_step(code: EntryCode | None, here: list[Guide]) -> bool:
    """A working code that names other people than those whom it should offer now."""
    if code is None or code.status != EntryCodeStatus.READY or not here:
        return False
    return set(code.userids) != set(entry_code_users.of_many(code, here))


def _lines(session: Session, shown: list[ColumnElement[bool]], page: lists.Page | None) -> list[StoreLine]:
    query = select(Store, Branch.name).join(Branch, col(Branch.id) == Store.branch_id).where(*shown)
    query = query.order_by(col(Store.branch_id), col(Store.id))
    found = list(session.exec(page.cut(query) if page else query))
    ids = [store.id or 0 for store, _name in found]
    guides = count_by(
        session, Guide.store_id, col(Guide.store_id).in_(ids), Guide.status == GuideStatus.ACTIVE
    )
    friends = count_by(
        session, Friend.store_id, col(Friend.store_id).in_(ids), Friend.status != FriendStatus.LOST
    )
    own = select(EntryCode).where(*SHARED_BY_A_STORE, col(EntryCode.store_id).in_(ids))
    made = {code.store_id: code for code in session.exec(own.order_by(col(EntryCode.id).desc()))}
    return [
        StoreLine(store, branch, guides.get(store.id, 0), friends.get(store.id, 0), made.get(store.id))
        for store, branch in found
    ]


def _narrowed() -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if text := lists.text():
        found.append(
            or_(
                *(col(one).contains(text, autoescape=True) for one in (Store.name, Store.code, Store.address))
            )
        )
    if branch := lists.number("branch"):
        found.append(col(Store.branch_id) == branch)
    return found


def _coded(state: str) -> ColumnElement[bool]:
    """Stores whose own code is in this state."""
    own = select(EntryCode.store_id).where(*SHARED_BY_A_STORE, col(EntryCode.store_id).is_not(None))
    if state == MISSING:
        return col(Store.id).not_in(own)
    return col(Store.id).in_(own.where(EntryCode.status == state))
