"""The same program spread over processes: web, two workers and two schedulers on PostgreSQL and Redis."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlmodel import Session, col, select, update

from models.accounts import Account, Role, passwords
from models.campaigns import Task, planning
from models.campaigns.fields import CampaignFields
from models.db import Database
from models.friends import Customer, Friend
from models.friends.entry_codes import EntryCode, EntryCodeStatus
from models.job_runs import JobRun
from models.ledger.channels import MASS
from models.ledger.outbox import Outbox, OutboxStatus
from models.org import find_guide
from ops import wiring
from scheduler.channels import SENDERS
from scheduler.queue.broker import HELD_BY_ONE_WORKER
from tests import cast
from tests.conftest import fresh_database
from tests.services import free_port
from tests.stories.house import PASSWORD, Office, environment_of, settings_for
from tests.waiting import PATIENCE, until
from tests.wecom_world import World, corp

ROOT = Path(__file__).parent.parent.parent
IN_FLIGHT = HELD_BY_ONE_WORKER["bulk"]
"""Mass messages that one worker makes at the same time, each with others of its campaign behind it."""
MORE = [f"guide{number:03d}" for number in range(IN_FLIGHT * SENDERS[MASS].together + 20)]
"""Guides who have one friend each: more than one worker can take in hand."""
CREATE = "externalcontact/add_msg_template"

pytestmark = pytest.mark.heavy


class Spread:
    """Processes of ours, one built-in WeCom, and a look into the database."""

    def __init__(self, database_url: str, redis_url: str, folder: Path, guides: list[str]) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.world = World(corp(self.url, **more_people(guides)))
        self.db = Database(database_url)
        settings = settings_for(self.world, database_url, self.url, folder)
        self.environment = environment_of(settings, redis_url=redis_url)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *names: str) -> None:
        """web, worker-1, worker-2, scheduler-1 …"""
        for name in names:
            role = name.partition("-")[0]
            more = ["--port", str(self.port), "--workers", "2"] if role == "web" else []
            self.processes[name] = subprocess.Popen(
                [sys.executable, str(ROOT / "server.py"), role, *more],
                env={**os.environ, **self.environment},
                stdout=subprocess.DEVNULL,
            )

    def tell(self, name: str, number: int) -> None:
        self.processes[name].send_signal(number)

    def on_the_platform(self) -> list[dict[str, Any]]:
        """The mass messages of guides, by the platform's own book."""
        return self.world.state()["mass_tasks"]

    def calls(self, *statuses: OutboxStatus) -> list[int]:
        """Mass messages that stand so."""
        wanted = col(Outbox.status).in_(statuses)
        with self.db.read() as session:
            return list(session.exec(select(Outbox.id).where(Outbox.channel == MASS, wanted)))

    def age(self, calls: list[int], minutes: int) -> None:
        """As if they had been made so long ago, by a process that has been frozen since."""
        past = wiring.clock() - timedelta(minutes=minutes)
        with self.db.write() as session:
            these = update(Outbox).where(col(Outbox.id).in_(calls))
            session.execute(these.values(called_at=past, written_at=past, lease_until=past))

    def read_results_soon(self) -> bool:
        """As if half an hour had passed since each task was made: then guides are asked about who did nothing here."""
        now = wiring.clock()
        made = {"ready_at": now - timedelta(minutes=31), "poll_at": now}
        with self.db.write() as session:
            session.execute(update(Task).where(col(Task.msgid) != "").values(**made))
        return True

    def stop(self) -> dict[str, int]:
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        codes = {name: process.wait(PATIENCE) for name, process in self.processes.items()}
        self.db.close()
        self.world.stop()
        return codes


@pytest.fixture(params=[MORE[:20]], ids=["20 guides"])
def spread(
    request: pytest.FixtureRequest, postgres_url: str, postgres_template: str, redis_url: str, tmp_path: Path
) -> Iterator[Spread]:
    from tests.conftest import on_server, sibling

    on_server(postgres_url, f"CREATE DATABASE spread TEMPLATE {postgres_template}")
    running = Spread(sibling(postgres_url, "spread"), redis_url, tmp_path, request.param)
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
    spread.start("web", "worker-1", "worker-2", "scheduler-1", "scheduler-2")
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


