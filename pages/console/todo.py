"""需要人处理: what only a person can solve, each in one line with one verb."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy import ColumnElement
from sqlmodel import Session

from models import waiting
from models.accounts import Role
from models.groups import Voice
from models.ledger.channels import CHANNELS
from models.org import removal_guard
from models.org.removal_guard import PendingRemoval
from models.waiting import Waiting
from pages.console.pending_removals import GUIDES
from pages.web import formatting
from pages.web.i18n import _
from pages.web.scope import Scope


@dataclass(frozen=True)
class TodoItem:
    """Something that only a person can solve: what, what it means, one verb."""

    icon: str
    tone: str
    what: str
    detail: str
    verb: str
    href: str


def todo_list(session: Session, here: Scope, campaigns: ColumnElement[bool], now: datetime) -> list[TodoItem]:
    """What waits for the viewer, the most pressing first; `campaigns` are those that the viewer may see."""
    hq = here.role == Role.HQ
    found = waiting.numbers(
        session,
        hq=hq,
        deliveries=here.deliveries(),
        campaigns=campaigns,
        series=here.series(),
        announcements=here.announcements(),
        guides=here.guides(),
        codes=here.codes(),
        groups=here.groups(),
        friends=here.friends(),
        branch_id=here.branch_id if here.role == Role.BRANCH else None,
        now=now,
    )
    pending = [one for one in removal_guard.waiting(session) if not one.by] if hq else []
    return [
        *_pending_removals(pending),
        *_calls(found),
        *_submitted(found),
        *_variants(found),
        *_unmade(found),
        *_slots(found),
        *_paused(found),
        *_late(found),
        *_groups(found),
        *_people(found, now),
    ]


def _pending_removals(pending: list[PendingRemoval]) -> Iterator[TodoItem]:
    """Comparisons that wait for HQ's yes (B13)."""
    for plan in dict.fromkeys(one.plan for one in pending):
        number = formatting.count(sum(one.number for one in pending if one.plan == plan))
        what = (
            _("通讯录里一下少了 {n} 位导购", n=number)
            if plan == GUIDES
            else _("名单里一下少了 {n} 位好友", n=number)
        )
        href = url_for("pending_removals.ask", plan=plan)
        yield TodoItem("user-minus", "bad", what, _("对账先没有照做，等你确认"), _("看名单"), href)


def _calls(found: Waiting) -> Iterator[TodoItem]:
    if found.parked:
        what = _("{n} 个回调处理失败，已停放", n=found.parked)
        href = url_for("callbacks.all_callbacks", state="parked")
        yield TodoItem("inbox", "bad", what, _("内容都在，修好后可重放"), _("查看"), href)
    for channel, number in found.unknown:
        label = _(CHANNELS[channel].label) if channel in CHANNELS else channel
        what = _("{n} 条{what}结果不明", n=number, what=label)
        href = url_for("deliveries.all_deliveries", state="unknown", channel=channel)
        yield TodoItem("state-unknown", "warn", what, _("平台没回答，为免重复没有重发"), _("核对"), href)
    if found.unanswered and found.unanswered_since:
        what = _("{n} 个调用平台一直没有回答", n=formatting.count(found.unanswered))
        why = _("最早的是 {t} 的。会一直重试；请看网络和平台", t=formatting.moment(found.unanswered_since))
        href = url_for("deliveries.all_deliveries", unanswered=1, days="all")
        yield TodoItem("state-unknown", "warn", what, why, _("查看"), href)
    if found.held:
        what = _("{n} 条投递等人放行", n=formatting.count(found.held))
        href = url_for("deliveries.all_deliveries", state="held", restored=1)
        yield TodoItem("player-pause", "warn", what, _("从备份恢复后先停着，看过再放"), _("查看"), href)


def _submitted(found: Waiting) -> Iterator[TodoItem]:
    for campaign in found.submitted:
        when = formatting.moment(campaign.launch_at)
        why = campaign.status_words or _("计划 {t} 开始，批准以前不会发", t=when)
        href = url_for("campaign_approval.ask", campaign_id=campaign.id)
        yield TodoItem("list-check", "run", _("「{name}」等审批", name=campaign.name), why, _("去看"), href)


