"""Draws posters in a few small processes beside the program, whose threads stay free.

Each child is fed by its own thread. When a child dies (out of memory, killed) only its own job is hurt:
a new child takes its place and tries that job once more.
"""

import multiprocessing
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from queue import SimpleQueue
from types import ModuleType
from typing import Any, TypeVar

from posters.code import read_code
from posters.drawing import Size, Upper, draw_strip, draw_upper
from posters.fields import Art, Person, PosterRefused
from posters.pictures import CleanPicture, clean_picture
from posters.prints import PrintCard, press

MEMORY_BYTES = 1_000_000_000
"""Address space of one child; the largest allowed picture needs half of it"""
JOB_SECONDS = 60.0
NICE = 10
"""A poster can wait for the processor, an answer to the platform cannot; at 19 four busy programs starve it wholly"""
GOODBYE_SECONDS = 5.0
TRIES = 2

Answer = TypeVar("Answer")
_starting = threading.Lock()


class PoolBroken(PosterRefused):
    """The drawing process died twice on the same job, or the pool is closed."""


@dataclass(frozen=True, slots=True)
class _Job:
    """One call for a child, and the promise of its answer."""

    future: Future[Any]
    call: Callable[..., Any]
    arguments: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Child:
    """A running child and our end of its pipe."""

    process: BaseProcess
    pipe: Connection

    def end(self) -> None:
        """Closing the pipe is the goodbye; who does not hear it is stopped."""
        self.pipe.close()
        self.process.join(GOODBYE_SECONDS)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


class PosterPool:
    """Nothing starts before the first submit, so a server may create it before it forks."""

    def __init__(self, workers: int = 2, *, memory_bytes: int = MEMORY_BYTES) -> None:
        self.workers = workers
        self.memory_bytes = memory_bytes
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._closed = False

    def submit_upper(self, art: Art, size: Size) -> Future[Upper]:
        """What a campaign's posters share."""
        return self._queue(draw_upper, art, size)

    def submit_strip(self, person: Person, size: Size, quality: int) -> Future[bytes]:
        """One person's part."""
        return self._queue(draw_strip, person, size, quality)

    def submit_card(self, card: PrintCard, form: press.Form) -> Future[bytes]:
        """One card for print."""
        return self._queue(press.one, card, form)

    def submit_sheets(self, title: str, made: str, cards: Sequence[PrintCard]) -> Future[bytes]:
        """Many cards on sheets of A4."""
        return self._queue(press.sheets, title, made, cards)

    def submit_clean(self, picture: bytes) -> Future[CleanPicture]:
        """A picture from outside, made safe."""
        return self._queue(clean_picture, picture)

    def submit_read(self, picture: bytes) -> Future[str]:
        """The payload of the code in a picture from outside."""
        return self._queue(read_code, picture)

    def close(self) -> None:
        """Finish what was submitted, then end the children; calling it twice is harmless."""
        with self._lock:
            if not self._closed:
                self._closed = True
                for _ in self._threads:
                    self._jobs.put(None)
        for thread in self._threads:
            thread.join()

    def _queue(self, call: Callable[..., Answer], *arguments: object) -> Future[Answer]:
        future: Future[Answer] = Future()
        with self._lock:
            if self._closed:
                raise PoolBroken("程序正在停止，这张海报没有画；重新启动后会再画")
            self._jobs.put(_Job(future, call, arguments))
            if len(self._threads) < self.workers:
                thread = threading.Thread(
                    target=self._feed, name=f"posters-{len(self._threads)}", daemon=True
                )
                self._threads.append(thread)
                thread.start()
        return future

    def _feed(self) -> None:
        """One thread and its child, until the pool closes."""
        child: _Child | None = None
        while (job := self._jobs.get()) is not None:
            if job.future.set_running_or_notify_cancel():
                child = self._settle(job, child)
        if child:
            child.end()

    def _settle(self, job: _Job, child: _Child | None) -> _Child | None:
        """Answer one job; returns the child that is alive afterwards."""
        for _ in range(TRIES):
            try:
                child = child or _start_child(self.memory_bytes)
                child.pipe.send((job.call, job.arguments))
                if not child.pipe.poll(JOB_SECONDS):
                    raise TimeoutError
                good, answer = child.pipe.recv()
            except (EOFError, OSError):  # the child is gone, or hangs
                if child:
                    child.process.kill()
                    child.end()
                child = None
                continue
            if good:
                job.future.set_result(answer)
            else:
                job.future.set_exception(answer)
            return child
        job.future.set_exception(PoolBroken("画图的进程两次中断，这张没有画成。请换一张小一些的图片再试"))
        return None


def _start_child(memory_bytes: int) -> _Child:
    """A child of the fork server, which has loaded this package and nothing else."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["posters.pool"])
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, memory_bytes), name="posters", daemon=True)
    with _starting, _without_main():
        process.start()
    theirs.close()
    return _Child(process, ours)


@contextmanager
def _without_main() -> Iterator[None]:
    """Start children without the program's main file.

    multiprocessing has each child import the main module of its parent; ours would pull in the web server
    and the database, 80 MB a child, for functions that live in this package.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _serve(pipe: Connection, memory_bytes: int) -> None:
    """A child's whole life: take a call, answer it, until the parent is gone."""
    os.setpriority(os.PRIO_PROCESS, 0, NICE)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which lets us finish
    with suppress(ValueError, OSError):  # a stricter limit of the machine stays
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    while True:
        try:
            call, arguments = pipe.recv()
        except EOFError:
            return
        try:
            answer: tuple[bool, object] = (True, call(*arguments))
        except PosterRefused as refused:
            answer = (False, refused)
        except Exception as error:  # the child must answer whatever happened, or its job would wait for ever
            answer = (False, RuntimeError(f"{type(error).__name__}: {error}"))
        try:
            pipe.send(answer)
        except OSError:
            return
