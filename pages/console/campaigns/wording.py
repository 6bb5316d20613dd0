"""How campaigns are said on pages: their way, their scope, their time."""

from datetime import datetime

from sqlmodel import Session, select

from models.campaigns import PLANNED, Campaign, CampaignStatus
from models.campaigns.fields import of_campaign
from models.campaigns.selection import select_audience
from models.ledger.channels import CHANNELS
from models.org import Branch
from pages.web.formatting import clock, count, day, listed, local, moment
from pages.web.i18n import _
from pages.web.site import site

NAMED_AT_MOST = 3


def channel_word(channel: str) -> str:
    return _(CHANNELS[channel].word)


def channel_icon(channel: str) -> str:
    return CHANNELS[channel].icon


def branch_names(session: Session) -> dict[int, str]:
    return {one.id or 0: one.name for one in session.exec(select(Branch))}


def scope_words(scope: dict[str, list[int]], names: dict[int, str]) -> str:
    """全部导购; 沈阳、大连; 沈阳等 4 个分公司; 3 家门店."""
    parts = []
    branches = [names.get(one, "?") for one in scope.get("branches", [])]
    if len(branches) > NAMED_AT_MOST:
        parts.append(_("{first}等 {n} 个分公司", first=branches[0], n=len(branches)))
    elif branches:
        parts.append(listed(branches))
    if stores := scope.get("stores", []):
        parts.append(_("{n} 家门店", n=len(stores)))
    if guides := scope.get("guides", []):
        parts.append(_("{n} 位导购", n=len(guides)))
    return listed(parts) or _("全部导购")


def when(campaign: Campaign, now: datetime) -> str:
    """18:00 结束; 明天 12:00 结束; 今天 10:00 开始."""
    if campaign.status in PLANNED:
        return _("{t} 开始", t=moment(campaign.launch_at, now))
    if campaign.over:
        return _("{t} 结束", t=moment(campaign.finished_at or campaign.ends_at, now))
    same_day = local(campaign.ends_at).date() == local(now).date()
    return _("{t} 结束", t=clock(campaign.ends_at) if same_day else moment(campaign.ends_at, now))


def span(campaign: Campaign, now: datetime) -> str:
    """今天 10:00 – 18:00, or with both days."""
    first, last = local(campaign.launch_at), local(campaign.ends_at)
    if first.date() == last.date():
        return f"{moment(first, now)} – {last:%H:%M}"
    return (
        f"{moment(first, now)} – {moment(last, now)}"
        if abs((last - first).days) < 2
        else f"{day(first)} {first:%H:%M} – {day(last)} {last:%H:%M}"
    )


def happened(session: Session, campaign: Campaign, verb: str, now: datetime) -> str:
    """How things stand after what somebody has just done."""
    time, planned = moment(campaign.launch_at, now), campaign.status == CampaignStatus.SCHEDULED
    if verb in ("schedule", "launch"):
        if campaign.launched_at:
            return _("已经开始，人群冻结在 {t}。", t=clock(campaign.launched_at))
        if not planned:
            return campaign.status_words
        whom = _whom(session, campaign, now)
        if campaign.launch_at <= now:
            return _("马上开始，几秒后这里变成进行中。按现在算，{whom}。", whom=whom)
        return _("已排定：{t} 自动开始。按现在算，{whom}。", t=time, whom=whom)
    if verb == "submit":
        return _("已提交，等总部审批。批准后到时间自动开始。")
    if verb == "approve":
        return _("已批准，{t} 自动开始。", t=time) if planned else campaign.status_words
    if verb == "edit" and campaign.status_words:
        return _("修改已保存。{more}", more=campaign.status_words)
    if verb == "edit":
        if planned:
            return _("修改已保存，{t} 按新的内容开始。", t=time)
        return _("已存为草稿，还没有排期，到时间也不会发。")
    if verb == "unschedule":
        return _("已撤回，现在是草稿，到时间也不会开始。")
    if verb == "remind":
        return _("正在发提醒，每人一张。")
    if verb == "refresh":
        return _("正在向平台重读，通常 1 分钟内。")
    if verb == "renew":
        return campaign.status_words or _("换成新的一版了。")
    if verb == "go_on":
        return _("其余的也开始发了。")
    if verb == "rules":
        return campaign.status_words or _("已保存。")
    if verb == "resume":
        return _("已继续。")
    return campaign.status_words if verb in ("pause", "cancel", "return") else ""


def _whom(session: Session, campaign: Campaign, now: datetime) -> str:
    """Who sends to how many, by the function that its launch will ask."""
    at, way = max(campaign.launch_at, now), campaign.way
    found = select_audience(session, of_campaign(campaign), at, site().zone, number=campaign.id)
    if not way.sends or way.campaign is None:
        return _("用卡片提醒 {n} 位导购", n=count(found.reached))
    unit = _(way.campaign.unit)
    return _("由 {n} 位导购发给 {m} {unit}", n=count(found.sending), m=count(found.reached), unit=unit)