def _variants(found: Waiting) -> Iterator[TodoItem]:
    if found.variants:
        what = _("{n} 个分公司版等你批", n=found.variants)
        why = _("没批下来的，到时间发总部的")
        yield TodoItem("layout-grid-add", "run", what, why, _("去看"), url_for("slots.all_slots"))


def _unmade(found: Waiting) -> Iterator[TodoItem]:
    for one in found.unmade:
        what = _("重复活动「{name}」{t} 那一次没有建", name=one.name, t=formatting.moment(one.due_at))
        href = url_for("campaign_series.ask", campaign_id=one.campaign_id)
        yield TodoItem("calendar-event", "warn", what, one.words, _("查看"), href)


def _slots(found: Waiting) -> Iterator[TodoItem]:
    for slot in found.slots:
        what = _("{t} 的位置还空着", t=formatting.moment(slot.begins_at))
        why = _("{t} 之前提交，来得及审批。", t=formatting.moment(slot.submit_by))
        href = url_for("slots.one", slot_id=slot.id)
        yield TodoItem(
            "layout-grid-add", "run", what, why, _("换几样") if slot.campaign_id else _("放一件"), href
        )


def _paused(found: Waiting) -> Iterator[TodoItem]:
    for campaign in found.paused:
        why = campaign.status_words or _("等你决定继续还是停止")
        href = url_for("campaigns.detail", campaign_id=campaign.id)
        yield TodoItem("player-pause", "warn", _("「{name}」停着", name=campaign.name), why, _("决定"), href)


def _late(found: Waiting) -> Iterator[TodoItem]:
    for one in found.late:
        what = _("公告「{title}」没有按时发出", title=one.title)
        href = url_for("announcements.detail", announcement_id=one.id)
        yield TodoItem("player-pause", "warn", what, one.status_words, _("决定"), href)


def _groups(found: Waiting) -> Iterator[TodoItem]:
    for one, progress in found.not_arrived:
        what = _("公告「{title}」有 {n} 个群没发出", title=one.title, n=formatting.count(progress.failed))
        href = url_for("announcements.detail", announcement_id=one.id)
        yield TodoItem("speakerphone", "bad", what, _("原因写在每一行"), _("查看"), href)
    if found.silenced:
        what = _("{n} 个内部群的机器人失效了", n=formatting.count(found.silenced))
        href = url_for("groups.all_groups", kind=Voice.DEAD)
        yield TodoItem("robot", "bad", what, _("公告到不了这些群，要换一个机器人"), _("查看"), href)


def _people(found: Waiting, now: datetime) -> Iterator[TodoItem]:
    if found.unclaimed:
        what = _("{n} 位新好友待领", n=formatting.count(found.unclaimed))
        first = found.unclaimed_since
        age = _("最久的等了 {t}", t=formatting.duration(now - first)) if first else ""
        href = url_for("friends.all_friends", state="nobody")
        yield TodoItem("user-plus", "warn", what, age, _("去领"), href)
    if found.leavers:
        what = _("{n} 位导购离职，{m} 位好友待交接", n=found.leavers, m=formatting.count(found.left_friends))
        first = found.first_left_at
        gone = _("最早一位已离职 {t}", t=formatting.duration(now - first)) if first else ""
        href = url_for("handovers.all_handovers")
        yield TodoItem("user-minus", "quiet", what, gone, _("去交接"), href)
    for number, words, view in (
        (found.failed_store_codes, _("{n} 家门店的码没生成"), "stores.all_stores"),
        (found.failed_guide_codes, _("{n} 位导购的码没生成"), "guides.all_guides"),
        (found.failed_other_codes, _("{n} 个分公司和渠道的码没生成"), "codes.all_codes"),
    ):
        if number:
            what, href = words.format(n=formatting.count(number)), url_for(view, code="failed")
            yield TodoItem("qrcode", "bad", what, _("原因写在每一行"), _("查看"), href)
