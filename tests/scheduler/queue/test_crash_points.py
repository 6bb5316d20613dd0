"""Kill -9 at every fault point, in real processes: what follows is right, and the platform's own book says so."""

import ast
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlmodel import select

from models import org
from models.friends import entry_codes
from models.job_runs import JobRun, last_runs
from models.ledger import outbox
from models.ledger.outbox import Outbox, OutboxStatus
from scheduler import jobs
from scheduler.queue import recovery
from scheduler.queue.delivery import deliver
from tests.scheduler.conftest import Stage
from tests.scheduler.worker import ROOT, Crew, Worker
from tests.waiting import PATIENCE, until

CASES = {
    "claimed": "test_killed_after_the_claim_another_worker_takes_the_row_C03",
    "prepared": "test_a_row_that_kills_its_worker_each_time_is_put_aside_C14",
    "intent_written": "test_killed_after_the_intent_C04",
    "sent_before_record": "test_killed_after_the_platform_accepted_C05_G04",
    "run_claimed": "test_killed_after_claiming_a_tick_the_run_happens_once_C08",
}


def test_every_fault_point_has_a_case():
    found = {
        str(node.args[0].value)
        for path in (ROOT / "scheduler").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "crash_point"
        and isinstance(node.args[0], ast.Constant)
    }
    assert found == set(CASES)
    assert all(name in globals() for name in CASES.values())


@pytest.fixture(scope="session")
def crew() -> Iterator[Crew]:
    crew = Crew()
    yield crew
    crew.close()


@pytest.fixture
def worker(crew: Crew) -> Callable[..., Worker]:
    """Starts a process that works off the queue of a stage; killed at the end of `with` if it still lives."""

    def hire(stage: Stage, crash_point: str = "", plan: str = "") -> Worker:
        url = stage.db.engine.url.render_as_string(hide_password=False)
        return crew.hire(url, stage.world.url, crash_point=crash_point, plan=plan)

    return hire


@pytest.fixture
def killed_at(worker: Callable[..., Worker]) -> Callable[..., None]:
    """Runs a worker until it kills itself at the fault point."""

    def run(stage: Stage, crash_point: str, plan: str = "") -> None:
        with worker(stage, crash_point, plan) as process:
            assert process.wait() == -signal.SIGKILL

    return run


def end_leases(stage: Stage) -> None:
    """As if a minute had passed: the dead worker's leases are over."""
    past = stage.now - timedelta(seconds=1)
    with stage.db.write() as session:
        session.execute(update(Outbox).where(Outbox.status == OutboxStatus.CALLING).values(lease_until=past))


def contact_way(stage: Stage) -> int:
    with stage.db.write() as session:
        entry_codes.make_for_guide(session, session.get_one(org.Guide, stage.cast.wang.id), stage.now)
    return stage.rows(channel="contact_way")[0].id


def test_killed_after_the_claim_another_worker_takes_the_row_C03(stage, worker, killed_at):
    row_id = stage.notice()
    killed_at(stage, "claimed")
    assert (stage.row(row_id).status, stage.row(row_id).request) == (OutboxStatus.CALLING, None)
    end_leases(stage)
    with worker(stage):
        until(lambda: stage.row(row_id).status == OutboxStatus.SENT)
    assert stage.row(row_id).fence == 2
    assert len(stage.world.ledger("notice")) == 1


@pytest.mark.parametrize("channel", ["notice", "contact_way", "welcome"])
def test_killed_after_the_intent_C04(sqlite_stage, killed_at, channel):
    """The platform may drop a copy: again. It can be asked: asked, then made once. Neither: a person looks."""
    stage = sqlite_stage
    row_id = {
        "notice": stage.notice,
        "contact_way": lambda: contact_way(stage),
        "welcome": lambda: stage.welcome(stage.befriend()["welcome_code"], seconds=600),
    }[channel]()
    ways = len(stage.calls("externalcontact/add_contact_way"))
    killed_at(stage, "intent_written")
    assert stage.row(row_id).request is not None
    end_leases(stage)
    recovery.lapse(stage.runtime, stage.now)
    assert stage.row(row_id).status == (OutboxStatus.QUEUED if channel == "notice" else OutboxStatus.UNKNOWN)
    stage.clock.move(seconds=11)
    recovery.ask(stage.runtime, stage.now)
    row = stage.deliver(row_id)
    assert row.status == (OutboxStatus.UNKNOWN if channel == "welcome" else OutboxStatus.SENT)
    assert len(stage.world.ledger("notice")) == (channel == "notice")
    assert len(stage.world.ledger("welcome")) == 0
    assert len(stage.calls("externalcontact/add_contact_way")) == ways + (channel == "contact_way")


@pytest.mark.parametrize("channel", ["notice", "contact_way", "welcome"])
def test_killed_after_the_platform_accepted_C05_G04(sqlite_stage, killed_at, channel):
    """The platform has it, our record has not: it must not have it twice."""
    stage = sqlite_stage
    row_id = {
        "notice": stage.notice,
        "contact_way": lambda: contact_way(stage),
        "welcome": lambda: stage.welcome(stage.befriend()["welcome_code"], seconds=600),
    }[channel]()
    ways = len(stage.calls("externalcontact/add_contact_way"))
    killed_at(stage, "sent_before_record")
    end_leases(stage)
    recovery.lapse(stage.runtime, stage.now)
    stage.clock.move(seconds=11)
    recovery.ask(stage.runtime, stage.now)
    row = stage.deliver(row_id)
    assert row.status == (OutboxStatus.UNKNOWN if channel == "welcome" else OutboxStatus.SENT)
    assert len(stage.world.ledger("notice")) == (channel == "notice")
    assert len(stage.world.ledger("welcome")) == (channel == "welcome")
    assert len(stage.calls("externalcontact/add_contact_way")) == ways + (channel == "contact_way")


