"""Connecting the real corp, step by step: what to paste where, what is filled in, and what the doctor says."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlmodel import Session, func, select

from models.inbox import Inbox
from models.org import ACTIVE, Guide
from pages import gates
from pages.language import _
from pages.site import site
from pages.words import moment

blueprint = Blueprint("setup", __name__, url_prefix="/console/setup")
GRADES = {"ok": ("done", "ok"), "warn": ("unknown", "warn"), "bad": ("failed", "bad")}


@dataclass(frozen=True)
class Setting:
    """One name of the environment, and whether it is filled in; never what it is."""

    name: str
    filled: bool
    optional: bool = False


@dataclass(frozen=True)
class Step:
    """One thing to do in the messenger's back office."""

    title: str
    why: str
    todo: tuple[str, ...]
    address: str
    settings: tuple[Setting, ...]
    seen: str
    """What shows that it works, from our own rows"""
    optional: bool = False

    @property
    def done(self) -> bool:
        return bool(self.seen) or (not self.address and all(one.filled for one in self.settings if not one.optional))


@blueprint.get("")
@gates.hq_only
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


def all_steps(session: Session) -> tuple[Step, ...]:
    """In the order in which the platform wants it: callback and trusted domain before the trusted IP."""
    heard = dict(session.exec(select(Inbox.source, func.max(Inbox.received_at)).group_by(Inbox.source)).all())
    guides = session.exec(select(func.count()).select_from(Guide).where(Guide.status == ACTIVE)).one()
    base = site().public_url.rstrip("/")
    return (
        Step(
            _("让外面找得到我们"),
            _("平台要从公网打开这个地址，链接和二维码也用它。"),
            (_("准备一个备案过的域名，用 https"), _("反向代理把它转到这台机器，不要改查询参数")),
            "",
            _settings("ONETAP_PUBLIC_URL", "ONETAP_SECRET_KEY"),
            base if site().secure else "",
        ),
        Step(
            _("建一个自建应用"),
            _("一切都从它发出。可见范围里的人才收得到卡片。"),
            (
                _("管理后台「应用管理 → 自建 → 创建应用」，可见范围选全部门店的部门"),
                _("把企业 ID、AgentId 和 Secret 填进环境变量"),
            ),
            "",
            _settings("ONETAP_WECOM_CORP_ID", "ONETAP_WECOM_AGENT_ID", "ONETAP_WECOM_SECRET"),
            "",
        ),
        Step(
            _("应用的回调"),
            _("客户加了谁、谁点了卡片，都从这里进来。要先于可信 IP 配好。"),
            (
                _("应用里「接收消息 → 设置 API 接收」，随机生成 Token 和 EncodingAESKey，填进环境变量并重启"),
                _("把下面的地址贴进去，点保存，平台会马上来验证"),
            ),
            f"{base}/callback/app",
            _settings("ONETAP_WECOM_TOKEN", "ONETAP_WECOM_AES_KEY"),
            _heard(heard.get("app")),
        ),
        Step(
            _("可信域名和可信 IP"),
            _("没有可信域名，手机页认不出人；没有可信 IP，平台不让调用。"),
            (
                _("「网页授权及 JS-SDK」里填域名，校验文件放进 ONETAP_VERIFY_DIR"),
                _("「企业可信 IP」里填这台机器的出口地址；出口会变就配 ONETAP_HTTP_PROXY"),
            ),
            site().host,
            _settings("ONETAP_VERIFY_DIR", "ONETAP_HTTP_PROXY", optional=True),
            "",
        ),
        Step(
            _("客户联系的权限"),
            _("没有它，读不到好友，也发不出欢迎语和群发。"),
            (
                _("「客户联系 → 客户 → API」里，把这个应用加进可调用接口的应用"),
                _("确认导购都在「客户联系」的使用范围里"),
                _("欢迎语不要再在后台配置，不然平台会先发那一条"),
            ),
            "",
            (),
            _("已有 {n} 位导购", n=guides) if guides else "",
        ),
        Step(
            _("通讯录回调"),
            _("入职、离职马上就知道。不配也行，每天夜里会对账。"),
            (_("「管理工具 → 通讯录同步」，开启并设置接收事件服务器"),),
            f"{base}/callback/contacts",
            _settings("ONETAP_CONTACTS_TOKEN", "ONETAP_CONTACTS_AES_KEY"),
            _heard(heard.get("contacts")),
            optional=True,
        ),
        Step(
            _("智能机器人"),
            _("内部群里 @ 它能签到、看今日任务。只发公告不用它，群里加 Webhook 机器人就够。"),
            (_("「管理工具 → 智能机器人 → API 模式」，填下面的地址"),),
            f"{base}/callback/robot",
            _settings("ONETAP_ROBOT_TOKEN", "ONETAP_ROBOT_AES_KEY"),
            _heard(heard.get("robot")),
            optional=True,
        ),
    )


def _settings(*names: str, optional: bool = False) -> tuple[Setting, ...]:
    return tuple(Setting(name, name in site().configured, optional) for name in names)


def _heard(at: datetime | None) -> str:
    return _("收到过，最近一次 {t}", t=moment(at)) if at else ""
