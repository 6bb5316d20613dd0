"""The nine steps of the demo: what each presses, and how one sees that it is done, whoever did it."""

import os
import secrets
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from sqlmodel import Session, col, select

import posters
from models import announcements, campaigns
from models.accounts import User
from models.audience import part_of
from models.campaign_tables import MASS, POSTER, RUNNING, SCHEDULED, Audience, Campaign, Task
from models.campaigns import CampaignFields
from models.friends import Customer, Friend
from models.org import Branch, Guide
from models.outbox import OPEN, Outbox
from models.pictures import Picture, keep_picture
from models.refused import Refused
from pages import demo_proof, demo_switches
from pages.demo_fingers import Fingers, NotPressed
from pages.demo_run import CUSTOMER, GUIDE, NEWCOMERS, Cast, Run, cast, code_payload, keep, read
from pages.site import Site

NAME = "初雪雪地靴"
NORTHEAST = ("沈阳", "长春", "大连", "哈尔滨")
TEXT = (
    "{门店名}门口今晚有雪。新到的远山雪地靴我试过了，羊毛里、鞋底不打滑，零下 25 ℃ 站一小时脚还是热的。"
    "36 – 44 码都有，告诉我平时穿几码，我给您留一双。"
)
ANNOUNCED = "总部公告：初雪雪地靴今天开卖\n10:00 – 18:00 发给东北的老客。今晚有雪，记得先问尺码。"
ART = Path(posters.__file__).parent / "samples" / "art-boots.jpg"
OTHERS_AT_ONCE = 6
ENOUGH = 13
"""Guides who have confirmed, before the story goes on."""
COLLEAGUE = "zhaoqian"
"""She has not got round to it yet, and so the robot has something to tell her."""
OTHERS_SHARE = 7
"""So many of ten colleagues confirm by themselves; the others stay for HQ to remind."""
KILL_SECONDS = 0.3
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Step:
    """One step: who acts, what it is called, when it is done, and what presses it (again until it is done)."""

    actor: str
    title: str
    about: str
    done: Callable[[Cast, Run], bool]
    press: Callable[[Site, Fingers, Run], str]


def fields(session: Session, site: Site, picture: Picture, now: datetime) -> CampaignFields:
    branches = session.exec(select(Branch).where(col(Branch.name).in_(NORTHEAST))).all()
    ends_at = (now.astimezone(site.zone) + timedelta(hours=1)).replace(
        hour=18, minute=0, second=0, microsecond=0
    )
    if ends_at <= now + timedelta(hours=1):
        ends_at += timedelta(days=1)
    return CampaignFields(
        name=NAME,
        channel=MASS,
        content=POSTER,
        text=TEXT,
        design="artwork",
        picture_id=picture.id,
        card_title=NAME,
        card_note=f"{ends_at:%H:%M} 前，在群发助手里点一次发送，客户就能收到",
        scope={"branches": [one.id or 0 for one in branches], "stores": [], "guides": []},
        launch_at=now,
        ends_at=ends_at,
    )


@lru_cache
def art() -> posters.CleanPicture:
    return posters.clean_picture(ART.read_bytes())


def schedule(site: Site, _fingers: Fingers, run: Run) -> str:
    """HQ: a new campaign for the Northeast, with the picture, to start now."""
    now, clean = site.clock(), art()
    with site.db.write() as session:
        if cast(session, run).campaign:
            return ""
        user = session.exec(select(User).where(User.login == "demo")).one_or_none()
        picture = keep_picture(
            session,
            sha256=sha256(clean.jpeg).hexdigest(),
            name=ART.name,
            width=clean.width,
            height=clean.height,
            content=clean.jpeg,
            now=now,
        )
        who = user.name if user else "总部"
        made = campaigns.create(
            session, fields(session, site, picture, now), who=who, user_id=user.id if user else None, now=now
        )
        return campaigns.schedule(session, made, who, now)


def wait(_site: Site, _fingers: Fingers, _run: Run) -> str:
    """Nobody presses anything: timetable, queue and platform do it."""
    return ""


def open_task(site: Site, fingers: Fingers, run: Run) -> str:
    task = _known(site, run).task
    if task is None or task.opened_at:
        return ""
    fingers.open_page(GUIDE, f"{site.public_url}/g/tasks/{task.code}")
    return "王芳点开了卡片"


def confirm(site: Site, fingers: Fingers, run: Run) -> str:
    """The one tap in the native 群发助手 that makes customers receive something."""
    task = _known(site, run).task
    if task is None or not task.msgids:
        return ""
    waiting = {row["msgid"] for row in fingers.look(f"/phone/guide/{GUIDE}")["helper"] if row["status"] == 0}
    for msgid in task.msgids:
        if msgid in waiting:
            fingers.press(f"/phone/guide/{GUIDE}/confirm", msgid=msgid)
    with site.db.write() as session:
        run.confirmed = True
        keep(session, run)
    return "王芳点了发送"