def test_killed_in_the_middle_of_a_fan_out_the_rest_follows_and_nothing_twice_C06(stage, worker, killed_at):
    """60 messages to four guides, killed after the 25th; each arrives exactly once."""
    people = [stage.cast.wang, stage.cast.zhao, stage.cast.gao, stage.cast.zhou]
    with stage.db.write() as session:
        for number in range(60):
            outbox.put(
                session,
                "notice",
                f"fan:{number}",
                now=stage.now,
                guide_id=people[number % 4].id,
                payload={"text": f"第 {number} 条"},
            )
    killed_at(stage, "sent_before_record@25")
    done = len(stage.rows(status=OutboxStatus.SENT))
    assert 0 < done < 60
    end_leases(stage)
    with worker(stage):
        until(lambda: len(stage.rows(status=OutboxStatus.SENT)) == 60)
    told = [str(row["what"]["text"]) for row in stage.world.ledger("notice")]
    assert len(told) == len(set(told)) == 60


def test_a_worker_that_was_paused_past_its_lease_changes_nothing_C12(stage, worker):
    """SIGSTOP before the call; another worker finishes the row; the zombie wakes up and is refused."""
    stage.world.chaos({"api": "message/send", "delay": PATIENCE, "when": "before", "times": 1})
    row_id = stage.notice()
    with worker(stage) as process:
        until(lambda: stage.row(row_id).request is not None)
        process.tell(signal.SIGSTOP)
        end_leases(stage)
        assert recovery.lapse(stage.runtime, stage.now) == 1
        assert stage.row(row_id).status == OutboxStatus.QUEUED
        stage.world.chaos()
        row = stage.until_settled(row_id)
        assert (row.status, row.fence) == (OutboxStatus.SENT, 2)
        process.tell(signal.SIGCONT)
        process.tell(signal.SIGTERM)
        assert process.wait() == 0, "it ends when its call has come back and its late word was refused"
        assert stage.row(row_id).done_at == row.done_at
    assert len(stage.world.ledger("notice")) == 1


def test_a_row_that_kills_its_worker_each_time_is_put_aside_C14(sqlite_stage, worker, killed_at):
    stage = sqlite_stage
    row_id = stage.notice()
    for _ in range(3):
        killed_at(stage, "prepared")
        end_leases(stage)
        recovery.lapse(stage.runtime, stage.now)
    row = stage.row(row_id)
    assert row.status == OutboxStatus.NOT_SENT
    assert "中断了 3 次" in row.reason
    other = stage.notice("别的照常")
    with worker(stage):
        until(lambda: stage.row(other).status == OutboxStatus.SENT)


def test_killed_after_claiming_a_tick_the_run_happens_once_C08(stage, worker, killed_at):
    """The row says that somebody began; whoever leads next finds it unfinished and does it, once."""
    killed_at(stage, "run_claimed", "directory")
    with stage.db.read() as session:
        assert last_runs(session)["directory"].ended_at is None
    with stage.db.write() as session:  # as if it had died a while ago: nobody can still be at it
        session.execute(update(JobRun).values(started_at=stage.now - timedelta(hours=1)))
    with worker(stage, plan="directory"):
        until(lambda: ended(stage, "directory"))
    with stage.db.read() as session:
        assert len(session.exec(select(JobRun).where(JobRun.plan == "directory")).all()) == 1


def ended(stage: Stage, plan: str) -> bool:
    with stage.db.read() as session:
        tick = last_runs(session).get(plan)
    return tick is not None and tick.ended_at is not None


def test_told_to_stop_it_finishes_what_runs_and_leaves_the_rest_C11(sqlite_stage, worker):
    """SIGTERM while a call takes its time: the call is recorded, the queued rows stay, exit 0."""
    stage = sqlite_stage
    stage.world.chaos({"api": "message/send", "delay": 2.5})
    rows = [stage.notice(f"第 {n} 条") for n in range(12)]
    with worker(stage) as process:
        until(lambda: len(stage.rows(status=OutboxStatus.CALLING)) == 4)
        process.tell(signal.SIGTERM)
        assert process.wait() == 0
    states = {stage.row(row_id).status for row_id in rows}
    assert states == {OutboxStatus.SENT, OutboxStatus.QUEUED}
    deliver(stage.runtime, rows[-1])
    assert len(stage.world.ledger("notice")) == len(stage.rows(status=OutboxStatus.SENT))


@pytest.mark.parametrize(
    "crash_point", ["claimed@2", "prepared@2", "intent_written@2", "sent_before_record@2"]
)
def test_killed_in_the_middle_of_a_portion_each_guide_has_one_message_C06(
    campaign_stage, worker, killed_at, crash_point
):
    """Three guides' messages are claimed, written and settled together; whatever was lost, none leaves twice."""
    stage = campaign_stage
    stage.advance(seconds=(datetime.now(UTC) - stage.now).total_seconds())  # the worker has the real time
    stage.plan()
    jobs.launch(stage.runtime, stage.now)
    killed_at(stage, crash_point)
    end_leases(stage)
    recovery.lapse(stage.runtime, stage.now)
    stage.advance(minutes=11)
    recovery.ask(stage.runtime, stage.now)
    stage.work()
    assert {row.status for row in stage.rows("mass")} == {OutboxStatus.SENT}
    assert len(stage.calls("externalcontact/add_msg_template")) == 3
