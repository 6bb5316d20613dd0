"""群与机器人: internal groups with their robots, customer groups with their owners, and what can be said in which."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from models import groups
from models.campaigns.announcements import Announcement, AnnouncementGroup
from models.db import count, count_by
from models.errors import Refused
from models.groups import Group, GroupKind, GroupStatus, Voice, robots
from models.groups.robots import Robot
from models.ledger.outbox import Outbox
from models.org import Branch, Guide, Store, named
from models.sentences import Sentence
from pages.web import access, input_limits, lists
from pages.web.i18n import _
from pages.web.labels import WORDS
from pages.web.polling import still_fresh
from pages.web.scope import Scope
from pages.web.site import site

blueprint = Blueprint("groups", __name__, url_prefix="/console/groups")
RECENT = 10
SILENT, DEAD = Voice.SILENT.value, Voice.DEAD.value
RARE = {DEAD: "机器人已失效", SILENT: "没有机器人的内部群", GroupStatus.DISMISSED: "已解散"}
"""Filters that appear with their first group"""


@dataclass(frozen=True)
class GroupLine:
    """One group with its owner, its place and its robot."""

    group: Group
    owner: Guide | None
    place: str
    robot: Robot | None

    @property
    def voice(self) -> Voice:
        return robots.voice(self.group, self.robot, self.owner)


@blueprint.get("")
@access.staff
def all_groups() -> ResponseReturnValue:
    here, wanted = access.scope(), request.args.get("kind", "")
    narrow = [here.groups(), *_narrowed()]
    with site().db.read() as session:
        counts = count_by(session, Group.kind, *narrow, Group.status == GroupStatus.ACTIVE)
        counts |= {kind: count(session, Group, *narrow, *_shown(kind)) for kind in RARE}
        shown = [*narrow, *_shown(wanted)]
        found = lists.list_page(_items(counts, wanted), lambda page: lines(session, shown, page))
    return render_template("console/groups.html", listing=found, commands=site().commands)


def _items(counts: dict[str, int], wanted: str) -> list[lists.Filter]:
    whole = sum(counts.get(kind, 0) for kind in tuple(GroupKind))
    items: list[lists.Filter] = [
        (_("全部"), whole, lists.narrowed(kind=""), wanted not in (*GroupKind, *RARE))
    ]
    return items + [
        (_(word), counts.get(kind, 0), lists.narrowed(kind=kind), wanted == kind)
        for kind, word in (WORDS[GroupKind] | RARE).items()
        if kind in tuple(GroupKind) or counts[kind]
    ]


@blueprint.get("/new")
@access.offices
def new() -> ResponseReturnValue:
    return _form({}, {})


@blueprint.post("/new")
@access.offices
def add() -> ResponseReturnValue:
    """An internal group is known to us through the robot that somebody put into it: both are added together."""
    form, now, who = request.form, site().clock(), access.viewer().name
    try:
        with site().db.write() as session:
            made = groups.add_internal(
                session,
                form.get("name", ""),
                who,
                now,
                store=_store_named(session, form.get("store", ""), access.scope()),
                members=form.get("members", 0, type=input_limits.number),
            )
            _give_robot(session, made, who, now)
    except Refused as refused:
        return _form(form.to_dict(), refused.faults or {"webhook": refused.words}), 422
    return redirect(url_for("groups.detail", group_id=made.id, done="added"), 303)


def _give_robot(session: Session, group: Group, who: str, now: datetime) -> None:
    name, key = request.form.get("robot", ""), request.form.get("webhook", "")
    robots.add(session, group, name=name, key=key, encryption=site().encryption, who=who, now=now)


@blueprint.get("/<int:group_id>")
@access.staff
def detail(group_id: int) -> ResponseReturnValue:
    return _page(group_id)


@blueprint.get("/<int:group_id>/robots-live")
@access.staff
def robots_live(group_id: int) -> ResponseReturnValue:
    """Its robots, and whether the newest has said its first line."""
    with site().db.read() as session:
        access.group(session, group_id)
        line, known = lines(session, [col(Group.id) == group_id], None)[0], _robots_of(session, group_id)
    return still_fresh(
        render_template("console/group_robots.html", line=line, group=line.group, robots=known, oob=True)
    )


def _robots_of(session: Session, group_id: int) -> list[Robot]:
    return list(session.exec(select(Robot).where(Robot.group_id == group_id).order_by(col(Robot.id).desc())))


@blueprint.post("/<int:group_id>/robots")
@access.offices
def add_robot(group_id: int) -> ResponseReturnValue:
    """Put a webhook robot into an internal group; into a customer group it is refused, with the platform's reason."""
    now = site().clock()
    try:
        with site().db.write() as session:
            _give_robot(session, access.group(session, group_id), access.viewer().name, now)
    except Refused as refused:
        return _page(group_id, refused.words), 422
    return redirect(url_for("groups.detail", group_id=group_id, done="robot"), 303)


