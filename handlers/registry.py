"""Which function handles which kind of event, which word calls which robot command, and the inbox loop."""

import json
import logging
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, wraps
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models.db import Database
from models.ledger import inbox
from models.ledger.inbox import UNHANDLED, Inbox, InboxSource
from models.sentences import Sentence
from wecom.events import Event, RobotMessage, clean, parse_event, parse_robot
from wecom.limits import ID_LETTERS

MODULES = (
    "handlers.friends",
    "handlers.groups",
    "handlers.guides",
    "handlers.taps",
    "handlers.robot",
)
COMMANDS = (
    "handlers.commands.help",
    "handlers.commands.today",
    "handlers.commands.sign_in",
)
MOST_AHEAD = timedelta(days=1)
"""So far in front of our clock an event may be; one from 2099 would make its row deaf for ever."""
MOST_TRIES = 1 + len(inbox.RETRY_SECONDS)
KILLER = f"处理时程序中断了 {MOST_TRIES} 次，已停放，请把这一条交给技术人员"
UNKNOWN = "还没有处理这种事件的代码。原文留着，升级后可以重放"

log = logging.getLogger("onetap.inbox")


@dataclass(frozen=True)
class HandlerContext:
    """What handlers may know of the installation."""

    zone: ZoneInfo
    public_url: str = ""


@dataclass(frozen=True)
class EventContext:
    """One event on its way through a handler, inside the transaction that settles it."""

    session: Session
    row: Inbox
    now: datetime
    handler_context: HandlerContext

    @cached_property
    def event(self) -> Event:
        """What the app or the directory said."""
        return parse_event(self.row.body)

    @cached_property
    def message(self) -> RobotMessage:
        """What somebody said to the robot."""
        return parse_robot(self.row.body)

    @property
    def at(self) -> datetime:
        """When it happened; when we got it, for an event that does not say, or says what cannot be."""
        told, received = self.row.event_at, self.row.received_at
        return told if told and told < received + MOST_AHEAD else received


class Unusable(Exception):
    """This event cannot be handled, now or later: it waits for a person, with these words."""


@dataclass(frozen=True)
class Outcome:
    """What a handler decided, in words for the page, and what the robot says, if it says something."""

    decision: str
    reply: dict[str, Any] | None = None
    known: bool = True
    """False: kept for a later version, which may know what to do"""
    kept: dict[str, Any] | None = None
    """What a copy of the message is answered, where the reply repeats what was said: that is not kept"""


Handler = Callable[[EventContext], Outcome | str]


@dataclass(frozen=True)
class RobotCommand:
    """A word that a robot understands."""

    words: tuple[str, ...]
    answer: Callable[[EventContext], Outcome]
    line: str
    """Its help line: the first line of the docstring."""


_HANDLERS: dict[str, Handler] = {}
_COMMANDS: dict[str, RobotCommand] = {}


def on(*kinds: str, ids: Sequence[str] = ()) -> Callable[[Handler], Handler]:
    """Let this function handle events of these kinds; "family.*" means every kind of a family.

    `ids` are the elements that say whom it is about: without them nobody can be meant, and a person has to look.
    """

    def keep(handler: Handler) -> Handler:
        @wraps(handler)
        def known(context: EventContext) -> Outcome | str:
            for name in ids:
                need_id(context.event, name)
            return handler(context)

        for kind in kinds:
            if kind in _HANDLERS:
                raise ValueError(f"{kind} has two handlers")
            _HANDLERS[kind] = known
        return handler

    return keep


def need_id(event: Event, name: str) -> str:
    """One of the event's ids, which has to be there and to be one."""
    given = event.text(name)
    if not given:
        raise Unusable(Sentence("{name} 缺失，不知道说的是谁，没有照做。原文留着", name=name))
    if len(given) > ID_LETTERS or not given.isprintable():
        raise Unusable(
            Sentence(
                "{name} 有 {given:,} 个字，或含看不见的字符，不是平台的编号，没有照做。原文留着",
                name=name,
                given=len(given),
            )
        )
    return given


def command(*words: str) -> Callable[[Callable[[EventContext], Outcome]], Callable[[EventContext], Outcome]]:
    """Let this function answer when a robot is called with one of these words; the first is its name."""

    def keep(answer: Callable[[EventContext], Outcome]) -> Callable[[EventContext], Outcome]:
        made = RobotCommand(words, answer, (answer.__doc__ or "").strip().split("\n")[0])
        for word in words:
            if word in _COMMANDS:
                raise ValueError(f"{word} means two commands")
            _COMMANDS[word] = made
        return answer

    return keep


