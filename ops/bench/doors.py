"""The doors: is a callback answered while everybody stands in them, and what does a huge form of a stranger cost?"""

import http.client
import json
import secrets
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests

from models.accounts import Account, Role
from ops import wiring
from ops.bench import crowd
from ops.bench.callbacks import fresh_events
from ops.bench.calls import Caller, Order
from ops.bench.machine import cpu_seconds, proportional_bytes
from ops.bench.programs import BenchProgram
from ops.bench.report import Report, ms, percentile, progress
from ops.bench.stage import Stage
from pages.web import sessions
from wecom.limits import MB

LONGEST = 1.0
"""Seconds until a callback is answered, whoever else is there."""
PER_SECOND = 20
PLATFORM_SECONDS = 8.0
"""So long a slow platform takes to say who signs in."""
PAGES = ["/console/", "/console/campaigns", "/console/guides", "/console/stores"]
FORM_MB, FORM_SECONDS, FORM_MOST = 15, 0.5, 16 * MB
"""A form of a stranger, and what it may cost of processor and memory."""


@dataclass(frozen=True)
class DoorSize:
    """Who is there."""

    idle: int = 1000
    dripping: int = 200
    signing_in: int = 32
    people: int = 150
    seconds: int = 20
    pause: float = 2.0
    """Seconds that somebody looks at a page before she wants the next one."""


QUICK = DoorSize(seconds=8)


def measure(report: Report, stage: Stage, size: DoorSize) -> None:
    huge_form(report, stage)
    crowded(report, stage, size)


def huge_form(report: Report, stage: Stage) -> None:
    """Nobody who is not signed in has anything to say that is so long."""
    progress(f"陌生人的 {FORM_MB} MB 表单")
    place = urlsplit(stage.url)
    used, kept = cpu_seconds(stage.app.pid), proportional_bytes([stage.app.pid])
    link = http.client.HTTPConnection(place.hostname or "", place.port, timeout=120)
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    link.request("POST", "/console/sign-in", b"a&" * (FORM_MB * MB // 2), kind)
    status = link.getresponse().status
    link.close()
    used, kept = cpu_seconds(stage.app.pid) - used, proportional_bytes([stage.app.pid]) - kept
    report.claim(
        status == 413 and used <= FORM_SECONDS and kept <= FORM_MOST,
        f"陌生人的 {FORM_MB} MB 表单花 CPU {ms(used)}（要求 ≤ {ms(FORM_SECONDS)}）",
        f"内存多 {max(0, kept) / MB:.1f} MB（要求 ≤ {FORM_MOST // MB} MB），回答 {status}",
    )


def crowded(report: Report, stage: Stage, size: DoorSize) -> None:
    """Callbacks come at their pace, while everybody else stands in the door."""
    progress("门口站满了人，回调照来")
    slow = {"api": "auth/getuserinfo", "delay": PLATFORM_SECONDS, "when": "before"}
    requests.post(f"{stage.wecom_url}/control/chaos", json={"rules": [slow]}, timeout=30)
    fresh = fresh_events(stage)
    with Crowd(stage, size) as door:
        used, began = cpu_seconds(stage.app.pid), time.monotonic()
        orders = [
            Order(stage.platform.event(stage.url, next(fresh)), 0.5 + place / PER_SECOND)
            for place in range(size.seconds * PER_SECOND)
        ]
        came = Caller(stage.folder, stage.url, orders).outcome()
        cores = (cpu_seconds(stage.app.pid) - used) / (time.monotonic() - began)
    requests.post(f"{stage.wecom_url}/control/chaos", json={}, timeout=30)
    longest = max(came.seconds)
    report.claim(
        longest <= LONGEST and not came.refused,
        f"门口站满人时回调应答最长 {ms(longest)}，是要求的 {longest / LONGEST:.2f}",
        f"p99 {ms(came.p99)}，中位数 {ms(percentile(came.seconds, 50))}，{len(came.seconds)} 条没被接受 {came.refused} 条",
        f"{size.idle:,} 条空连接，{size.dripping} 条一字一字来的，{size.signing_in} 人登录在等平台，{size.people} 人在看控制台",
        f"控制台翻了 {door.came.get('page 200', 0):,.0f} 页，占 {cores:.1f} 核",
    )
    stage.settle()


class Crowd:
    """Everybody who stands in the door, as a process of its own; `came` is known when it has ended."""

    def __init__(self, stage: Stage, size: DoorSize) -> None:
        place = urlsplit(stage.url)
        told = {
            "host": place.hostname,
            "port": place.port,
            "idle": size.idle,
            "dripping": size.dripping,
            "signing_in": size.signing_in,
            "pages": PAGES,
            "pause": size.pause,
            "cookies": signed_in(stage, size.people),
        }
        file = stage.folder / "crowd.json"
        file.write_text(json.dumps(told), encoding="utf-8")
        self._program = BenchProgram("crowd", ["-P", crowd.__file__, str(file)], stage.folder)
        self.came: dict[str, float] = {}

    def __enter__(self) -> "Crowd":
        self._program.until(lambda: crowd.HERE in self._program.said(), 120, "到齐")
        return self

    def __exit__(self, *failure: object) -> None:
        self._program.stop()
        self.came = json.loads(self._program.said().partition(crowd.HERE)[2] or "{}")


def signed_in(stage: Stage, people: int) -> list[str]:
    """Cookies of so many people of HQ."""
    now, cookies = wiring.clock(), []
    with stage.db.write() as session:
        for number in range(people):
            account = Account(
                role=Role.HQ,
                name=f"周岚 {number}",
                login=f"desk-{secrets.token_hex(6)}",
                password_hash="-",
                created_at=now,
            )
            session.add(account)
            session.flush()
            token = sessions.added(session, sessions.CONSOLE, now, account_id=account.id)
            cookies.append(f"{sessions.COOKIES[sessions.CONSOLE]}={token}")
    return cookies