@pytest.mark.timeout(800)
@pytest.mark.parametrize("spread", [MORE], indirect=True, ids=["more than one takes in hand"])
def test_a_stop_finds_what_a_frozen_worker_has_sent_and_says_the_true_number_F14(spread: Spread):
    """A worker is frozen with its hands full, HQ stops, what became of its calls is decided without it, then it wakes.

    Of its calls the platform has carried out some before the stop, and the others only after everything was decided.
    """
    with spread.db.write() as session:
        guides = guides_with_a_friend_each(session)
        session.add(hq())
    number = plan_for(spread.db, guides)
    slowly = {"api": CREATE, "delay": 100 * PATIENCE}
    spread.world.chaos(
        {**slowly, "when": "after", "times": 3}, {**slowly, "when": "before", "times": IN_FLIGHT - 3}
    )
    spread.start("web", "worker-1", "scheduler-1")
    until(lambda: not any(rule["times"] for rule in spread.world.state()["chaos"]["rules"]))
    spread.tell("worker-1", signal.SIGSTOP)
    frozen = spread.calls(OutboxStatus.CALLING)
    early = [row["msgid"] for row in spread.on_the_platform()]
    spread.start("worker-2")
    others = len(MORE) - len(frozen)
    until(lambda: len(spread.on_the_platform()) == len(early) + others)

    tapped = next(row for row in spread.on_the_platform() if row["msgid"] == early[0])
    spread.world.confirm(tapped["userid"], tapped["msgid"])
    desk = Office(spread.url)
    desk.sign_in("zhoulan", PASSWORD)
    page = f"/console/campaigns/{number}"
    assert "正在撤下" in desk.press(f"{page}/cancel", at=f"{page}/stop")
    in_doubt = (OutboxStatus.CALLING, OutboxStatus.UNKNOWN)
    spread.age(frozen, minutes=5)
    # what the platform lists is adopted at once; of the others it is believed after ten minutes that they were not made
    until(lambda: len(set(frozen) - set(spread.calls(*in_doubt))) >= len(early))
    spread.age(spread.calls(*in_doubt), minutes=11)
    until(lambda: not spread.calls(*in_doubt))
    spread.world.chaos()
    until(lambda: len(spread.on_the_platform()) == others + IN_FLIGHT)
    spread.tell("worker-1", signal.SIGCONT)

    until(lambda: len(spread.calls(OutboxStatus.SENT)) == others + IN_FLIGHT)
    until(lambda: not [row for row in spread.on_the_platform() if not row["status"] and not row["cancelled"]])
    withdrawn = [row for row in spread.on_the_platform() if not row["status"]]
    told = f"；{len(withdrawn)} 位导购群发助手里还没发的已撤下；1 位导购已发给 1 位客户，收不回来"
    until(lambda: spread.read_results_soon() and told in desk.page(page))
    assert {row["msgid"] for row in spread.on_the_platform() if row["status"]} == {tapped["msgid"]}
    spread.stop()


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


def more_people(names: list[str]) -> dict[str, Any]:
    """The retailer of the tests, with more guides in 沈阳中街店."""
    known = corp()
    guides = [
        {"userid": name, "name": name, "department": [cast.ZHONGJIE.department], "position": "导购"}
        for name in names
    ]
    customers = [{"external_userid": f"wm-{name}", "name": "客户", "friends_of": [name]} for name in names]
    return {"members": known["members"] + guides, "customers": known["customers"] + customers}


def guides_with_a_friend_each(session: Session) -> list[int]:
    """Their ids; the rest of the retailer is there, too."""
    now = wiring.clock()
    store = cast.play(session, now=now).zhongjie
    guides = [cast.add(session, cast.guide(name, store, now - timedelta(days=9))) for name in MORE]
    for guide in guides:
        cast.befriend(session, guide, f"wm-{guide.userid}", at=now - timedelta(days=1))
    return [guide.id for guide in guides]


def hq() -> Account:
    return Account(
        role=Role.HQ,
        name="周岚",
        login="zhoulan",
        password_hash=passwords.hash_password(PASSWORD),
        created_at=wiring.clock(),
    )


def plan_for(db: Database, guides: list[int]) -> int:
    """A text to the friends of these guides, now; the campaign's id."""
    now = wiring.clock()
    fields = CampaignFields(
        name="初雪雪地靴",
        text="{导购名}：沈阳今晚有雪，雪地靴到店了。",
        card_title="初雪雪地靴",
        scope={"guides": guides},
        launch_at=now,
        ends_at=now + timedelta(hours=8),
    )
    with db.write() as session:
        campaign = planning.create(session, fields, who="周岚", account_id=None, now=now)
        planning.launch_now(session, campaign, "周岚", now, cast.ZONE)
        return campaign.id or 0
