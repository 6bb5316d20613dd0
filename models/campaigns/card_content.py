"""What a guide's card says: her tasks, how far each is, and what she can tap.

Nothing on it is hers alone, so that guides with the same tasks may share one message: links and buttons name the
campaign, and who she is tells her session or the platform's callback.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models.campaigns import STATUS_WORDS, TASK_WORDS, Campaign, CampaignStatus, Card, Task, TaskState
from models.campaigns.guide_day import TODAY, own_task_path
from models.db import pieces
from models.ledger.channels import Channel
from models.sentences import Sentence

MOST_LINES = 3
"""So many tasks a card lists; with more the last row says how many are left out."""
TITLE, NOTE, LINE, BUTTON = 36, 44, 30, 10
"""Characters of each part that the platform shows."""
TO_DO, TO_CONFIRM, OVER = 0, 1, 2


@dataclass(frozen=True)
class CardLine:
    """One task on the card: how far it is, what it is, and the path of its page."""

    state: str
    text: str
    path: str


@dataclass(frozen=True)
class CardLink:
    """A line that opens a page of ours; the path begins after the public address."""

    title: str
    path: str


@dataclass(frozen=True)
class CardButton:
    """Her word about one task, which comes back to us under its key."""

    text: str
    key: str


@dataclass(frozen=True)
class CardView:
    """What the card should say now."""

    version: int
    title: str
    note: str
    lines: tuple[CardLine, ...]
    link: CardLink
    """Where the card itself leads"""
    buttons: tuple[CardButton, ...]
    """None when nothing is left to do"""

    @property
    def content(self) -> "CardView":
        """What it says, whichever version it is: cards of equal content share a message."""
        return replace(self, version=0)


Row = tuple[Task, Campaign]
URGENT = "【急件】"


def view(session: Session, card: Card, zone: ZoneInfo) -> CardView:
    """What the card should say: a row for each task and a button for each that is to do, these first."""
    return views(session, [card], zone)[card.id]


def views(session: Session, cards: Sequence[Card], zone: ZoneInfo) -> dict[int | None, CardView]:
    """The same of many cards; one without tasks says nothing, and is left out."""
    of_card: dict[int | None, list[Row]] = defaultdict(list)
    with_campaign = select(Task, Campaign).join(Campaign, col(Campaign.id) == col(Task.campaign_id))
    for piece in pieces([card.id for card in cards]):
        for task, campaign in session.exec(with_campaign.where(col(Task.card_id).in_(piece))):
            of_card[task.card_id].append((task, campaign))
    return {card.id: _view(card, of_card[card.id], zone) for card in cards if card.id in of_card}


def _view(card: Card, found: Sequence[Row], zone: ZoneInfo) -> CardView:
    rows = sorted(found, key=lambda row: (_rank(*row), not row[1].urgent, row[1].ends_at, row[1].id))
    alone = len(rows) == 1
    title, note = _single_heading(*rows[0], zone) if alone else _heading(rows, zone)
    return CardView(
        card.version,
        title,
        note,
        _lines(rows, zone),
        CardLink("打开任务", own_task_path(rows[0][1])) if alone else CardLink("打开今日", TODAY),
        _buttons(rows[:MOST_LINES], alone),
    )


def state(task: Task, campaign: Campaign) -> str:
    """How far a task is, in five characters at most; never more than we know.

    Whether she has opened it is no business of the card: she knows, and each change costs a code.
    """
    if task.confirmed_at:
        return TASK_WORDS[TaskState.CONFIRMED]
    if task.closed_at or campaign.over:
        stopped = campaign.status == CampaignStatus.CANCELLED
        return STATUS_WORDS[CampaignStatus.CANCELLED if stopped else CampaignStatus.FINISHED]
    if task.reported_at:
        return TASK_WORDS[TaskState.REPORTED] if campaign.way.sends else "说知道了"
    return "等你发" if campaign.way.sends else "等你看"


def _rank(task: Task, campaign: Campaign) -> int:
    """Of a notice the platform knows nothing, so her word ends it."""
    if task.ended(campaign) or campaign.over:
        return OVER
    return TO_CONFIRM if task.reported_at else TO_DO


def _single_heading(task: Task, campaign: Campaign, zone: ZoneInfo) -> tuple[str, str]:
    """HQ's own line only while it is to do: afterwards it would ask for what is done or stopped."""
    note = _one_line(campaign.card_note) or _until(campaign, zone)
    if task.confirmed_at or (not campaign.way.confirmed and task.reported_at):
        note = "这件事完成了"
    elif task.closed_at or campaign.over:
        stopped = campaign.status == CampaignStatus.CANCELLED
        note = "总部已停止，不用再做" if stopped else "已过截止时间，不用再做"
    elif task.reported_at:
        note = "你说已发。平台确认后，「今日」里会写"
    return _cut(_name(campaign), TITLE), _cut(note, NOTE)


