"""Who leads the timetable: one process, and the next when it is gone."""

from datetime import timedelta

import pytest

from scheduler.timetable.leader import AdvisoryLock, leader_of
from scheduler.timetable.plan import Plan
from tests.conftest import on_server
from tests.scheduler.plans import SHANGHAI_10, Notebook, Wall, clockwork, daily, first_run


def test_on_sqlite_there_is_only_one(sqlite_database):
    assert leader_of(sqlite_database).leads()


@pytest.fixture
def postgres_only(request) -> str:
    return request.getfixturevalue("postgres_url")


def test_on_postgresql_one_leads_and_the_next_takes_over_when_it_resigns(postgres_only):
    one, two = AdvisoryLock(postgres_only), AdvisoryLock(postgres_only)
    assert [one.leads(), two.leads(), one.leads()] == [True, False, True]
    one.resign()
    assert two.leads()
    two.resign()


def test_a_leader_that_loses_its_connection_does_not_lead(postgres_only):
    one, two = AdvisoryLock(postgres_only), AdvisoryLock(postgres_only)
    assert one.leads()
    on_server(
        postgres_only, "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory'"
    )
    assert not one.leads()
    assert two.leads()
    assert not one.leads()
    one.resign()
    two.resign()


def test_only_the_leader_ticks_and_a_new_leader_looks_first_at_what_was_missed(stage):
    class Second:
        """A process that waits for the lead."""

        alone, led = False, False

        def leads(self) -> bool:
            return self.led

        def resign(self) -> None: ...

    job, often = Notebook(), Notebook()
    leader = Second()
    plan = daily(job)
    first_run(stage, plan, SHANGHAI_10 - timedelta(days=1))
    stage.runtime.clock = Wall(SHANGHAI_10 + timedelta(minutes=3))
    running = clockwork(stage, plan, Plan("often", "常做的事", often, every=5), leader=leader)
    assert not running.fire(running.plans[1])
    assert (job.runs, often.runs) == ([], [])
    leader.led = True
    assert running.fire(running.plans[1])
    assert (len(job.runs), len(often.runs)) == (1, 1)
