"""The ledger of a campaign: one line per customer (or group) whom it addressed, with what became of her, and why.

The lines stand in no table: they are read out of the guides' shares, some guides at a time, so that two million of them
take the memory of a few and no transaction stays open for long.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import accumulate
from typing import Any

from pyroaring import FrozenBitMap
from sqlalchemy import ColumnElement, case, func, literal
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, select

from models.accounts import audit
from models.campaigns import Campaign, Result, Task, TaskAudience
from models.campaigns.progress import how_many, left_out
from models.campaigns.recipients import described
from models.campaigns.results import NOT_REACHED
from models.db import Database
from models.db.sets import union
from models.errors import Refused
from models.ledger.channels import Channel
from models.names import line_fault
from models.org import Branch, Guide, Store
from models.sentences import Sentence

TASKS_AT_ONCE = 20
LEAST_REASON, MOST_REASON = 2, 100
"""Letters of the reason why somebody takes names away"""


class Fate(StrEnum):
    """What became of somebody whom a campaign addresses; each stands in exactly one."""

    REACHED = "reached"
    UNCONFIRMED = "unconfirmed"
    """It waits where the guide confirms: in her 群发助手, in her 客户朋友圈."""
    PREPARING = "preparing"
    SKIPPED = "skipped"
    LIMITED = "limited"
    NOT_FRIEND = "not_friend"
    UNSENDABLE = "unsendable"
    """The platform did not take her when the task was made."""
    UNKNOWN = "unknown"


_WORDS = {
    Fate.REACHED: "已收到",
    Fate.UNCONFIRMED: "导购还没在{place}里确认",
    Fate.PREPARING: "{label}还没建成",
    Fate.SKIPPED: "导购没有拿到任务",
    Fate.LIMITED: NOT_REACHED[Result.LIMITED],
    Fate.NOT_FRIEND: NOT_REACHED[Result.NOT_FRIEND],
    Fate.UNSENDABLE: NOT_REACHED[Result.REFUSED],
    Fate.UNKNOWN: "平台还没给结果",
}
SEEN = "已发表，她看得到"
"""Of whomever a Moments post reached: nobody tells who looked at it."""
UNREAD = "还没从平台读到{label}建好没有"
"""Of a Moments job: it is read back, and the post may stand on the phones before it is."""
HER_WORD_ALONE = "平台不告诉她分享给了谁，只有导购自己说的"
"""Of whomever a campaign addresses that the guides share from their own page"""


def fate_words(fate: Fate, way: Channel) -> str:
    """What became of somebody, by the words of the channel that was to reach her."""
    if not way.confirmed and fate != Fate.SKIPPED:
        return HER_WORD_ALONE
    if way.together and fate == Fate.REACHED:
        return SEEN
    if way.together and fate == Fate.PREPARING:
        return Sentence(UNREAD, label=Sentence(way.label))
    place = way.campaign.place if way.campaign else ""
    return Sentence(_WORDS[fate], place=Sentence(place), label=Sentence(way.label))


def parted() -> tuple[tuple[Fate, ColumnElement[bool], Any], ...]:
    """(fate, of which tasks, how many people of each): every task's customers are parted into exactly these."""
    confirmed = col(Task.confirmed_at).is_not(None)
    sendable = col(Task.customer_count) - col(Task.refused_count)
    known = col(Task.reached) + col(Task.not_friend) + col(Task.limited)
    skipped, made = left_out(), col(Task.ready_at).is_not(None) | confirmed
    return (
        (Fate.SKIPPED, skipped, Task.customer_count),
        (Fate.PREPARING, ~skipped & ~made, Task.customer_count),
        (Fate.UNCONFIRMED, ~skipped & made & ~confirmed, sendable - known),
        (Fate.UNKNOWN, confirmed, sendable - known),
        (Fate.REACHED, ~skipped & made, Task.reached),
        (Fate.LIMITED, ~skipped & made, Task.limited),
        (Fate.NOT_FRIEND, ~skipped & made, Task.not_friend),
        (Fate.UNSENDABLE, ~skipped & made, Task.refused_count),
    )


def counts(session: Session, campaign_id: int, *tasks: ColumnElement[bool]) -> dict[Fate, tuple[int, int]]:
    """Fate → (customers, guides whose customers can share it)."""
    columns = [
        column
        for _, condition, people in parted()
        for column in (func.coalesce(func.sum(case((condition, people), else_=0)), 0), how_many(condition))
    ]
    row = session.execute(select(*columns).where(col(Task.campaign_id) == campaign_id, *tasks)).one()
    numbers = [int(one) for one in row]
    pairs = zip(numbers[::2], numbers[1::2], strict=True)
    return dict(zip((fate for fate, *_ in parted()), pairs, strict=True))


