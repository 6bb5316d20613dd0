"""What is read back of Moments: the job, who published, who sees it, what was said."""

import pytest

from tests.cast import LIN, WANG, XU, ZHAO, ZHOU
from tests.scheduler.channels.moment_jobs import collect, launch, publish


@pytest.fixture
def stage(campaign_stage):
    return campaign_stage


def test_who_published_is_confirmed_and_her_customers_are_reached(stage):
    number = launch(stage)
    collect(stage)
    publish(stage, WANG)
    collect(stage)
    collect(stage)
    task = stage.task(stage.people.wang, number)
    assert task.confirmed_at and task.reached == 2 and task.settled_at
    assert stage.task(stage.people.zhao, number).confirmed_at is None
    assert {row["who"] for row in stage.arrived("moment")} == {XU, LIN}


def test_a_sender_whom_the_platform_refuses_reads_why(stage):
    stage.world.change_member(ZHAO, contact_feature=False)
    number = launch(stage)
    collect(stage)
    stage.cards_out()
    assert "客户联系" in stage.task(stage.people.zhao, number).skipped
    assert {line["who"] for line in stage.arrived("card")} == {WANG, ZHOU}


def test_a_job_that_fails_says_so_on_every_task(stage):
    for userid in (WANG, ZHAO, ZHOU):
        stage.world.change_member(userid, contact_feature=False)
    number = launch(stage)
    collect(stage)
    assert "没有建成这条朋友圈" in stage.task(stage.people.wang, number).skipped
    assert stage.arrived("card") == []


def test_a_slow_job_is_asked_again_and_no_card_comes_before_it_ends(stage):
    stage.world.post("/control/moments", {"job_seconds": 300})
    launch(stage)
    collect(stage)
    stage.cards_out()
    assert stage.arrived("card") == []
    collect(stage, seconds=300)
    stage.cards_out()
    assert len(stage.arrived("card")) == 3


def test_likes_and_comments_are_counted(stage):
    number = launch(stage)
    collect(stage)
    publish(stage, WANG)
    (post,) = stage.world.get(f"/phone/customer/{XU}")["moments"]
    for words in ("", "有 37 码吗", "几点关门"):
        asked = {"moment_id": post["moment_id"], "userid": WANG, "words": words}
        stage.world.post(f"/phone/customer/{XU}/react", asked)
    collect(stage)
    collect(stage)
    task = stage.task(stage.people.wang, number)
    assert (task.likes, task.comments) == (1, 2)


def test_a_fresh_job_that_cannot_be_read_is_read_again_within_seconds(stage):
    number = launch(stage)
    collect(stage)
    publish(stage, WANG)
    stage.world.chaos({"api": "externalcontact/get_moment_task", "errcode": 40003, "times": 1})
    collect(stage)
    assert stage.task(stage.people.wang, number).confirmed_at is None
    collect(stage, seconds=6)
    assert stage.task(stage.people.wang, number).confirmed_at
