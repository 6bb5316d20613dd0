"""Connecting the real corp, step by step: what to paste where, what is filled in, and what the doctor says."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlmodel import Session, func, select

from models.db import count
from models.ledger.inbox import Inbox, InboxSource
from models.org import Guide, GuideStatus
from pages.web import access
from pages.web.formatting import moment
from pages.web.i18n import _
from pages.web.site import site

blueprint = Blueprint("setup", __name__, url_prefix="/console/setup")
GRADES = {"ok": ("done", "ok"), "warn": ("unknown", "warn"), "bad": ("failed", "bad")}


@dataclass(frozen=True)
class Setting:
    """One name of the environment, and whether it is filled in; never what it is."""

    name: str
    filled: bool
    optional: bool = False


@dataclass(frozen=True)
class SetupTodo:
    """One thing to do in the platform's back office."""

    title: str
    why: str
    todo: tuple[str, ...]
    needs: tuple[str, ...] = ()
    """Settings of the environment"""
    source: InboxSource | None = None
    """The callback that is set up here"""
    optional: bool = False


PUBLIC = SetupTodo(
    "让外面找得到我们",
    "平台要从公网打开这个地址，链接和二维码也用它。",
    ("准备一个备案过的域名，用 https", "反向代理把它转到这台机器，不要改查询参数"),
    ("ONETAP_PUBLIC_URL", "ONETAP_SECRET_KEY"),
)
TRUSTED = SetupTodo(
    "可信域名和可信 IP",
    "没有可信域名，手机页认不出人；没有可信 IP，平台不让调用。",
    (
        "「网页授权及 JS-SDK」里填域名，校验文件放进 ONETAP_VERIFY_DIR",
        "「企业可信 IP」里填这台机器的出口地址；出口会变就配 ONETAP_HTTP_PROXY",
    ),
    ("ONETAP_VERIFY_DIR", "ONETAP_HTTP_PROXY"),
)
CUSTOMERS = SetupTodo(
    "客户联系的权限",
    "没有它，读不到好友，也发不出欢迎语和群发。",
    (
        "「客户联系 → 客户 → API」里，把这个应用加进可调用接口的应用",
        "确认导购都在「客户联系」的使用范围里",
        "欢迎语不要再在后台配置，不然平台会先发那一条",
    ),
)
STEPS = (
    PUBLIC,
    SetupTodo(
        "建一个自建应用",
        "一切都从它发出。可见范围里的人才收得到卡片。",
        (
            "管理后台「应用管理 → 自建 → 创建应用」，可见范围选全部门店的部门",
            "把企业 ID、AgentId 和 Secret 填进环境变量",
        ),
        ("ONETAP_WECOM_CORP_ID", "ONETAP_WECOM_AGENT_ID", "ONETAP_WECOM_SECRET"),
    ),
    SetupTodo(
        "应用的回调",
        "客户加了谁、谁点了卡片，都从这里进来。要先于可信 IP 配好。",
        (
            "应用里「接收消息 → 设置 API 接收」，随机生成 Token 和 EncodingAESKey，填进环境变量并重启",
            "把下面的地址贴进去，点保存，平台会马上来验证",
        ),
        ("ONETAP_WECOM_TOKEN", "ONETAP_WECOM_AES_KEY"),
        source=InboxSource.APP,
    ),
    TRUSTED,
    CUSTOMERS,
    SetupTodo(
        "通讯录回调",
        "入职、离职马上就知道。不配也行，每天夜里会对账。",
        ("「管理工具 → 通讯录同步」，开启并设置接收事件服务器",),
        ("ONETAP_CONTACTS_TOKEN", "ONETAP_CONTACTS_AES_KEY"),
        source=InboxSource.CONTACTS,
        optional=True,
    ),
    SetupTodo(
        "智能机器人",
        "内部群里 @ 它能签到、看今日任务。只发公告不用它，群里加 Webhook 机器人就够。",
        ("「管理工具 → 智能机器人 → API 模式」，填下面的地址",),
        ("ONETAP_ROBOT_TOKEN", "ONETAP_ROBOT_AES_KEY"),
        source=InboxSource.ROBOT,
        optional=True,
    ),
)
"""In the order in which the platform wants it: callback and trusted domain before the trusted IP."""


@dataclass(frozen=True)
class SetupStep:
    """One thing to do, and how far it is."""

    it: SetupTodo
    address: str
    """What to paste"""
    settings: tuple[Setting, ...]
    seen: str
    """What shows that it works, from our own rows"""

    @property
    def done(self) -> bool:
        """Seen to work, or, where nothing could show it, filled in."""
        needed = [one.filled for one in self.settings if not one.optional]
        return bool(self.seen) or (not self.address and bool(needed) and all(needed))


@blueprint.get("")
@access.hq_only
def steps() -> ResponseReturnValue:
    """With ?examine=1 the doctor looks now: it asks the platform, so it is not done on every visit."""
    with site().db.read() as session:
        found = all_steps(session)
    examine = site().examine
    findings: list[Any] = list(examine()) if examine and request.args.get("examine") else []
    return render_template(
        "console/setup.html",
        steps=found,
        findings=findings,
        can_examine=examine is not None,
        grades=GRADES,
        knows_settings=bool(site().configured),
        tab="setup",
        here="accounts",
    )


def all_steps(session: Session) -> list[SetupStep]:
    heard = dict(session.exec(select(Inbox.source, func.max(Inbox.received_at)).group_by(Inbox.source)).all())
    guides = count(session, Guide, Guide.status == GuideStatus.ACTIVE)
    base = site().public_url
    seen = {
        PUBLIC: base if site().secure else "",
        CUSTOMERS: _("已有 {n} 位导购", n=guides) if guides else "",
    }
    return [
        SetupStep(
            it,
            f"{base}/callback/{it.source}" if it.source else site().host if it is TRUSTED else "",
            tuple(Setting(name, name in site().configured, it is TRUSTED) for name in it.needs),
            seen.get(it) or _heard(heard.get(it.source) if it.source else None),
        )
        for it in STEPS
    ]


def _heard(at: datetime | None) -> str:
    return _("收到过，最近一次 {t}", t=moment(at)) if at else ""
