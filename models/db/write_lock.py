"""The write lock of one process: writers pass one at a time, urgent ones first."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

URGENT_IN_A_ROW = 4
"""Urgent writers that may pass the others; callbacks share transactions, so four of these store many."""


class Busy(Exception):
    """Others are writing and this one may not wait for them any longer: nothing was written."""


class WriteLock:
    """Lets writers of one process in, one at a time, in the order in which they came.

    Urgent ones have a line of their own. They go first, but after some of them one of the others gets in.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: dict[bool, deque[threading.Event]] = {False: deque(), True: deque()}
        self._busy = False
        self._in_a_row = 0

    @contextmanager
    def pass_through(self, urgent: bool, patience: float | None = None) -> Iterator[None]:
        """`patience`: seconds to wait in the line; Busy when they are over."""
        turn = threading.Event()
        with self._lock:
            if self._busy:
                self._lines[urgent].append(turn)
            else:
                self._busy = True
                turn.set()
        if not turn.wait(patience):
            self._leave(turn, urgent)
        try:
            yield
        finally:
            self._next()

    def _leave(self, turn: threading.Event, urgent: bool) -> None:
        with self._lock:
            # called at the last moment, it goes in after all: nobody else would be called
            if not turn.is_set():
                self._lines[urgent].remove(turn)
                raise Busy

    def _next(self) -> None:
        with self._lock:
            urgent = bool(self._lines[True]) and (self._in_a_row < URGENT_IN_A_ROW or not self._lines[False])
            self._in_a_row = self._in_a_row + 1 if urgent else 0
            line = self._lines[urgent]
            if line:
                line.popleft().set()
            else:
                self._busy = False


class Urgency(threading.local):
    """Is this thread urgent?"""

    on = False


class NoLock:
    """PostgreSQL orders its writers itself."""

    def pass_through(self, urgent: bool, patience: float | None = None) -> AbstractContextManager[None]:
        return nullcontext()
