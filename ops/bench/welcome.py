"""Welcomes: friends who come while a campaign leaves, each greeted once and in time; the platform's own ledger is the judge.

The baselines are made in the same run: the same friends without a campaign, and the same campaign without friends.
"""

import contextlib
import json
import os
import secrets
import time
from collections import Counter
from dataclasses import dataclass

from models.ledger.channels import WELCOME
from ops.bench.calls import Caller, Order, post
from ops.bench.machine import cpu_seconds, family_cpu_seconds
from ops.bench.programs import BenchProgram
from ops.bench.report import Report, ms, percentile, progress, times
from ops.bench.stage import Campaigns, Stage

IN_TIME, MOST_P99 = 20.0, 5.0
"""Seconds: the platform's deadline; our claim at the steady rate."""
CONNECTIONS = 24
QUIET_SECONDS, LONGEST_WAIT = 1.5, 60.0


@dataclass(frozen=True)
class WelcomeSize:
    """How many come how fast."""

    per_second: int = 30
    seconds: int = 60
    spike: int = 600
    spike_seconds: float = 10.0
    search: tuple[int, ...] = (60, 120, 240, 480)
    """Rates to try, one after the other, until one is too high."""
    search_seconds: int = 8
    alone_seconds: int = 10
    crowded_per_second: int = 20
    campaign_seconds: float = 20.0


QUICK = WelcomeSize(
    seconds=10,
    spike=100,
    spike_seconds=2.0,
    search=(60, 120),
    search_seconds=4,
    alone_seconds=5,
    campaign_seconds=5.0,
)


@dataclass(frozen=True)
class FriendRush:
    """What became of a number of friends."""

    friends: int
    refused: int
    seconds: list[float]
    """From the platform's event to the welcome at the customer, for those who got one."""
    twice: int
    unanswered: int = 0
    """Events that we did not acknowledge within the platform's five seconds, counted per try."""

    @property
    def all_in_time(self) -> bool:
        lost = self.missing + self.refused + self.unanswered
        return lost == 0 and self.longest <= IN_TIME

    @property
    def missing(self) -> int:
        return self.friends - self.refused - len(self.seconds) + self.twice

    @property
    def longest(self) -> float:
        return max(self.seconds, default=float("inf"))

    @property
    def p99(self) -> float:
        return percentile(self.seconds, 99)

    def words(self) -> list[str]:
        return [
            f"p99 {ms(self.p99)}，中位数 {ms(percentile(self.seconds, 50))}，最长 {ms(self.longest)}",
            f"{self.friends:,} 位里没收到 {self.missing + self.refused} 位，收到两次 {self.twice} 位",
            f"没及时应答的回调 {self.unanswered} 次",
        ]


def measure(report: Report, stage: Stage, size: WelcomeSize) -> None:
    """Both baselines first: friends alone and the campaign alone; then the claims and the search, with both."""
    quiet = alone(report, stage, size)
    with Campaigns(stage) as under_way:
        undisturbed = campaign_alone(report, stage, size, under_way)
        steady(report, stage, size, under_way, quiet, undisturbed)
        spike(report, stage, size, quiet)
        search(report, stage, size)
        crowded_out(report, stage, size, quiet)
    stage.settle()


def alone(report: Report, stage: Stage, size: WelcomeSize) -> FriendRush:
    progress("新好友，没有活动，量 CPU")
    before = [cpu_seconds(pid) for pid in (stage.app.pid, stage.wecom.pid)]
    came = arrive(stage, size.per_second, size.alone_seconds)
    ours, theirs = (
        (cpu_seconds(pid) - used) / came.friends
        for pid, used in zip((stage.app.pid, stage.wecom.pid), before, strict=True)
    )
    report.tell(
        f"每位新好友 CPU 是内置企业微信的 {times(ours, theirs):.1f} 倍",
        f"{ms(ours)} 对 {ms(theirs)}",
        f"没有活动，每秒 {size.per_second} 位，{size.alone_seconds} 秒",
        *came.words(),
    )
    return came


def campaign_alone(report: Report, stage: Stage, size: WelcomeSize, under_way: Campaigns) -> float:
    """Guides per second while nobody else wants anything: what a rush costs the campaign is told against this."""
    progress(f"只有活动，{size.campaign_seconds:.0f} 秒")
    before, began, done = family_cpu_seconds(stage.app.pid), time.monotonic(), under_way.delivered()
    rate = under_way.rate(size.campaign_seconds)
    used, guides = family_cpu_seconds(stage.app.pid) - before, under_way.delivered() - done
    cores = used / (time.monotonic() - began)
    report.tell(
        f"每秒投递 {rate:.1f} 位导购的海报",
        f"没有新好友，{size.campaign_seconds:.0f} 秒，共 {guides} 位",
        f"每位导购 CPU {ms(times(used, guides))}，占 {cores:.1f} 核",
    )
    return rate


