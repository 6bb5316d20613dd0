"""The pages of the phones: each a frame, and a part that is polled and answered with 304 while nothing is new."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Blueprint, Response, jsonify, redirect, render_template, request, send_from_directory
from werkzeug.wrappers import Response as Answer

from .. import browser, friendships, transfers
from ..clock import CHINA
from ..control import asked, only_json, platform, told
from ..errors import Unwilling
from ..languages import _
from . import bubbles, camera, screens
from .bubbles import Bubble, Part, Speaker
from .wording import Opener

phones = Blueprint("phones", __name__, url_prefix="/phones", template_folder="templates")
FOLDER = Path(__file__).parent / "static"
SHOWN = 60
LINES = 80


# ---- what every page shares


@phones.before_request
def no_strange_pages() -> None:
    """As with the buttons: a page from elsewhere must not press ours."""
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise Unwilling("cross-site", 403)


@phones.after_request
def strict(response: Response) -> Response:
    """No script or style but ours; only this host and the app's pages may put a phone into a frame."""
    home = urlsplit(platform().corp.home)
    app = f"{home.scheme}://{home.netloc}" if home.netloc else ""
    rules = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": f"'self' {app}",
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": f"'self' {app}",
    }
    response.headers["Content-Security-Policy"] = "; ".join(
        f"{name} {value}".strip() for name, value in rules.items()
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers.setdefault("Cache-Control", "no-store")
    return response


@phones.get("/static/<name>")
def static(name: str) -> Response:
    response = send_from_directory(FOLDER, name, max_age=300)
    response.headers["Cache-Control"] = "max-age=300"
    return response


def now() -> datetime:
    return datetime.fromtimestamp(platform().clock.now(), UTC)


def phone(page: str, **values: Any) -> Response:
    """The whole page, or with ?part only what changes, with its ETag."""
    shown = {
        "brand": platform().corp.content.get("departments", [{}])[0].get("name", ""),
        "clock": f"{now().astimezone(CHINA):%H:%M}",
        **values,
    }
    part = render_template(f"phones/{page}.html", part=True, **shown)
    etag = hashlib.sha256(part.encode()).hexdigest()[:24]
    if "part" not in request.args:
        return Response(render_template(f"phones/{page}.html", part=False, etag=etag, **shown))
    response = Response(part)
    response.set_etag(etag)
    response.make_conditional(request)
    return response


def speaker(userid: str) -> Speaker:
    member = platform().state.row("SELECT name, is_leader, position FROM member WHERE userid = ?", userid)
    if member:
        return Speaker(member["name"], member["name"][:1], member["position"] if member["is_leader"] else "")
    customer = platform().customer(userid)
    name = str(customer["name"]) if customer else userid
    return Speaker(name, name[:1])


def opens_as(userid: str) -> Opener:
    """A tap on a link opens our page in this frame, and the platform knows whose phone it is."""
    return lambda url: f"/phones/guide/{quote(userid)}/open?url={quote(url, safe='')}"


# ---- pages


@phones.get("/")
def everybody() -> Response:
    """The index of people; one of each kind is enough to begin with, the rest is found by name."""
    words = request.args.get("q", "").strip()[:40]
    like, state = f"%{words}%", platform().state
    members = state.rows(
        "SELECT userid AS id, name, position AS about FROM member WHERE left_at IS NULL AND (name LIKE ? OR userid LIKE ?)"
        " ORDER BY userid != 'wangfang', rowid LIMIT ?",
        like,
        like,
        SHOWN,
    )
    customers = state.rows(
        "SELECT external_userid AS id, c.name, (SELECT GROUP_CONCAT(m.name, ?) FROM friend f JOIN member m USING (userid)"
        " WHERE f.external_userid = c.external_userid AND relation = 'full') AS about FROM customer c"
        " WHERE c.name LIKE ? OR external_userid = ? ORDER BY c.rowid DESC LIMIT ?",
        _("、"),
        like,
        words,
        SHOWN,
    )
    groups = state.rows(
        "SELECT chat_id AS id, name, kind AS about FROM chat WHERE dismissed_at IS NULL AND name LIKE ?"
        " ORDER BY kind != 'internal', rowid LIMIT ?",
        like,
        SHOWN,
    )
    for row in groups:
        row["about"] = _("内部") if row["about"] == "internal" else _("客户群")
    for row in customers:
        row["about"] = _("{guide}的好友", guide=row["about"]) if row["about"] else _("还不是谁的好友")
    return phone(
        "index",
        title=_("内置的企业微信"),
        words=words,
        most=SHOWN,
        links=[(_(word), href) for word, href in platform().corp.links],
        sections=[
            ("guide", _("导购"), members),
            ("customer", _("客户"), customers),
            ("group", _("群"), groups),
        ],
    )


@phones.get("/guide/<userid>")
def guide(userid: str) -> Response:
    screen = screens.guide(platform(), userid)
    who = screen["member"]["userid"]
    chat = bubbles.with_times(bubbles.app_chat(screen["chat"][-LINES:], opens_as(who)), now())
    return phone(
        "guide",
        title=_("应用消息"),
        chat=chat,
        userid=who,
        name=screen["member"]["name"],
        **waiting(screen),
        robot=platform().corp.robot_name if "robot" in platform().corp.endpoints else "",
    )


@phones.get("/guide/<userid>/mass-assistant")
def guide_mass_assistant(userid: str) -> Response:
    """The native 群发助手: the one place where a tap makes customers receive something."""
    screen = screens.guide(platform(), userid)
    tasks = [
        row
        | {
            "parts": bubbles.parts(row["content"], opens_as(userid)),
            "sent": bubbles.clock(row["send_time"], now()),
            "whom": _("{n} 个客户群" if row["chat_type"] == "group" else "{n} 位客户", n=row["receivers"]),
        }
        for row in screen["mass_assistant"][:20]
    ]
    return phone(
        "mass_assistant",
        title=_("群发助手"),
        tasks=tasks,
        userid=screen["member"]["userid"],
        name=screen["member"]["name"],
        **waiting(screen),
    )


def waiting(screen: dict[str, Any]) -> dict[str, int]:
    """How much waits for her tap in the 群发助手, and in the 客户朋友圈."""
    posts = [row for row in screen["moments"] if not row["published"] and not row["cancelled"]]
    tasks = [row for row in screen["mass_assistant"] if row["status"] == 0 and not row["cancelled"]]
    return {"waiting": len(tasks), "posts_waiting": len(posts)}


@phones.get("/guide/<userid>/friends")
def guide_friends(userid: str) -> Response:
    screen = screens.guide(platform(), userid)
    return phone(
        "friends",
        title=_("我的客户"),
        friends=screen["friends"],
        userid=screen["member"]["userid"],
        name=screen["member"]["name"],
        **waiting(screen),
    )


@phones.get("/customer/<external_userid>")
def customer(external_userid: str) -> Response:
    """Her chat with one of her guides, the notices that somebody else will serve her, and the camera."""
    transfers.settle(platform())
    screen = screens.customer(platform(), external_userid)
    known = [row | {"name": row["name"] or row["userid"]} for row in reversed(screen["guides"])]
    chosen = next(
        (row for row in known if row["userid"].lower() == request.args.get("with", "").lower()),
        next((row for row in known if row["relation"] == "full"), known[0] if known else None),
    )
    chat = conversation(external_userid, screen["chat"], chosen) if chosen else []
    return phone(
        "customer",
        title=chosen["name"] if chosen else screen["customer"]["name"],
        chat=chat,
        notices=screen["notices"],
        guides=known,
        chosen=chosen,
        me=screen["customer"],
        codes=camera.at_hand(platform(), screen["chat"]),
        seen=request.args.get("seen", "")[:500],
        place=platform().state.remembered(f"place:{screen['customer']['external_userid']}"),
    )


def conversation(
    external_userid: str, lines: list[dict[str, Any]], guide_row: dict[str, Any]
) -> list[Bubble]:
    made = bubbles.customer_chat(lines, guide_row["userid"], speaker, lambda url: url)[-LINES:]
    relation = platform().state.row(
        "SELECT * FROM friend WHERE userid = ? AND external_userid = ?", guide_row["userid"], external_userid
    )
    name = guide_row["name"]
    if left_at := guide_row["left_at"]:
        gone = _("{guide}已离开公司，公司会安排同事接着为你服务", guide=name)
        made.append(Bubble(bubbles.MIDDLE, [Part("text", gone)], datetime.fromtimestamp(left_at, UTC)))
    elif relation:
        words = {
            "full": _("你已添加了{guide}，现在可以开始聊天了", guide=name),
            "half": _("{guide}还没有加回你", guide=name),
            "pending": _("已向{guide}申请加好友，等对方通过", guide=name),
        }.get(relation["relation"])
        since = datetime.fromtimestamp(relation["since"], UTC)
        if words:
            made.append(Bubble(bubbles.MIDDLE, [Part("text", words)], since))
        else:
            gone = _("你已把{guide}从好友里删除", guide=name)
            made.append(Bubble(bubbles.MIDDLE, [Part("text", gone)], now()))
    return bubbles.with_times(made, now())


@phones.post("/customer/<external_userid>/picture")
def scan_picture(external_userid: str) -> Response:
    """She points her camera at a picture: it is read as it is, then scanned like any code."""
    only_json()
    wanted = asked()
    payload = camera.read(platform(), str(wanted.get("media_id")))
    if browser.is_address(platform(), payload):
        return jsonify(browser.opened(external_userid, payload))
    return told(*friendships.scan(platform(), external_userid, {"payload": payload}), wanted)


@phones.get("/group/<chat_id>")
def group(chat_id: str) -> Answer:
    """As one of its members sees it: ?as=userid, else the first who is no leader."""
    screen = screens.group(platform(), chat_id)
    people_here = [row | {"role": speaker(row["who"]).role} for row in screen["people"]]
    me = next(
        (row for row in people_here if row["who"].lower() == request.args.get("as", "").lower()),
        next((row for row in people_here if not row["role"]), people_here[0] if people_here else None),
    )
    if me is None:
        return redirect("/phones/")
    opener = opens_as(me["who"]) if me["type"] == 1 else (lambda url: url)
    chat = bubbles.group_chat(
        screen["chat"][-LINES:], me["who"], speaker, screen["robot_name"] or _("机器人"), opener
    )
    has_robot = screen["group"]["robot"] and screen["group"]["kind"] == "internal"
    return phone(
        "group",
        title=_("{group}（{n}）", group=screen["group"]["name"], n=len(people_here)),
        chat=bubbles.with_times(chat, now()),
        group=screen["group"],
        people=people_here,
        me=me,
        robot=screen["robot_name"] if has_robot else "",
    )


@phones.errorhandler(Unwilling)
def unwilling(error: Unwilling) -> tuple[Response, int]:
    if request.method == "POST":
        return jsonify({"error": _(error.words)}), error.status
    return phone("index", title=_("没有找到"), words="", sections=[], wrong=_(error.words)), error.status