def others_confirm(site: Site, fingers: Fingers, run: Run) -> str:
    """Some colleagues do the same, a few at a time."""
    confirm(site, fingers, run)
    with site.db.read() as session:
        campaign = cast(session, run).campaign
        rows = session.exec(
            select(Task, Guide)
            .join(Guide, col(Guide.id) == col(Task.guide_id))
            .where(
                Task.campaign_id == (campaign.id if campaign else 0),
                Task.msgid != "",
                col(Task.confirmed_at).is_(None),
                Guide.userid != GUIDE,
            )
            .order_by(col(Task.id))
        ).all()
    willing = [
        (task, guide)
        for task, guide in rows
        if (task.guide_id * 7) % 10 < OTHERS_SHARE and guide.userid != COLLEAGUE
    ]
    pressed = 0
    for task, guide in willing:
        if pressed == OTHERS_AT_ONCE:
            break
        pressed += _colleague(fingers, guide.userid, task.msgid)
    return f"又有 {pressed} 位导购点了发送" if pressed else ""


def _colleague(fingers: Fingers, userid: str, msgid: str) -> bool:
    try:
        fingers.press(f"/phone/guide/{userid}/confirm", msgid=msgid)
    except NotPressed:
        return False  # she did it before; the platform tells us at the next reading
    return True


def scan(site: Site, fingers: Fingers, run: Run) -> str:
    """许静宜's camera reads the code off the very poster that a customer of 王芳 received."""
    if _known(site, run).friend:
        return ""
    payload = poster_payload(site, fingers, run)
    told = fingers.press(f"/phone/customer/{CUSTOMER}/scan", payload=payload, wait=True)
    return f"许静宜扫了{'王芳' if told.get('userid') == GUIDE else '导购'}海报上的码"


def poster_payload(site: Site, fingers: Fingers, run: Run) -> str:
    """Decoded from the received picture; without one, from her code itself."""
    found = _known(site, run)
    task = found.task
    if task and task.media_id:
        return posters.read_code(fingers.picture(task.media_id))
    with site.db.read() as session:
        payload = code_payload(session, found.guide) if found.guide else ""
    if not payload:
        raise NotPressed("王芳的渠道码还没做好，稍等几秒再按")
    return payload


def announce(site: Site, _fingers: Fingers, run: Run) -> str:
    now = site.clock()
    with site.db.write() as session:
        found = cast(session, run)
        planned = session.exec(
            select(announcements.Announcement).where(
                col(announcements.Announcement.id) > run.first["announcement"]
            )
        ).first()
        if planned or found.group is None:
            return ""
        announcements.plan(
            session,
            title="初雪雪地靴今天开卖",
            text=ANNOUNCED,
            groups=[found.group.id or 0],
            launch_at=now,
            now=now,
            who="周岚",
        )
    return "总部排了一条群公告"


def ask_robot(site: Site, fingers: Fingers, run: Run) -> str:
    """王芳 calls the robot in her store's group, twice."""
    found = _known(site, run)
    if found.group is None:
        return ""
    for number, words in enumerate(("今日任务", "签到")):
        if found.questions <= number:
            fingers.press(
                f"/phone/group/{found.group.chat_id}/say", userid=GUIDE, text=f"@小霁 {words}", wait=True
            )
            if number == 0:
                _too(fingers, found.group.chat_id)
    return "王芳问了小霁，赵倩也问了"


def _too(fingers: Fingers, chat_id: str) -> None:
    """A colleague asks as well; where nobody of that name works, nothing is missing."""
    with suppress(NotPressed):
        fingers.press(f"/phone/group/{chat_id}/say", userid=COLLEAGUE, text="@小霁 今日任务", wait=True)


def break_it(site: Site, fingers: Fingers, run: Run) -> str:
    """Three copies of every callback while a customer scans; then our process is killed; then both books are compared."""
    if not run.finale:
        demo_switches.turn(site, fingers, run, "copies", True)
        run.newcomer = f"wmDEMO{run.number:04d}{secrets.token_hex(4)}"
        name = NEWCOMERS[run.number % len(NEWCOMERS)]
        payload = poster_payload(site, fingers, run)
        _finale(site, run, "scanned")
        fingers.press(f"/phone/customer/{run.newcomer}/scan", payload=payload, name=name)
        return f"每个回调来三遍，{name}扫了码"
    if run.finale == "scanned" and _welcomed(site, run):
        run.pid = os.getpid()
        _finale(site, run, "killed")
        kill_soon()
        return "工作进程被杀掉，等它重新起来"
    if run.finale == "killed" and os.getpid() != run.pid:
        demo_switches.turn(site, fingers, run, "copies", False)
        _finale(site, run, "mended")
        return "进程回来了，两边核对"
    return ""


def _finale(site: Site, run: Run, where: str) -> None:
    run.finale = where
    with site.db.write() as session:
        keep(session, run)


