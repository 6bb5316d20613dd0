"""What the steps of the demo press: HQ's buttons, taps on the phones, and what is broken on purpose."""

import os
import secrets
import signal
import threading
from contextlib import suppress
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from flask import url_for
from sqlmodel import Session, col, select

import posters
from models.accounts import Account
from models.campaigns import Card, CardMessage, Task, announcements, planning, why_not
from models.campaigns.attachments import Attachment, AttachmentForm
from models.campaigns.fields import CampaignFields
from models.campaigns.pictures import Picture, keep_picture
from models.friends import Customer, Friend
from models.ledger.channels import MASS, MOMENT
from models.ledger.outbox import OPEN, Outbox
from models.materials import Material, fitness, library
from models.org import Branch, Guide
from models.sentences import Sentence
from pages.demo import chaos
from pages.demo.emulator_client import EmulatorClient, NotPressed
from pages.demo.runs import (
    COLLEAGUE,
    CUSTOMER,
    GUIDE,
    NAME,
    NAME_OF_CUSTOMER,
    NAME_OF_GUIDE,
    NEWCOMERS,
    POST,
    Cast,
    Run,
    cast,
    code_payload,
    keep,
    missed,
)
from pages.web.site import Site

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
OTHERS_SHARE = 7
"""So many of ten colleagues confirm by themselves; the others stay for HQ to remind."""
KILL_SECONDS = 0.3


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
        text=TEXT,
        attachments=[Attachment(form=AttachmentForm.POSTER, design="artwork", picture_id=picture.id)],
        card_title=NAME,
        card_note=f"{ends_at:%H:%M} 前，在群发助手里点一次发送，客户就能收到",
        scope={"branches": [one.id or 0 for one in branches], "stores": [], "guides": []},
        launch_at=now,
        ends_at=ends_at,
    )


@lru_cache
def art() -> posters.CleanPicture:
    return posters.clean_picture(ART.read_bytes())


def schedule(site: Site, _emulator: EmulatorClient, run: Run) -> str:
    """HQ: a new campaign for the Northeast, with the picture, to start now."""
    now, clean = site.clock(), art()
    with site.db.write() as session:
        if cast(session, run).campaign:
            return ""
        account = session.exec(select(Account).where(Account.login == "demo")).one_or_none()
        picture = keep_picture(
            session,
            sha256=sha256(clean.jpeg).hexdigest(),
            name=ART.name,
            width=clean.width,
            height=clean.height,
            content=clean.jpeg,
            now=now,
        )
        who = account.name if account else "总部"
        made = planning.create(
            session,
            fields(session, site, picture, now),
            who=who,
            account_id=account.id if account else None,
            now=now,
        )
        return planning.launch_now(session, made, who, now, site.zone)


def post(site: Site, emulator: EmulatorClient, run: Run) -> str:
    """HQ: a piece of the library goes to the Moments of the Northeast's guides; 王芳 publishes it in her 客户朋友圈."""
    found = known(site, run)
    if found.post is None:
        return _plan_post(site, run)
    waiting = [
        one
        for one in emulator.look(f"/phone/guide/{GUIDE}")["moments"]
        if not one["published"] and not one["cancelled"]
    ]
    if found.post_task is None or not found.post_task.ready_at or not waiting:
        return ""
    emulator.press(f"/phone/guide/{GUIDE}/publish", moment_id=waiting[0]["moment_id"])
    run.posted = True
    with site.db.write() as session:
        keep(session, run)
    return Sentence("{guide}点了发表", guide=NAME_OF_GUIDE)


def _plan_post(site: Site, run: Run) -> str:
    now = site.clock()
    with site.db.write() as session:
        if cast(session, run).post:
            return ""
        piece = session.exec(select(Material).where(Material.name == POST)).first()
        shown = library.version_of(session, piece, piece.approved_version or 1) if piece else None
        branches = session.exec(select(Branch.id).where(col(Branch.name).in_(NORTHEAST))).all()
        plan = CampaignFields(
            name=POST,
            channel=MOMENT,
            text=shown.text if shown else POST,
            attachments=fitness.copies(piece, shown) if piece and shown else [],
            scope={"branches": [one or 0 for one in branches]},
            launch_at=now,
            ends_at=now + timedelta(hours=8),
        )
        who = session.exec(select(Account).where(Account.login == "demo")).one_or_none()
        name, number = (who.name, who.id) if who else ("总部", None)
        made = planning.create(session, plan, who=name, account_id=number, now=now)
        return planning.launch_now(session, made, name, now, site.zone)


def ask_why(site: Site, _emulator: EmulatorClient, run: Run) -> str:
    """HQ asks about one customer; the answer is one line."""
    with site.db.write() as session:
        campaign = cast(session, run).campaign
        customer = missed(session, campaign) if campaign else None
        if campaign is None or customer is None:
            return ""
        run.asked = customer.external_userid
        keep(session, run)
        words = why_not.answer(session, campaign, customer.id or 0, site.clock(), site.zone)
    return Sentence("{customer}：{why}", customer=customer.name, why=words)


def wait(_site: Site, _emulator: EmulatorClient, _run: Run) -> str:
    """Nobody presses anything: timetable, queue and platform do it."""
    return ""


def open_task(site: Site, emulator: EmulatorClient, run: Run) -> str:
    task = known(site, run).task
    if task is None or task.opened_at:
        return ""
    emulator.open_page(GUIDE, site.public_url + url_for("guide.task", code=task.code))
    return Sentence("{guide}点开了卡片", guide=NAME_OF_GUIDE)


