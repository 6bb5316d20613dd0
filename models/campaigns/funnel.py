"""What became of a campaign: the funnel with everybody who was lost and why, by branch. Every number is a recount of tasks."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from sqlalchemy import ColumnElement, true
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, select

from models.campaigns import Campaign, Card, Task
from models.campaigns.lifecycle import BY_PLAN
from models.campaigns.progress import (
    SUMS,
    Progress,
    Step,
    counted,
    how_many,
    progress_of,
    stopped_before,
    went_past,
)
from models.campaigns.recipient_ledger import Fate, counts, fate_words
from models.campaigns.selection import alike
from models.db import pieces
from models.ledger.channels import CARD
from models.ledger.outbox import Outbox, OutboxStatus
from models.org import Branch
from models.sentences import Sentence

NOWHERE = "没有分公司"
LOST = {
    Step.CARDED: "{n} 人没收到",
    Step.OPENED: "{n} 人没打开",
    Step.SAID: "{n} 人打开没说",
    Step.CONFIRMED: "{n} 人说发了，平台没确认",
}
"""Who stopped before a step, in words"""
MOST_REASONS = 4
"""So many lines say why; where there are more, the last is the rest."""


@dataclass(frozen=True)
class Lost:
    """Guides who did not get past a step, and what to know about them."""

    step: Step
    """That they have not reached"""
    count: int
    words: str
    straight: int = 0
    """Others, who are no loss: they did not take this step and sent from their 群发助手 all the same. At the last step
    all of these together, who come in there.
    """
    details: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reason:
    """Customers who were not reached, why, and what follows."""

    name: str
    words: str
    detail: str
    customers: int
    guides: int = 0
    next_step: str = ""
    """remind, guides, deliveries, wait, or empty: nothing can be done"""


@dataclass(frozen=True)
class Funnel(Progress):
    """Guides step by step, customers apart, because the unit changes.

    Each of a guide's own steps holds as many as the one before without its lost and its straight; the last one as
    many as the one before without its lost, and with its straight.
    """

    lost: tuple[Lost, ...] = ()
    reasons: tuple[Reason, ...] = ()
    """Their customers add up to customers − reached."""


@dataclass(frozen=True)
class Share(Progress):
    """One branch's or store's share; a guide counts where she worked at the launch."""

    name: str = ""
    branch_id: int | None = None
    store_id: int | None = None

    @property
    def unconfirmed(self) -> int:
        return self.targeted - self.confirmed


def funnel(session: Session, campaign_id: int) -> Funnel:
    """Count the tasks of a campaign."""
    campaign = session.get_one(Campaign, campaign_id)
    found = progress_of(session, [campaign_id], true()).get(campaign_id, Progress())
    reasons = _reasons(session, campaign) if campaign.way.confirmed else ()
    return Funnel(**asdict(found), lost=lost(session, campaign, true()), reasons=reasons)


def by_branch(session: Session, campaign_id: int) -> list[Share]:
    """The same numbers per branch; those with most to do come first."""
    rows = session.execute(
        rows_of(col(Task.branch_id), col(Branch.name), *SUMS)
        .outerjoin(Branch, col(Branch.id) == col(Task.branch_id))
        .where(col(Task.campaign_id) == campaign_id)
        .group_by(col(Task.branch_id), col(Branch.name))
    )
    return most_to_do_first(
        Share(**counted(sums), name=name or NOWHERE, branch_id=branch) for branch, name, *sums in rows
    )


def most_to_do_first(shares: Iterable[Share]) -> list[Share]:
    return sorted(shares, key=lambda one: (-one.unconfirmed, one.name))


def lost(session: Session, campaign: Campaign, tasks: ColumnElement[bool]) -> tuple[Lost, ...]:
    """How many of these tasks stopped before which step, and why; the platform confirms no notice."""
    steps = [step for step in LOST if step != Step.CONFIRMED or campaign.way.confirmed]
    columns = [how_many(gap(step)) for step in steps for gap in (stopped_before, went_past)]
    row = session.execute(rows_of(*columns).where(col(Task.campaign_id) == campaign.id, tasks)).one()
    counts = [int(one) for one in row]
    past = dict(zip(steps, counts[1::2], strict=True))
    past[Step.CONFIRMED] = sum(past.values())
    made = [
        Lost(step, count, Sentence(LOST[step], n=f"{count:,}"), past[step])
        for step, count in zip(steps, counts[::2], strict=True)
    ]
    return tuple(_explained(session, campaign, tasks, one) for one in made)


def _explained(session: Session, campaign: Campaign, tasks: ColumnElement[bool], one: Lost) -> Lost:
    """The same, with what is known about these guides."""
    if one.step == Step.CARDED and one.count:
        return replace(one, details=_why_no_card(session, campaign, tasks))
    if one.step == Step.SAID:
        return replace(one, details=_minutes_to_say(session, campaign.id or 0, tasks))
    return replace(one, details=("多半没点最后一下",)) if one.step == Step.CONFIRMED and one.count else one


def _why_no_card(session: Session, campaign: Campaign, within: ColumnElement[bool]) -> tuple[str, ...]:
    """Reasons in words with their numbers, the most frequent first."""
    words = Counter[str]()
    tasks = list(
        session.exec(
            select(Task.id, Task.skipped, Card.waits, Card.message_id)
            .outerjoin(Card, col(Card.id) == col(Task.card_id))
            .where(Task.campaign_id == campaign.id, within, stopped_before(Step.CARDED))
        )
    )
    messages = {message for *_, message in tasks if message}
    calls = _calls(session, [task_id for task_id, *_ in tasks if task_id], sorted(messages))
    for task_id, skipped, waits, message in tasks:
        call = calls.get(("card", message)) if message else calls.get(("task", task_id))
        words[alike(skipped) or (not campaign.over and waits) or _waiting(call, campaign)] += 1
    found = words.most_common()
    shown = len(found) if len(found) <= MOST_REASONS else MOST_REASONS - 1
    said = [Sentence("{count:,} 人：{word}", count=count, word=word) for word, count in found[:shown]]
    rest = sum(count for _, count in found[shown:])
    return (*said, Sentence("其余 {count:,} 人：原因写在每位后面", count=rest)) if rest else tuple(said)


def _calls(
    session: Session, tasks: list[int], messages: list[int]
) -> dict[tuple[str, int | None], tuple[str, str]]:
    """The newest call for each of these tasks, and of those that bring cards: (status, reason)."""
    found: dict[tuple[str, int | None], tuple[str, str]] = {}
    query = select(Outbox.task_id, Outbox.subject_id, Outbox.status, Outbox.reason).order_by(col(Outbox.id))
    for piece in pieces(tasks):
        for task_id, _, status, reason in session.exec(query.where(col(Outbox.task_id).in_(piece))):
            found["task", task_id] = (status, reason)
    for piece in pieces(messages):
        of_cards = query.where(Outbox.channel == CARD, col(Outbox.subject_id).in_(piece))
        for _, message, status, reason in session.exec(of_cards):
            found["card", message] = (status, reason)
    return found


def _waiting(call: tuple[str, str] | None, campaign: Campaign) -> str:
    status, reason = call or ("", "")
    if status in (OutboxStatus.QUEUED, OutboxStatus.CALLING) or not call:
        return "活动结束时还没轮到" if campaign.over else "正在发"
    if status == OutboxStatus.HELD:
        return reason if reason in BY_PLAN else "活动已暂停"
    if status == OutboxStatus.UNKNOWN:
        return "结果不明，正在核对"
    return reason or "没送出"


def _minutes_to_say(session: Session, campaign_id: int, within: ColumnElement[bool]) -> tuple[str, ...]:
    """How long those who said it took from opening."""
    pairs = session.exec(
        select(Task.opened_at, Task.reported_at).where(
            Task.campaign_id == campaign_id, within, col(Task.reported_at).is_not(None)
        )
    )
    taken = [(said - opened).total_seconds() for opened, said in pairs if opened and said and said > opened]
    if not taken:
        return ()
    minutes, seconds = divmod(round(sum(taken) / len(taken)), 60)
    if not minutes:
        return (Sentence("说了的人平均用 {seconds} 秒", seconds=seconds),)
    return (Sentence("说了的人平均用 {minutes} 分 {seconds} 秒", minutes=minutes, seconds=seconds),)


def _reasons(session: Session, campaign: Campaign) -> tuple[Reason, ...]:
    """Each customer who was not reached stands in exactly one line."""
    over, way = campaign.over, campaign.way
    sums = counts(session, campaign.id or 0)
    made = [
        Reason(name, fate_words(name, way), detail, *sums[name], next_step)
        for name, detail, next_step in (
            (Fate.UNCONFIRMED, "", "" if over else "remind"),
            (Fate.PREPARING, "活动已结束，不会再建" if over else "", "deliveries" if over else "wait"),
            (Fate.SKIPPED, "原因写在每位后面", "guides"),
            (Fate.LIMITED, "平台每位客户每天平均最多 1 条，下月恢复", ""),
            (Fate.NOT_FRIEND, "客户删除了导购，不会再发", ""),
            (Fate.UNSENDABLE, "多半已不是好友，或这个周期已收满", ""),
            (Fate.UNKNOWN, "已确认的导购里，最近的部分", "wait"),
        )
    ]
    return tuple(_with_guides(one, over) for one in made if one.customers)


def _with_guides(reason: Reason, over: bool) -> Reason:
    if reason.name != Fate.UNCONFIRMED:
        return reason
    detail = Sentence("{guides:,} 位导购", guides=reason.guides)
    if over:
        detail = Sentence("{guides:,} 位导购，活动已结束，不会再发", guides=reason.guides)
    return Reason(reason.name, reason.words, detail, reason.customers, reason.guides, reason.next_step)
