"""分配规则: the order of rules as draft and as it holds, a dry run beside it, and what has held before."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col, select

from models.accounts import Role
from models.errors import Refused
from models.friends import Friend, dry_run, rule_sets
from models.friends.dry_run import CAUSES, DryRun
from models.friends.rule_sets import DEFAULT, KNOWN, Rule, RulePart, RuleSet, RuleSetStatus
from models.org import Branch
from pages.web import access, formatting, input_limits, spreadsheets
from pages.web.i18n import _
from pages.web.site import site

blueprint = Blueprint("assignment", __name__, url_prefix="/console/friends/rules")
REPLAY, INVENT, FRIEND = "last", "invented", "friend"
NUMBERS = (1_000, 10_000)
"""Scans that can be chosen to try"""
MOST_RULES = 20
MOST_LINES = 20
"""Differences on the page; the CSV has more"""
UP, DOWN, OUT, IN = "up", "down", "out", "in"


@blueprint.get("")
@access.offices
def rules() -> ResponseReturnValue:
    return _page(_place())


@blueprint.post("")
@access.hq_only
def save() -> ResponseReturnValue:
    """The order as it stands in the form, with the one thing that a button changes, becomes the draft."""
    place, order = _place(), _moved(_typed(), request.form.get("do", ""))
    try:
        with site().db.write() as session:
            _keep_shares(order, _shown(session, place)[0].rules)
            rule_sets.draft(session, place, order, access.viewer().name, site().clock())
    except Refused as refused:
        return _page(place, order=order, fault=refused.words), 422
    return redirect(url_for("assignment.rules", branch=place or None, done="draft"), 303)


@blueprint.post("/publish")
@access.hq_only
def publish() -> ResponseReturnValue:
    """The draft holds from the next scan on; in one branch first, where one is named."""
    place, first = _place(), input_limits.number(request.form.get("first", ""))
    try:
        with site().db.write() as session:
            draft = rule_sets.of_place(session, place, RuleSetStatus.DRAFT)
            if draft is None:
                raise Refused(_("没有草稿可以上线"))
            if first:
                access.branch(session, first)
            rule_sets.publish(session, draft, access.viewer().name, site().clock(), branch_id=first or None)
    except Refused as refused:
        return _page(place, fault=refused.words), 409
    return redirect(url_for("assignment.rules", branch=first or place or None, side="live", done="live"), 303)


@blueprint.post("/back")
@access.hq_only
def back() -> ResponseReturnValue:
    """To an earlier version, to HQ's order, or without the draft."""
    place, who, now = _place(), access.viewer().name, site().clock()
    version, follow = input_limits.number(request.form.get("version", "")), request.form.get("to") == "hq"
    try:
        with site().db.write() as session:
            if follow and place:
                rule_sets.follow_hq(session, place, who, now)
            elif version:
                wanted = RuleSet.branch_id == place, RuleSet.version == version
                row = session.exec(select(RuleSet).where(*wanted)).one_or_none()
                if row is None:
                    raise Refused(_("没有这一版"))
                rule_sets.back_to(session, row, who, now)
            else:
                rule_sets.discard(session, place, who, now)
    except Refused as refused:
        return _page(place, fault=refused.words), 409
    side = "live" if version or follow else "draft"
    return redirect(url_for("assignment.rules", branch=place or None, side=side, done="back"), 303)


@blueprint.get("/differences.csv")
@access.hq_only
def differences() -> ResponseReturnValue:
    """What the dry run would change, as a table; of each cause the first two hundred."""
    place = _place()
    with site().db.read() as session:
        order = _shown(session, place)[0]
    found = _tried(order)
    header = [_(one) for one in ("时间", "客户", "线上归", "草稿归", "第几条", "因为")]
    pieces = spreadsheets.csv_pieces(header, _cells(found) if found else ())
    headers = {"Content-Disposition": 'attachment; filename="differences.csv"'}
    return Response(pieces, mimetype="text/csv", headers=headers)


