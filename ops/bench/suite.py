"""The measurements behind `server.py bench`: each claim as a ratio to a baseline that runs beside it."""

import contextlib
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from ops.bench import (
    assignment,
    budget,
    callbacks,
    doors,
    launch,
    memory,
    nearest,
    poster_campaign,
    posters,
    results,
    retailer,
    start,
    sync,
    taps,
    welcome,
)
from ops.bench.programs import DidNotWork
from ops.bench.report import Report
from ops.bench.stage import Servers, Stage
from settings import BadConfiguration

GUIDES = 1000


class Bench:
    """One run: what the parts share is set up when the first of them needs it."""

    def __init__(self, report: Report, folder: Path, *, quick: bool, servers: Servers | None = None) -> None:
        self.report, self.folder, self.quick, self.servers = report, folder, quick, servers
        self.opened = contextlib.ExitStack()
        self._stage: Stage | None = None

    @property
    def stage(self) -> Stage:
        """The system with a thousand guides, in one process or distributed."""
        if self._stage is None:
            self._stage = self.opened.enter_context(Stage(self.folder / "stage", GUIDES, self.servers))
        return self._stage

    def leave_stage(self) -> None:
        """The other parts start programs of their own, which should have the machine to themselves."""
        self.opened.close()
        self._stage = None

    def callbacks(self) -> None:
        callbacks.measure(
            self.report, self.stage, callbacks.QUICK if self.quick else callbacks.CallbackSize()
        )

    def doors(self) -> None:
        doors.measure(self.report, self.stage, doors.QUICK if self.quick else doors.DoorSize())

    def welcome(self) -> None:
        welcome.measure(self.report, self.stage, welcome.QUICK if self.quick else welcome.WelcomeSize())

    def memory(self) -> None:
        self.leave_stage()
        memory.measure(self.report, self.folder, memory.QUICK if self.quick else memory.MemorySize())

    def failing(self) -> None:
        memory.failing(self.report, self.folder, memory.QUICK if self.quick else memory.MemorySize())

    def sync(self) -> None:
        self.leave_stage()
        sync.measure(self.report, self.folder / "sync", sync.FEW if self.quick else sync.FRIENDS)

    def start(self) -> None:
        self.leave_stage()
        start.measure(self.report, self.folder)

    def taps(self) -> None:
        taps.measure(self.report, self.stage, taps.QUICK if self.quick else taps.TapSize())

    def results(self) -> None:
        results.measure(self.report, self.folder, guides=40 if self.quick else 400)

    def launch(self) -> None:
        self.leave_stage()
        url = self.servers.database_url if self.servers else ""
        size = retailer.QUICK if self.quick else retailer.FULL
        launch.measure(self.report, self.folder / "launch", size, url)

    def budget(self) -> None:
        self.leave_stage()
        budget.measure(self.report, self.folder / "budget", retailer.QUICK if self.quick else retailer.FULL)

    def assignment(self) -> None:
        self.leave_stage()
        url = self.servers.database_url if self.servers else ""
        size = assignment.QUICK if self.quick else assignment.AssignmentSize()
        assignment.measure(self.report, self.folder / "assignment", size, url)

    def nearest(self) -> None:
        nearest.measure(self.report, nearest.QUICK if self.quick else nearest.PLACES)

    def posters(self) -> None:
        posters.measure(self.report, posters.QUICK if self.quick else posters.PosterSize())
        self.leave_stage()
        with Stage(self.folder / "posters", GUIDES // 10 if self.quick else 2 * GUIDES) as stage:
            poster_campaign.measure(self.report, stage)


PARTS: dict[str, Callable[[Bench], None]] = {
    "callbacks": Bench.callbacks,
    "doors": Bench.doors,
    "welcome": Bench.welcome,
    "taps": Bench.taps,
    "results": Bench.results,
    "posters": Bench.posters,
    "memory": Bench.memory,
    "failing": Bench.failing,
    "sync": Bench.sync,
    "start": Bench.start,
    "launch": Bench.launch,
    "budget": Bench.budget,
    "assignment": Bench.assignment,
    "nearest": Bench.nearest,
}


DISTRIBUTED = ("doors", "launch", "assignment")
"""The parts whose answer another mode could change; one at a time, since each wants empty servers."""


def run(parts: list[str], *, quick: bool, servers: Servers | None = None) -> int:
    """Runs the named parts, all of them when none is named; the exit code says whether every claim held."""
    if servers and parts not in [[one] for one in DISTRIBUTED]:
        raise BadConfiguration(f"分布式的一次只量一项：{'、'.join(DISTRIBUTED)}")
    if servers:
        servers.refuse_used()
    unknown = [name for name in parts if name not in PARTS]
    if unknown:
        raise BadConfiguration(f"没有 {unknown[0]} 这一项，可选 {'、'.join(PARTS)}")
    report = Report()
    signal.signal(signal.SIGTERM, _leave)
    with tempfile.TemporaryDirectory(prefix="onetap-bench-") as folder:
        bench = Bench(report, Path(folder), quick=quick, servers=servers)
        with bench.opened:
            for name in parts or PARTS:
                try:
                    PARTS[name](bench)
                except DidNotWork as error:
                    report.claim(False, f"{name} 没有量成：{error}")
    return 1 if report.broken else 0


def _leave(_number: int, _frame: FrameType | None) -> None:
    """Ends as Ctrl-C does: processes and folder go first."""
    raise KeyboardInterrupt