def load() -> None:
    """Import every module of the lists; again is harmless."""
    for name in (*MODULES, *COMMANDS):
        import_module(name)


def handler_of(kind: str) -> Handler | None:
    load()
    return _HANDLERS.get(kind) or _HANDLERS.get(f"{kind.split('.')[0]}.*")


def commands() -> list[RobotCommand]:
    """Every command once, in the order of the list."""
    load()
    return sorted(dict.fromkeys(_COMMANDS.values()), key=lambda one: COMMANDS.index(one.answer.__module__))


def find_command(word: str) -> RobotCommand | None:
    load()
    return _COMMANDS.get(word)


def handle(db: Database, inbox_id: int, now: datetime, handler_context: HandlerContext) -> None:
    """Handle a stored event, unless somebody else has it or it is done.

    The claim is committed first, so that an event during which the process dies counts its tries, too.
    """
    attempt = db.run(lambda session: _claim(session, inbox_id, now))
    if attempt:
        db.run(lambda session: _handle(session, inbox_id, attempt, now, handler_context))


def handle_newest(
    db: Database, lane: str, since: datetime, now: datetime, handler_context: HandlerContext
) -> bool:
    """Handle the newest event of a lane that came after `since` and that nobody has tried; False when there is none."""
    inbox_id = db.run(lambda session: inbox.claim_newest(session, lane, since, now))
    if inbox_id:
        db.run(lambda session: _handle(session, inbox_id, 1, now, handler_context))
    return bool(inbox_id)


def _claim(session: Session, inbox_id: int, now: datetime) -> int:
    """Which try this is; 0 when it is not ours to handle."""
    attempt = inbox.claim(session, inbox_id, now)
    if attempt > MOST_TRIES:
        inbox.fail(session, inbox_id, now, KILLER, "")
        return 0
    return attempt


def handle_stored(session: Session, inbox_id: int, now: datetime, handler_context: HandlerContext) -> str:
    """Handle an event in the transaction that stores it, because its reply is the answer."""
    attempt = inbox.claim(session, inbox_id, now)
    if attempt:
        return _handle(session, inbox_id, attempt, now, handler_context)
    return session.get_one(Inbox, inbox_id).reply


def _handle(
    session: Session, inbox_id: int, attempt: int, now: datetime, handler_context: HandlerContext
) -> str:
    """The inbox loop, for one row: its effects and its being handled are one transaction. Its reply.

    A handler that raises leaves no effect; the row keeps the trace and waits for its next try, or for a person.
    """
    row = session.get_one(Inbox, inbox_id, with_for_update=True, populate_existing=True)
    if row.attempts != attempt or row.status not in UNHANDLED:
        return row.reply  # the lease ended meanwhile and somebody else took it
    offered = len(session.info.get("offers", []))
    try:
        with session.begin_nested():
            return _dispatch(session, row, now, handler_context)
    except Unusable as error:
        inbox.park(row, str(error))
    except Exception as error:
        del session.info.get("offers", [])[offered:]
        inbox.fail(session, inbox_id, now, _words(error), clean(traceback.format_exc()))
        # the answer was its only way out: a later try could not say anything
        if row.source == InboxSource.ROBOT:
            inbox.park(row, row.error)
        log.warning("inbox %s: %s, now %s", inbox_id, type(error).__name__, row.status)
    return row.reply


def _dispatch(session: Session, row: Inbox, now: datetime, handler_context: HandlerContext) -> str:
    handler = handler_of(row.kind)
    if handler is None:
        inbox.settle(row, now, decision=UNKNOWN, known=False)
        return ""
    outcome = handler(EventContext(session, row, now, handler_context))
    if isinstance(outcome, str):
        outcome = Outcome(outcome)
    reply = json.dumps(outcome.reply, ensure_ascii=False) if outcome.reply else ""
    kept = json.dumps(outcome.kept, ensure_ascii=False) if outcome.kept else reply
    inbox.settle(row, now, decision=outcome.decision, reply=kept, known=outcome.known)
    return reply


def _words(error: Exception) -> str:
    first = (str(error).strip().split("\n") or [""])[0]
    return clean(f"{type(error).__name__}: {first}")[:300]
