"""/demo: four live panels, a timeline of every callback and call, and the buttons that make the whole story run.

The play head is driven by the browser's script, which posts `/demo/step/<n>` one after the other and looks at `/demo/state.json`
in between. So nothing of the play lives in this process: the demo kills the process on purpose, and the play goes on where it
was. Each step first looks whether its outcome is there already (somebody may have done it by hand on one of the phones), then
presses what a person would press: on the phones of the built-in WeCom over HTTP, in the console by the same verbs as its buttons.
A step that is posted twice presses once. A run is one row in the database (which rows were there before it); a new run is a new
campaign, and forgets nothing of the old ones.
"""

import os
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from flask import (
    Blueprint,
    abort,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col, select

from models.campaigns import Campaign, why_not
from models.campaigns.funnel import by_branch, funnel
from models.db import count
from models.friends import Customer, Friend, FriendStatus
from models.friends.welcome import WELCOME_SECONDS, welcomed_after
from models.ledger.channels import WELCOME
from models.ledger.inbox import Inbox
from models.ledger.outbox import Outbox
from models.org import Guide, GuideStatus
from pages.demo import actions, by_hand, chaos, runs, steps
from pages.demo.emulator_client import EmulatorClient, NotPressed
from pages.demo.leaving import of_leaver
from pages.demo.runs import GUIDE, NAME, NAME_OF_CUSTOMER, NAME_OF_GUIDE, Cast, Run
from pages.demo.steps import STEPS
from pages.demo.timeline import items, look
from pages.web import access, headers, i18n, input_limits, sessions
from pages.web.i18n import _
from pages.web.polling import still_fresh
from pages.web.site import site

SCRIPT_WORDS = {
    "lost": "工作进程停了，正在重新起来；收到一半的，平台会再送",
    "back": "进程换了一个，接着走",
    "step": "第 {n} 步，共 {total} 步",
    "over": "演完了",
    "yours": "现在轮到你",
    "open": "控制台和手机都还开着，想按哪里按哪里",
    "just": "刚刚 +{n}",
    "copy": "重复，已忽略",
    "silent": "没有回答，稍等再按",
    "failed": "没有按成，请再按一次",
}
"""What the page's script says"""
blueprint = Blueprint("demo", __name__, url_prefix="/demo")


@blueprint.before_request
def only_in_the_demo() -> None:
    if not site().demo or not site().emulator_url:
        abort(404)


def emulator() -> EmulatorClient:
    return EmulatorClient(site().emulator_url, i18n.current())


@blueprint.get("")
def page() -> ResponseReturnValue:
    """The page itself. Cookies belong to one host name, so the browser is brought to the one of our public address."""
    if request.host.partition(":")[0] != site().host:
        return redirect(site().public_url + request.full_path.rstrip("?"))
    if sessions.visit(sessions.CONSOLE) is None and "signed" not in request.args:
        hold = "&hold" if "hold" in request.args else ""
        return by_hand.signed_in(url_for("demo.page") + "?signed" + hold)
    run = current(fresh=True)
    with site().db.read() as session:
        people = count(session, Guide, Guide.status == GuideStatus.ACTIVE)
        found = runs.cast(session, run)
        who = steps.viewer(session, found)
    headers.allow(frame_src=f"'self' {site().emulator_url}")
    return render_template(
        "demo/page.html",
        steps=STEPS,
        switches=chaos.SWITCHES,
        people=people,
        phones=phones(found, who),
        emulator=site().emulator_url,
        names={"guide": NAME_OF_GUIDE, "customer": NAME_OF_CUSTOMER},
        words={name: _(said) for name, said in SCRIPT_WORDS.items()},
    )


@blueprint.post("/enter")
def enter() -> ResponseReturnValue:
    """The button of the sign-in page."""
    return by_hand.signed_in(access.safe_next(request.form.get("next", "")))


@blueprint.post("/robot")
def robot() -> ResponseReturnValue:
    """The address of a robot, into the field that asks for one."""
    group_id = input_limits.number(request.form.get("group", ""))
    with site().db.read() as session:
        group = access.group(session, group_id) if group_id else None
    try:
        made = by_hand.add_robot(emulator(), group, request.form.get("name", "").strip()[:64])
    except NotPressed as no:
        return render_template("demo/robot.html", made=None, words=_(no.words))
    return render_template("demo/robot.html", made=made)


def current(*, fresh: bool = False) -> Run:
    """The run that is on; the very first visit begins one."""
    with site().db.read() as session:
        run = runs.read(session)
    if run is None and fresh:
        return begin()
    if run is None:
        abort(409, "演示还没开始，请先打开 /demo")
    return run


def begin() -> Run:
    hands = emulator()
    try:
        steps.clear_stage(site(), hands)
        last = hands.last()
    except NotPressed as no:
        abort(503, _(no.words))
    with site().db.write() as session:
        return runs.begin(session, last, site().clock())


def phones(found: Cast, who: str) -> dict[str, str]:
    """What each panel shows. The emulator's pages, because a phone is not ours."""
    here = site().emulator_url
    group = found.group.chat_id if found.group else ""
    beside = found.leaving.beside if found.leaving and who == found.leaving.follower else GUIDE
    place = "moments" if found.post else "mass-assistant"
    return {
        "guide": f"{here}/phones/guide/{GUIDE}",
        "mass_assistant": f"{here}/phones/guide/{GUIDE}/{place}",
        "customer": f"{here}/phones/customer/{who}?with={beside}",
        "group": f"{here}/phones/group/{group}?as={GUIDE}",
        "task": _task_link(found),
        "handover": _handover_link(found),
    }


def _handover_link(found: Cast) -> str:
    """A tap on the link in her store manager's chat."""
    it = found.leaving
    if it is None or it.manager is None:
        return ""
    page = site().public_url + url_for("guide_handover.shown", handover_id=it.handover.id)
    return f"{site().emulator_url}/phones/guide/{it.manager.userid}/open?url={page}"


def _task_link(found: Cast) -> str:
    """A tap on the card in 王芳's chat."""
    if found.task is None or not found.told:
        return ""
    task = site().public_url + url_for("guide.task", code=found.task.code)
    return f"{site().emulator_url}/phones/guide/{GUIDE}/open?url={task}"


# ---- what moves


@blueprint.get("/state.json")
def state() -> ResponseReturnValue:
    """Where the story is, what is switched, and whether both sides agree."""
    run = current()
    return jsonify(_state(run))


def _state(run: Run) -> dict[str, Any]:
    with site().db.read() as session:
        found = runs.cast(session, run)
        who = steps.viewer(session, found)
        customer = session.exec(select(Customer).where(Customer.external_userid == who)).one_or_none()
    done = [step.done(found, run) for step in STEPS]
    try:
        proof = steps.proof(site(), emulator(), run, found.campaign)
        told = {"agree": proof.agree, "words": _(proof.said())}
    except NotPressed as no:
        told = {"agree": False, "words": _(no.words)}
    return {
        "run": run.number,
        "pid": os.getpid(),
        "done": done,
        "step": done.index(False) + 1 if False in done else len(done) + 1,
        "switches": run.switches,
        "proof": told,
        "phones": phones(found, who),
        "customer": customer.name if customer else NAME_OF_CUSTOMER,
        "manager": found.leaving.manager.name if found.leaving and found.leaving.manager else NAME_OF_GUIDE,
        "campaign": url_for("campaigns.detail", campaign_id=found.campaign.id)
        if found.campaign
        else url_for("campaigns.all_campaigns"),
        "group": found.group.name if found.group else "",
    }


@blueprint.get("/hq")
def hq() -> ResponseReturnValue:
    """HQ's panel: the running campaign in three numbers, by branch, and the newest welcome."""
    run = current()
    with site().db.read() as session:
        values = _numbers(session, run, runs.campaign_of(session, run))
        values["leaving"] = of_leaver(session, run.leaver, run.decliner)
    return still_fresh(render_template("demo/hq.html", **values))


def _numbers(session: Session, run: Run, campaign: Campaign | None) -> dict[str, Any]:
    branches = sorted(by_branch(session, campaign.id or 0), key=lambda row: -row.targeted) if campaign else []
    friends = count(
        session,
        Friend,
        Friend.added_at >= run.begun.replace(microsecond=0),
        Friend.status == FriendStatus.FRIEND,
    )
    return {
        "campaign": campaign,
        "name": NAME,
        "total": funnel(session, campaign.id or 0) if campaign else None,
        "branches": branches,
        "friends": friends,
        "arrival": _arrival(session, run),
        "asked": _asked(session, run, campaign),
    }


def _asked(session: Session, run: Run, campaign: Campaign | None) -> dict[str, str] | None:
    """The customer of whom HQ asked, and the answer as things stand now."""
    who = session.exec(select(Customer).where(Customer.external_userid == run.asked)).one_or_none()
    if campaign is None or who is None:
        return None
    words = why_not.answer(session, campaign, who.id or 0, site().clock(), site().zone)
    page = url_for("campaign_audience.audience", campaign_id=campaign.id, find=who.name)
    return {"name": who.name, "words": _(words), "page": page}


def _arrival(session: Session, run: Run) -> dict[str, Any] | None:
    """The newest friend: who, why hers, how long the welcome took, how often the same word came."""
    row = session.exec(
        select(Outbox)
        .where(col(Outbox.id) > run.first["outbox"], Outbox.channel == WELCOME)
        .order_by(col(Outbox.id).desc())
    ).first()
    friend = session.get(Friend, row.friend_id) if row and row.friend_id else None
    if row is None or friend is None:
        return None
    customer, owner = session.get_one(Customer, friend.customer_id), session.get_one(Guide, friend.owner_id)
    event = session.get(Inbox, row.inbox_id) if row.inbox_id else None
    seconds = welcomed_after(row.created_at, row.deadline, row.done_at) if row.done_at else None
    return {
        "row": row,
        "name": customer.name or _("一位客户"),
        "owner": owner.name,
        "reason": friend.reason,
        "seconds": seconds,
        "share": min(1.0, (seconds or 0) / WELCOME_SECONDS),
        "copies": event.copies if event else 1,
    }


@blueprint.get("/timeline.json")
def timeline_items() -> ResponseReturnValue:
    run, now = current(), site().clock()
    with site().db.read() as session:
        found = items(session, run, now)
    offset = now.astimezone(site().zone).utcoffset() or timedelta()
    return jsonify(now=now.timestamp(), offset=offset.total_seconds(), items=found)


@blueprint.get("/timeline/<name>.json")
def timeline_item(name: str) -> ResponseReturnValue:
    with site().db.read() as session:
        found = look(session, name)
    if found is None:
        abort(404)
    return jsonify(asdict(found))


# ---- buttons


@blueprint.post("/step/<int:number>")
def step(number: int) -> ResponseReturnValue:
    """Do this step unless it is done. The answer says what happened and where the story is now."""
    if not 1 <= number <= len(STEPS):
        abort(404)
    try:
        words = steps.press(site(), emulator(), number)
    except NotPressed as no:
        return jsonify(words=_(no.words), **_state(current())), 409
    return jsonify(words=_(words), **_state(current()))


@blueprint.post("/restart")
def restart() -> ResponseReturnValue:
    """A new run, with a new campaign."""
    return jsonify(words=_("从头来过"), **_state(begin()))


@blueprint.post("/break/<name>")
def break_something(name: str) -> ResponseReturnValue:
    """Turn a switch of 「弄坏它」: {"on": true}. `kill` has no way back but the supervisor's."""
    if name not in chaos.SWITCHES:
        abort(404)
    wanted = bool((request.get_json(silent=True) or {}).get("on"))
    if name == "kill":
        actions.kill_soon()
        return jsonify(pid=os.getpid())
    try:
        chaos.turn(site(), emulator(), current(), name, wanted)
    except NotPressed as no:
        return jsonify(words=_(no.words), **_state(current())), 409
    return jsonify(words="", **_state(current()))
