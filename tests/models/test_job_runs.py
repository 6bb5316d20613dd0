"""The timetable's memory: a due run belongs to one process, and nothing that was missed is silent."""

import threading
from datetime import timedelta

from models import job_runs
from models.db import Database
from models.job_runs import JobRun
from tests.cast import NOW

DAY = timedelta(days=1)


def start(database: Database, plan: str = "launch", due=NOW, now=NOW) -> int | None:
    return database.run(lambda session: job_runs.start_run(session, plan, due, now))


def end(database: Database, run_id: int, words: str = "", failed: bool = False) -> None:
    database.run(lambda session: job_runs.end_run(session, run_id, NOW, words, failed=failed))


def test_of_many_schedulers_one_gets_a_run_C09(database: Database):
    got: list[int | None] = []
    threads = [threading.Thread(target=lambda: got.append(start(database))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([tick for tick in got if tick]) == 1
    assert start(database, due=NOW + DAY) and start(database, plan="prune")


def test_a_run_keeps_what_it_did(database: Database):
    run_id = start(database)
    end(database, run_id, "开始活动 1")
    with database.read() as session:
        tick = session.get_one(JobRun, run_id)
        assert (tick.outcome, tick.failed, tick.ended_at) == ("开始活动 1", False, NOW)


def test_a_run_whose_row_was_pruned_meanwhile_ends_in_peace(database: Database):
    end(database, 4711, "晚了")


def test_a_run_whose_process_died_is_taken_over_by_one_C08(database: Database):
    run_id = start(database)
    take = lambda: database.run(lambda s: job_runs.take_over(s, run_id, NOW, NOW + DAY))  # noqa: E731
    assert [take(), take()] == [True, False]
    end(database, run_id, "做完了")
    assert not database.run(lambda s: job_runs.take_over(s, run_id, NOW + DAY, NOW + 2 * DAY))


def test_a_missed_run_is_written_down_once_E01(database: Database):
    for _ in range(2):
        database.run(lambda s: job_runs.miss(s, "prune", NOW, NOW + DAY, "当时没有在运行"))
    with database.read() as session:
        tick = job_runs.last_runs(session)["prune"]
    assert (tick.failed, tick.outcome) == (True, "当时没有在运行")


def test_the_newest_run_of_each_plan_is_found_among_hundreds(database: Database):
    with database.write() as session:
        session.add_all(
            JobRun(plan="launch", due_at=NOW + n * timedelta(seconds=5), started_at=NOW) for n in range(300)
        )
        session.add(JobRun(plan="prune", due_at=NOW - DAY, started_at=NOW))
    with database.read() as session:
        newest = job_runs.last_runs(session)
    assert {plan: tick.due_at for plan, tick in newest.items()} == {
        "launch": NOW + 299 * timedelta(seconds=5),
        "prune": NOW - DAY,
    }


def test_pruning_forgets_idle_runs_soon_and_the_others_with_the_ledger(database: Database):
    for plan, words, age in (
        ("idle", "", 2),
        ("busy", "开始活动 1", 2),
        ("ancient", "清掉", 500),
        ("fresh", "", 0),
    ):
        end(database, start(database, plan, NOW - age * DAY), words)
    assert database.run(lambda s: job_runs.prune(s, NOW - DAY, NOW - 400 * DAY, 100)) == 2
    with database.read() as session:
        assert set(job_runs.last_runs(session)) == {"busy", "fresh"}


def test_a_run_that_people_asked_for_twice_begins_once(database: Database):
    for minute in (0, 1):
        database.run(lambda s, at=NOW + timedelta(minutes=minute): job_runs.ask_for(s, "sync_friends", at))
    with database.read() as session:
        assert job_runs.asked(session) == {"sync_friends": NOW}
    begun = [database.run(lambda s: job_runs.start_asked(s, "sync_friends", NOW)) for _ in range(2)]
    assert begun[0] and begun[1] is None
    with database.read() as session:
        assert job_runs.asked(session) == {}
