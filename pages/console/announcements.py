"""公告: one text at one time into many groups; what the platform cannot do is said before it is tried."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from models.campaigns import announcements
from models.campaigns.announcements import CANCELLED, LAUNCHED, OWNER, SCHEDULED, WAITING, Announcement
from models.errors import Refused
from models.groups import ACTIVE, CUSTOMER, INTERNAL, Group
from models.org import ACTIVE as PRESENT
from models.org import Branch, Guide
from pages.console.groups import KINDS, with_robot
from pages.web import access, form_once, formatting, input_limits, lists
from pages.web.i18n import _
from pages.web.labels import Label
from pages.web.site import site
from wecom.limits import CHANNELS, measure, violations

blueprint = Blueprint("announcements", __name__, url_prefix="/console/announcements")
PER_PAGE = 30
LONGEST_TITLE = 40
STATES = (SCHEDULED, WAITING, LAUNCHED, CANCELLED)
VERBS = {"cancel": announcements.cancel, "resume": announcements.resume}
ROBOT_BYTES = next(limit.most for limit in CHANNELS["robot_text"].limits if limit.field == "text")
OWNER_BYTES = next(limit.most for limit in CHANNELS["group_mass"].limits if limit.field == "text")


@dataclass(frozen=True)
class Wish:
    """What the form asks for."""

    title: str
    text: str
    kinds: tuple[str, ...]
    branches: tuple[int, ...]
    only: int
    at: str

    def launch_at(self, now: datetime) -> datetime | None:
        """In the shop's own time; now when left empty, None when it is no time."""
        if not self.at:
            return now
        try:
            return datetime.fromisoformat(self.at).replace(tzinfo=site().zone)
        except ValueError:
            return None


@dataclass(frozen=True)
class Count:
    """Whom it would reach, and whom it cannot."""

    groups: tuple[int, ...]
    by_robot: int
    by_owner: int
    owners: int
    silent: int
    ownerless: int


@blueprint.get("")
@access.staff
def all_announcements() -> ResponseReturnValue:
    wanted, mine = request.args.get("state", ""), access.scope().announcements()
    with site().db.read() as session:
        counts = lists.counts(session, Announcement.status, mine)
        shown = [mine, *([col(Announcement.status) == wanted] if wanted in STATES else [])]
        page = lists.page(counts.get(wanted, 0) if wanted in STATES else sum(counts.values()), PER_PAGE)
        newest = select(Announcement).where(*shown).order_by(col(Announcement.launch_at).desc())
        rows = list(session.exec(newest.limit(PER_PAGE).offset(page.offset)))
    items = lists.filters("announcement", counts, STATES, offered=())
    return render_template("console/announcements.html", rows=rows, page=page, items=items, here="groups")


@blueprint.get("/new")
@access.hq_only
def new() -> ResponseReturnValue:
    with site().db.read() as session:
        only = access.group(session, lists.number("group")) if request.args.get("group") else None
    kinds = (only.kind,) if only else (INTERNAL,)
    return _form(Wish("", "", kinds, (), only.id or 0 if only else 0, ""), {})


@blueprint.post("/new")
@access.hq_only
def schedule() -> ResponseReturnValue:
    """Checked against the platform's limits now, not when it leaves."""
    wish, now, who = _wish(), site().clock(), access.viewer()
    with site().db.read() as session:
        count = count_of(session, wish)
    faults = _faults(wish, count, now)
    if faults:
        return _form(wish, faults), 422
    try:
        with site().db.write() as session:
            made = form_once.made(
                session,
                "announcement",
                lambda: (
                    announcements.plan(
                        session,
                        title=wish.title,
                        text=wish.text,
                        groups=count.groups,
                        who=who.name,
                        created_by=who.id,
                        launch_at=wish.launch_at(now) or now,
                        now=now,
                    ).id
                ),
            )
    except Refused as refused:
        return _form(wish, {"groups": refused.words}), 422
    return redirect(url_for("announcements.detail", announcement_id=made, done="planned"), 303)


@blueprint.post("/new/count")
@access.hq_only
def count_live() -> ResponseReturnValue:
    """How long the text is and whom it would reach, while it is being written; nothing is kept."""
    wish = _wish()
    with site().db.read() as session:
        count = count_of(session, wish)
    return render_template(
        "console/announcement_count.html",
        count=count,
        wish=wish,
        size=measure(wish.text, "bytes"),
        most=_most(count),
    )


@blueprint.get("/<int:announcement_id>")
@access.staff
def detail(announcement_id: int) -> ResponseReturnValue:
    return _page(announcement_id)


@blueprint.get("/<int:announcement_id>/stop")
@access.hq_only
def ask_stop(announcement_id: int) -> ResponseReturnValue:
    with site().db.read() as session:
        found = access.announcement(session, announcement_id)
        gone = sum(
            one.state == "sent" or one.state == "waiting" for one in announcements.states(session, found)
        )
    if found.status == CANCELLED:
        return redirect(url_for("announcements.detail", announcement_id=announcement_id))
    return render_template(
        "console/announcement_stop.html", it=found, gone=gone, left=len(found.groups) - gone, here="groups"
    )


