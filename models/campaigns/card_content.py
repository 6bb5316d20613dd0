"""What a guide's card says: up to three of her tasks, how far each is, and what she can tap."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models.campaigns import STATUS_WORDS, TASK_WORDS, Campaign, CampaignStatus, Card, Task, TaskState
from models.campaigns.audience import whom
from models.campaigns.guide_day import TODAY, task_path

MOST_TASKS = 3
TITLE, NOTE, LINK, LINE, BUTTON = 36, 44, 18, 30, 10
"""Characters of each part that the platform shows."""


@dataclass(frozen=True)
class CardLine:
    """One task on the card: how far it is, and what it is."""

    state: str
    text: str


@dataclass(frozen=True)
class CardLink:
    """A line that opens a page of ours; the path begins after the public address."""

    title: str
    path: str


@dataclass(frozen=True)
class CardButton:
    """A tap that comes back to us (key) or opens a page (path)."""

    text: str
    key: str = ""
    path: str = ""
    main: bool = False


@dataclass(frozen=True)
class CardView:
    """What the card should say now."""

    version: int
    title: str
    note: str
    lines: tuple[CardLine, ...]
    links: tuple[CardLink, ...]
    buttons: tuple[CardButton, ...]
    tasks: tuple[int, ...]
    """All tasks that it stands for, also those behind 「还有 n 件」."""


def view(session: Session, card: Card, zone: ZoneInfo) -> CardView:
    """What the card should say: up to three tasks, unfinished ones first, the rest in one line."""
    rows = list(
        session.exec(
            select(Task, Campaign)
            .join(Campaign, col(Campaign.id) == Task.campaign_id)
            .where(Task.card_id == card.id)
        )
    )
    rows.sort(key=lambda row: (_rank(*row), row[1].ends_at, row[0].id))
    shown, more = rows[:MOST_TASKS], len(rows) - MOST_TASKS
    title, note = _heading(rows, zone)
    lines = [
        CardLine(state(task, campaign), _cut(_about(task, campaign, zone), LINE)) for task, campaign in shown
    ]
    if more > 0:
        lines.append(CardLine("还有", f"还有 {more} 件，在「今日」里看"))
    links = tuple(CardLink(_cut(_name(campaign), LINK), task_path(task)) for task, campaign in shown)
    return CardView(
        card.version,
        title,
        note,
        tuple(lines),
        links,
        _buttons(shown),
        tuple(task.id for task, _ in rows if task.id),
    )


def state(task: Task, campaign: Campaign) -> str:
    """How far a task is, in five characters at most; never more than we know."""
    if task.confirmed_at:
        return TASK_WORDS[TaskState.CONFIRMED]
    if task.closed_at or campaign.over:
        stopped = campaign.status == CampaignStatus.CANCELLED
        return STATUS_WORDS[CampaignStatus.CANCELLED if stopped else CampaignStatus.FINISHED]
    if task.reported_at:
        return TASK_WORDS[TaskState.REPORTED] if campaign.way.confirmed else "说知道了"
    return TASK_WORDS[TaskState.OPENED] if task.opened_at else "未打开"


def _rank(task: Task, campaign: Campaign) -> int:
    """0 to do, 1 waits for the platform, 2 over; of a notice the platform knows nothing, so her word ends it."""
    if task.ended(campaign) or campaign.over:
        return 2
    return 1 if task.reported_at else 0


def _heading(rows: list[tuple[Task, Campaign]], zone: ZoneInfo) -> tuple[str, str]:
    if len(rows) == 1:
        task, campaign = rows[0]
        return _cut(_name(campaign), TITLE), _cut(
            _one_line(campaign.card_note) or _about_time(campaign, zone), NOTE
        )
    todo = [row for row in rows if _rank(*row) == 0]
    if todo:
        first = _name(todo[0][1])
        return f"还有 {len(todo)} 件事", _cut(
            f"先做「{_cut(first, 20)}」，{_about_time(todo[0][1], zone)}", NOTE
        )
    waiting = sum(_rank(*row) == 1 for row in rows)
    return (
        ("都说已发，等平台确认", f"还有 {waiting} 件在等，通常 10 分钟内")
        if waiting
        else ("这张卡片上的事都结束了", "")
    )


def _about(task: Task, campaign: Campaign, zone: ZoneInfo) -> str:
    until, name = _about_time(campaign, zone), _name(campaign)
    rest = " · ".join(part for part in (whom(campaign, task.customer_count), until) if part)
    return f"{_cut(name, max(6, LINE - len(rest) - 3))} · {rest}"


def _about_time(campaign: Campaign, zone: ZoneInfo) -> str:
    if campaign.status == CampaignStatus.PAUSED:
        return "总部已暂停"
    return f"{campaign.ends_at.astimezone(zone):%m-%d %H:%M} 前"


def _buttons(shown: list[tuple[Task, Campaign]]) -> tuple[CardButton, ...]:
    """Open and done for each unfinished task; a card always has at least one button."""
    buttons: list[CardButton] = []
    for task, campaign in shown:
        if _rank(task, campaign):
            continue
        tail = "" if len(shown) == 1 else f"·{_name(campaign)}"
        done = "我已发" if campaign.way.confirmed else "我知道了"
        if not task.opened_at:
            buttons.append(CardButton(_cut(f"看到了{tail}", BUTTON), key=f"open:{task.code}"))
        buttons.append(CardButton(_cut(f"{done}{tail}", BUTTON), key=f"said:{task.code}", main=not buttons))
    return tuple(buttons) or (CardButton("看今日任务", path=TODAY),)


def _name(campaign: Campaign) -> str:
    return _one_line(campaign.card_title) or _one_line(campaign.name)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 1]}…"