def confirm(site: Site, emulator: EmulatorClient, run: Run) -> str:
    """The one tap in the native 群发助手 that makes customers receive something."""
    task = known(site, run).task
    if task is None or not task.msgids:
        return ""
    waiting = {
        row["msgid"] for row in emulator.look(f"/phone/guide/{GUIDE}")["mass_assistant"] if row["status"] == 0
    }
    for msgid in task.msgids:
        if msgid in waiting:
            emulator.press(f"/phone/guide/{GUIDE}/confirm", msgid=msgid)
    with site.db.write() as session:
        run.confirmed = True
        keep(session, run)
    return Sentence("{guide}点了发送", guide=NAME_OF_GUIDE)


def others_confirm(site: Site, emulator: EmulatorClient, run: Run) -> str:
    """Some colleagues do the same, a few at a time."""
    confirm(site, emulator, run)
    with site.db.read() as session:
        campaign = cast(session, run).campaign
        rows = session.exec(
            select(Task, Guide)
            .join(Guide, col(Guide.id) == col(Task.guide_id))
            .where(
                Task.campaign_id == (campaign.id if campaign else 0),
                Task.msgid != "",
                col(Task.card_sent_at).is_not(None),  # who has no card yet cannot tap it
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
    for place, (task, guide) in enumerate(willing):
        if pressed == OTHERS_AT_ONCE:
            break
        sent = _colleague(emulator, guide.userid, task.msgid)
        if sent and place % 2 == 0:
            _says_so(site, emulator, guide.userid, task)
        pressed += sent
    return Sentence("又有 {n} 位导购点了发送", n=pressed) if pressed else ""


def _colleague(emulator: EmulatorClient, userid: str, msgid: str) -> bool:
    try:
        emulator.press(f"/phone/guide/{userid}/confirm", msgid=msgid)
    except NotPressed:
        return False  # she did it before; the platform tells us at the next reading
    return True


def _says_so(site: Site, emulator: EmulatorClient, userid: str, task: Task) -> None:
    """Half of them tap 「我已发」 on their card as well; the others went straight to their 群发助手, as people do."""
    with site.db.read() as session:
        card = session.get(Card, task.card_id) if task.card_id else None
        message = session.get(CardMessage, card.message_id) if card and card.message_id else None
    if message is not None:
        with suppress(NotPressed):
            key = f"said:{task.campaign_id}"
            emulator.press(f"/phone/guide/{userid}/card", task_id=message.task_key, key=key)


def scan(site: Site, emulator: EmulatorClient, run: Run) -> str:
    """许静宜's camera reads the code off the very poster that a customer of 王芳 received."""
    if known(site, run).friend:
        return ""
    payload = poster_payload(site, emulator, run)
    told = emulator.press(f"/phone/customer/{CUSTOMER}/scan", payload=payload, wait=True)
    if told.get("userid") != GUIDE:
        return Sentence("{customer}扫了导购海报上的码", customer=NAME_OF_CUSTOMER)
    return Sentence("{customer}扫了{guide}海报上的码", customer=NAME_OF_CUSTOMER, guide=NAME_OF_GUIDE)


def poster_payload(site: Site, emulator: EmulatorClient, run: Run) -> str:
    """Decoded from the received picture; without one, from her code itself."""
    found = known(site, run)
    task = found.task
    if task and task.media_id:
        return posters.read_code(emulator.picture(task.media_id))
    with site.db.read() as session:
        payload = code_payload(session, found.guide) if found.guide else ""
    if not payload:
        raise NotPressed(Sentence("{guide}的入口码还没做好，稍等几秒再按", guide=NAME_OF_GUIDE))
    return payload


def announce(site: Site, _emulator: EmulatorClient, run: Run) -> str:
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
    return Sentence("总部排了一条群公告")


def ask_robot(site: Site, emulator: EmulatorClient, run: Run) -> str:
    """王芳 calls the robot in her store's group, twice."""
    found = known(site, run)
    if found.group is None:
        return ""
    for number, words in enumerate(("今日任务", "签到")):
        if found.questions <= number:
            emulator.press(
                f"/phone/group/{found.group.chat_id}/say", userid=GUIDE, text=f"@小霁 {words}", wait=True
            )
            if number == 0:
                _too(emulator, found.group.chat_id)
    return Sentence("{guide}问了小霁，{other}也问了", guide=NAME_OF_GUIDE, other="赵倩")


def _too(emulator: EmulatorClient, chat_id: str) -> None:
    """A colleague asks as well; where nobody of that name works, nothing is missing."""
    with suppress(NotPressed):
        emulator.press(f"/phone/group/{chat_id}/say", userid=COLLEAGUE, text="@小霁 今日任务", wait=True)


def break_it(site: Site, emulator: EmulatorClient, run: Run) -> str:
    """Three copies of every callback while a customer scans; then our process is killed; then both books are compared."""
    if not run.finale:
        chaos.turn(site, emulator, run, "copies", True)
        run.newcomer = f"wmDEMO{run.number:04d}{secrets.token_hex(4)}"
        name = NEWCOMERS[run.number % len(NEWCOMERS)]
        payload = poster_payload(site, emulator, run)
        _finale(site, run, "scanned")
        emulator.press(f"/phone/customer/{run.newcomer}/scan", payload=payload, name=name)
        return Sentence("每个回调来三遍，{customer}扫了码", customer=name)
    if run.finale == "scanned" and _welcomed(site, run):
        run.pid = os.getpid()
        _finale(site, run, "killed")
        kill_soon()
        return Sentence("工作进程被杀掉，等它重新起来")
    if run.finale == "killed" and os.getpid() != run.pid:
        chaos.turn(site, emulator, run, "copies", False)
        _finale(site, run, "mended")
        return Sentence("进程回来了，两边核对")
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


def known(site: Site, run: Run) -> Cast:
    with site.db.read() as session:
        return cast(session, run)
