"""The same program spread over processes: web, two workers and two schedulers on PostgreSQL and Redis."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from sqlmodel import select

from models.db import Database
from models.friends import Customer, Friend
from models.friends.entry_codes import EntryCode, EntryCodeStatus
from models.job_runs import JobRun
from models.org import find_guide
from ops import wiring
from tests import cast
from tests.conftest import fresh_database
from tests.services import free_port
from tests.stories.house import environment_of, settings_for
from tests.waiting import PATIENCE, until
from tests.wecom_world import World, corp

ROOT = Path(__file__).parent.parent.parent


class Spread:
    """Five processes of ours, one built-in WeCom, and a look into the database."""

    def __init__(self, database_url: str, redis_url: str, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.world = World(corp(self.url))
        self.db = Database(database_url)
        settings = settings_for(self.world, database_url, self.url, folder)
        self.environment = environment_of(settings, redis_url=redis_url)
        self.processes = {
            name: self.start(role)
            for name, role in (
                ("web", ("web", "--port", str(self.port), "--workers", "2")),
                ("worker-1", ("worker",)),
                ("worker-2", ("worker",)),
                ("scheduler-1", ("scheduler",)),
                ("scheduler-2", ("scheduler",)),
            )
        }

    def start(self, arguments: tuple[str, ...]) -> "subprocess.Popen[bytes]":
        environment = {**os.environ, **self.environment}
        return subprocess.Popen(
            [sys.executable, str(ROOT / "server.py"), *arguments], env=environment, stdout=subprocess.DEVNULL
        )

    def stop(self) -> dict[str, int]:
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        codes = {name: process.wait(PATIENCE) for name, process in self.processes.items()}
        self.db.close()
        self.world.stop()
        return codes


@pytest.fixture
def spread(postgres_url: str, postgres_template: str, redis_url: str, tmp_path: Path) -> Iterator[Spread]:
    from tests.conftest import on_server, sibling

    on_server(postgres_url, f"CREATE DATABASE spread TEMPLATE {postgres_template}")
    running = Spread(sibling(postgres_url, "spread"), redis_url, tmp_path)
    yield running
    for process in running.processes.values():
        process.kill()
        process.wait()
    on_server(postgres_url, "DROP DATABASE spread WITH (FORCE)")


@pytest.mark.timeout(400)
def test_web_workers_and_schedulers_share_the_work_and_do_nothing_twice_C09_C11_B17(spread: Spread):
    """Two of everything, every callback three times, one killed worker."""
    with spread.db.write() as session:
        cast.play(session, now=wiring.clock())
    until(lambda: answers(f"{spread.url}/readyz"))

    def codes():
        with spread.db.read() as session:
            guide = find_guide(session, "wangfang")
            return session.exec(
                select(EntryCode).where(
                    EntryCode.guide_id == guide.id, EntryCode.status == EntryCodeStatus.READY
                )
            ).all()

    code = until(codes)[0]
    spread.world.chaos(callbacks={"copies": 3, "retry_pause": 0.02})
    customers = [f"wmSPREAD{number:04d}" for number in range(20)]
    for number, customer in enumerate(customers):
        if number == 5:
            worker = spread.processes.pop("worker-1")
            worker.kill()
            worker.wait()
        spread.world.scan(customer, code.payload, name=f"客户{number}")
    # one may have died with its worker
    until(lambda: len(spread.world.ledger("welcome")) >= len(customers) - 1)

    def everybody_is_known():
        """What the killed worker was handling comes again when its lease ends, a minute later."""
        with spread.db.read() as session:
            known = {customer.external_userid for customer in session.exec(select(Customer).join(Friend))}
        return known >= set(customers)

    until(everybody_is_known)  # nobody is lost
    with spread.db.read() as session:
        ticks = [(tick.plan, tick.due_at) for tick in session.exec(select(JobRun))]
    welcomed = [row["who"] for row in spread.world.ledger("welcome")]
    assert len(welcomed) == len(set(welcomed)), "nobody is welcomed twice"
    assert len(ticks) == len(set(ticks))
    assert len(spread.world.ledger("call")) and all(code == 0 for code in spread.stop().values())


@pytest.mark.parametrize("tables", [True, False])
def test_web_prints_the_set_up_link_once_and_starts_without_tables_too_N02(
    request: pytest.FixtureRequest, postgres_url: str, redis_url: str, tmp_path: Path, tables: bool
):
    """The link once, not once per worker; /readyz says what is missing."""
    port = free_port()
    command = [sys.executable, str(ROOT / "server.py"), "web", "--port", str(port), "--workers", "2"]
    with (
        fresh_database(request, "postgres", tmp_path) as url,
        open(tmp_path / "said", "w+", encoding="utf-8") as said,
    ):
        given = {
            "SECRET_KEY": "a key for the stories",
            "DATABASE_URL": url if tables else postgres_url,
            "REDIS_URL": redis_url,
        }
        environment = {**os.environ, **{f"ONETAP_{name}": value for name, value in given.items()}}
        web = subprocess.Popen(command, env=environment, stdout=said)
        try:
            until(lambda: answers(f"http://127.0.0.1:{port}/healthz"))
        finally:
            web.terminate()
            web.wait(PATIENCE)
        said.seek(0)
        assert said.read().count("/console/first?token=") == int(tables)


def answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=20).ok
    except requests.RequestException:
        return False