def _cells(found: DryRun) -> Iterator[list[str | int]]:
    for one in found.differences:
        live, draft = (one_.guide.name if one_.guide else _("待领") for one_ in (one.live, one.draft))
        at = f"{formatting.local(one.scan.at):%Y-%m-%d %H:%M}"
        yield [at, one.scan.name, live, draft, one.place, _(one.why)]


def _place() -> int | None:
    """Which branch's order is looked at; None is HQ's. A branch sees its own."""
    viewer = access.viewer()
    if viewer.role == Role.BRANCH:
        return viewer.branch_id
    return input_limits.number(request.values.get("branch", "")) or None


def _typed() -> list[dict[str, Any]]:
    """The rules in the order of the form, with their numbers."""
    names = [name for name in request.form.getlist("rule")[:MOST_RULES] if name in KNOWN]
    return [{"rule": name, **_numbers(name)} for name in names]


def _numbers(name: str) -> dict[str, Any]:
    known, found = KNOWN[name], dict[str, Any]()
    for number, (_low, _high, usual) in known.numbers.items():
        found[number] = _whole(request.form.get(f"{name}.{number}", str(usual)))
    if known.by == "branches":
        single = [
            (key.rpartition(".")[2], text.strip())
            for key, text in request.form.items()
            if key.startswith(f"{name}.of.")
        ]
        found[known.by] = {one: _whole(text) for one, text in single if text}
    return found


def _keep_shares(order: list[dict[str, Any]], before: list[dict[str, Any]]) -> None:
    """Single guides' numbers are written by the API; the form has no field for them, and does not lose them."""
    own = {rule["rule"]: rule.get("guides") for rule in before}
    for rule in order:
        if KNOWN[rule["rule"]].by == "guides" and own.get(rule["rule"]):
            rule["guides"] = own[rule["rule"]]


