"""The system to be measured: an emulator, the real program in one process or in several, and a retailer of the wished size."""

import contextlib
import hashlib
import json
import math
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

import redis
import requests
from sqlalchemy import create_engine, inspect
from sqlmodel import col, func, select

from models import migrate, preferences
from models.campaigns import Campaign, CampaignStatus, Task, lifecycle, pictures, planning
from models.campaigns.attachments import Attachment, AttachmentForm
from models.campaigns.fields import CampaignFields
from models.db import Database, count
from models.encryption import Encryption
from models.friends import entry_codes
from models.friends.entry_codes import EntryCode, EntryCodeKind
from models.job_runs import last_runs
from models.ledger import outbox
from models.ledger.channels import CONTACT_WAY, MASS
from models.ledger.inbox import UNHANDLED, Inbox
from models.ledger.outbox import Outbox, OutboxStatus
from ops import demo, sample_data, seed, sockets, wiring
from ops.bench.calls import CallbackSender
from ops.bench.programs import SERVER, BenchProgram, answers
from ops.bench.report import progress
from posters import samples
from posters.pictures import clean_picture
from scheduler import JOBS
from settings import PREFIX, BadConfiguration

ART = "art-boots.jpg"
STORES = 19
REAL_CODES = 20
"""Guides whose codes the platform knows, so that customers can scan them; the others' posters carry a made-up one."""
UNBOUND: dict[str, str | int] = {"approval": "no", "contacts_per_week": 0, "contacts_per_month": 0}
"""One campaign follows the other, to the same customers, and nobody is there to approve it"""
START_SECONDS, SETTLE_SECONDS = 150, 180


@dataclass(frozen=True)
class Servers:
    """What the distributed mode shares: an empty PostgreSQL database and an empty Redis."""

    database_url: str
    redis_url: str

    def refuse_used(self) -> None:
        """A bench fills both with invented people, so it touches nothing that is there."""
        engine = create_engine(self.database_url)
        with redis.Redis.from_url(self.redis_url) as cache:
            used = inspect(engine).get_table_names() or cache.dbsize()
        engine.dispose()
        if used:
            raise BadConfiguration("量分布式要一个空的 PostgreSQL 库和一个空的 Redis，这里的已经有内容")


class Stage:
    """Everything in one folder. Use it as a context manager: its processes end with it."""

    def __init__(self, folder: Path, guides: int, servers: Servers | None = None) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._listening = sockets.listen("127.0.0.1", 0)
        self.url, self.wecom_url = sockets.address(self._listening), f"http://127.0.0.1:{free_port()}"
        self.keys = demo.keys(folder)
        company = self.company = sample_data.invent(
            guides_per_store=math.ceil(guides / STORES), customers_per_guide=3
        )
        self.guides = len(company.guides)
        corp = sample_data.corp(company, self.keys, app_url=self.url)
        (folder / "corp.json").write_text(json.dumps(corp, ensure_ascii=False), encoding="utf-8")
        self.environment = demo.environment_of(self.keys, folder, self.url, self.wecom_url)
        self.servers = servers
        if servers:
            shared = {"DATABASE_URL": servers.database_url, "REDIS_URL": servers.redis_url, "DEMO": ""}
            self.environment |= {PREFIX + name: value for name, value in shared.items()}
        self.db = Database(self.environment["ONETAP_DATABASE_URL"])
        migrate.upgrade(self.db)
        seed.plant(self.db, company, Encryption(self.keys["signing"]), wiring.clock())
        with self.db.write() as session:
            preferences.change(session, "周岚", wiring.clock(), **UNBOUND)
        self._finish_codes()
        self.platform = CallbackSender(self.keys["app_token"], self.keys["app_aes_key"], self.keys["corp_id"])
        self._programs = contextlib.ExitStack()

    def __enter__(self) -> "Stage":
        progress(f"准备 {self.guides} 位导购的零售商")
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def _start(self) -> None:
        place = [
            "--port",
            self.wecom_url.rpartition(":")[2],
            "--corp",
            "corp.json",
            "--state",
            "wecom.sqlite3",
        ]
        self.wecom = self._programs.enter_context(
            BenchProgram("wecom", ["-m", "emulator", *place], self.folder)
        )
        self.wecom.until(lambda: answers(f"{self.wecom_url}/control/ledger?limit=1"), START_SECONDS, "回答")
        number = self._listening.detach()
        alone, *others = ("web-process", "worker", "scheduler") if self.servers else ("app",)
        self.app = self._start_program(alone, ["--socket", str(number)], [number])
        for role in others:
            self._start_program(role)
        socket.socket(fileno=number).close()  # the app has its own
        self.app.until(lambda: answers(f"{self.url}/readyz"), START_SECONDS, "准备好")
        self.app.until(self._timetable_is_done, SETTLE_SECONDS, "对完账")
        self.settle()

    def _start_program(
        self, role: str, options: Sequence[str] = (), inherits: Sequence[int] = ()
    ) -> BenchProgram:
        command = [SERVER, role, *options]
        started = BenchProgram(role, command, self.folder, self.environment, inherits)
        return self._programs.enter_context(started)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._programs.close()
        self.db.close()

    # ---- waiting

    def settle(self, seconds: float = SETTLE_SECONDS) -> None:
        """Wait until every event is handled and everything due has left."""
        self.app.until(lambda: self.waiting() == 0, seconds, "做完手上的事")

    def waiting(self, channel: str = "") -> int:
        """Events to handle and calls that are due; only those of one channel when it is named."""
        now = wiring.clock()
        with self.db.read() as session:
            events = select(func.count()).select_from(Inbox).where(col(Inbox.status).in_(UNHANDLED))
            calls = select(func.count()).select_from(Outbox)
            calls = calls.where(
                col(Outbox.status).in_([OutboxStatus.QUEUED, OutboxStatus.CALLING]), Outbox.due_at <= now
            )
            if channel:
                calls = calls.where(Outbox.channel == channel)
            return session.exec(events).one() + session.exec(calls).one()

    def _timetable_is_done(self) -> bool:
        """A first start compares everything with the platform; that is not what we measure."""
        with self.db.read() as session:
            runs = last_runs(session)
        nightly = [plan.name for plan in JOBS if plan.daily]
        return all(name in runs and runs[name].ended_at for name in nightly)

    # ---- what people do

    def scannable(self) -> list[str]:
        """Codes that the platform knows."""
        with self.db.read() as session:
            return list(
                session.exec(
                    select(EntryCode.config_id).where(
                        EntryCode.kind == EntryCodeKind.GUIDE, EntryCode.config_id != ""
                    )
                )
            )

    def ledger(self, kind: str, since: int) -> list[dict[str, Any]]:
        """What people really received, by the platform's own ledger."""
        rows: list[dict[str, Any]] = []
        while True:
            asked: dict[str, str | int] = {"kind": kind, "since": since, "limit": 10_000}
            page = requests.get(f"{self.wecom_url}/control/ledger", params=asked, timeout=30).json()["rows"]
            rows += page
            if len(page) < 10_000:
                return rows
            since = page[-1]["id"]

    def ledger_end(self) -> int:
        asked: dict[str, str | int] = {"kind": "none", "limit": 1}
        return int(requests.get(f"{self.wecom_url}/control/ledger", params=asked, timeout=30).json()["last"])

    def _finish_codes(self) -> None:
        """All codes but a few are ready without asking the platform: a thousand questions are not what we measure."""
        now = wiring.clock()
        with self.db.write() as session:
            wanted = (
                select(EntryCode)
                .where(EntryCode.kind == EntryCodeKind.GUIDE)
                .order_by(col(EntryCode.id))
                .offset(REAL_CODES)
            )
            made = {code.id: code for code in session.exec(wanted)}
            for code in made.values():
                entry_codes.ready(session, code, "", "", f"https://work.weixin.qq.com/ca/{code.state}", now)
            rows = session.exec(select(Outbox).where(Outbox.channel == CONTACT_WAY)).all()
            outbox.cancel(
                session, [row.id or 0 for row in rows if row.subject_id in made], now, "量的时候用不到"
            )


