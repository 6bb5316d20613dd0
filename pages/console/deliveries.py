"""投递: the ledger of every call to the platform, what it says, and what a person may decide about a row."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from models import delivery_decisions, stats
from models.accounts import Role
from models.campaigns import Task
from models.db import count, count_by
from models.delivery_decisions import DECISIONS
from models.errors import Refused
from models.friends import Customer, Friend
from models.ledger.channels import CHANNELS, by_urgency, confirmed
from models.ledger.outbox import Outbox, OutboxStatus
from models.org import Guide
from pages.console.delivery_timeline import life_of, said_of, took
from pages.web import access, formatting, lists
from pages.web.i18n import _
from pages.web.site import site

blueprint = Blueprint("deliveries", __name__, url_prefix="/console/deliveries")
WORTH_WORK = (OutboxStatus.QUEUED, OutboxStatus.CALLING, OutboxStatus.UNKNOWN, OutboxStatus.HELD)
"""These are shown however old they are; of the rest only the chosen days."""
ALWAYS_OFFERED = (
    OutboxStatus.QUEUED,
    OutboxStatus.CALLING,
    OutboxStatus.SENT,
    OutboxStatus.NOT_SENT,
    OutboxStatus.UNKNOWN,
)
STATES = (
    *ALWAYS_OFFERED,
    OutboxStatus.HELD,
    OutboxStatus.EXPIRED,
    OutboxStatus.CANCELLED,
    OutboxStatus.NEEDLESS,
)
DAYS = {"today": 0, "week": 6, "all": None}


@dataclass(frozen=True)
class DeliveryLine:
    """One row of the ledger, as it is said."""

    row: Outbox
    what: str
    whom: str
    said: str
    took: float | None


@blueprint.get("")
@access.staff
def all_deliveries() -> ResponseReturnValue:
    here, now = access.now_in_scope()
    chosen, opened = lists.chosen(STATES), lists.number("open")
    narrow = [here.deliveries(), *_narrowed()]
    with site().db.read() as session:
        counts = count_by(session, Outbox.status, *narrow, _days(now))
        shown = [*narrow, _days(now), *([col(Outbox.status).in_(chosen)] if chosen else [])]
        newest = select(Outbox).where(*shown).order_by(col(Outbox.created_at).desc(), col(Outbox.id).desc())
        found = lists.list_page(
            lists.filters(counts, STATES, offered=ALWAYS_OFFERED),
            lambda page: _lines(session, list(session.exec(page.cut(newest))), now),
        )
        open_row = next((line.row for line in found.rows if line.row.id == opened), None)
        life = life_of(session, open_row, access.viewer().role, now) if open_row else None
        today = count(
            session, Outbox, here.deliveries(), Outbox.created_at >= stats.day_start(now, site().zone)
        )
        held = count(session, Outbox, delivery_decisions.held_by_restore()) if here.all else 0
    return render_template(
        "console/deliveries.html",
        listing=found,
        life=life,
        opened=opened,
        today=today,
        held=held,
        chips_=_chips(),
        notice_=_notice(),
        with_query=lists.with_query,
        stamp=moment_of,
        channels={one.name: _(one.label) for one in by_urgency()},
        day_start=stats.day_start(now, site().zone),
    )


@blueprint.get("/<int:delivery_id>")
@access.staff
def detail(delivery_id: int) -> ResponseReturnValue:
    """One row by itself, for links from elsewhere."""
    return _page(delivery_id, _notice())


def _page(delivery_id: int, notice: tuple[str, str]) -> str:
    now = site().clock()
    with site().db.read() as session:
        row = access.delivery(session, delivery_id)
        line = _lines(session, [row], now)[0]
        life = life_of(session, row, access.viewer().role, now)
    return render_template("console/delivery.html", line=line, row=row, life=life, notice_=notice)


@blueprint.post("/<int:delivery_id>/<verb>")
@access.staff
def act(delivery_id: int, verb: str) -> ResponseReturnValue:
    """What a person decides about one row; a second tap changes nothing, and the page says why."""
    if verb not in DECISIONS:
        abort(404)
    who, now = access.viewer(), site().clock()
    if who.role not in (Role.HQ, Role.BRANCH) and verb not in ("delivered", "failed"):
        abort(403)
    try:
        with site().db.write() as session:
            row = access.delivery(session, delivery_id)
            session.refresh(row, with_for_update=True)
            _do(session, row, verb, who.name, now)
    except Refused as refused:
        why = _("{why}。什么都没有改，下面是现在的样子。", why=_(refused.words))
        return _page(delivery_id, (why, "warn")), 409
    back = access.safe_next(request.form.get("back") or url_for("deliveries.detail", delivery_id=delivery_id))
    return redirect(lists.with_done(back, verb), 303)


def _do(session: Session, row: Outbox, verb: str, who: str, now: datetime) -> None:
    match verb:
        case "delivered" | "failed":
            site().decide(session, row, verb == "delivered", who, now, site().zone)
        case "again":
            delivery_decisions.send_again(session, row, now, who)
        case "release":
            delivery_decisions.release_one(session, row, who, now)
        case "cancel":
            delivery_decisions.take_back(session, row, now, who)


@blueprint.post("/release")
@access.hq_only
def release_all() -> ResponseReturnValue:
    """Let go everything that a restore held; what belongs to a paused campaign stays with it."""
    total = delivery_decisions.release_all(site().db, access.viewer().name, site().clock())
    return redirect(url_for("deliveries.all_deliveries", done="released" if total else "none"), 303)


@blueprint.post("/drop")
@access.hq_only
def drop_all() -> ResponseReturnValue:
    """Take back everything that a restore held: people have it already."""
    total = delivery_decisions.drop_all(site().db, access.viewer().name, site().clock())
    return redirect(url_for("deliveries.all_deliveries", done="dropped" if total else "none"), 303)


def _lines(session: Session, rows: list[Outbox], now: datetime) -> list[DeliveryLine]:
    names = _customers(session, [row.friend_id for row in rows if row.friend_id])
    guides = lists.names(session, Guide, [row.guide_id for row in rows])
    mass = {row.task_id for row in rows if row.task_id and row.channel in confirmed()}
    tasks = {one.id: one for one in session.exec(select(Task).where(col(Task.id).in_(mass)))}

    def whom(row: Outbox) -> str:
        name, guide = names.get(row.friend_id or 0), guides.get(row.guide_id)
        return _("{name} · 经{guide}", name=name, guide=guide) if name and guide else row.target or "—"

    return [
        DeliveryLine(
            row,
            _(CHANNELS[row.channel].label) if row.channel in CHANNELS else row.channel,
            whom(row),
            said_of(row, tasks.get(row.task_id) if row.channel in confirmed() else None, now),
            took(row, now),
        )
        for row in rows
    ]


def _customers(session: Session, friends: list[int]) -> dict[int, str]:
    query = select(Friend.id, Customer.name).join(Customer, col(Customer.id) == Friend.customer_id)
    return {one: name for one, name in session.exec(query.where(col(Friend.id).in_(friends))) if one}


def _narrowed() -> list[ColumnElement[bool]]:
    """The conditions that the address names, besides state and days."""
    found: list[ColumnElement[bool]] = []
    if channels := [one for one in request.args.getlist("channel") if one in CHANNELS]:
        found.append(col(Outbox.channel).in_(channels))
    for name, column in (
        ("guide", Outbox.guide_id),
        ("campaign", Outbox.campaign_id),
        ("group", Outbox.group_id),
    ):
        if number := lists.number(name):
            found.append(col(column) == number)
    if request.args.get("restored"):
        found.append(~delivery_decisions.of_paused())
    if request.args.get("unanswered"):
        found.append(stats.unanswered(site().clock()))
    if text := lists.text():
        named = select(Friend.id).join(Customer, col(Customer.id) == Friend.customer_id)
        named = named.where(col(Customer.name).contains(text, autoescape=True))
        columns = (Outbox.target, Outbox.why, Outbox.reason)
        said = [col(one).contains(text, autoescape=True) for one in columns]
        found.append(or_(*said, col(Outbox.friend_id).in_(named)))
    return found


def _days(now: datetime) -> ColumnElement[bool]:
    back = DAYS.get(request.args.get("days", "today"), 0)
    if back is None:
        return col(Outbox.id) > 0
    since = stats.day_start(now, site().zone) - timedelta(days=back)
    return or_(col(Outbox.created_at) >= since, col(Outbox.status).in_(WORTH_WORK))


def _chips() -> list[tuple[str, str]]:
    """(words, address without it) of what narrows the list."""
    found = []
    channels = [_(CHANNELS[one].label) for one in request.args.getlist("channel") if one in CHANNELS]
    if channels:
        found.append((formatting.listed(channels), lists.narrowed(channel="")))
    days = request.args.get("days", "today")
    if days != "all":
        found.append((_("最近 7 天") if days == "week" else _("今天"), lists.narrowed(days="all")))
    if text := lists.text():
        found.append((f"「{text}」", lists.narrowed(q="")))
    if request.args.get("restored"):
        found.append((_("从备份恢复后停着"), lists.narrowed(restored="")))
    for name, word in (("guide", "一位导购"), ("campaign", "一个活动"), ("group", "一个群")):
        if lists.number(name):
            found.append((_(word), lists.narrowed(**{name: ""})))
    return found


def _notice() -> tuple[str, str]:
    """(words, tone) after a decision."""
    said = {
        "delivered": _("已记为送达，写上了你的名字。"),
        "failed": _("已记为没送达。需要的话可以再发。"),
        "again": _("已排到最前，马上再发。"),
        "release": _("已放行，马上发。"),
        "cancel": _("已撤下，没有发。"),
        "released": _("已放行，按原来的先后发。"),
        "dropped": _("都撤下了，没有发。"),
    }
    done = request.args.get("done", "")
    if done == "none":
        return _("没有等放行的投递。"), "warn"
    return said.get(done, ""), "ok"


def moment_of(at: datetime, since: datetime) -> str:
    """To the millisecond today, with the day before that."""
    return formatting.clock_millis(at) if at >= since else formatting.moment(at)
