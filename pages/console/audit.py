"""谁做了什么: every change that a person or the program made, newest first."""

from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import or_
from sqlmodel import col, select

from models.accounts.audit import COMMAND_LINE, SYSTEM, Audit
from models.campaigns.history import TITLES
from models.db import count
from models.delivery_decisions import DECISIONS
from pages.console import imports
from pages.web import access, lists
from pages.web.i18n import _
from pages.web.site import site

blueprint = Blueprint("audit", __name__, url_prefix="/console/audit")
PER_PAGE = 50
VERBS = {
    **TITLES,
    **{f"delivery.{name}": word for name, word in DECISIONS.items()},
    "store.city": "改城市",
    "store.hours": "改营业时间",
    "store.closed": "关店",
    "store.reopened": "又开店",
    "guide.shift": "改排班",
    "friend.claimed": "领走待领的好友",
    "friend.given": "把待领的好友交给导购",
    "friend.moved": "换归属导购",
    "rule_set.publish": "上线分配规则",
    "rule_set.back": "换回以前的分配规则",
    "rule_set.follow_hq": "改用总部的分配规则",
    "rule_set.discard": "丢掉分配规则的草稿",
    "announcement.schedule": "排期",
    "announcement.launch": "开始",
    "announcement.late": "没有按时开始，等总部决定",
    "announcement.resume": "现在补发",
    "announcement.cancel": "停止",
    "account.add": "新建",
    "account.on": "启用",
    "account.off": "停用",
    "account.password": "改密码",
    "account.sign_in": "登录",
    "account.userid": "改企业微信账号",
    "brand.change": "修改",
    "callback.read": "看原话",
    "campaign.move_back": "撤回改期",
    "callback.replay": "重放",
    "database.restore": "从备份恢复",
    "entry_code.ask": "再要一次",
    "entry_code.change": "修改",
    "entry_code.create": "新建",
    "entry_code.retire": "停用",
    "group.add": "新建",
    "guide.left": "说她离职了",
    "handover.again": "换一位再问",
    "handover.begin": "在职换人",
    "handover.choose": "选接手的人",
    "handover.confirm": "确认交接",
    "handover.stop": "放弃交接",
    "import": "导入",
    "ledger.prune": "清理",
    "material.approve": "批准",
    "material.create": "新建",
    "material.edit": "修改",
    "material.retire": "停用",
    "material.return": "退回",
    "material.stock": "改件数",
    "material.submit": "提交",
    "mix.allow": "放宽一周的销售",
    "own_day.add": "新建",
    "own_day.remove": "去掉一天",
    "removal_guard.confirm": "确认少了这些人",
    "robot.add": "放进群",
    "robot.disable": "停用",
    "series.change": "改重复",
    "series.content": "以后照这一次",
    "series.stop": "停下重复",
    "slot.clear": "拿出活动",
    "slot.close": "收回位置",
    "slot.fill": "放进活动",
    "slot.open": "开放位置",
    "timetable.run": "现在跑一次",
    "token.add": "新建",
    "token.revoke": "收回",
    "variant.approve": "批准分公司版",
    "variant.put": "交分公司版",
    "variant.return": "退回分公司版",
    "variant.take_back": "撤下分公司版",
}
"""What was done, in words"""
NOUNS = {
    "series": ("重复的活动", ""),
    "account": ("账号", ""),
    "announcement": ("公告", "announcements.detail"),
    "store": ("门店", "stores.detail"),
    "brand": ("品牌与保留", ""),
    "callback": ("回调", "callbacks.detail"),
    "callbacks": ("回调", ""),
    "campaign": ("活动", "campaigns.detail"),
    "database": ("数据库", ""),
    "deliveries": ("投递", ""),
    "delivery": ("投递", "deliveries.detail"),
    "guide": ("导购", "guides.detail"),
    "handover": ("交接", ""),
    "friend": ("好友", "friends.detail"),
    "rule_set": ("分配规则", ""),
    "entry_code": ("入口码", "codes.detail"),
    "material": ("素材", "materials.detail"),
    "group": ("群", "groups.detail"),
    "mix": ("一周的比例", ""),
    "ledger": ("过了保留期的记录", ""),
    "own_day": ("总部加的日子", ""),
    "plan": ("定时任务", ""),
    "robot": ("机器人", ""),
    "slot": ("总部开放的位置", "slots.one"),
    "token": ("API 令牌", ""),
    "variant": ("分公司版", ""),
    **{noun: (word, "") for noun, word in imports.NOUNS.items()},
}
"""What it was done to, in words, and the page of one of them"""
WITHOUT_PAGE = {"campaign.discard"}
"""After this the row is gone."""


@blueprint.get("")
@access.hq_only
def rows() -> ResponseReturnValue:
    text, columns = lists.text(), (Audit.actor, Audit.verb, Audit.noun, Audit.detail)
    verbs = [verb for verb, word in VERBS.items() if text in (word, _(word))]
    holds = [col(Audit.verb).in_(verbs), *(col(one).contains(text, autoescape=True) for one in columns)]
    found = [or_(*holds)] if text else []
    with site().db.read() as session:
        newest = select(Audit).where(*found).order_by(col(Audit.id).desc())
        listing = lists.list_page(
            [],
            lambda page: session.exec(page.cut(newest)).all(),
            PER_PAGE,
            total=count(session, Audit, *found),
        )
    parts = {"actor_of": actor_of, "verb_of": verb_of, "noun_of": noun_of, "page_of": page_of}
    return render_template("console/audit.html", listing=listing, tab="audit", **parts)


def actor_of(row: Audit) -> str:
    return _(row.actor) if row.actor in (SYSTEM, COMMAND_LINE) else row.actor


def verb_of(row: Audit) -> str:
    """One that a newer version wrote is shown as it is."""
    return _(VERBS.get(row.verb, row.verb))


def noun_of(row: Audit) -> str:
    kind, _colon, number = row.noun.partition(":")
    word = _(NOUNS[kind][0]) if kind in NOUNS else kind
    return f"{word} {number}".strip()


def page_of(row: Audit) -> str:
    """Where what it was done to stands, if it has a page of its own."""
    kind, _colon, number = row.noun.partition(":")
    endpoint = NOUNS.get(kind, ("", ""))[1]
    if not endpoint or not number.isdecimal() or row.verb in WITHOUT_PAGE:
        return ""
    number_of: dict[str, Any] = {f"{kind}_id": int(number)}
    return url_for(endpoint, **number_of)