def start_campaign(db: Database, words: str) -> int:
    """HQ lets a poster campaign to every guide start now; its id."""
    now = wiring.clock()
    art = clean_picture(samples.picture(ART))
    with db.write() as session:
        picture = pictures.keep_picture(
            session, sha256=hashlib.sha256(art.jpeg).hexdigest(), name="boots.jpg", width=art.width,
            height=art.height, content=art.jpeg, now=now,
        )  # fmt: skip
        poster = Attachment(
            form=AttachmentForm.POSTER, design="artwork", picture_id=picture.id, words={"sentence": words}
        )
        fields = CampaignFields(
            name=words, channel=MASS, attachments=[poster],
            text="沈阳今晚有雪，想试雪地靴可以来{门店名}找{导购名}。",
            card_title="初雪雪地靴", card_note="在群发助手里点一次发送", launch_at=now, ends_at=now + timedelta(hours=2),
        )  # fmt: skip
        campaign = planning.create(session, fields, who="周岚", account_id=None, now=now)
        planning.launch_now(session, campaign, "周岚", now, sample_data.ZONE)
    return campaign.id or 0


def delivered(db: Database, campaign_id: int) -> int:
    """Guides whose poster is drawn and whose task the platform has accepted."""
    with db.read() as session:
        return count(session, Task, col(Task.ready_at).is_not(None), Task.campaign_id == campaign_id)


class Campaigns(threading.Thread):
    """Keeps a campaign to every guide under way: when one is nearly delivered, HQ starts the next."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(name="campaigns", daemon=True)
        self._stage, self._ended = stage, threading.Event()
        self._running: list[int] = []

    def __enter__(self) -> "Campaigns":
        self._next()
        self._stage.app.until(lambda: self.delivered() > 0, 60, "开始投递活动")
        self.start()
        return self

    def __exit__(self, *failure: object) -> None:
        """HQ pauses what is left, so that whoever measures next begins with empty hands."""
        self._ended.set()
        self.join()
        with self._stage.db.write() as session:
            for one in self._running:
                campaign = session.get_one(Campaign, one)
                if campaign.status in (CampaignStatus.SCHEDULED, CampaignStatus.RUNNING):
                    lifecycle.pause(session, campaign, "周岚", wiring.clock())

    def rate(self, seconds: float) -> float:
        """Guides delivered to per second, from now on for so long."""
        before, began = self.delivered(), time.monotonic()
        time.sleep(seconds)
        return (self.delivered() - before) / (time.monotonic() - began)

    def delivered(self) -> int:
        """Posters drawn, uploaded and accepted since the first campaign."""
        return sum(delivered(self._stage.db, one) for one in self._running)

    def run(self) -> None:
        while not self._ended.wait(0.5):
            if delivered(self._stage.db, self._running[-1]) > self._stage.guides * 0.8:
                self._next()

    def _next(self) -> None:
        self._running.append(start_campaign(self._stage.db, f"初雪第 {len(self._running) + 1} 场"))


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
