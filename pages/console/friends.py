"""好友: who came, who serves them and why, what they got, and who went."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, case, or_
from sqlmodel import Session, col, select

from models import stats
from models.db import count, count_by
from models.errors import Refused
from models.friends import Customer, Friend, FriendStatus, attribution, unclaimed
from models.friends.welcome import WELCOME_SECONDS, welcome_seconds
from models.ledger.outbox import Outbox
from models.org import Guide, GuideStatus, Store
from pages.console.friend_timeline import story_of
from pages.web import access, input_limits, lists
from pages.web.i18n import _
from pages.web.site import site

blueprint = Blueprint("friends", __name__, url_prefix="/console/friends")
STATES = tuple(FriendStatus)
NOBODYS = "nobody"
DAYS = {"today": 0, "week": 6, "month": 29}
DAY_WORDS = {"today": "今天加的", "week": "最近 7 天加的", "month": "最近 30 天加的"}
MOST_TAKERS = 200
RING = 289.03
"""The length round a ring of radius 46"""


@dataclass(frozen=True)
class FriendLine:
    """One friendship in the list."""

    friend: Friend
    name: str
    guide: str
    owner: str
    store: str


@dataclass(frozen=True)
class WelcomeCard:
    """The welcome's card: how long it took of the 20 seconds, and its words."""

    row: Outbox
    seconds: float | None
    text: str

    @property
    def arc(self) -> float:
        share = min(1.0, (self.seconds or 0) / WELCOME_SECONDS)
        return max(RING * share, 5.0) if self.seconds is not None else 0.0


@blueprint.get("")
@access.staff
def all_friends() -> ResponseReturnValue:
    here, now = access.now_in_scope()
    wanted = request.args.get("state", "")
    with site().db.read() as session:
        narrow = [here.friends(), *_narrowed(now)]
        counts = count_by(session, Friend.status, *narrow)
        nobodys = count(session, Friend, *narrow, *_state(NOBODYS))
        shown = [*narrow, *_state(wanted)]
        nobody = (_("待领"), NOBODYS, nobodys)
        items = lists.filters(counts, STATES, offered=[FriendStatus.FRIEND], also=[nobody])
        found = lists.list_page(items, lambda page: _lines(session, shown, page))
        chips = _chips(session)
    return render_template(
        "console/friends.html",
        listing=found,
        chips_=chips,
        total=sum(counts.values()),
        day_words=DAY_WORDS,
    )


@blueprint.get("/<int:friend_id>")
@access.staff
def detail(friend_id: int) -> ResponseReturnValue:
    said = {"claimed": _("已交给她服务。"), "moved": _("换好了。以前的业绩没有变。")}
    return _page(friend_id, (said.get(request.args.get("done", ""), ""), "ok"))


@blueprint.post("/<int:friend_id>/claim")
@access.staff
def claim(friend_id: int) -> ResponseReturnValue:
    """Give a friend who waits to a guide whom the viewer may see."""
    guide_id = input_limits.number(request.form.get("guide", ""))
    try:
        with site().db.write() as session:
            friend, guide = access.friend(session, friend_id), access.guide(session, guide_id)
            unclaimed.give(session, friend.id or 0, guide, access.viewer().name, site().clock())
    except Refused as refused:
        return _page(friend_id, (_(refused.words), "bad")), 409
    return redirect(url_for("friends.detail", friend_id=friend_id, done="claimed"), 303)


@blueprint.post("/<int:friend_id>/move")
@access.staff
def move(friend_id: int) -> ResponseReturnValue:
    """Let another guide serve her, of those whom the viewer may see, with a reason."""
    guide_id, why = input_limits.number(request.form.get("guide", "")), request.form.get("why", "")
    try:
        with site().db.write() as session:
            friend, guide = access.friend(session, friend_id), access.guide(session, guide_id)
            attribution.move(session, friend.id or 0, guide, why, access.viewer().name, site().clock())
    except Refused as refused:
        words = next(iter(refused.faults.values()), refused.words)
        return _page(friend_id, (_(words), "bad"), typed={"guide": guide_id, "why": why}), 409
    return redirect(url_for("friends.detail", friend_id=friend_id, done="moved"), 303)


def _page(friend_id: int, notice: tuple[str, str], typed: Mapping[str, object] | None = None) -> str:
    with site().db.read() as session:
        friend = access.friend(session, friend_id)
        customer = session.get_one(Customer, friend.customer_id)
        owner = session.get_one(Guide, friend.owner_id)
        guide = session.get(Guide, friend.guide_id) if friend.guide_id else None
        store = session.get(Store, friend.store_id) if friend.store_id else None
        others = [line for line in _lines(session, [here_too(friend)], None) if line.friend.id != friend.id]
        welcome = _welcome(session.get(Outbox, friend.welcome_id) if friend.welcome_id else None)
        story = story_of(session, friend, customer, owner)
        may_see = _may_see(session, guide)
        takers = _takers(session, friend) if friend.status != FriendStatus.LOST else []
    return render_template(
        "console/friend.html",
        friend=friend,
        customer=customer,
        owner=owner,
        guide=guide,
        store=store,
        others=others,
        welcome=welcome,
        story=story,
        steps=friend.steps,
        ring=RING,
        may_see=may_see,
        takers=takers,
        moving=guide is not None and len(takers) > 0 and (typed is not None or "move" in request.args),
        typed=typed or {},
        longest=attribution.LONGEST_WHY,
        notice_=notice,
    )


