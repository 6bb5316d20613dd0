"""今日任务: what is open for the guide who asks, as a card with one button."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from handlers.registry import EventContext, Outcome, command
from handlers.robot import caller, say, show
from models.campaigns.audience import whom
from models.campaigns.guide_day import MINUTES_PER_TASK, TODAY, Todo, todo_of
from models.org import find_guide
from models.sentences import Sentence

MOST_ROWS = 6
KEY_LETTERS, VALUE_LETTERS = 5, 30
"""What the platform shows of a row on a card (contract 4.3)."""


@command("今日任务", "今日", "任务", "今天")
def todays_tasks(context: EventContext) -> Outcome:
    """今天还有什么要做，打开就能做"""
    guide = find_guide(context.session, context.message.user)
    if guide is None or not guide.present:
        words = "你还不在导购名单里，请店长把你加进门店的部门，第二天就能用"
        return say(context, Sentence("不是在岗的导购，说明了怎么加入"), words)
    todo = todo_of(context.session, guide.id or 0, context.now)
    if not todo:
        return say(
            context,
            Sentence("{guide}没有要做的事", guide=guide.name),
            f"{caller(context)}，今天的都做完了。有新的会发卡片给你",
        )
    return show(Sentence("{guide}还有 {n} 件事", guide=guide.name, n=len(todo)), _card(context, todo))


def _card(context: EventContext, todo: Sequence[Todo]) -> dict[str, object]:
    url = context.handler_context.public_url + TODAY
    rows = [_row(one, context.now, context.handler_context.zone) for one in todo[:MOST_ROWS]]
    return {
        "card_type": "text_notice",
        "main_title": {
            "title": f"{caller(context)}，还有 {len(todo)} 件事",
            "desc": f"大约 {MINUTES_PER_TASK * len(todo)} 分钟",
        },
        "horizontal_content_list": rows,
        "jump_list": [{"type": 1, "title": "打开今日", "url": url}],
        "card_action": {"type": 1, "url": url},
    }


def _row(todo: Todo, now: datetime, zone: ZoneInfo) -> dict[str, str]:
    campaign, people = todo.campaign, whom(todo.campaign, todo.task.customer_count)
    value = _until(campaign.ends_at, now, zone) + (f"，发给 {people}" if people else "")
    return {"keyname": campaign.name[:KEY_LETTERS], "value": value[:VALUE_LETTERS]}


def _until(ends_at: datetime, now: datetime, zone: ZoneInfo) -> str:
    local, today = ends_at.astimezone(zone), now.astimezone(zone).date()
    if local.date() == today:
        return f"{local:%H:%M} 前"
    if local.date() == today + timedelta(days=1):
        return f"明天 {local:%H:%M} 前"
    return f"{local.month} 月 {local.day} 日前"