def steady(
    report: Report,
    stage: Stage,
    size: WelcomeSize,
    under_way: Campaigns,
    quiet: FriendRush,
    undisturbed: float,
) -> None:
    progress(f"活动投递中，每秒 {size.per_second} 位新好友，{size.seconds} 秒")
    before, began = under_way.delivered(), time.monotonic()
    came = arrive(stage, size.per_second, size.seconds)
    posters = (under_way.delivered() - before) / (time.monotonic() - began)
    report.claim(
        came.all_in_time and came.p99 < MOST_P99 and not came.twice,
        f"活动投递中欢迎语 p99 {times(came.p99, quiet.p99):.1f} × 单独时，"
        f"是期限的 {came.p99 / MOST_P99:.2f}（{MOST_P99:.0f} s，且都要在 {IN_TIME:.0f} s 内）",
        f"每秒 {size.per_second} 位，{size.seconds} 秒",
        f"同时每秒投递 {posters:.1f} 位导购的海报，{times(posters, undisturbed):.2f} × 单独时",
        *came.words(),
    )


def spike(report: Report, stage: Stage, size: WelcomeSize, quiet: FriendRush) -> None:
    progress(f"{size.spike_seconds:.0f} 秒里来 {size.spike} 位新好友")
    came = arrive(stage, size.spike / size.spike_seconds, size.spike_seconds)
    report.claim(
        came.all_in_time and not came.twice,
        f"一拥而上时欢迎语最长 {times(came.longest, quiet.longest):.1f} × 单独时，"
        f"是期限的 {came.longest / IN_TIME:.2f}（{IN_TIME:.0f} s）",
        f"{size.spike_seconds:.0f} 秒里 {size.spike} 位，活动投递中",
        *came.words(),
    )


def search(report: Report, stage: Stage, size: WelcomeSize) -> None:
    """Twice as many each time, until somebody waits too long; then once in between."""
    good, bad, last = 0.0, 0.0, ""
    for rate in size.search:
        progress(f"每秒 {rate} 位新好友")
        came = arrive(stage, rate, size.search_seconds)
        if not came.all_in_time:
            bad = rate
            last = f"每秒 {rate} 位时没收到 {came.missing + came.refused} 位，最长 {ms(came.longest)}"
            break
        good = rate
    if good and bad:
        middle = (good + bad) / 2
        came = arrive(stage, middle, size.search_seconds)
        good = middle if came.all_in_time else good
    report.tell(
        f"每秒 {good:.0f} 位新好友时仍全部及时" + ("" if bad else "，没有再往上试"),
        f"活动投递中，每档 {size.search_seconds} 秒",
        *filter(None, [last]),
    )


def crowded_out(report: Report, stage: Stage, size: WelcomeSize, quiet: FriendRush) -> None:
    """Other programs of this machine take every processor twice over: it tells who gives way, and promises nothing."""
    others = (os.cpu_count() or 1) * 2
    progress(f"{others} 个别的程序占着处理器，每秒 {size.crowded_per_second} 位新好友")
    with contextlib.ExitStack() as busy:
        for number in range(others):
            busy.enter_context(BenchProgram(f"busy-{number}", ["-c", "while True: pass"], stage.folder))
        before = cpu_seconds(stage.app.pid)
        came = arrive(stage, size.crowded_per_second, size.alone_seconds)
        each = (cpu_seconds(stage.app.pid) - before) / came.friends
    report.tell(
        f"处理器被占满时没收到欢迎语的占 {(came.missing + came.refused) / came.friends:.0%}，"
        f"中位数 {times(percentile(came.seconds, 50), percentile(quiet.seconds, 50)):.1f} × 单独时",
        f"每秒 {size.crowded_per_second} 位，{size.alone_seconds} 秒，旁边 {others} 个别的程序，活动投递中",
        f"每位新好友 CPU {ms(each)}",
        *came.words(),
    )


def arrive(stage: Stage, per_second: float, seconds: float) -> FriendRush:
    """So many customers scan codes of guides, evenly spread, and their friendships are followed to the end."""
    codes, since = stage.scannable(), stage.ledger_end()
    friends = round(per_second * seconds)
    orders = [
        Order(scan(stage, codes[place % len(codes)]), 0.5 + place / per_second) for place in range(friends)
    ]
    outcome = Caller(stage.folder, stage.wecom_url, orders, CONNECTIONS).outcome()
    follow(stage)
    received = stage.ledger("welcome", since)
    counts = Counter(row["who"] for row in received)
    twice = sum(count - 1 for count in counts.values())
    unanswered = sum(row["what"]["status"] != 200 for row in stage.ledger("callback", since))
    took = [row["what"]["seconds"] for row in received]
    return FriendRush(friends, outcome.refused, took, twice, unanswered)


def scan(stage: Stage, config_id: str) -> bytes:
    body = json.dumps({"config_id": config_id, "name": "新朋友"}).encode()
    return post(stage.wecom_url, f"/phone/customer/wm{secrets.token_hex(10)}/scan", body, "application/json")


def follow(stage: Stage) -> None:
    """Until no event waits and no welcome is due, for a while."""
    deadline, quiet_since = time.monotonic() + LONGEST_WAIT, time.monotonic()
    while time.monotonic() < deadline and time.monotonic() - quiet_since < QUIET_SECONDS:
        if stage.waiting(WELCOME):
            quiet_since = time.monotonic()
        time.sleep(0.25)