def _takers(session: Session, friend: Friend) -> list[Guide]:
    """Who may take her, of those whom the viewer sees: the people of her store first, then those of the branch."""
    near = (
        select(Store.id).where(Store.branch_id == friend.branch_id) if friend.branch_id else select(Store.id)
    )
    present = select(Guide).where(
        Guide.status == GuideStatus.ACTIVE,
        col(Guide.store_id).in_(near),
        col(Guide.id).is_distinct_from(friend.guide_id),
        access.scope().guides(),
    )
    hers = case((col(Guide.store_id) == friend.store_id, 0), else_=1)
    return list(session.exec(present.order_by(hers, col(Guide.id)).limit(MOST_TAKERS)))


def here_too(friend: Friend) -> ColumnElement[bool]:
    """Other friendships of the same customer, as far as the viewer may see them."""
    return (col(Friend.customer_id) == friend.customer_id) & access.scope().friends()


def _may_see(session: Session, guide: Guide | None) -> bool:
    return guide is not None and count(session, Guide, Guide.id == guide.id, access.scope().guides()) == 1


def _welcome(row: Outbox | None) -> WelcomeCard | None:
    if row is None:
        return None
    return WelcomeCard(row, welcome_seconds(row), str(row.payload.get("text") or ""))


def _lines(session: Session, shown: list[ColumnElement[bool]], page: lists.Page | None) -> list[FriendLine]:
    query = (
        select(Friend, Customer.name)
        .join(Customer, col(Customer.id) == Friend.customer_id)
        .where(*shown)
        .order_by(col(Friend.added_at).desc(), col(Friend.id).desc())
    )
    found = list(session.exec(page.cut(query) if page else query.limit(lists.PER_PAGE)))
    guides = lists.names(
        session, Guide, [one for friend, _name in found for one in (friend.owner_id, friend.guide_id)]
    )
    stores = lists.names(session, Store, [friend.store_id for friend, _name in found])
    return [
        FriendLine(
            friend,
            name or _("还没读到名字"),
            guides.get(friend.guide_id, ""),
            guides.get(friend.owner_id, ""),
            stores.get(friend.store_id, ""),
        )
        for friend, name in found
    ]


def _narrowed(now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if text := lists.text():
        customers = select(Customer.id).where(col(Customer.name).contains(text, autoescape=True))
        found.append(col(Friend.customer_id).in_(customers))
    if text := lists.text("at"):
        guides = select(Guide.id).where(col(Guide.name).contains(text, autoescape=True))
        stores = select(Store.id).where(col(Store.name).contains(text, autoescape=True))
        found.append(
            or_(
                col(Friend.guide_id).in_(guides),
                col(Friend.owner_id).in_(guides),
                col(Friend.store_id).in_(stores),
            )
        )
    if store := lists.number("store"):
        found.append(col(Friend.store_id) == store)
    if guide := lists.number("guide"):
        found.append(col(Friend.guide_id) == guide)
    if owner := lists.number("owner"):
        found.append(col(Friend.owner_id) == owner)
    if (back := DAYS.get(request.args.get("added", ""))) is not None:
        found.append(col(Friend.added_at) >= stats.day_start(now, site().zone) - timedelta(days=back))
    return found


def _state(wanted: str) -> list[ColumnElement[bool]]:
    if wanted == NOBODYS:
        return [col(Friend.guide_id).is_(None), col(Friend.status) != FriendStatus.LOST]
    named = lists.chosen(STATES)
    return [col(Friend.status).in_(named)] if named else []


def _chips(session: Session) -> list[tuple[str, str]]:
    """(words, address without it) of what narrows the list."""
    found = []
    for name in ("q", "at"):
        if text := lists.text(name):
            found.append((f"「{text}」", lists.narrowed(**{name: ""})))
    if guide := lists.number("guide"):
        found.append((_("归{name}服务", name=access.guide(session, guide).name), lists.narrowed(guide="")))
    if owner := lists.number("owner"):
        found.append(
            (_("在{guide}的账号里", guide=access.guide(session, owner).name), lists.narrowed(owner=""))
        )
    if store := lists.number("store"):
        found.append((access.store(session, store).name, lists.narrowed(store="")))
    if (added := request.args.get("added", "")) in DAYS:
        found.append((_(DAY_WORDS[added]), lists.narrowed(added="")))
    return found
