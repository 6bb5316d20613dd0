"""The proof under 「弄坏它」: the built-in WeCom's ledger of what really arrived, beside our rows."""

import re
from collections import Counter
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from models.campaigns import Campaign, Task
from models.db import count
from models.friends import Customer, Friend, FriendStatus
from models.ledger.channels import ROBOT, WELCOME
from models.ledger.inbox import Inbox, body_key
from models.ledger.outbox import Outbox, OutboxStatus
from models.sentences import Sentence, together
from pages.demo.emulator_client import EmulatorClient
from pages.demo.runs import Run
from pages.web.site import Site

WHO = re.compile(r"<ExternalUserID><!\[CDATA\[([^\]]+)\]\]>")
KINDS = "callback,welcome,mass,robot"


@dataclass(frozen=True)
class CheckLine:
    """One counter on both sides."""

    text: str
    """What is counted, with {number}"""
    theirs: int
    ours: int
    unknown: int = 0
    """Ours whose outcome nobody knows: they may be on their side or not"""
    waiting: str = ""
    """What the two sides wait for while they differ"""
    times: int = 0

    @property
    def agree(self) -> bool:
        return self.ours <= self.theirs <= self.ours + self.unknown

    def said(self) -> str:
        number: str = f"{self.theirs:,}"
        if self.theirs != self.ours:
            number = Sentence("平台 {theirs:,}、我们 {ours:,}", theirs=self.theirs, ours=self.ours)
        told = Sentence(self.text, number=number, times=self.times)
        tail = Sentence("（{n} 条结果不明，没有重发）", n=self.unknown) if self.unknown else ""
        return together([told, tail], "")


@dataclass(frozen=True)
class Proof:
    lines: tuple[CheckLine, ...]

    @property
    def agree(self) -> bool:
        return all(line.agree for line in self.lines)

    def said(self) -> str:
        if not any(line.theirs or line.ours for line in self.lines):
            return Sentence("两边都还没有数字")
        if self.agree:
            counted = [line.said() for line in self.lines if line.theirs or line.ours]
            return Sentence("两边对得上：{lines}", lines=together(counted, "，"))
        open_ = [line for line in self.lines if not line.agree]
        waiting = [together([line.said(), Sentence(line.waiting)], "，") for line in open_]
        return Sentence("还在对：{lines}", lines=together(waiting))


@dataclass
class Book:
    """What the run's rows of their ledger say; read on from where the last reading ended."""

    run: int = 0
    last: int = 0
    events: dict[str, bool] | None = None
    """Each different event → was it ever taken"""
    deliveries: int = 0
    welcomes: int = 0
    mass: dict[str, int] | None = None
    """Received mass messages by msgid"""
    robots: int = 0
    met: frozenset[str] = frozenset()
    friends: int = 0
    """How many friendships these have; counted again when a callback tells of one"""


_book = Book()
"""A cache of their ledger for one run; after a restart of this process it is read again from the beginning."""


def theirs(emulator: EmulatorClient, run: Run) -> Book:
    global _book
    book = _book if _book.run == run.number and _book.events is not None else Book(run.number, run.ledger, {})
    events, met = dict(book.events or {}), set(book.met)
    rows = emulator.ledger(book.last, KINDS)
    for row in rows:
        if row["kind"] == "callback":
            taken, what = row["what"]["status"] == 200, row["what"]["plain"]
            events[what] = events.get(what, False) or taken
            book.deliveries += taken
            met |= set(WHO.findall(what))
    welcomes, robots = (sum(row["kind"] == kind for row in rows) for kind in ("welcome", "robot"))
    mass = Counter(row["what"]["msgid"] for row in rows if row["kind"] == "mass")
    _book = Book(
        run.number,
        rows[-1]["id"] if rows else book.last,
        events,
        book.deliveries,
        book.welcomes + welcomes,
        mass + Counter(book.mass or {}),
        book.robots + robots,
        frozenset(met),
        sum(_friends(emulator, who) for who in sorted(met))
        if any(row["kind"] == "callback" for row in rows)
        else book.friends,
    )
    return _book


def compare(site: Site, emulator: EmulatorClient, run: Run, campaign: Campaign | None) -> Proof:
    book = theirs(emulator, run)
    with site.db.read() as session:
        events, copies = session.exec(
            select(func.count(), func.coalesce(func.sum(Inbox.copies), 0)).where(
                col(Inbox.id) > run.first["inbox"]
            )
        ).one()
        welcomes, open_welcomes = _sent(session, run, WELCOME)
        robots, open_robots = _sent(session, run, ROBOT)
        tasks = session.exec(select(Task).where(Task.campaign_id == (campaign.id if campaign else 0))).all()
        late = _of_before(session, run, book)
        ours_friends = session.exec(
            select(func.count())
            .select_from(Friend)
            .join(Customer, col(Customer.id) == col(Friend.customer_id))
            .where(col(Customer.external_userid).in_(book.met), Friend.status == FriendStatus.FRIEND)
        ).one()
    taken = sum(taken for event, taken in (book.events or {}).items() if body_key(event) not in late)
    received = sum((book.mass or {}).get(msgid, 0) for task in tasks for msgid in task.msgids)
    reached = sum(task.reached for task in tasks)
    return Proof(
        (
            CheckLine(
                "回调 {number} 件（送了 {times} 次）",
                taken,
                events,
                waiting="还有在路上的",
                times=book.deliveries,
            ),
            CheckLine("好友 {number} 位", book.friends, ours_friends, waiting="等处理完"),
            CheckLine("欢迎语 {number} 条", book.welcomes, welcomes, open_welcomes, "还在发"),
            CheckLine("群发触达 {number} 位客户", received, reached, waiting="等下一次读结果"),
            CheckLine("播报 {number} 条", book.robots, robots, open_robots, "还在发"),
        )
    )


def _of_before(session: Session, run: Run, book: Book) -> set[str]:
    """Events that we took before this run, of which the platform sent another copy later."""
    keys = [body_key(event) for event in book.events or {}]
    return set(
        session.exec(select(Inbox.key).where(col(Inbox.key).in_(keys), col(Inbox.id) <= run.first["inbox"]))
    )


def _friends(emulator: EmulatorClient, external_userid: str) -> int:
    rows = emulator.look(f"/phone/customer/{external_userid}")["guides"]
    return sum(row["relation"] == "full" for row in rows)


def _sent(session: Session, run: Run, channel: str) -> tuple[int, int]:
    """(accepted by the platform, nobody knows)"""
    ours = col(Outbox.id) > run.first["outbox"], Outbox.channel == channel
    return (
        count(session, Outbox, *ours, Outbox.status == OutboxStatus.SENT),
        count(session, Outbox, *ours, Outbox.status == OutboxStatus.UNKNOWN),
    )
