"""Results are read back in good time, slower with age, and one odd answer keeps no other waiting."""

from datetime import timedelta

import pytest
from sqlalchemy import delete
from sqlmodel import select

from models.campaigns import Task, TaskAudience, cards, results
from models.campaigns.looks import PRODUCTION
from models.campaigns.results import Reading
from scheduler.jobs.results import SHARE, collect_results
from tests.cast import WANG, XU, ZHAO, ZHOU
from tests.models.campaigns.shares import results_of
from tests.scheduler.conftest import scripted_platform
from tests.wecom.fake_platform import OK
from wecom.rate_limits import PER_HOUR, RESULTS_SHARE

TASK = "externalcontact/get_groupmsg_task"
RESULT = "externalcontact/get_groupmsg_send_result"


@pytest.fixture
def stage(campaign_stage):
    return campaign_stage


def test_who_acted_is_asked_about_after_a_minute_who_did_not_after_half_an_hour(stage):
    """No task is asked about before its time, nor twice for one time."""
    stage.launch()
    with stage.db.write() as session:
        cards.open_task(session, session.get_one(Task, stage.task(stage.people.wang).id), stage.now)
    assert collect_results(stage.runtime, stage.now, PRODUCTION) == "" and stage.calls(TASK) == []
    stage.advance(seconds=60)
    assert collect_results(stage.runtime, stage.now, PRODUCTION) == "读结果 1"
    assert collect_results(stage.runtime, stage.now, PRODUCTION) == ""
    stage.advance(minutes=29)
    assert collect_results(stage.runtime, stage.now, PRODUCTION) == "读结果 3"
    assert collect_results(stage.runtime, stage.now, PRODUCTION) == ""
    assert stage.task(stage.people.zhou).collected_at == stage.now