@blueprint.post("/<int:group_id>/robots/<int:robot_id>/disable")
@access.offices
def disable(group_id: int, robot_id: int) -> ResponseReturnValue:
    """Take a robot out of use; its messages in the group stay."""
    now, who = site().clock(), access.viewer().name
    with site().db.write() as session:
        access.group(session, group_id)
        robot = session.exec(
            select(Robot).where(Robot.id == robot_id, Robot.group_id == group_id)
        ).one_or_none()
        if robot:
            robots.take_out(session, robot, who, now)
    return redirect(url_for("groups.detail", group_id=group_id, done="disabled"), 303)


def _page(group_id: int, fault: str = "") -> str:
    with site().db.read() as session:
        group = access.group(session, group_id)
        line = lines(session, [col(Group.id) == group_id], None)[0]
        known = _robots_of(session, group_id)
        heard = select(AnnouncementGroup, Announcement).where(AnnouncementGroup.group_id == group_id)
        heard = heard.join(Announcement, col(Announcement.id) == AnnouncementGroup.announcement_id)
        said = list(session.exec(heard.order_by(col(Announcement.launch_at).desc()).limit(RECENT)))
        calls = list(
            session.exec(
                select(Outbox)
                .where(Outbox.group_id == group_id)
                .order_by(col(Outbox.id).desc())
                .limit(RECENT)
            )
        )
    done = {
        "added": _("群记下了。机器人正在群里说一句试话，说成了才算在用。"),
        "robot": _("机器人记下了，正在群里说一句试话，说成了才算在用。密钥已封存，页面上只显示最后四位。"),
        "disabled": _("机器人已停用，不再用它发公告。群里已有的话不变。"),
    }.get(request.args.get("done", ""), "")
    return render_template(
        "console/group.html",
        group=group,
        line=line,
        robots=known,
        said=said,
        calls=calls,
        fault_=fault,
        faults={"webhook": fault} if fault else {},
        form=request.form.to_dict(),
        notice_=done,
    )


def _form(form: dict[str, str], faults: dict[str, str]) -> str:
    return render_template("console/group_new.html", form=form, faults=faults)


def _store_named(session: Session, text: str, here: Scope) -> Store | None:
    """The store by its name or code, within reach; HQ may leave it out."""
    text = text.strip()
    if not text and here.all:
        return None
    found = named(session, Store, text, here.stores())
    if len(found) == 1:
        return found[0]
    fault = Sentence("没有叫「{name}」的门店。请写完整的店名或门店编号", name=text[:40])
    if found:
        fault = Sentence("有不止一个叫「{name}」，请写编号", name=text[:40])
    elif not text:
        fault = Sentence("请写明是哪家门店的群，这样它归你的分公司管")
    raise Refused(faults={"store": fault})


def lines(session: Session, shown: list[Any], page: lists.Page | None) -> list[GroupLine]:
    """Groups with what belongs to them, those of the same branch together."""
    query = select(Group).where(*shown).order_by(col(Group.kind).desc(), col(Group.branch_id), col(Group.id))
    found = list(session.exec(page.cut(query) if page else query))
    known = select(Guide).where(col(Guide.id).in_({group.owner_id for group in found} - {None}))
    owners = {one.id: one for one in session.exec(known)}
    stores = lists.names(session, Store, [group.store_id for group in found])
    branches = lists.names(session, Branch, [group.branch_id for group in found])
    there = select(Robot).where(col(Robot.group_id).in_([group.id for group in found]))
    speaking = robots.shown(session.exec(there))
    return [
        GroupLine(
            group,
            owners.get(group.owner_id),
            stores.get(group.store_id, "") or branches.get(group.branch_id, ""),
            speaking.get(group.id or 0),
        )
        for group in found
    ]


def _shown(wanted: str) -> list[ColumnElement[bool]]:
    if wanted == GroupStatus.DISMISSED:
        return [col(Group.status) == GroupStatus.DISMISSED]
    active = [col(Group.status) == GroupStatus.ACTIVE]
    if wanted == SILENT:
        return [*active, col(Group.kind) == GroupKind.INTERNAL, ~robots.speaks()]
    if wanted == DEAD:
        return [*robots.fallen_silent()]
    return [*active, col(Group.kind) == wanted] if wanted in tuple(GroupKind) else active


def _narrowed() -> list[ColumnElement[bool]]:
    text = lists.text()
    return [col(Group.name).contains(text, autoescape=True)] if text else []