def _welcomed(site: Site, run: Run) -> bool:
    """The newcomer is a friend, and what became of her welcome is known."""
    with site.db.read() as session:
        friend = session.exec(
            select(Friend)
            .join(Customer, col(Customer.id) == col(Friend.customer_id))
            .where(Customer.external_userid == run.newcomer)
        ).first()
        row = session.get(Outbox, friend.welcome_id) if friend and friend.welcome_id else None
        return row is not None and row.status not in OPEN


def kill_soon() -> None:
    """SIGKILL for this very process, right after its answer; nothing is tidied up, as in a power cut."""
    timer = threading.Timer(KILL_SECONDS, os.kill, (os.getpid(), signal.SIGKILL))
    timer.daemon = True
    timer.start()


def _known(site: Site, run: Run) -> Cast:
    with site.db.read() as session:
        return cast(session, run)


def received(found: Cast) -> bool:
    """Her customers have it, HQ has read so, and some colleagues have confirmed too."""
    return bool(found.task and found.task.confirmed_at and found.task.reached) and found.confirmed >= min(
        ENOUGH, found.tasks
    )


def settled(row: Outbox | None) -> bool:
    return row is not None and row.status not in OPEN


STEPS = (
    Step(
        "hq",
        "总部排期活动，发给东北的导购",
        "到时间自动发，人群在那一刻冻结",
        lambda it, _: it.campaign is not None,
        schedule,
    ),
    Step(
        "guide",
        "每位导购收到一张卡片",
        "海报各画各的，印着各人的名字和码",
        lambda it, _: bool(it.task and it.task.carded_at),
        wait,
    ),
    Step(
        "guide",
        "王芳打开卡片，看到自己的海报",
        "还没有发给任何客户",
        lambda it, _: bool(it.task and it.task.opened_at),
        open_task,
    ),
    Step(
        "helper",
        "王芳在群发助手里点一次发送",
        "只有这一下会发给客户",
        lambda it, run: run.confirmed or bool(it.task and it.task.confirmed_at),
        confirm,
    ),
    Step(
        "hq",
        "客户收到，总部的数字跟着动",
        "平台不会主动说，所以隔几秒读一次结果",
        lambda it, _: received(it),
        others_confirm,
    ),
    Step(
        "customer",
        "许静宜扫海报上的码，加好友",
        "码是从她看到的那张图里读出来的",
        lambda it, _: it.friend is not None and settled(it.welcome),
        scan,
    ),
    Step(
        "group",
        "总部用机器人在店内群播报",
        "内部群才有机器人，客户群走群主",
        lambda it, _: settled(it.announced),
        announce,
    ),
    Step(
        "group",
        "王芳在群里问小霁",
        "今日任务、签到，答一张卡片或一句话",
        lambda it, _: it.questions >= 2,
        ask_robot,
    ),
    Step(
        "break",
        "弄坏它，再对一遍账",
        "回调来三遍，进程被杀，数字还对得上",
        lambda _, run: run.finale == "mended",
        break_it,
    ),
)


def press(site: Site, fingers: Fingers, number: int) -> str:
    """Do step `number` (from 1) unless it is done; what happened, in words. Two browsers at once press once."""
    with _one_at_a_time:
        with site.db.read() as session:
            run = read(session)
            found = cast(session, run) if run else None
        step = STEPS[number - 1]
        if run is None or found is None or step.done(found, run):
            return ""
        missing = next((earlier for earlier in STEPS[: number - 1] if not earlier.done(found, run)), None)
        if missing and number not in (1, 7, 8):
            raise NotPressed(f"先要：{missing.title}")
        return step.press(site, fingers, run)


def proof(site: Site, fingers: Fingers, run: Run) -> demo_proof.Proof:
    found = _known(site, run)
    return demo_proof.compare(site, fingers, run, found.campaign)


def viewer(site: Site, run: Run) -> str:
    """Whose phone the third panel shows: first a customer of 王芳 who receives the poster, then 许静宜."""
    with site.db.read() as session:
        found = cast(session, run)
        if found.task is None or found.friend or found.task.reached:
            return CUSTOMER
        audience = session.exec(select(Audience).where(Audience.task_id == found.task.id)).one_or_none()
    people = part_of(MASS, audience.customers, 0) if audience else []
    return people[0] if people else CUSTOMER


def clear_stage(site: Site, fingers: Fingers) -> None:
    """Before a new run: switches off, 王芳 is back, 许静宜 is nobody's friend, the last campaign is stopped."""
    with site.db.read() as session:
        before = read(session)
    demo_switches.all_off(site, fingers, before)
    for guide in fingers.look(f"/phone/customer/{CUSTOMER}")["guides"]:
        if guide["relation"] == "full":
            fingers.press(f"/phone/customer/{CUSTOMER}/delete", userid=guide["userid"], wait=True)
    now = site.clock()
    with site.db.write() as session:
        running = session.exec(
            select(Campaign).where(Campaign.name == NAME, col(Campaign.status).in_([SCHEDULED, RUNNING]))
        ).all()
        for campaign in running:
            try:
                campaigns.cancel(session, campaign, "演示", now)
            except Refused:
                continue
