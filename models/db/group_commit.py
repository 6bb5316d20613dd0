"""Short writes of several threads in one transaction: they wait for one commit together instead of for one each."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy.exc import OperationalError
from sqlmodel import Session

T = TypeVar("T")
Write = Callable[[], AbstractContextManager[Session]]


@dataclass(eq=False)
class Turn:
    """What one thread wants written, and what came of it."""

    work: Callable[[Session], Any]
    called: threading.Event = field(default_factory=threading.Event)
    """Set when it is done, or when this thread is to write for all who wait."""
    done: bool = False
    answer: Any = None
    error: Exception | None = None

    def alone(self, write: Write) -> None:
        try:
            with write() as session:
                answer = self.work(session)
        except Exception as error:
            self.end(error=error)
        else:
            self.end(answer)

    def end(self, answer: Any = None, *, error: Exception | None = None) -> None:
        self.answer, self.error, self.done = answer, error, True


class GroupCommit:
    """Whoever comes while nobody writes does it for all who came until the transaction could begin.

    `add` returns after the commit that holds its work, or raises what its own work raised: when one of several fails,
    nothing of the shared transaction stays, and each is written again by itself. While the database itself cannot be
    written (locked, full), nobody is.
    """

    def __init__(self, write: Write) -> None:
        self._write = write
        self._lock = threading.Lock()
        self._waiting: list[Turn] = []
        self._led = False
        self.crowd = 0
        """How many are in here at this moment."""

    def add(self, work: Callable[[Session], T]) -> T:
        turn = Turn(work)
        with self._lock:
            self.crowd += 1
            self._waiting.append(turn)
            leads, self._led = not self._led, True
        if not leads:
            turn.called.wait()
        if not turn.done:
            self._lead()
        with self._lock:
            self.crowd -= 1
        if turn.error:
            raise turn.error
        answer: T = turn.answer
        return answer

    def _lead(self) -> None:
        batch: list[Turn] = []
        try:
            with self._write() as session:
                session.connection()  # here it may wait for another process; who comes meanwhile takes part
                batch = self._take()
                answers = [_written(session, turn.work) for turn in batch]
        except Exception as error:
            if batch and not isinstance(error, OperationalError):
                for turn in batch:
                    turn.alone(self._write)
            else:  # the database itself cannot: all who wait hear it now, before the platform gives them up
                batch = batch or self._take()
                for turn in batch:
                    turn.end(error=error)
        else:
            for turn, answer in zip(batch, answers, strict=True):
                turn.end(answer)
        finally:
            self._call(batch)

    def _take(self) -> list[Turn]:
        with self._lock:
            taken, self._waiting = self._waiting, []
        return taken

    def _call(self, batch: list[Turn]) -> None:
        """Those whose work is written go on; of those who came meanwhile the first writes next."""
        with self._lock:
            following = self._waiting[0] if self._waiting else None
            self._led = following is not None
        for turn in [*batch, following]:
            if turn:
                turn.called.set()


def _written(session: Session, work: Callable[[Session], Any]) -> Any:
    """Do it; whoever comes next finds the rows in the database, and nothing that this one has read of them."""
    answer = work(session)
    session.flush()
    session.expunge_all()
    return answer
