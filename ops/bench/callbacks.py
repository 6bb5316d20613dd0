"""Callbacks: how fast the callback view answers beside a bare route, and how long an answer takes while a campaign leaves."""

import itertools
import secrets
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType

from ops import sockets
from ops.bench.calls import Caller, CallOutcome, Order
from ops.bench.machine import cpu_seconds
from ops.bench.programs import BenchProgram, answers
from ops.bench.report import Report, ms, percentile, progress
from ops.bench.stage import Campaigns, Stage

ROUNDS = 5
LEAST_RATE, MOST_P99, LONGEST = 0.6, 3.0, 1.0
"""The claims: share of the floor's rate; times the floor's p99; seconds."""
PER_SECOND = 50


@dataclass(frozen=True)
class CallbackSize:
    """How much is measured."""

    events: int = 1500
    seconds: int = 30


QUICK = CallbackSize(events=400, seconds=10)


class Floor:
    """The bare route as a process of its own, with a database of its own on the same disk."""

    def __init__(self, stage: Stage) -> None:
        listening = sockets.listen("127.0.0.1", 0)
        self.url, number = sockets.address(listening), listening.detach()
        database = f"sqlite:///{stage.folder / 'floor.sqlite3'}"
        command = ["-m", "ops.bench.floor", "--socket", str(number), "--database", database]
        self.program = BenchProgram("floor", command, stage.folder, stage.environment, [number])
        self.program.until(lambda: answers(self.url, 404), 30, "回答")

    def __enter__(self) -> "Floor":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.program.stop()


def measure(report: Report, stage: Stage, size: CallbackSize) -> None:
    """Both claims, on a stage that is up."""
    with Floor(stage) as floor:
        rate(report, stage, floor, size.events)
        acknowledgement(report, stage, floor, size.seconds)


def rate(report: Report, stage: Stage, floor: Floor, events: int) -> None:
    """Interleaved rounds: as many answers per second as there are, ours and the floor's."""
    ratios, ours_cpu, floor_cpu, all_cpu, rates, drains, refused = [], [], [], [], [], [], []
    fresh = fresh_events(stage)
    for number in range(ROUNDS):
        progress(f"回调接收，第 {number + 1} 轮，共 {ROUNDS} 轮")
        below, cpu = _closed_loop(stage, floor.url, floor.program.pid, [next(fresh) for _ in range(events)])
        floor_cpu.append(cpu / events)
        before = cpu_seconds(stage.app.pid)
        ours, cpu = _closed_loop(stage, stage.url, stage.app.pid, [next(fresh) for _ in range(events)])
        ours_cpu.append(cpu / events)
        began = time.monotonic()
        stage.settle()
        drains.append(time.monotonic() - began)
        all_cpu.append((cpu_seconds(stage.app.pid) - before) / events)
        ratios.append(ours.rate / below.rate)
        rates.append((ours.rate, below.rate))
        refused += [ours.refused, below.refused]
    ratio = statistics.median(ratios)
    report.claim(
        ratio >= LEAST_RATE and not any(refused),
        f"回调接收 {ratio:.2f} × 裸路由（要求 ≥ {LEAST_RATE}）",
        f"{ROUNDS} 轮各 {events:,} 条，中位数 {_median(rates, 0):,.0f} 对 {_median(rates, 1):,.0f} 条/秒",
        f"各轮 {' '.join(f'{one:.2f}' for one in ratios)}",
        f"CPU 每条 {ms(statistics.median(ours_cpu))} 对 {ms(statistics.median(floor_cpu))}，"
        f"连后来的处理 {ms(statistics.median(all_cpu))}",
        f"没被接受 {sum(refused)} 条，答完后再处理 {statistics.median(drains):.1f} 秒",
    )


def acknowledgement(report: Report, stage: Stage, floor: Floor, seconds: int) -> None:
    """So many events per second at both, at the same time, while a campaign is drawn and delivered."""
    fresh = fresh_events(stage)
    count = seconds * PER_SECOND
    with Campaigns(stage) as under_way:
        progress(f"活动投递中，每秒 {PER_SECOND} 条回调，{seconds} 秒")
        before, began = under_way.delivered(), time.monotonic()
        callers = []
        for url in (stage.url, floor.url):
            orders = [
                Order(stage.platform.event(url, next(fresh)), 0.5 + place / PER_SECOND)
                for place in range(count)
            ]
            callers.append(Caller(stage.folder, url, orders))
        ours, below = (one.outcome() for one in callers)
        posters = (under_way.delivered() - before) / (time.monotonic() - began)
    ratio, longest = ours.p99 / below.p99, max(ours.seconds)
    refused = ours.refused + below.refused
    report.claim(
        ratio <= MOST_P99 and longest <= LONGEST and not refused,
        f"活动投递中的应答 p99 {ratio:.2f} × 裸路由（要求 ≤ {MOST_P99}）",
        f"{ms(ours.p99)} 对 {ms(below.p99)}，中位数 {ms(percentile(ours.seconds, 50))} 对 {ms(percentile(below.seconds, 50))}",
        f"最长 {ms(longest)}（要求 ≤ {LONGEST:.0f} s）对 {ms(max(below.seconds))}",
        f"每边每秒 {PER_SECOND} 条，共 {count:,} 条，没被接受 {refused} 条",
        f"同时每秒投递 {posters:.1f} 位导购的海报",
    )
    stage.settle()


def fresh_events(stage: Stage) -> Iterator[dict[str, str]]:
    """Never the same twice: a guide changed her remark about somebody whom we do not know yet.

    Handling it is short and asks the platform nothing, so that no round works off what an earlier one left.
    """
    for number in itertools.count():
        yield {
            "Event": "change_external_contact",
            "ChangeType": "edit_external_contact",
            "UserID": stage.company.guides[number % len(stage.company.guides)].userid,
            "ExternalUserID": f"wm{secrets.token_hex(10)}",
            "Remark": "老顾客",
        }


def _closed_loop(stage: Stage, url: str, pid: int, events: list[dict[str, str]]) -> tuple[CallOutcome, float]:
    """As fast as the answers come; with the processor time that the answering process took meanwhile."""
    orders = [Order(stage.platform.event(url, fields)) for fields in events]
    before = cpu_seconds(pid)
    outcome = Caller(stage.folder, url, orders).outcome()
    return outcome, cpu_seconds(pid) - before


def _median(rates: list[tuple[float, float]], side: int) -> float:
    return statistics.median(pair[side] for pair in rates)