def fates_of(task: Task, share: TaskAudience) -> dict[Fate, FrozenBitMap]:
    """One guide's customers, parted."""
    told = {
        Fate.REACHED: share.reached,
        Fate.LIMITED: share.limited,
        Fate.NOT_FRIEND: share.not_friend,
        Fate.UNSENDABLE: share.refused,
    }
    if task.skipped and not task.confirmed_at:
        return {Fate.SKIPPED: share.members}
    rest = Fate.UNKNOWN if task.confirmed_at else Fate.UNCONFIRMED if task.ready_at else Fate.PREPARING
    return {**told, rest: share.members - union(told.values())}


@dataclass(frozen=True)
class RecipientLine:
    """One customer or group, and what became of her."""

    member: int
    known_as: str
    """external_userid, or chat_id"""
    name: str
    fate: Fate
    words: str
    """The fate, or why her guide got no task"""
    task: Task
    guide: Guide
    store: str
    branch: str

    @property
    def at(self) -> datetime | None:
        """When her guide sent it, of who got it."""
        return self.task.confirmed_at if self.fate == Fate.REACHED else None


def lines(
    session: Session,
    campaign: Campaign,
    tasks: Sequence[ColumnElement[bool]],
    fate: Fate | None,
    *,
    limit: int,
    offset: int,
) -> list[RecipientLine]:
    """A page: of the tasks only the numbers are read, of the few that it shows the customers, too."""
    people = sum(
        (case((condition, number), else_=0) for one, condition, number in parted() if fate in (None, one)),
        start=literal(0),
    )
    counted = session.execute(
        select(Task.id, people)
        .where(Task.campaign_id == campaign.id, people > 0, *tasks)
        .order_by(col(Task.id))
    ).all()
    ends = list(accumulate(int(number) for _, number in counted))
    shown = [
        task_id
        for (task_id, number), end in zip(counted, ends, strict=True)
        if end > offset and end - int(number) < offset + limit
    ]
    if not shown:
        return []
    before = next(end - int(number) for (_, number), end in zip(counted, ends, strict=True) if end > offset)
    found = _lines(session, campaign, [col(Task.id).in_(shown)], fate, len(shown))[0]
    return found[offset - before : offset - before + limit]


def stream(
    db: Database, campaign: Campaign, tasks: Sequence[ColumnElement[bool]], fate: Fate | None
) -> Iterator[RecipientLine]:
    """All of them, some guides in each transaction."""
    after = 0
    while True:
        with db.read() as session:
            found, last = _lines(session, campaign, [*tasks, col(Task.id) > after], fate, TASKS_AT_ONCE)
        yield from found
        if last is None:
            return
        after = last


def _lines(
    session: Session,
    campaign: Campaign,
    tasks: Sequence[ColumnElement[bool]],
    fate: Fate | None,
    most: int,
) -> tuple[list[RecipientLine], int | None]:
    """The lines of the first of these tasks, and the last of them where more may follow."""
    query = (
        rows_of(Task, TaskAudience, Guide, col(Store.name), col(Branch.name))
        .join(TaskAudience, col(TaskAudience.task_id) == col(Task.id))
        .join(Guide, col(Guide.id) == col(Task.guide_id))
        .outerjoin(Store, col(Store.id) == col(Task.store_id))
        .outerjoin(Branch, col(Branch.id) == col(Task.branch_id))
        .where(col(Task.campaign_id) == campaign.id, *tasks)
        .order_by(col(Task.id))
        .limit(most)
    )
    rows = session.execute(query).all()
    parts = [
        (
            {one: members for one, members in fates_of(task, share).items() if fate in (None, one)},
            task,
            guide,
            store or "",
            branch or "",
        )
        for task, share, guide, store, branch in rows
    ]
    names = described(session, campaign.channel, union(one for fates, *_ in parts for one in fates.values()))
    found = [
        RecipientLine(
            member, *names.get(member, ("", "")), one, _said(one, task, campaign), task, guide, store, branch
        )
        for fates, task, guide, store, branch in parts
        for one, members in fates.items()
        for member in members
    ]
    return found, rows[-1][0].id if len(rows) == most else None


def _said(fate: Fate, task: Task, campaign: Campaign) -> str:
    return task.skipped if fate == Fate.SKIPPED else fate_words(fate, campaign.way)


def note_export(session: Session, campaign: Campaign, what: str, given: str, who: str, now: datetime) -> None:
    """Somebody takes names away: the audit keeps who, what and why."""
    reason = given.strip()
    if not LEAST_REASON <= len(reason) <= MOST_REASON or line_fault(reason):
        words = Sentence("请用 {least} 到 {most} 个字写导出来做什么", least=LEAST_REASON, most=MOST_REASON)
        raise Refused(faults={"reason": words})
    words = Sentence("{what}：{why}", what=what, why=reason)
    audit.note(session, who, "campaign.export", campaign.id, words, now)
