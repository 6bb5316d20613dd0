"""Every state of every noun: a shape, a word and a tone, always all three together."""

from dataclasses import dataclass

from models.ledger.inbox import Inbox
from pages.web.i18n import _


@dataclass(frozen=True)
class Label:
    shape: str
    """One of pages.icons.STATES"""
    word: str
    tone: str
    """quiet, run, ok, warn or bad"""


STATES = {
    "outbox": {
        "queued": Label("waiting", "排队中", "quiet"),
        "calling": Label("calling", "正在调用", "run"),
        "sent": Label("done", "已送出", "ok"),
        "not_sent": Label("failed", "没送出", "bad"),
        "unknown": Label("unknown", "结果不明", "warn"),
        "held": Label("paused", "等人放行", "warn"),
        "cancelled": Label("ended", "已撤下", "quiet"),
        "expired": Label("ended", "过了时限", "bad"),
    },
    "inbox": {
        "stored": Label("waiting", "已入账", "quiet"),
        "handled": Label("done", "处理好了", "ok"),
        "failed": Label("calling", "等再试一次", "warn"),
        "parked": Label("failed", "已停放", "bad"),
        "unknown_kind": Label("ended", "没有规则，已留存", "quiet"),
    },
    "campaign": {
        "draft": Label("draft", "草稿", "quiet"),
        "scheduled": Label("waiting", "等开始", "quiet"),
        "running": Label("calling", "进行中", "run"),
        "paused": Label("paused", "已暂停", "warn"),
        "finished": Label("done", "已结束", "ok"),
        "cancelled": Label("ended", "已停止", "quiet"),
    },
    "announcement": {
        "scheduled": Label("waiting", "等开始", "quiet"),
        "waiting": Label("paused", "等总部决定", "warn"),
        "launched": Label("done", "已发出", "ok"),
        "cancelled": Label("ended", "已取消", "quiet"),
    },
    "friend": {
        "friend": Label("done", "好友", "ok"),
        "half": Label("unknown", "等客户通过", "warn"),
        "lost": Label("ended", "已不是好友", "quiet"),
    },
    "guide": {
        "active": Label("done", "在岗", "ok"),
        "left": Label("ended", "已离职", "quiet"),
    },
    "code": {
        "waiting": Label("waiting", "等平台生成", "quiet"),
        "ready": Label("done", "可以用", "ok"),
        "failed": Label("failed", "没生成", "bad"),
    },
    "group": {
        "active": Label("done", "在用", "ok"),
        "dismissed": Label("ended", "已解散", "quiet"),
    },
    "robot": {
        "active": Label("done", "在用", "ok"),
        "disabled": Label("failed", "已停用", "bad"),
    },
    "run": {
        "running": Label("calling", "正在跑", "run"),
        "done": Label("done", "跑完了", "ok"),
        "failed": Label("failed", "没跑成", "bad"),
        "never": Label("waiting", "还没跑过", "quiet"),
    },
}


SOURCES = {"app": "应用", "contacts": "通讯录", "robot": "智能机器人"}
KINDS = {
    "change_external_contact.add_external_contact": "客户加了导购",
    "change_external_contact.add_half_external_contact": "客户加了导购，等通过",
    "change_external_contact.edit_external_contact": "导购改了客户备注",
    "change_external_contact.del_external_contact": "导购删了客户",
    "change_external_contact.del_follow_user": "客户删了导购",
    "change_external_contact.transfer_fail": "客户交接没成",
    "change_external_contact.msg_audit_approved": "客户同意会话存档",
    "change_external_chat.create": "建了客户群",
    "change_external_chat.update": "客户群有变动",
    "change_external_chat.dismiss": "客户群解散",
    "change_external_tag.create": "建了客户标签",
    "change_external_tag.update": "改了客户标签",
    "change_external_tag.delete": "删了客户标签",
    "change_external_tag.shuffle": "客户标签重排",
    "change_contact.create_user": "通讯录来了新人",
    "change_contact.update_user": "通讯录里有人变动",
    "change_contact.delete_user": "通讯录里有人离开",
    "change_contact.create_party": "新建部门",
    "change_contact.update_party": "部门变动",
    "change_contact.delete_party": "部门撤销",
    "template_card_event": "导购点了卡片",
    "template_card_menu_event": "导购点了卡片菜单",
    "enter_agent": "导购打开应用",
    "subscribe": "员工进入可见范围",
    "unsubscribe": "员工离开可见范围",
    "text": "有人对我们说话",
}


def kind_word(kind: str) -> str:
    """The kind in words; an unknown one as the platform spells it."""
    known = KINDS.get(kind) or KINDS.get(kind.rpartition(".")[2])
    if known:
        return _(known)
    return _("有人问机器人") if kind.startswith(("robot", "aibot")) else kind or _("没有写明")


def source_word(source: str) -> str:
    return _(SOURCES.get(source, source))


def outcome_of(row: Inbox) -> str:
    """What became of it: the decision, or what went wrong."""
    return row.error if row.status in ("failed", "parked") else row.decision