def test_a_spent_share_of_the_rate_stops_the_reading_without_a_call_and_says_so(stage):
    """Everything else that leaves keeps the rest of the hour (contract 4.6)."""
    number = stage.launch()
    stage.advance(hours=1)
    stage.runtime.rate_limits.refill(SHARE, TASK, PER_HOUR // RESULTS_SHARE, stage.now)
    assert collect_results(stage.runtime, stage.now, PRODUCTION) == "没读成，晚些再读 3"
    assert stage.calls(TASK) == [] and stage.campaign(number).collected_at is None
    assert stage.runtime.rate_limits.take("api", TASK, stage.now) == 0, "the rest of the rate is free"
    stage.advance(hours=1, minutes=1)
    assert collect_results(stage.runtime, stage.now, PRODUCTION) == "读结果 3"
    assert stage.campaign(number).collected_at == stage.now


def test_of_who_has_confirmed_only_her_customers_are_asked_about(stage):
    stage.launch(scope={"guides": [stage.people.wang.id]})
    with stage.db.write() as session:
        task = session.get_one(Task, stage.task(stage.people.wang).id)
        results.learn(session, task.id, Reading(stage.now, {XU: 1}), stage.now, PRODUCTION)
    stage.world.confirm(WANG, stage.task(stage.people.wang).msgid)
    stage.advance(minutes=1)
    collect_results(stage.runtime, stage.now, PRODUCTION)
    assert stage.task(stage.people.wang).reached == 2 and stage.calls(TASK) == []


def test_a_task_that_is_still_being_dispatched_is_looked_at_again(stage):
    """41063 right after creation is normal."""
    stage.world.chaos({"api": TASK, "errcode": 41063})
    stage.launch()
    stage.collect()
    stage.world.chaos()
    stage.world.confirm(WANG, stage.task(stage.people.wang).msgid)
    stage.collect()
    assert stage.task(stage.people.wang).confirmed_at is None
    stage.advance(seconds=60)
    stage.collect()
    assert stage.task(stage.people.wang).confirmed_at


def test_a_closed_window_stops_the_reading_and_it_goes_on_later(stage):
    stage.launch()
    stage.world.chaos({"api": TASK, "errcode": 45009, "times": 1})
    stage.collect()
    assert len(stage.calls(TASK)) <= 4
    stage.world.confirm(ZHOU, stage.task(stage.people.zhou).msgid)
    stage.advance(seconds=61)
    stage.collect()
    assert stage.task(stage.people.zhou).reached == 1


def test_missing_results_stay_unknown_and_are_given_up_after_a_day(stage):
    stage.launch()
    task = stage.task(stage.people.wang)
    with stage.db.write() as session:
        results.learn(session, task.id, Reading(stage.now, {XU: 1}), stage.now, PRODUCTION)
        results.learn(
            session, task.id, Reading(stage.now, {XU: 1}), stage.now + timedelta(hours=25), PRODUCTION
        )
        row = session.get_one(Task, task.id)
        assert row.settled_at and (row.reached, row.not_friend, row.limited, row.refused_count) == (
            1,
            0,
            0,
            0,
        )


@pytest.fixture
def platform(stage):
    """A platform that answers as it was told, once the campaign is launched."""
    stage.launch()
    with scripted_platform(stage) as platform:
        yield platform


def everybody_tapped(stage):
    at = int(stage.now.timestamp())
    return {
        **OK,
        "task_list": [{"userid": userid, "status": 2, "send_time": at} for userid in (WANG, ZHAO, ZHOU)],
    }


def confirmed(stage):
    with stage.db.read() as session:
        return {
            task.guide_id: task.confirmed_at is not None
            for task in session.exec(select(Task).where(Task.msgid != ""))
        }


@pytest.mark.parametrize(
    "odd",
    [
        {"task_list": [{"userid": WANG, "status": "tapped"}]},
        {"task_list": ["wangfang"]},
        {"task_list": 7},
        {"task_list": [{"userid": WANG, "status": 2, "send_time": 10**20}]},
    ],
)
def test_a_task_whose_answer_is_odd_is_read_again_later_and_the_others_now(stage, platform, caplog, odd):
    wang, tapped = stage.task(stage.people.wang), everybody_tapped(stage)
    platform.on(TASK, lambda seen: {**OK, **odd} if seen.json["msgid"] == wang.msgid else tapped)
    platform.on(RESULT, {**OK, "send_list": []})
    stage.collect()
    assert confirmed(stage) == {
        stage.people.wang.id: False,
        stage.people.zhao.id: True,
        stage.people.zhou.id: True,
    }
    assert stage.task(stage.people.wang).poll_at > stage.now + timedelta(minutes=9)
    assert "cannot be read" in caplog.text
    platform.on(TASK, tapped)
    stage.advance(minutes=10)
    stage.collect()
    assert stage.task(stage.people.wang).confirmed_at


def test_a_result_row_without_a_name_says_nothing_about_the_others(stage, platform):
    platform.on(TASK, everybody_tapped(stage))
    nobody, xu = {"external_userid": "", "status": 2}, {"external_userid": XU, "status": 1}
    platform.on(RESULT, {**OK, "send_list": [{"status": 2}, nobody, xu]})
    stage.collect()
    assert results_of(stage, stage.task(stage.people.wang)) == {"reached": {XU}}
    assert stage.task(stage.people.wang).reached == 1


def test_a_task_whose_result_cannot_be_written_down_keeps_no_other_waiting(stage, platform, caplog):
    with stage.db.write() as session:
        session.execute(delete(TaskAudience).where(TaskAudience.task_id == stage.task(stage.people.wang).id))
    platform.on(TASK, everybody_tapped(stage))
    platform.on(RESULT, {**OK, "send_list": []})
    stage.collect()
    assert confirmed(stage) == {
        stage.people.wang.id: False,
        stage.people.zhao.id: True,
        stage.people.zhou.id: True,
    }
    assert stage.task(stage.people.wang).poll_at > stage.now + timedelta(minutes=9)
    assert "KeyError" in caplog.text
