"""The rush after ten o'clock: every guide taps within five minutes, and HQ's screens stay open meanwhile."""

import random
import secrets
import time
from dataclasses import dataclass
from datetime import timedelta

import requests
from sqlmodel import col, select

from models.campaigns import Campaign, CampaignStatus, Card, Task
from models.db import count
from models.org import Guide
from ops import wiring
from ops.bench.calls import Caller, Order
from ops.bench.doors import signed_in
from ops.bench.machine import cpu_seconds
from ops.bench.report import Report, ms, percentile, progress
from ops.bench.stage import Stage

PER_SECOND = 10_000 / 300
"""10,000 guides in five minutes"""
LONGEST_P95 = 0.3
VIEWERS, EVERY, JITTER, MOST_CORE = 200, 15.0, 0.1, 0.05
"""Screens that show one campaign, how often each asks, and what all of them may cost of a core"""


@dataclass(frozen=True)
class TapSize:
    """How many taps, and for how long the screens are watched."""

    taps: int = 10_000
    watched: int = 90


QUICK = TapSize(taps=600, watched=30)


def measure(report: Report, stage: Stage, size: TapSize) -> None:
    numbers, events = plant(stage, size.taps)
    tapped(report, stage, numbers, events)
    watched(report, stage, numbers[0], size.watched)


def plant(stage: Stage, taps: int) -> tuple[list[int], list[dict[str, str]]]:
    """Campaigns that run, a card on each guide's phone, and the taps that say of each task that it was sent."""
    progress(f"准备 {taps:,} 件任务")
    now, numbers, events = wiring.clock(), list[int](), list[dict[str, str]]()
    with stage.db.read() as session:
        guides = list(session.exec(select(Guide.id, Guide.userid).order_by(col(Guide.id))).all())
    while len(events) < taps:
        with stage.db.write() as session:
            campaign = Campaign(
                name=f"十点的活动 {len(numbers) + 1}", text="到店了", status=CampaignStatus.RUNNING,
                launch_at=now, launched_at=now, planned_at=now, ends_at=now + timedelta(hours=8), created_at=now,
            )  # fmt: skip
            session.add(campaign)
            session.flush()
            numbers.append(campaign.id or 0)
            day = (now - timedelta(days=len(numbers))).date().isoformat()
            for guide_id, userid in guides[: taps - len(events)]:
                key, code = f"card-{guide_id}-{day}-a-{secrets.token_hex(6)}", secrets.token_urlsafe(12)
                used = {"code": secrets.token_hex(16), "key": key, "at": now.isoformat()}
                card = Card(
                    guide_id=guide_id or 0, period=f"{day}.a", created_at=now, sent_at=now, codes=[used]
                )  # fmt: skip
                session.add(card)
                session.flush()
                session.add(
                    Task(
                        code=code,
                        campaign_id=campaign.id or 0,
                        guide_id=guide_id or 0,
                        created_at=now,
                        card_id=card.id,
                        card_sent_at=now,
                        customer_count=200,
                    )  # fmt: skip
                )
                events.append(_tap(userid, key, code))
    return numbers, events


def _tap(userid: str, key: str, code: str) -> dict[str, str]:
    return {
        "FromUserName": userid,
        "Event": "template_card_event",
        "EventKey": f"said:{code}",
        "TaskId": key,
        "CardType": "button_interaction",
        "ResponseCode": secrets.token_hex(16),
        "AgentID": "1000002",
    }


def tapped(report: Report, stage: Stage, numbers: list[int], events: list[dict[str, str]]) -> None:
    """Each tap is one callback, at the pace of the rush; afterwards each is in its task's row (M01)."""
    progress(f"{len(events):,} 位导购点「我已经发了」")
    orders = [
        Order(stage.platform.event(stage.url, fields, at), at)
        for at, fields in ((0.5 + place / PER_SECOND, fields) for place, fields in enumerate(events))
    ]
    came = Caller(stage.folder, stage.url, orders).outcome()
    stage.settle(600)
    with stage.db.read() as session:
        kept = count(session, Task, col(Task.campaign_id).in_(numbers), col(Task.reported_at).is_not(None))
    p95, lost = percentile(came.seconds, 95), len(events) - kept
    report.claim(
        p95 < LONGEST_P95 and lost == 0 and not came.refused,
        f"导购集中点击时应答 p95 {ms(p95)}（要求 < {ms(LONGEST_P95)}），丢了 {lost} 次（要求 0）",
        f"{len(events):,} 次，每秒 {PER_SECOND:.0f} 次，中位数 {ms(percentile(came.seconds, 50))}，"
        f"最长 {ms(max(came.seconds))}，没被接受 {came.refused} 次",
    )


def watched(report: Report, stage: Stage, campaign_id: int, seconds: int) -> None:
    """Many screens show the live figures of a campaign that moves; what they cost beside the same time without them (M04)."""
    progress(f"{VIEWERS} 个屏幕看着同一个活动")
    path = f"/console/campaigns/{campaign_id}/live"
    cookies = signed_in(stage, VIEWERS)
    known = requests.get(stage.url + path, headers={"Cookie": cookies[0]}, timeout=30).headers["ETag"]
    orders = []
    for cookie in cookies:
        at = random.uniform(0, EVERY)
        while at < seconds:
            orders.append(Order(_look(stage, path, cookie, known), at))
            at += EVERY * random.uniform(1 - JITTER, 1 + JITTER)
    idle = _cores(stage, seconds, campaign_id)
    orders.sort(key=lambda one: one.at)
    came = Caller(stage.folder, stage.url, orders)
    busy = _cores(stage, seconds, campaign_id)
    outcome = came.outcome()
    share, wrong = busy - idle, sum(status not in (200, 304) for status in outcome.statuses)
    report.claim(
        share <= MOST_CORE and not wrong,
        f"{VIEWERS} 个屏幕的实时漏斗占 {share:.1%} 核（要求 ≤ {MOST_CORE:.0%}）",
        f"每 {EVERY:.0f} 秒 ± {JITTER:.0%} 一次，{len(orders):,} 次，没有屏幕时 {idle:.1%}，"
        f"p95 {ms(percentile(outcome.seconds, 95))}，答错 {wrong} 次",
    )


def _look(stage: Stage, path: str, cookie: str, known: str) -> bytes:
    host = stage.url.partition("//")[2]
    return (
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nHX-Request: true\r\n"
        "Accept-Encoding: gzip\r\n"
        f"If-None-Match: {known}\r\n\r\n"
    ).encode()


def _cores(stage: Stage, seconds: float, campaign_id: int) -> float:
    """Processor time of the program per second, while the platform confirms a guide every second."""
    before, began = cpu_seconds(stage.app.pid), time.monotonic()
    with stage.db.read() as session:
        ids = list(session.exec(select(Task.id).where(Task.campaign_id == campaign_id).limit(int(seconds))))
    for task_id in ids:
        with stage.db.write() as session:
            session.get_one(Task, task_id).confirmed_at = wiring.clock()
        time.sleep(0.99)
    time.sleep(max(0.0, seconds - (time.monotonic() - began)))
    return (cpu_seconds(stage.app.pid) - before) / (time.monotonic() - began)
