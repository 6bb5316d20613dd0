"""好友: who came, who serves them and why, what they got, and who went."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, func, select

from models import stats
from models.friends import FRIEND, HALF, LOST, WELCOME_SECONDS, Customer, Friend
from models.org import Guide, Store
from models.outbox import SENT, Outbox
from pages import gates, paging
from pages.friend_story import story_of
from pages.language import _
from pages.site import site

blueprint = Blueprint("friends", __name__, url_prefix="/console/friends")
PER_PAGE = 40
STATES = (FRIEND, HALF, LOST)
NOBODYS = "nobody"
DAYS = {"today": 0, "week": 6, "month": 29}
DAY_WORDS = {"today": "今天加的", "week": "最近 7 天加的", "month": "最近 30 天加的"}
RING = 289.03
"""The length round a ring of radius 46"""


@dataclass(frozen=True)
class Line:
    """One friendship in the list."""

    friend: Friend
    name: str
    guide: str
    owner: str
    store: str


@dataclass(frozen=True)
class Welcome:
    """The welcome's card: how long it took of the 20 seconds, and its words."""

    row: Outbox
    seconds: float | None
    text: str

    @property
    def arc(self) -> float:
        share = min(1.0, (self.seconds or 0) / WELCOME_SECONDS)
        return max(RING * share, 5.0) if self.seconds is not None else 0.0


@blueprint.get("")
@gates.staff
def all_friends() -> ResponseReturnValue:
    here, now = gates.now_in_reach()
    wanted = request.args.get("state", "")
    with site().db.read() as session:
        narrow = [here.friends(), *_narrowed(now)]
        counts = dict(session.exec(_counting(narrow)).all())
        nobodys = _count(session, [*narrow, *_state(NOBODYS)])
        shown = [*narrow, *_state(wanted)]
        page = paging.page(_count(session, shown), PER_PAGE)
        lines = _lines(session, shown, page)
        chips = _chips(session)
    return render_template(
        "console/friends.html",
        lines=lines,
        page=page,
        items=_items(counts, nobodys, wanted),
        chips_=chips,
        total=sum(counts.values()),
        day_words=DAY_WORDS,
    )


@blueprint.get("/<int:friend_id>")
@gates.staff
def detail(friend_id: int) -> ResponseReturnValue:
    with site().db.read() as session:
        friend = gates.friend(session, friend_id)
        customer = session.get_one(Customer, friend.customer_id)
        owner = session.get_one(Guide, friend.owner_id)
        guide = session.get(Guide, friend.guide_id) if friend.guide_id else None
        store = session.get(Store, friend.store_id) if friend.store_id else None
        others = [line for line in _lines(session, [here_too(friend)], None) if line.friend.id != friend.id]
        welcome = _welcome(session.get(Outbox, friend.welcome_id) if friend.welcome_id else None)
        story = story_of(session, friend, customer, owner)
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
        may_see=_may_see(guide),
    )


def here_too(friend: Friend) -> ColumnElement[bool]:
    """Other friendships of the same customer, as far as the viewer may see them."""
    return (col(Friend.customer_id) == friend.customer_id) & gates.reach().friends()


def _may_see(guide: Guide | None) -> bool:
    if guide is None:
        return False
    with site().db.read() as session:
        return session.exec(select(Guide.id).where(Guide.id == guide.id, gates.reach().guides())).first() is not None


def _welcome(row: Outbox | None) -> Welcome | None:
    """Seconds count from the callback's arrival, as the platform counts."""
    if row is None:
        return None
    arrived = row.deadline - timedelta(seconds=WELCOME_SECONDS) if row.deadline else row.created_at
    taken = (row.done_at - arrived).total_seconds() if row.done_at and row.status == SENT else None
    return Welcome(row, max(0.0, taken) if taken is not None else None, str(row.payload.get("text") or ""))


def _lines(session: Session, shown: list[ColumnElement[bool]], page: paging.Page | None) -> list[Line]:
    query = (
        select(Friend, Customer.name)
        .join(Customer, col(Customer.id) == Friend.customer_id)
        .where(*shown)
        .order_by(col(Friend.added_at).desc(), col(Friend.id).desc())
        .limit(PER_PAGE)
    )
    found = list(session.exec(query.offset(page.offset) if page else query))
    people = {friend.owner_id for friend, _name in found} | {friend.guide_id for friend, _name in found}
    guides = dict(session.exec(select(Guide.id, Guide.name).where(col(Guide.id).in_(people - {None}))).all())
    shops = {friend.store_id for friend, _name in found} - {None}
    stores = dict(session.exec(select(Store.id, Store.name).where(col(Store.id).in_(shops))).all())
    return [
        Line(
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
    if text := _text("q"):
        customers = select(Customer.id).where(col(Customer.name).contains(text, autoescape=True))
        found.append(col(Friend.customer_id).in_(customers))
    if text := _text("at"):
        guides = select(Guide.id).where(col(Guide.name).contains(text, autoescape=True))
        stores = select(Store.id).where(col(Store.name).contains(text, autoescape=True))
        found.append(or_(col(Friend.guide_id).in_(guides), col(Friend.owner_id).in_(guides), col(Friend.store_id).in_(stores)))
    if store := request.args.get("store", 0, type=int):
        found.append(col(Friend.store_id) == store)
    if guide := request.args.get("guide", 0, type=int):
        found.append(or_(col(Friend.guide_id) == guide, col(Friend.owner_id) == guide))
    if (back := DAYS.get(request.args.get("added", ""))) is not None:
        found.append(col(Friend.added_at) >= stats.day_start(now, site().zone) - timedelta(days=back))
    return found


def _text(name: str) -> str:
    return request.args.get(name, "").strip()[:64]


def _state(wanted: str) -> list[ColumnElement[bool]]:
    if wanted == NOBODYS:
        return [col(Friend.guide_id).is_(None), col(Friend.status) != LOST]
    return [col(Friend.status) == wanted] if wanted in STATES else []


def _counting(narrow: list[ColumnElement[bool]]) -> Any:
    return select(Friend.status, func.count()).where(*narrow).group_by(Friend.status)


def _count(session: Session, conditions: list[ColumnElement[bool]]) -> int:
    return session.exec(select(func.count()).select_from(Friend).where(*conditions)).one()


def _items(counts: dict[str, int], nobodys: int, wanted: str) -> list[tuple[Any, ...]]:
    items: list[tuple[Any, ...]] = [
        (_("全部"), sum(counts.values()), paging.with_query(state="", page=""), wanted not in (*STATES, NOBODYS))
    ]
    items += [
        ("", counts.get(state, 0), paging.with_query(state=state, page=""), wanted == state, "friend", state)
        for state in STATES
        if counts.get(state) or state == FRIEND or wanted == state
    ]
    if nobodys or wanted == NOBODYS:
        items.append((_("等总部指定导购"), nobodys, paging.with_query(state=NOBODYS, page=""), wanted == NOBODYS))
    return items


def _chips(session: Session) -> list[tuple[str, str]]:
    """(words, address without it) of what narrows the list."""
    found = []
    for name in ("q", "at"):
        if text := _text(name):
            found.append((f"「{text}」", paging.with_query(**{name: "", "page": ""})))
    if guide := request.args.get("guide", 0, type=int):
        found.append((gates.guide(session, guide).name, paging.with_query(guide="", page="")))
    if store := request.args.get("store", 0, type=int):
        found.append((gates.store(session, store).name, paging.with_query(store="", page="")))
    if (added := request.args.get("added", "")) in DAYS:
        found.append((_(DAY_WORDS[added]), paging.with_query(added="", page="")))
    return found
