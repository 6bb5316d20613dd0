"""公告: one text at one time into many groups; what the platform cannot do is said before it is tried."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement
from sqlmodel import col, select

from models.campaigns import announcements
from models.campaigns.announcement_progress import progress_by_id, progress_of
from models.campaigns.announcement_rules import LONGEST_TITLE, complaints, reach_of
from models.campaigns.announcements import Announcement, AnnouncementStatus, OwnerTap
from models.db import count_by
from models.errors import Refused
from models.groups import Group, GroupKind
from models.ledger.outbox import OutboxStatus
from models.org import Branch, Guide
from pages.web import access, form_once, input_limits, lists
from pages.web.i18n import _
from pages.web.polling import still_fresh
from pages.web.site import site
from wecom.limits import measure

blueprint = Blueprint("announcements", __name__, url_prefix="/console/announcements")
PER_PAGE = 30
STATES = tuple(AnnouncementStatus)
VERBS = {"cancel": announcements.cancel, "resume": announcements.resume}


@dataclass(frozen=True)
class Wish:
    """What the form asks for."""

    title: str
    text: str
    kinds: tuple[GroupKind, ...]
    to: str
    """all, or some: the chosen branches"""
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


@blueprint.get("")
@access.staff
def all_announcements() -> ResponseReturnValue:
    wanted, mine = request.args.get("state", ""), access.scope().announcements()
    with site().db.read() as session:
        counts = count_by(session, Announcement.status, mine)
        shown = [mine, *([col(Announcement.status) == wanted] if wanted in STATES else [])]
        newest = select(Announcement).where(*shown).order_by(col(Announcement.launch_at).desc())
        items = lists.filters(counts, STATES, offered=())
        found = lists.list_page(items, lambda page: session.exec(page.cut(newest)).all(), PER_PAGE)
        progress = progress_by_id(session, found.rows)
    return render_template("console/announcements.html", listing=found, progress=progress, here="groups")


@blueprint.get("/new")
@access.hq_only
def new() -> ResponseReturnValue:
    with site().db.read() as session:
        only = access.group(session, lists.number("group")) if request.args.get("group") else None
    kinds = (only.kind,) if only else (GroupKind.INTERNAL,)
    return _form(Wish("", "", kinds, "some", (), only.id or 0 if only else 0, ""), {})


@blueprint.post("/new")
@access.hq_only
def schedule() -> ResponseReturnValue:
    """Checked against the platform's limits now, not when it leaves."""
    wish, now, who = _wish(), site().clock(), access.viewer()
    with site().db.read() as session:
        count = reach_of(session, *_chosen(wish))
    if faults := complaints(wish.title, wish.text, count) | _time_faults(wish, now):
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
        return _form(wish, refused.faults or {"groups": refused.words}), 422
    return redirect(url_for("announcements.detail", announcement_id=made, done="planned"), 303)


@blueprint.post("/new/count")
@access.hq_only
def count_live() -> ResponseReturnValue:
    """How long the text is and whom it would reach, while it is being written; nothing is kept."""
    wish = _wish()
    with site().db.read() as session:
        count = reach_of(session, *_chosen(wish))
    return render_template(
        "console/announcement_live.html",
        wish=wish,
        at=wish.launch_at(site().clock()),
        count=count,
        size=measure(wish.text, "bytes"),
        most=count.most,
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
            one.state in (OutboxStatus.SENT, OwnerTap.WAITING) for one in announcements.states(session, found)
        )
    if found.status == AnnouncementStatus.CANCELLED:
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
        return _page(announcement_id, _(refused.words)), 409
    return redirect(url_for("announcements.detail", announcement_id=announcement_id, done=verb), 303)


def _page(announcement_id: int, refused: str = "") -> str:
    shown = _shown(announcement_id)
    found = shown["it"]
    waiting = found.status == AnnouncementStatus.SCHEDULED and found.launch_at > site().clock()
    done = {
        "planned": _("已排定，到时间自己发。") if waiting else _("正在发。"),
        "cancel": found.status_words,
        "resume": _("正在补发。"),
    }.get(request.args.get("done", ""), "")
    return render_template(
        "console/announcement.html",
        notice_=refused or done,
        tone="warn" if refused else "ok",
        **shown,
    )


@blueprint.get("/<int:announcement_id>/live")
@access.staff
def live(announcement_id: int) -> ResponseReturnValue:
    return still_fresh(render_template("console/announcement_progress.html", **_shown(announcement_id)))


def _shown(announcement_id: int) -> dict[str, Any]:
    """What moves on the page of an announcement: how far each group in the viewer's reach is."""
    with site().db.read() as session:
        found = access.announcement(session, announcement_id)
        hers = select(Group.id).where(col(Group.id).in_(found.groups), access.scope().groups())
        mine = set(session.exec(hers))
        states = [one for one in announcements.states(session, found) if one.group.id in mine]
        owners = lists.names(session, Guide, [one.group.owner_id for one in states])
    progress = progress_of(Counter(one.state for one in states))
    begun = found.status == AnnouncementStatus.LAUNCHED and states
    return {
        "it": found,
        "states": states,
        "owners": owners,
        "progress": progress,
        "standing": progress.standing if begun else found.status,
        "moving": found.status == AnnouncementStatus.SCHEDULED or (begun and progress.going),
    }


def _wish() -> Wish:
    form = request.form
    branches = tuple(input_limits.number(one) for one in form.getlist("branch") if one.isdecimal())
    kinds = tuple(kind for kind in GroupKind if kind in form.getlist("kind"))
    text = form.get("text", "").replace("\r\n", "\n").strip()
    title, at = form.get("title", "").strip(), form.get("at", "").strip()
    return Wish(
        title, text, kinds, form.get("to", ""), branches, form.get("group", 0, type=input_limits.number), at
    )


def _chosen(wish: Wish) -> list[ColumnElement[bool]]:
    if wish.only:
        return [col(Group.id) == wish.only]
    found: list[ColumnElement[bool]] = [col(Group.kind).in_(wish.kinds)]
    return found if wish.to == "all" else [*found, col(Group.branch_id).in_(wish.branches)]


def _time_faults(wish: Wish, now: datetime) -> dict[str, str]:
    at = wish.launch_at(now)
    if at is None:
        return {"at": _("看不懂这个时间，请用日历选")}
    if wish.at and (now - at).total_seconds() > 60:
        return {"at": _("这个时间已经过去，请选以后的，或者空着表示马上发")}
    return {}


def _form(wish: Wish, faults: dict[str, str]) -> str:
    with site().db.read() as session:
        count = reach_of(session, *_chosen(wish))
        with_groups = (
            select(Branch).where(col(Branch.id).in_(select(Group.branch_id))).order_by(col(Branch.id))
        )
        branches = list(session.exec(with_groups))
        only = session.get(Group, wish.only) if wish.only else None
    return render_template(
        "console/announcement_new.html",
        wish=wish,
        at=wish.launch_at(site().clock()),
        faults=faults,
        count=count,
        branches=branches,
        only=only,
        size=measure(wish.text, "bytes"),
        most=count.most,
        LONGEST_TITLE=LONGEST_TITLE,
        here="groups",
        once=form_once.mark(),
    )
