"""The steps of the demo: who acts, how one sees that a step is done, and what presses it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from models.campaigns import Campaign, CampaignStatus, TaskAudience, lifecycle, recipients
from models.db.sets import NOBODY
from models.errors import Refused
from models.ledger.channels import MASS
from models.ledger.outbox import OPEN, Outbox
from models.sentences import Sentence
from pages.demo import chaos, crosscheck, leaving_steps
from pages.demo.actions import (
    ENOUGH,
    announce,
    ask_robot,
    ask_why,
    break_it,
    confirm,
    open_task,
    others_confirm,
    post,
    scan,
    schedule,
    wait,
)
from pages.demo.emulator_client import EmulatorClient, NotPressed
from pages.demo.runs import CUSTOMER, NAME, POST, Cast, Run, cast, read
from pages.web import i18n
from pages.web.i18n import _
from pages.web.site import Site

FRESH = timedelta(seconds=1)
LETTERS_PER_SECOND = {i18n.CHINESE: 7, i18n.ENGLISH: 17}
"""How fast a language is read by somebody who sees the words for the first time"""
_one_at_a_time = threading.Lock()
_newest: tuple[int, datetime, crosscheck.Proof] | None = None


@dataclass(frozen=True)
class DemoStep:
    """One step: who acts, what it is called, when it is done, and what presses it (again until it is done)."""

    actor: str
    title: str
    about: str
    done: Callable[[Cast, Run], bool]
    press: Callable[[Site, EmulatorClient, Run], str]

    @property
    def reading(self) -> float:
        """Seconds for which its words stand there before anything is pressed."""
        return 1 + len(_(self.title) + _(self.about)) / LETTERS_PER_SECOND[i18n.current()]


def received(found: Cast) -> bool:
    """Her customers have it, HQ has read so, and some colleagues have confirmed too."""
    return bool(found.task and found.task.confirmed_at and found.task.reached) and found.confirmed >= min(
        ENOUGH, found.tasks
    )


def settled(row: Outbox | None) -> bool:
    return row is not None and row.status not in OPEN


STEPS = (
    DemoStep(
        "hq",
        "总部排期活动，发给东北的导购",
        "到时间自动发，人群在那一刻冻结",
        lambda it, _: it.campaign is not None,
        schedule,
    ),
    DemoStep(
        "guide",
        "每位导购收到一张卡片",
        "海报各画各的，印着各人的名字和码",
        lambda it, _: it.told,
        wait,
    ),
    DemoStep(
        "guide",
        "王芳打开卡片，看到自己的海报",
        "还没有发给任何客户",
        lambda it, _: bool(it.task and it.task.opened_at),
        open_task,
    ),
    DemoStep(
        "mass-assistant",
        "王芳在群发助手里点一次发送",
        "只有这一下会发给客户",
        lambda it, run: run.confirmed or bool(it.task and it.task.confirmed_at),
        confirm,
    ),
    DemoStep(
        "hq",
        "客户收到，总部的数字跟着动",
        "平台不会主动说，所以隔几秒读一次结果",
        lambda it, _: received(it),
        others_confirm,
    ),
    DemoStep(
        "customer",
        "许静宜扫海报上的码，加好友",
        "码是从她看到的那张图里读出来的",
        lambda it, _: it.friend is not None and settled(it.welcome),
        scan,
    ),
    DemoStep(
        "group",
        "总部用机器人在店内群播报",
        "内部群才有机器人，客户群走群主",
        lambda it, _: settled(it.announced),
        announce,
    ),
    DemoStep(
        "group",
        "王芳在群里问小霁",
        "今日任务、签到，答一张卡片或一句话",
        lambda it, _: it.questions >= 2,
        ask_robot,
    ),
    DemoStep(
        "mass-assistant",
        "总部发一条朋友圈，王芳点一次发表",
        "一个任务发给所有导购，谁发表了平台会说",
        lambda it, run: run.posted or bool(it.post_task and it.post_task.confirmed_at),
        post,
    ),
    DemoStep(
        "hq",
        "她为什么没收到，一句话回答",
        "没发给谁、谁还没点，每位客户都有原因",
        lambda _, run: bool(run.asked),
        ask_why,
    ),
    DemoStep(
        "break",
        "弄坏它，再对一遍账",
        "回调来三遍，进程被杀，数字还对得上",
        lambda _, run: run.finale == "mended",
        break_it,
    ),
    DemoStep(
        "hq",
        "一位同事离职，谁来接已经列好",
        "她的登录马上收回，好友、群、码一样不落",
        lambda it, _: bool(it.leaving and it.leaving.planned),
        leaving_steps.leave,
    ),
    DemoStep(
        "guide",
        "店长点 3 下，客户收到换人的通知",
        "打开、看名单、确认；24 小时里客户可以不同意",
        lambda it, _: bool(it.leaving and it.leaving.asked),
        leaving_steps.confirm,
    ),
    DemoStep(
        "customer",
        "一位客户不同意，留在原来那位名下",
        "总部看得到是谁，可以换一位再问",
        lambda it, _: bool(it.leaving and (it.leaving.numbers.refused or it.leaving.over)),
        leaving_steps.decline,
    ),
    DemoStep(
        "customer",
        "一天以后，客户跟着接手的人走",
        "演示里一天一下就过；六个数加起来总是她的全部好友",
        lambda it, _: bool(it.leaving and it.leaving.over),
        leaving_steps.day_passes,
    ),
)


def press(site: Site, emulator: EmulatorClient, number: int) -> str:
    """Do step `number` (from 1) unless it is done; what happened, in words. Two browsers at once press once."""
    with _one_at_a_time:
        with site.db.read() as session:
            run = read(session)
            found = cast(session, run) if run else None
        step = STEPS[number - 1]
        if run is None or found is None or step.done(found, run):
            return ""
        missing = next((earlier for earlier in STEPS[: number - 1] if not earlier.done(found, run)), None)
        if missing and number not in (1, 7, 8, 9):
            raise NotPressed(Sentence("先要：{step}", step=Sentence(missing.title)))
        return step.press(site, emulator, run)


def proof(site: Site, emulator: EmulatorClient, run: Run, campaign: Campaign | None) -> crosscheck.Proof:
    """Both books compared, once a second at most: several panels and browsers ask."""
    global _newest
    now = site.clock()
    if _newest is None or _newest[0] != run.number or now - _newest[1] > FRESH:
        _newest = (run.number, now, crosscheck.compare(site, emulator, run, campaign))
    return _newest[2]


def viewer(session: Session, found: Cast) -> str:
    """Whose phone the third panel shows: a customer of 王芳 who receives the poster, then 许静宜, in the end who follows."""
    if found.leaving and found.leaving.asked and found.leaving.follower:
        return found.leaving.follower
    if found.task is None or found.friend or received(found):
        return CUSTOMER
    share = select(col(TaskAudience.members)).where(TaskAudience.task_id == found.task.id)
    first = (session.exec(share).one_or_none() or NOBODY)[:1]
    return next(iter(recipients.names_of(session, MASS, first).values()), CUSTOMER)


def clear_stage(site: Site, emulator: EmulatorClient) -> None:
    """Before a new run: switches off, 王芳 is back, 许静宜 is nobody's friend, the last campaign is stopped."""
    with site.db.read() as session:
        before = read(session)
    chaos.all_off(site, emulator, before)
    for guide in emulator.look(f"/phone/customer/{CUSTOMER}")["guides"]:
        if guide["relation"] == "full":
            emulator.press(f"/phone/customer/{CUSTOMER}/delete", userid=guide["userid"], wait=True)
    now = site.clock()
    with site.db.write() as session:
        running = session.exec(
            select(Campaign).where(
                col(Campaign.name).in_((NAME, POST)),
                col(Campaign.status).in_([CampaignStatus.SCHEDULED, CampaignStatus.RUNNING]),
            )
        ).all()
        for campaign in running:
            try:
                lifecycle.cancel(session, campaign, "演示", now)
            except Refused:
                continue