@blueprint.post("/<int:announcement_id>/<verb>")
@access.hq_only
def act(announcement_id: int, verb: str) -> ResponseReturnValue:
    if verb not in VERBS:
        abort(404)
    who, now = access.viewer().name, site().clock()
    try:
        with site().db.write() as session:
            VERBS[verb](session, access.announcement(session, announcement_id), who, now)
    except Refused as refused:
        return _page(announcement_id, refused.words), 409
    return redirect(url_for("announcements.detail", announcement_id=announcement_id, done=verb), 303)


def _page(announcement_id: int, refused: str = "") -> str:
    with site().db.read() as session:
        found = access.announcement(session, announcement_id)
        mine = set(session.exec(select(Group.id).where(access.scope().groups())))
        states = [one for one in announcements.states(session, found) if one.group.id in mine]
        owners = lists.names(session, Guide, [one.group.owner_id for one in states])
    done = {
        "planned": _("排好了，到时间自己发。"),
        "cancel": found.status_words,
        "resume": _("现在补发。"),
    }.get(request.args.get("done", ""), "")
    return render_template(
        "console/announcement.html",
        it=found,
        states=states,
        owners=owners,
        kinds=KINDS,
        OWNER=OWNER,
        state_words=state_words,
        notice_=refused or done,
        tone="warn" if refused else "ok",
        done=sum(one.state == "sent" for one in states),
        here="groups",
    )


def state_words(state: str) -> Label:
    """A group's state in the ledger's language; `waiting` waits for the owner's tap."""
    return (
        Label("waiting", "等群主点一下", "quiet")
        if state == "waiting"
        else formatting.state_of("outbox", state)
    )


def _wish() -> Wish:
    form = request.form
    branches = tuple(input_limits.number(one) for one in form.getlist("branch") if one.isdecimal())
    kinds = tuple(kind for kind in KINDS if kind in form.getlist("kind"))
    text = form.get("text", "").replace("\r\n", "\n").strip()
    title, at = form.get("title", "").strip(), form.get("at", "").strip()
    return Wish(title, text, kinds, branches, form.get("group", 0, type=input_limits.number), at)


def count_of(session: Session, wish: Wish) -> Count:
    """The groups that the wish names, by how they can be reached."""
    chosen = [*_chosen(wish), col(Group.status) == ACTIVE]
    robot = set(session.exec(select(Group.id).where(*chosen, Group.kind == INTERNAL, with_robot())))
    internal = set(session.exec(select(Group.id).where(*chosen, Group.kind == INTERNAL)))
    present = select(Guide.id).where(Guide.status == PRESENT)
    customer = list(
        session.exec(
            select(Group.id, Group.owner_id, col(Group.owner_id).in_(present)).where(
                *chosen, Group.kind == CUSTOMER
            )
        )
    )
    owned = [(group, owner) for group, owner, there in customer if owner and there]
    everyone = sorted(one for one in internal | {group for group, _owner, _there in customer} if one)
    owners = len({owner for _group, owner in owned})
    return Count(
        tuple(everyone), len(robot), len(owned), owners, len(internal - robot), len(customer) - len(owned)
    )


def _chosen(wish: Wish) -> list[ColumnElement[bool]]:
    if wish.only:
        return [col(Group.id) == wish.only]
    found: list[ColumnElement[bool]] = [col(Group.kind).in_(wish.kinds)]
    return [*found, col(Group.branch_id).in_(wish.branches)] if wish.branches else found


def _most(count: Count) -> int:
    """Robots take less than owners do."""
    return ROBOT_BYTES if count.by_robot or count.silent or not count.by_owner else OWNER_BYTES


def _faults(wish: Wish, count: Count, now: datetime) -> dict[str, str]:
    found: dict[str, str] = {}
    if not 1 <= len(wish.title) <= LONGEST_TITLE:
        found["title"] = _("标题要 1 到 {n} 个字，现在 {m} 个", n=LONGEST_TITLE, m=len(wish.title))
    by_robot = _most(count) == ROBOT_BYTES
    fields = {"text": wish.text} if by_robot else {"text": wish.text, "sender": "x"}
    if wrong := violations("robot_text" if by_robot else "group_mass", fields):
        found["text"] = wrong[0].words
    if not count.groups:
        found["groups"] = _("这样选，一个群也没有。请选群的种类，或换一个分公司")
    elif not count.by_robot and not count.by_owner:
        found["groups"] = _(
            "选中的 {n} 个群都发不了：内部群里没有机器人，客户群没有在职的群主", n=len(count.groups)
        )
    at = wish.launch_at(now)
    if at is None:
        found["at"] = _("看不懂这个时间，请用日历选")
    elif wish.at and (now - at).total_seconds() > 60:
        found["at"] = _("这个时间已经过去，请选以后的，或者空着表示马上发")
    return found


def _form(wish: Wish, faults: dict[str, str]) -> str:
    with site().db.read() as session:
        count = count_of(session, wish)
        with_groups = (
            select(Branch).where(col(Branch.id).in_(select(Group.branch_id))).order_by(col(Branch.id))
        )
        branches = list(session.exec(with_groups))
        only = session.get(Group, wish.only) if wish.only else None
    return render_template(
        "console/announcement_new.html",
        wish=wish,
        faults=faults,
        count=count,
        branches=branches,
        only=only,
        kinds=KINDS,
        size=measure(wish.text, "bytes"),
        most=_most(count),
        LONGEST_TITLE=LONGEST_TITLE,
        here="groups",
        once=form_once.mark(),
    )