def _whole(text: str) -> int:
    """The number that somebody wrote; one that no rule takes for anything else, so that it is refused in words."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else -1


def _moved(order: list[dict[str, Any]], wish: str) -> list[dict[str, Any]]:
    """One rule up, down, out or in."""
    verb, _mark, name = wish.partition(":")
    place = next((at for at, one in enumerate(order) if one["rule"] == name), None)
    if verb == IN and name in KNOWN and place is None:
        return _put_in(order, name)
    if place is None:
        return order
    if verb == OUT:
        return order[:place] + order[place + 1 :]
    other = place - 1 if verb == UP else place + 1 if verb == DOWN else place
    if 0 <= other < len(order):
        order[place], order[other] = order[other], order[place]
    return order


def _put_in(order: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """Where its part of the order ends; another way to choose takes the place of the one that is there."""
    known, parts = KNOWN[name], list(RulePart)
    new = {"rule": name, **{number: usual for number, (_low, _high, usual) in known.numbers.items()}}
    if known.part == RulePart.CHOOSE:
        order = [one for one in order if KNOWN[one["rule"]].part != RulePart.CHOOSE]
    before = [one for one in order if parts.index(KNOWN[one["rule"]].part) <= parts.index(known.part)]
    return [*before, new, *order[len(before) :]]


def _shown(session: Session, place: int | None) -> tuple[RuleSet, RuleSet | None, RuleSet | None]:
    """What the page edits, the draft, and what holds; without a draft one edits what holds."""
    draft = rule_sets.of_place(session, place, RuleSetStatus.DRAFT)
    live = rule_sets.of_place(session, place, RuleSetStatus.LIVE)
    held = rule_sets.live(session, place)
    begun = RuleSet(
        branch_id=place,
        version=held.version,
        status=RuleSetStatus.DRAFT,
        rules=[dict(one) for one in held.rules],
        made_by="",
        changed_at=site().clock(),
    )
    return draft or begun, draft, live


def _tried(order: RuleSet) -> DryRun | None:
    """The dry run that the address asks for."""
    if not access.scope().all:
        return None
    db, zone, now = site().db, site().zone, site().clock()
    number = _number()
    if request.args.get("try") == REPLAY:
        return dry_run.replay(db, order, zone, now, number)
    if request.args.get("try") == INVENT:
        return dry_run.invented(db, order, zone, now, number)
    if request.args.get("try") == FRIEND:
        with db.read() as session:
            friend = access.friend(session, input_limits.number(request.args.get("friend", "")))
        return dry_run.of_one(db, order, zone, now, friend.id or 0)
    return None


def _number() -> int:
    """How many scans are tried"""
    return min(input_limits.number(request.args.get("number", "")) or NUMBERS[0], dry_run.MOST)


def _page(place: int | None, *, order: list[dict[str, Any]] | None = None, fault: str = "") -> str:
    with site().db.read() as session:
        branch = access.branch(session, place) if place else None
        edited, draft, live = _shown(session, place)
        branches = list(
            session.exec(select(Branch).where(access.scope().branches()).order_by(col(Branch.id)))
        )
        own = rule_sets.with_own(session) if access.scope().all else []
        history = rule_sets.history(session, place)
        held = [dict(one) for one in rule_sets.live(session, place).rules]
        concerned = session.exec(select(Friend.id).limit(1)).first() is not None
    side = "live" if request.args.get("side") == "live" or not access.scope().all else "draft"
    begun = time.monotonic()
    found = None if fault else _tried(edited)
    shown = order or (held if side == "live" else edited.rules)
    return render_template(
        "console/assignment.html",
        branch=branch,
        branches=branches,
        own=own,
        draft=draft,
        live=live,
        history=history,
        side=side,
        rules=_lines(shown, held),
        offered=[]
        if side == "live"
        else [name for name in KNOWN if name not in {one["rule"] for one in shown}],
        known=KNOWN,
        part=RulePart,
        about=rule_sets.about,
        found=found,
        took=time.monotonic() - begun,
        tried=_number(),
        causes=CAUSES,
        shares=list(_shares(found)) if found else [],
        most=MOST_LINES,
        numbers=NUMBERS,
        concerned=concerned,
        names={one.id: one.name for one in branches},
        fault_=fault,
        from_beginning=held == [dict(one) for one in DEFAULT],
        notice_=_said(),
        args=request.args,
    )


def _shares(found: DryRun) -> Iterator[tuple[float, float, str]]:
    """The causes as parts of one bar: where it begins, how wide it is, which cause"""
    begin = 0.0
    for cause in CAUSES:
        width = 100 * found.causes[cause] / max(found.changed, 1)
        yield begin, width, cause
        begin += width


def _said() -> tuple[str, str]:
    said = {
        "draft": _("草稿已保存，还没有上线。"),
        "live": _("已上线，从下一次扫码起用这一版。以前的归属没有变。"),
        "back": _("好了。以前的归属没有变。"),
    }
    return said.get(request.args.get("done", ""), ""), "ok"


def _lines(shown: list[dict[str, Any]], held: list[dict[str, Any]]) -> list[tuple[Rule, str]]:
    """Each rule with what is new about it, compared with what holds."""
    before: Mapping[str, int] = {one["rule"]: number for number, one in enumerate(held, 1)}
    kept = [one["rule"] for one in held if one["rule"] in {rule["rule"] for rule in shown}]
    lines: list[tuple[Rule, str]] = []
    for rule in shown:
        name = rule["rule"]
        if name not in before:
            lines.append((rule, _("新加")))
            continue
        here = [one["rule"] for one in shown if one["rule"] in before]
        if here.index(name) != kept.index(name):
            lines.append((rule, _("原第 {n}", n=before[name])))
        else:
            same = rule_sets.checked_one(rule) == rule_sets.checked_one(held[before[name] - 1])
            lines.append((rule, _("没变") if same else _("改了数")))
    return lines
