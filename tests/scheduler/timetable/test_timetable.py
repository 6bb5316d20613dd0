"""The clockwork: each due run once, by whoever leads; missed runs are made up for or said."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from models.job_runs import start_run
from scheduler import JOBS
from scheduler.timetable.leader import OnlyOne
from scheduler.timetable.plan import Plan
from tests.cast import ZONE
from tests.scheduler.plans import (
    SHANGHAI_10,
    BelievesToLead,
    Notebook,
    Wall,
    clockwork,
    daily,
    first_run,
    ticks,
)
from tests.waiting import PATIENCE, until


def test_every_plan_says_what_it_is_and_when(sqlite_stage):
    assert len({plan.name for plan in JOBS}) == len(JOBS)
    for plan in JOBS:
        assert plan.label and plan.grace > 0
        assert bool(plan.every) != bool(plan.daily)
        assert plan.last_due(SHANGHAI_10, ZONE) <= SHANGHAI_10


def test_it_ticks_by_itself_and_writes_down_what_was_done(stage):
    job = Notebook("开始活动 1")
    running = clockwork(stage, Plan("often", "常做的事", job, every=1))
    running.start()
    try:
        until(lambda: len(job.runs) >= 2)
    finally:
        running.stop()
    first = ticks(stage)[0]
    assert (first.outcome, first.failed) == ("开始活动 1", False)
    assert len({tick.due_at for tick in ticks(stage)}) == len(ticks(stage))


def test_two_schedulers_fire_each_run_once_C09(stage):
    job = Notebook()
    stage.runtime.clock = Wall(SHANGHAI_10 + timedelta(seconds=1))
    plans = [clockwork(stage, daily(job), leader=BelievesToLead()) for _ in range(4)]
    threads = [threading.Thread(target=one.fire, args=[one.plans[0]]) for one in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(job.runs) == 1
    assert len(ticks(stage)) == 1


def test_down_at_its_time_it_runs_late_within_its_grace_E01(stage):
    """Down 09:55-10:40, due at 10:00, an hour of grace."""
    job = Notebook()
    plan = daily(job)
    first_run(stage, plan, SHANGHAI_10 - timedelta(days=1))
    stage.runtime.clock = Wall(SHANGHAI_10 + timedelta(minutes=40))
    clockwork(stage, plan).catch_up()
    assert len(job.runs) == 1
    assert ticks(stage)[-1].due_at == SHANGHAI_10
    clockwork(stage, plan).catch_up()
    assert len(job.runs) == 1


def test_later_than_its_grace_it_does_not_run_and_says_so_E01(stage):
    job = Notebook()
    plan = daily(job, grace=1800)
    first_run(stage, plan, SHANGHAI_10 - timedelta(days=1))
    stage.runtime.clock = Wall(SHANGHAI_10 + timedelta(minutes=40))
    clockwork(stage, plan).catch_up()
    assert job.runs == []
    assert (ticks(stage)[-1].failed, ticks(stage)[-1].outcome) == (
        True,
        "当时没有在运行，过了 30 分钟的宽限，没有补",
    )


def test_missed_for_three_days_it_runs_once_E02(stage):
    job = Notebook()
    plan = daily(job)
    first_run(stage, plan, SHANGHAI_10 - timedelta(days=4))
    stage.runtime.clock = Wall(SHANGHAI_10 + timedelta(minutes=5))
    clockwork(stage, plan).catch_up()
    assert len(job.runs) == 1


def test_a_clock_that_jumps_fires_nothing_twice_E03(stage):
    job = Notebook()
    plan = daily(job)
    running = clockwork(stage, plan)
    for minutes in (0, 120, -60, 0, 30):  # 10:00, an hour or two to and fro, and 10:00 again
        stage.runtime.clock = Wall(SHANGHAI_10 + timedelta(minutes=minutes))
        running.fire(plan)
    todays = [tick for tick in ticks(stage) if tick.due_at == SHANGHAI_10]
    assert len(todays) == 1
    assert len(job.runs) == len(ticks(stage)) == 2  # -60 minutes: yesterday's, which had not run


def test_after_the_clock_was_set_back_the_next_times_are_computed_anew_E03(sqlite_stage):
    """APScheduler waits for a time of day; laid out anew, a plan of every second goes on at once."""
    job = Notebook()
    running = clockwork(sqlite_stage, Plan("often", "常做的事", job, every=1))
    running.start()
    try:
        running._scheduler.modify_job("often", next_run_time=datetime.now(UTC) + timedelta(hours=2))
        ran = len(job.runs)
        running.lay_out()
        until(lambda: len(job.runs) > ran)
    finally:
        running.stop()


def test_after_the_clock_was_set_back_wishes_and_looks_go_on_too_E03(sqlite_stage):
    running = clockwork(sqlite_stage)
    running.start()
    try:
        far = datetime.now(UTC) + timedelta(hours=2)
        for own in ("wishes", "look"):
            running._scheduler.modify_job(own, next_run_time=far)
        running.lay_out()
        assert all(running._scheduler.get_job(own).next_run_time < far for own in ("wishes", "look"))
    finally:
        running.stop()


class Slow:
    """A job that is at work until it is let go."""

    def __init__(self) -> None:
        self.begun, self.let_go, self.runs = threading.Event(), threading.Event(), 0

    def __call__(self, runtime, now: datetime) -> str:
        self.runs += 1
        self.begun.set()
        self.let_go.wait(PATIENCE)
        return "做了"


def test_a_tick_that_falls_into_a_run_of_its_plan_is_no_news_until_the_run_lasts_too_long(
    sqlite_stage, caplog
):
    stage, job = sqlite_stage, Slow()
    running = clockwork(stage, Plan("often", "常做的事", job, every=3600))
    running.start()

    def due_again() -> None:
        """The next tick comes now; afterwards APScheduler has looked at it."""
        running._scheduler.modify_job("often", next_run_time=datetime.now(UTC))
        until(lambda: running._scheduler.get_job("often").next_run_time > datetime.now(UTC))

    try:
        due_again()
        assert job.begun.wait(PATIENCE)
        due_again()
        assert caplog.messages == []
        stage.clock.move(minutes=2)
        due_again()
        due_again()
    finally:
        job.let_go.set()
        running.stop()
    assert [message[:45] for message in caplog.messages] == ["plan often is due again and still at work sin"]
    assert [(tick.plan, tick.outcome) for tick in ticks(stage)] == [("often", "做了")]


@pytest.mark.parametrize("leader", [OnlyOne(), BelievesToLead()])
def test_a_run_that_this_process_is_still_at_is_not_begun_a_second_time_C08(stage, leader):
    job = Slow()
    stage.runtime.clock = Wall(SHANGHAI_10)
    running = clockwork(stage, daily(job, grace=7200), leader=leader)
    night = threading.Thread(target=running.fire, args=[running.plans[0]])
    night.start()
    try:
        assert job.begun.wait(PATIENCE)
        for minutes in (10, 20):
            stage.runtime.clock = Wall(SHANGHAI_10 + timedelta(minutes=minutes))
            running.catch_up()
    finally:
        job.let_go.set()
        night.join()
    running.catch_up()
    assert (job.runs, [tick.outcome for tick in ticks(stage)]) == (1, ["做了"])


def test_while_the_database_does_not_answer_nothing_runs_and_afterwards_it_goes_on_D01(stage, caplog):
    job = Notebook()
    stage.runtime.clock = Wall(SHANGHAI_10)
    running = clockwork(stage, daily(job))
    rename(stage, "job_run", "gone")
    assert (running.fire(running.plans[0]), running.answer_wishes()) == (False, 0)
    running._look()
    assert "the database did not answer" in caplog.text and job.runs == []
    rename(stage, "gone", "job_run")
    running._look()
    assert len(job.runs) == len(ticks(stage)) == 1


def rename(stage, old: str, new: str) -> None:
    """A table that is away, as in a restore."""
    with stage.db.write() as session:
        session.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))


def test_a_job_that_raises_leaves_its_words_on_the_tick_and_the_others_go_on(stage, caplog):
    def stumble(runtime, now) -> str:
        raise ValueError("没有这样的门店\n第二行")

    stage.runtime.clock = Wall(SHANGHAI_10)
    good = Notebook()
    running = clockwork(stage, daily(stumble), Plan("good", "好的", good, every=5))
    for plan in running.plans:
        running.fire(plan)
    failed = {tick.plan: tick for tick in ticks(stage)}["daily"]
    assert (failed.failed, failed.outcome) == (True, "ValueError: 没有这样的门店")
    assert len(good.runs) == 1
    assert "plan daily" in caplog.text


def test_a_plan_that_never_ran_runs_at_the_first_start(stage):
    """A fresh installation does not wait until night for its guides."""
    job = Notebook()
    stage.runtime.clock = Wall(SHANGHAI_10 + timedelta(hours=9))
    clockwork(stage, daily(job, grace=60)).catch_up()
    assert len(job.runs) == 1


def test_a_run_that_another_may_still_be_at_is_taken_over_only_after_a_while_C08(stage):
    job, plan = Notebook(), daily(Notebook(), grace=7200)
    stage.db.run(lambda session: start_run(session, plan.name, SHANGHAI_10, SHANGHAI_10))
    for minutes, runs in ((5, 0), (16, 1), (40, 1)):
        stage.runtime.clock = Wall(SHANGHAI_10 + timedelta(minutes=minutes))
        clockwork(stage, daily(job, grace=7200), leader=BelievesToLead()).catch_up()
        assert len(job.runs) == runs
