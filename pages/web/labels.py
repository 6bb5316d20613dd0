"""Every state of every noun: a shape, a word and a tone, always all three together; and the words of kinds."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from models.accounts import ROLE_WORDS, Role
from models.campaigns import PURPOSE_WORDS, STATUS_WORDS, TASK_WORDS, CampaignStatus, Purpose, TaskState
from models.campaigns.announcement_progress import AnnouncementStanding
from models.campaigns.announcements import AnnouncementStatus, OwnerTap, Way
from models.campaigns.approval import Decision
from models.campaigns.attachments import FORM_WORDS, AttachmentForm
from models.campaigns.slot_lines import STANDING_WORDS, SlotStanding
from models.campaigns.slots import PART_WORDS, ReplacedPart
from models.campaigns.variants import VARIANT_WORDS, VariantStatus
from models.friends import FriendStatus, LostHow, RuleOutcome
from models.friends.entry_code_figures import CodeStanding
from models.friends.entry_codes import EntryCodeKind, EntryCodeStatus, LeadsTo
from models.friends.handover import (
    RULE_WORDS,
    HandoverKind,
    HandoverStatus,
    SuccessorRule,
    TransferState,
)
from models.friends.handover_lines import HandoverStanding
from models.friends.rule_sets import RuleSetStatus
from models.friends.shown_codes import FoundBy
from models.groups import GroupKind, GroupStatus, Voice
from models.groups.robots import RobotStatus
from models.job_runs import JobRunState
from models.kinds import KIND_WORDS, MaterialKind
from models.ledger.inbox import Inbox, InboxSource, InboxStatus
from models.ledger.outbox import OutboxStatus
from models.materials import STOCK_WORDS, MaterialDecision, MaterialStatus, Stock
from models.org import GuideStatus
from pages.web.i18n import _


@dataclass(frozen=True)
class Label:
    shape: str
    """One of pages.web.icons.STATES"""
    word: str
    tone: str
    """quiet, run, ok, warn or bad"""


LABELS: dict[type[str], dict[Any, Label]] = {
    OutboxStatus: {
        OutboxStatus.QUEUED: Label("waiting", "排队中", "quiet"),
        OutboxStatus.CALLING: Label("calling", "正在调用", "run"),
        OutboxStatus.SENT: Label("done", "已送出", "ok"),
        OutboxStatus.NOT_SENT: Label("failed", "没送出", "bad"),
        OutboxStatus.UNKNOWN: Label("unknown", "结果不明", "warn"),
        OutboxStatus.HELD: Label("paused", "等人放行", "warn"),
        OutboxStatus.CANCELLED: Label("ended", "已撤下", "quiet"),
        OutboxStatus.EXPIRED: Label("ended", "过了时限", "bad"),
        OutboxStatus.NEEDLESS: Label("ended", "不用更新", "quiet"),
    },
    InboxStatus: {
        InboxStatus.STORED: Label("waiting", "已入账", "quiet"),
        InboxStatus.HANDLED: Label("done", "处理好了", "ok"),
        InboxStatus.FAILED: Label("calling", "等再试一次", "warn"),
        InboxStatus.PARKED: Label("failed", "已停放", "bad"),
        InboxStatus.UNKNOWN_KIND: Label("ended", "没有规则，已留存", "quiet"),
    },
    CampaignStatus: {
        CampaignStatus.DRAFT: Label("draft", STATUS_WORDS[CampaignStatus.DRAFT], "quiet"),
        CampaignStatus.SUBMITTED: Label("asked", STATUS_WORDS[CampaignStatus.SUBMITTED], "run"),
        CampaignStatus.APPROVED: Label("agreed", STATUS_WORDS[CampaignStatus.APPROVED], "quiet"),
        CampaignStatus.SCHEDULED: Label("planned", STATUS_WORDS[CampaignStatus.SCHEDULED], "quiet"),
        CampaignStatus.RUNNING: Label("calling", STATUS_WORDS[CampaignStatus.RUNNING], "run"),
        CampaignStatus.PAUSED: Label("paused", STATUS_WORDS[CampaignStatus.PAUSED], "warn"),
        CampaignStatus.FINISHED: Label("over", STATUS_WORDS[CampaignStatus.FINISHED], "quiet"),
        CampaignStatus.CANCELLED: Label("ended", STATUS_WORDS[CampaignStatus.CANCELLED], "quiet"),
    },
    TaskState: {
        TaskState.SKIPPED: Label("ended", TASK_WORDS[TaskState.SKIPPED], "quiet"),
        TaskState.WAITING: Label("waiting", TASK_WORDS[TaskState.WAITING], "quiet"),
        TaskState.CARDED: Label("waiting", TASK_WORDS[TaskState.CARDED], "quiet"),
        TaskState.OPENED: Label("calling", TASK_WORDS[TaskState.OPENED], "run"),
        TaskState.REPORTED: Label("calling", TASK_WORDS[TaskState.REPORTED], "warn"),
        TaskState.CONFIRMED: Label("done", TASK_WORDS[TaskState.CONFIRMED], "ok"),
    },
    AnnouncementStatus: {
        AnnouncementStatus.SCHEDULED: Label("planned", "已排定", "quiet"),
        AnnouncementStatus.WAITING: Label("paused", "等总部决定", "warn"),
        AnnouncementStatus.LAUNCHED: Label("calling", "已开始", "run"),
        AnnouncementStatus.CANCELLED: Label("ended", "已停止", "quiet"),
    },
    AnnouncementStanding: {
        AnnouncementStanding.GOING: Label("calling", "正在发", "run"),
        AnnouncementStanding.ASKED: Label("waiting", "等群主点一下", "run"),
        AnnouncementStanding.SENT: Label("done", "已发出", "ok"),
        AnnouncementStanding.UNSURE: Label("unknown", "有的结果不明", "warn"),
        AnnouncementStanding.PARTLY: Label("failed", "有的群没发出", "bad"),
        AnnouncementStanding.FAILED: Label("failed", "没发出", "bad"),
    },
    OwnerTap: {OwnerTap.WAITING: Label("waiting", "等群主点一下", "quiet")},
    FriendStatus: {
        FriendStatus.FRIEND: Label("done", "好友", "ok"),
        FriendStatus.HALF: Label("unknown", "等客户通过", "warn"),
        FriendStatus.LOST: Label("ended", "已不是好友", "quiet"),
    },
    GuideStatus: {
        GuideStatus.ACTIVE: Label("done", "在岗", "ok"),
        GuideStatus.LEFT: Label("ended", "已离职", "quiet"),
    },
    EntryCodeStatus: {
        EntryCodeStatus.WAITING: Label("waiting", "等平台生成", "quiet"),
        EntryCodeStatus.READY: Label("done", "可以用", "ok"),
        EntryCodeStatus.FAILED: Label("failed", "没生成", "bad"),
        EntryCodeStatus.RETIRED: Label("ended", "已停用", "quiet"),
    },
    CodeStanding: {
        CodeStanding.FAILED: Label("failed", "没生成", "bad"),
        CodeStanding.LEFT: Label("unknown", "等交接", "warn"),
        CodeStanding.EXPIRED: Label("over", "已到期", "warn"),
        CodeStanding.SLOW: Label("calling", "偏慢", "warn"),
        CodeStanding.WAITING: Label("waiting", "等平台生成", "quiet"),
        CodeStanding.ACTIVE: Label("calling", "在用", "run"),
        CodeStanding.REACHED: Label("done", "达到了", "ok"),
        CodeStanding.RETIRED: Label("ended", "已停用", "quiet"),
    },
    HandoverStanding: {
        HandoverStanding.NOBODY: Label("unknown", "要选接手的人", "warn"),
        HandoverStanding.WRITING: Label("draft", "名单还在列", "quiet"),
        HandoverStanding.MANAGER: Label("waiting", "等店长确认", "quiet"),
        HandoverStanding.RUNNING: Label("calling", "交接中", "run"),
        HandoverStanding.DONE: Label("done", "办完了", "ok"),
        HandoverStanding.STOPPED: Label("ended", "不办了", "quiet"),
    },
    TransferState: {
        TransferState.GIVEN: Label("draft", "还没有问", "quiet"),
        TransferState.WAITING: Label("waiting", "等客户 24 小时", "quiet"),
        TransferState.DONE: Label("done", "接好了", "ok"),
        TransferState.REFUSED: Label("failed", "客户不同意", "warn"),
        TransferState.NOT_FRIEND: Label("ended", "已不是好友", "quiet"),
        TransferState.LIMITED: Label("paused", "平台现在不让换", "warn"),
    },
    GroupStatus: {
        GroupStatus.ACTIVE: Label("done", "在用", "ok"),
        GroupStatus.DISMISSED: Label("ended", "已解散", "quiet"),
    },
    Voice: {
        Voice.ROBOT: Label("done", "在用", "ok"),
        Voice.TRYING: Label("waiting", "机器人在试话", "quiet"),
        Voice.OWNER: Label("done", "群主点一次", "quiet"),
        Voice.DEAD: Label("failed", "机器人已失效", "bad"),
        Voice.SILENT: Label("draft", "没有机器人", "quiet"),
        Voice.OWNERLESS: Label("unknown", "没有在职的群主", "warn"),
        Voice.DISMISSED: Label("ended", "已解散", "quiet"),
    },
    RobotStatus: {
        RobotStatus.UNTRIED: Label("waiting", "在试话", "quiet"),
        RobotStatus.ACTIVE: Label("done", "在用", "ok"),
        RobotStatus.DEAD: Label("failed", "已失效", "bad"),
        RobotStatus.DISABLED: Label("ended", "已停用", "quiet"),
    },
    MaterialStatus: {
        MaterialStatus.DRAFT: Label("draft", "草稿", "quiet"),
        MaterialStatus.SUBMITTED: Label("asked", "待审批", "run"),
        MaterialStatus.APPROVED: Label("done", "已批准", "ok"),
        MaterialStatus.RETIRED: Label("ended", "已停用", "quiet"),
    },
    JobRunState: {
        JobRunState.RUNNING: Label("calling", "正在跑", "run"),
        JobRunState.DONE: Label("done", "跑完了", "ok"),
        JobRunState.FAILED: Label("failed", "没跑成", "bad"),
        JobRunState.NEVER: Label("waiting", "还没跑过", "quiet"),
    },
}
"""By enum first: members of two enums that the database spells alike are equal."""
WORDS: dict[type[str], dict[Any, str]] = {
    Role: ROLE_WORDS,
    Purpose: PURPOSE_WORDS,
    GroupKind: {GroupKind.INTERNAL: "内部群", GroupKind.CUSTOMER: "客户群"},
    InboxSource: {
        InboxSource.APP: "应用",
        InboxSource.CONTACTS: "通讯录",
        InboxSource.ROBOT: "智能机器人",
    },
    AttachmentForm: FORM_WORDS,
    MaterialKind: KIND_WORDS,
    Stock: STOCK_WORDS,
    SlotStanding: STANDING_WORDS,
    VariantStatus: VARIANT_WORDS,
    ReplacedPart: PART_WORDS,
    SuccessorRule: RULE_WORDS,
}
"""Kinds are told by their word alone."""
NAMED_IN_SENTENCES: tuple[type[StrEnum], ...] = (
    LostHow,
    RuleOutcome,
    RuleSetStatus,
    EntryCodeKind,
    LeadsTo,
    FoundBy,
    Way,
    Decision,
    MaterialDecision,
    HandoverKind,
    HandoverStatus,
)
"""Pages say these in whole sentences of their own."""


def state_of(state: str) -> Label:
    """Shape, word and tone of a state; one that a newer version wrote is shown as it is."""
    return LABELS.get(type(state), {}).get(state) or Label("unknown", str(state), "quiet")


def word_of(kind: str) -> str:
    """The word of a kind; one that a newer version wrote is shown as it is."""
    return _(WORDS.get(type(kind), {}).get(kind, str(kind)))


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


def outcome_of(row: Inbox) -> str:
    """What became of it: the decision, or what went wrong."""
    return row.error if row.status in (InboxStatus.FAILED, InboxStatus.PARKED) else row.decision
