"""今日任务: what is open for the guide who asks, as a card with one button."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from handlers.registry import EventContext, Outcome, command
from handlers.robot import caller, say, show
from models.campaigns import Campaign, Task
from models.campaigns.audience import whom
from models.campaigns.planning import open_tasks
from models.org import find_guide

MINUTES_EACH = 2
MOST_ROWS = 6
KEY_LETTERS, VALUE_LETTERS = 5, 30
"""What the platform shows of a row on a card (contract 4.3)."""


@command("今日任务", "今日", "任务", "今天")
def todays_tasks(context: EventContext) -> Outcome:
    """今天还有什么要做，打开就能做"""
    guide = find_guide(context.session, context.message.user)
    if guide is None or not guide.present:
        words = "你还不在导购名单里，请店长把你加进门店的部门，第二天就能用"
        return say(context, "不是在岗的导购，说明了怎么加入", words)
    tasks = open_tasks(context.session, guide.id or 0, context.now)
    if not tasks:
        return say(
            context, f"{guide.name}没有要做的事", f"{caller(context)}，今天的都做完了。有新的会发卡片给你"
        )
    return show(f"{guide.name}还有 {len(tasks)} 件事", _card(context, tasks))


def _card(context: EventContext, tasks: list[Task]) -> dict[str, object]:
    url = f"{context.around.public_url.rstrip('/')}/g/"
    ids = [task.campaign_id for task in tasks]
    campaigns = {
        one.id: one for one in context.session.exec(select(Campaign).where(col(Campaign.id).in_(ids)))
    }
    rows = [_row(task, campaigns[task.campaign_id], context.now, context.around.zone) for task in tasks]
    return {
        "card_type": "text_notice",
        "main_title": {
            "title": f"{caller(context)}，还有 {len(tasks)} 件事",
            "desc": f"大约 {MINUTES_EACH * len(tasks)} 分钟",
        },
        "horizontal_content_list": rows[:MOST_ROWS],
        "jump_list": [{"type": 1, "title": "打开今日", "url": url}],
        "card_action": {"type": 1, "url": url},
    }


def _row(task: Task, campaign: Campaign, now: datetime, zone: ZoneInfo) -> dict[str, str]:
    people = whom(campaign, task.customer_count)
    value = _until(campaign.ends_at, now, zone) + (f"，发给 {people}" if people else "")
    return {"keyname": campaign.name[:KEY_LETTERS], "value": value[:VALUE_LETTERS]}


def _until(ends_at: datetime, now: datetime, zone: ZoneInfo) -> str:
    local, today = ends_at.astimezone(zone), now.astimezone(zone).date()
    if local.date() == today:
        return f"{local:%H:%M} 前"
    if local.date() == today + timedelta(days=1):
        return f"明天 {local:%H:%M} 前"
    return f"{local.month} 月 {local.day} 日前"
