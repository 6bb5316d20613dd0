"""What the messenger told us, said for people: kinds of callbacks, their sources, what a handler made of them."""

from models.inbox import Inbox
from pages.language import _

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
