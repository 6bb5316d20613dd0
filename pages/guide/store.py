"""What a store manager opens on her phone: how far her store is, who is not done and why, and a tap that reminds."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from models.campaigns import store_day
from models.errors import Refused
from models.friends import handover_lines, unclaimed
from models.org import Guide, Store, store_of
from pages.guide.tasks import guide_only
from pages.web import input_limits
from pages.web.i18n import _
from pages.web.site import site

SHOWN = 3
"""Friends who wait, at once"""
NOT_HERS = "这一页是店长的。回到「今日」看看有什么要做"
blueprint = Blueprint("guide_store", __name__, url_prefix="/g/store")


@blueprint.get("")
@guide_only
def today(guide: Guide) -> ResponseReturnValue:
    done = input_limits.number(request.args.get("reminded", ""))
    if request.args.get("claimed"):
        return _page(guide, _("这位好友归你服务了。她在原来的账号里，先请那位同事打个招呼"))
    return _page(guide, _("正在提醒 {n} 位，几秒后到她们手机上", n=done) if done else "")


@blueprint.post("/remind")
@guide_only
def remind(guide: Guide) -> ResponseReturnValue:
    """One guide of one task, by its code; without one everybody who can be reminded."""
    code, now = request.form.get("task", "")[:64], site().clock()
    try:
        with site().db.write() as session:
            store = hers(session, guide)
            reached = store_day.remind(session, store, code, manager=guide, now=now, zone=site().zone)
            guides = len({one.guide.id for one in reached})
    except Refused as refused:
        return _page(guide, _(refused.words)), 409
    return redirect(url_for("guide_store.today", reminded=guides), 303)


@blueprint.post("/claim")
@guide_only
def claim(guide: Guide) -> ResponseReturnValue:
    """She takes a friend who waits for her store, or has waited too long for another of the branch."""
    number = input_limits.number(request.form.get("friend", ""))
    try:
        with site().db.write() as session:
            hers(session, guide)
            unclaimed.claim(session, number, session.get_one(Guide, guide.id), site().clock())
    except Refused as refused:
        return _page(guide, _(refused.words)), 409
    return redirect(url_for("guide_store.today", claimed=1), 303)


def _page(guide: Guide, notice: str) -> str:
    now = site().clock()
    with site().db.read() as session:
        store = hers(session, guide)
        reach = unclaimed.within_reach(session, guide, now)
        waits, queue = unclaimed.how_many(session, reach)[0], unclaimed.waiting(session, reach, SHOWN)
        day = store_day.store_day(session, store, now, site().zone, manager_id=guide.id)
        handovers = handover_lines.for_manager(session, store.id or 0)
    return render_template(
        "guide/store.html",
        guide=guide,
        day=day,
        handovers=handovers,
        now=now,
        notice=notice,
        queue=queue,
        waits=waits,
    )


def hers(session: Session, guide: Guide) -> Store:
    """The store that she manages now; for anybody else there is no such page (J01)."""
    current = session.get_one(Guide, guide.id)
    store = store_of(session, current) if current.is_manager and current.present else None
    return store or abort(404, NOT_HERS)
