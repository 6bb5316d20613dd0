"""A stage for what leaves: a real database of each kind, the built-in WeCom, and a clock that tests can move."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from models.db import Database
from models.encryption import fingerprint
from models.groups.robots import Robot
from models.ledger import outbox
from models.ledger.outbox import Outbox, OutboxStatus
from models.org import Guide
from posters.pool import PosterPool
from scheduler.queue import Queue
from scheduler.queue.delivery import deliver
from scheduler.runtime import Runtime
from tests import campaign_stage, cast
from tests.cast import Cast
from tests.wecom.fake_platform import FakePlatform
from tests.wecom_world import WEBHOOK, World
from wecom.client import WorkClient
from wecom.tokens import MemoryTokens

keys = itertools.count(1)


@dataclass
class Clock:
    """Real time, plus what a test adds; or stopped, for what must not happen by the slowness of a machine."""

    offset: timedelta = field(default_factory=timedelta)
    stopped_at: datetime | None = None

    def __call__(self) -> datetime:
        return (self.stopped_at or datetime.now(UTC)) + self.offset

    def stop(self) -> None:
        self.stopped_at = datetime.now(UTC)

    def move(self, **by: float) -> None:
        self.offset += timedelta(**by)


@dataclass
class Stage:
    """The platform, our rows about it, and short words for what tests do with them."""

    world: World
    db: Database
    clock: Clock
    runtime: Runtime
    cast: Cast

    @property
    def now(self) -> datetime:
        return self.clock()

    def contacts(self) -> WorkClient:
        """A client with the directory-sync secret."""
        content = self.world.content
        options = {
            "tokens": MemoryTokens(),
            "closed_windows": self.runtime.closed_windows,
            "clock": self.clock,
        }
        secret = content["contacts"]["secret"]
        return WorkClient(content["corp_id"], secret, base_url=self.world.api_url, **options)

    def put(self, channel: str, **fields: Any) -> int:
        with self.db.write() as session:
            key = fields.pop("key", f"{channel}:{next(keys)}")
            row_id = outbox.put(session, channel, key, now=fields.pop("now", self.now), **fields)
        assert row_id is not None
        return row_id

    def notice(self, text: str = "下午三点前看一眼群发助手", **fields: Any) -> int:
        return self.put("notice", guide_id=self.cast.wang.id, payload={"text": text}, **fields)

    def row(self, row_id: int) -> Outbox:
        with self.db.read() as session:
            return session.get_one(Outbox, row_id)

    def rows(self, **having: Any) -> list[Outbox]:
        with self.db.read() as session:
            return list(session.exec(select(Outbox).filter_by(**having).order_by(Outbox.id)))

    def deliver(self, row_id: int) -> Outbox:
        deliver(self.runtime, row_id)
        return self.row(row_id)

    def until_settled(self, row_id: int, tries: int = 20) -> Outbox:
        """Deliver again whenever it is due, moving our clock on."""
        for _ in range(tries):
            row = self.deliver(row_id)
            if row.status != OutboxStatus.QUEUED:
                return row
            self.clock.offset += max(timedelta(), row.due_at - self.now) + timedelta(milliseconds=1)
        raise AssertionError(f"still {row.status} after {tries} tries: {row.reason}")

    def guide(self, userid: str) -> Guide:
        with self.db.read() as session:
            return session.exec(select(Guide).where(Guide.userid == userid)).one()

    def calls(self, api: str) -> list[dict[str, Any]]:
        """What the platform's own book says about an API."""
        return self.world.ledger("call", who=api)

    def befriend(self, customer: str = "", userid: str = "wangfang") -> dict[str, Any]:
        """A customer scans a code of this guide; the platform hands out a welcome code."""
        way = self.world.call("externalcontact/add_contact_way", {"type": 1, "scene": 2, "user": [userid]})
        return self.world.scan(customer or self.world.new_customer(), way["config_id"], name="新客")

    def welcome(self, welcome_code: str, *, seconds: float = 20, **fields: Any) -> int:
        return self.put(
            "welcome",
            deadline=self.now + timedelta(seconds=seconds),
            guide_id=self.cast.wang.id,
            payload={"welcome_code": welcome_code, "text": "您好，我是王芳"},
            **fields,
        )

    def robot(self, key: str = WEBHOOK) -> int:
        """The shop's internal group with a webhook robot; the group's id."""
        with self.db.write() as session:
            group = cast.internal_group(session, f"店内群 {key[:4]}")
            session.add(
                Robot(
                    group_id=group.id,
                    name="总部播报",
                    encrypted_key=self.runtime.encryption.encrypt(key),
                    key_hash=fingerprint(key),
                    key_tail=key[-4:],
                    created_at=self.now,
                )
            )
        return group.id


@contextmanager
def working(stage: Stage, **options: Any) -> Iterator[Queue]:
    """A queue that works off the rows of a stage in this process."""
    queue = Queue(stage.runtime, **options)
    stage.db.offer = queue.offer
    queue.start()
    try:
        yield queue
    finally:
        queue.stop(20)
        stage.db.offer = None


@contextmanager
def scripted_platform(stage: Stage | campaign_stage.Stage) -> Iterator[FakePlatform]:
    """A platform that answers as it was told, in the place of a stage's built-in WeCom."""
    platform, real, content = FakePlatform(), stage.runtime.client, stage.world.content
    stage.runtime.client = WorkClient(
        content["corp_id"],
        content["app"]["secret"],
        base_url=platform.base_url,
        tokens=MemoryTokens(),
        closed_windows=stage.runtime.closed_windows,
        clock=stage.clock,
    )
    try:
        yield platform
    finally:
        stage.runtime.client.close()
        stage.runtime.client = real
        platform.close()


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A queue that stops at once: its idle threads look often whether they should end."""
    monkeypatch.setattr("scheduler.queue.IDLE_MS", 20)


@pytest.fixture
def world() -> Iterator[World]:
    with World() as world:
        yield world


@pytest.fixture
def clock() -> Clock:
    return Clock()


def staged(database: Database, world: World, clock: Clock, pool: PosterPool, data_dir: Path) -> Stage:
    with database.write() as session:
        actors = cast.play(session, now=clock())
    runtime = campaign_stage.runtime_on(database, world.url, world.content, clock, pool, data_dir)
    return Stage(world, database, clock, runtime, actors)


@pytest.fixture
def stage(
    database: Database, world: World, clock: Clock, pool: PosterPool, tmp_path: Path
) -> Iterator[Stage]:
    """On SQLite and on PostgreSQL."""
    stage = staged(database, world, clock, pool, tmp_path)
    yield stage
    stage.runtime.client.close()
    stage.runtime.robots.close()


@pytest.fixture
def sqlite_stage(
    sqlite_database: Database, world: World, clock: Clock, pool: PosterPool, tmp_path: Path
) -> Iterator[Stage]:
    """On SQLite alone, for tests whose subject is not the database."""
    stage = staged(sqlite_database, world, clock, pool, tmp_path)
    yield stage
    stage.runtime.client.close()
    stage.runtime.robots.close()
