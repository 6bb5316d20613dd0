"""An answer about a Moments job that never came: the platform's list of posts tells, or a person does."""

from datetime import timedelta

import pytest

from models.ledger.outbox import OutboxStatus
from scheduler.queue import recovery
from tests.cast import WANG
from tests.scheduler.channels.moment_jobs import ADD, collect, jobs, launch, publish


@pytest.fixture
def stage(campaign_stage):
    return campaign_stage


def test_a_lost_answer_is_looked_for_and_the_post_adopted_B08(stage):
    """The platform has one post, and no second job was asked for."""
    stage.world.chaos({"api": ADD, "reset": "after", "times": 1})
    number = launch(stage)
    (row,) = stage.rows("moment")
    assert row.status == OutboxStatus.UNKNOWN
    stage.tick(seconds=60)
    collect(stage)
    (row,) = stage.rows("moment")
    assert (row.status, len(stage.calls(ADD))) == (OutboxStatus.SENT, 1)
    assert [job.moment_id for job in jobs(stage)] == [row.answer["moment_id"]]
    publish(stage, WANG)
    collect(stage)
    assert stage.task(stage.people.wang, number).confirmed_at
    assert len({line["what"]["moment_id"] for line in stage.arrived("moment")}) == 1


def test_a_call_that_never_arrived_leaves_once_that_is_known_B08(stage):
    stage.world.chaos({"api": ADD, "reset": "before", "times": 1})
    launch(stage)
    (row,) = stage.rows("moment")
    assert row.status == OutboxStatus.UNKNOWN, "nobody knows, so nothing leaves again"
    stage.tick(seconds=3600)
    collect(stage)
    assert stage.rows("moment")[0].status == OutboxStatus.SENT
    assert len(stage.world.state()["moment_tasks"]) == 3, "one post for each guide"


def test_two_equal_campaigns_in_doubt_are_left_to_a_person_B08(stage):
    stage.world.chaos({"api": ADD, "reset": "after", "times": 2})
    launch(stage)
    launch(stage, name="又一次")
    stage.tick(seconds=3600)
    assert [row.status for row in stage.rows("moment")] == [OutboxStatus.UNKNOWN] * 2
    assert jobs(stage) == []


def test_while_the_list_of_posts_cannot_be_read_nothing_is_concluded_B12(stage):
    stage.world.chaos({"api": ADD, "reset": "after", "times": 1})
    launch(stage)
    stage.world.chaos({"api": "externalcontact/get_moment_list", "errcode": -1})
    for _ in range(3):
        stage.tick(seconds=900)
    (row,) = stage.rows("moment")
    assert (row.status, len(stage.calls(ADD))) == (OutboxStatus.UNKNOWN, 1)
    stage.world.chaos()
    stage.tick(seconds=3600)
    collect(stage)
    assert [job.moment_id for job in jobs(stage)] and len(stage.calls(ADD)) == 1


def test_a_clock_that_differs_from_the_platforms_hides_no_post_B08(stage):
    """By our clock it was made an hour ago; believed to be missing, it would be made once more."""
    stage.world.set_clock(stage.now - timedelta(hours=1))
    stage.world.chaos({"api": ADD, "reset": "after", "times": 1})
    launch(stage)
    assert [row.status for row in stage.rows("moment")] == [OutboxStatus.UNKNOWN]
    for minutes in (11, 60):
        stage._now += timedelta(minutes=minutes)
        stage.world.set_clock(stage.now - timedelta(hours=1))
        recovery.ask(stage.runtime, stage.now)
    stage.work()
    assert [job.moment_id for job in jobs(stage)] and len(stage.calls(ADD)) == 1
