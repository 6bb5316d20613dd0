"""导购: who works here and who left (and how we learnt it), with her code, her friends and her tasks."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from models import job_runs
from models.campaigns import Campaign, Task
from models.db import count, count_by
from models.errors import Refused
from models.friends import PRESENT, Friend, FriendStatus, entry_codes
from models.friends.entry_codes import EntryCode, EntryCodeKind, EntryCodeStatus
from models.ledger.outbox import TO_CARE, Outbox
from models.org import Branch, Guide, GuideStatus, Store
from pages.console.stores import code_notice, friends_of, own_codes
from pages.web import access, lists
from pages.web.i18n import _
from pages.web.site import site

blueprint = Blueprint("guides", __name__, url_prefix="/console/guides")
RECENT = 12
STATES = tuple(GuideStatus)
HOW = {
    "change_contact": "通讯录来的通知",
    "unsubscribe": "她离开了应用的可见范围",
    "platform_60111": "平台说没有这个账号",
    "sync": "夜里对账时不在名单里",
    "by_hand": "控制台里有人说她离职了",
    "renamed": "改过账号，两份记录已合成一份",
}
"""How we learnt that somebody left."""


@dataclass(frozen=True)
class GuideLine:
    """One guide with her numbers."""

    guide: Guide
    store: str
    friends: int
    code: EntryCode | None


@blueprint.get("")
@access.staff
def all_guides() -> ResponseReturnValue:
    here, wanted = access.scope(), request.args.get("state", GuideStatus.ACTIVE)
    narrow = [here.guides(), *_narrowed()]
    with site().db.read() as session:
        counts = count_by(session, Guide.status, *narrow)
        shown = [*narrow, *([Guide.status == wanted] if wanted in STATES else [])]
        found = lists.list_page(_items(counts, wanted), lambda page: _lines(session, shown, page))
        store = access.store(session, lists.number("store")) if request.args.get("store") else None
        wished, last = job_runs.asked(session), job_runs.last_runs(session).get("directory")
    notice = _("已记下，几秒内开始和通讯录对账。") if request.args.get("done") else ""
    return render_template(
        "console/guides.html",
        listing=found,
        store=store,
        how=HOW,
        wished="directory" in wished,
        last=last,
        narrowed=lists.narrowed,
        notice_=notice,
    )


@blueprint.get("/<int:guide_id>")
@access.staff
def detail(guide_id: int) -> ResponseReturnValue:
    return _page(guide_id, code_notice())


def _page(guide_id: int, notice: tuple[str, str]) -> str:
    with site().db.read() as session:
        guide = access.guide(session, guide_id)
        line = _lines(session, [Guide.id == guide_id], None)[0]
        store = session.get(Store, guide.store_id) if guide.store_id else None
        branch = session.get(Branch, store.branch_id) if store else None
        served = count(session, Friend, Friend.guide_id == guide_id, Friend.status != FriendStatus.LOST)
        hers = (
            select(Task, Campaign)
            .join(Campaign, col(Campaign.id) == Task.campaign_id)
            .where(Task.guide_id == guide_id)
        )
        tasks = list(session.exec(hers.order_by(col(Task.id).desc()).limit(RECENT)))
        failed = count(
            session,
            Outbox,
            Outbox.guide_id == guide_id,
            col(Outbox.status).in_(TO_CARE),
        )
    return render_template(
        "console/guide.html",
        guide=guide,
        line=line,
        store=store,
        branch=branch,
        served=served,
        tasks=tasks,
        failed=failed,
        to_care=",".join(TO_CARE),
        here=",".join(PRESENT),
        how=HOW,
        notice_=notice,
    )


@blueprint.post("/<int:guide_id>/code")
@access.offices
def make_code(guide_id: int) -> ResponseReturnValue:
    """Ask the platform for her own code, or again for one that failed."""
    try:
        with site().db.write() as session:
            guide = access.guide(session, guide_id)
            code = entry_codes.of_guide(session, guide_id)
            done = "asked" if code is None or code.status == EntryCodeStatus.FAILED else "waiting"
            entry_codes.ask_for_guide(session, guide, access.viewer().name, site().clock())
    except Refused as refused:
        return _page(guide_id, (_(refused.words), "warn")), 409
    return redirect(url_for("guides.detail", guide_id=guide_id, done=done), 303)


def _lines(session: Session, shown: list[Any], page: lists.Page | None) -> list[GuideLine]:
    query = select(Guide, Store.name).outerjoin(Store, col(Store.id) == Guide.store_id).where(*shown)
    query = query.order_by(col(Guide.left_at).desc().nulls_last(), col(Guide.store_id), col(Guide.id))
    found = list(session.exec(page.cut(query) if page else query))
    ids = [guide.id or 0 for guide, _name in found]
    friends, own = friends_of(session, ids), own_codes(session, ids)
    return [
        GuideLine(guide, store or "", friends.get(guide.id or 0, 0), own.get(guide.id))
        for guide, store in found
    ]


def _narrowed() -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if text := lists.text():
        stores = select(Store.id).where(col(Store.name).contains(text, autoescape=True))
        named = [col(one).contains(text, autoescape=True) for one in (Guide.name, Guide.userid)]
        found.append(or_(*named, col(Guide.store_id).in_(stores)))
    if store := lists.number("store"):
        found.append(col(Guide.store_id) == store)
    if request.args.get("code") == EntryCodeStatus.FAILED:
        found.append(
            col(Guide.id).in_(
                select(EntryCode.guide_id).where(
                    EntryCode.kind == EntryCodeKind.GUIDE, EntryCode.status == EntryCodeStatus.FAILED
                )
            )
        )
    if request.args.get("friends"):
        found.append(col(Guide.id).in_(select(Friend.owner_id).where(Friend.status == FriendStatus.FRIEND)))
    if request.args.get("store_missing"):
        found.append(col(Guide.store_id).is_(None))
    return found


def _items(counts: dict[str, int], wanted: str) -> list[lists.Filter]:
    """Who works here comes first; 「全部」 has to be asked for."""
    items: list[lists.Filter] = [
        ("", counts.get(state, 0), lists.narrowed(state=state), wanted == state, state) for state in STATES
    ]
    return [*items, (_("全部"), sum(counts.values()), lists.narrowed(state="all"), wanted not in STATES)]