def _heading(rows: list[Row], zone: ZoneInfo) -> tuple[str, str]:
    ranks = [_rank(*row) for row in rows]
    if todo := ranks.count(TO_DO):
        first = rows[0][1]
        return f"还有 {todo} 件事", _cut(f"先做「{_cut(_name(first), 20)}」，{_until(first, zone)}", NOTE)
    if waiting := ranks.count(TO_CONFIRM):
        return "等平台确认", f"你说已发的 {waiting} 件，确认了「今日」里会写"
    return "这张卡片上的事都结束了", ""


def _lines(rows: list[Row], zone: ZoneInfo) -> tuple[CardLine, ...]:
    """Numbered where there are several, because a button has no room for a name."""
    if len(rows) == 1:
        task, campaign = rows[0]
        about = _fitting(_urgent(task, campaign), *deed(campaign.way), _until(campaign, zone))
        return (CardLine(state(task, campaign), about, own_task_path(campaign)),)
    shown = rows[:MOST_LINES]
    lines = [
        CardLine(
            state(task, campaign),
            _fitting(f"{number} {_urgent(task, campaign)}{_name(campaign)}", _until(campaign, zone)),
            own_task_path(campaign),
        )
        for number, (task, campaign) in enumerate(shown, 1)
    ]
    if more := len(rows) - len(shown):
        lines.append(CardLine("还有", f"还有 {more} 件，在「今日」里看", TODAY))
    return tuple(lines)


def _urgent(task: Task, campaign: Campaign) -> str:
    """HQ's mark, while there is something to hurry for."""
    return URGENT if campaign.urgent and _rank(task, campaign) == TO_DO else ""


def _fitting(*parts: str) -> str:
    """As many of these as fit whole, the first in any case."""
    first, *rest = [part for part in parts if part]
    line = _cut(first, LINE)
    for part in rest:
        line = longer if len(longer := f"{line} · {part}") <= LINE else line
    return line


def deed(way: Channel) -> list[str]:
    """Where she does it, and what; of a notice there is nothing to say."""
    use = way.campaign if way.sends else None
    return (
        [Sentence("在{place}点一次{deed}", place=Sentence(use.place), deed=Sentence(use.deed))] if use else []
    )


def _until(campaign: Campaign, zone: ZoneInfo) -> str:
    return f"{campaign.ends_at.astimezone(zone):%m-%d %H:%M} 前"


def _buttons(shown: list[Row], alone: bool) -> tuple[CardButton, ...]:
    """One for each task that is to do."""
    return tuple(
        CardButton(
            ("" if alone else f"第 {number} 件") + ("我已发" if campaign.way.sends else "我知道了"),
            f"said:{campaign.id}",
        )
        for number, (task, campaign) in enumerate(shown, 1)
        if _rank(task, campaign) == TO_DO
    )


def _name(campaign: Campaign) -> str:
    return _one_line(campaign.card_title) or _one_line(campaign.name)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 1]}…"
