"""A Moments campaign on its way to the platform: one job for all guides, and nothing twice."""

import pytest

from models.campaigns import lifecycle
from models.ledger.outbox import OutboxStatus
from tests import cast
from tests.cast import LIN, WANG, XU, ZHAO, ZHOU
from tests.scheduler.channels.moment_jobs import ADD, TEXT, collect, jobs, launch, publish
from tests.scheduler.channels.test_attachments import picture
from tests.scheduler.conftest import scripted_platform
from tests.wecom.fake_platform import OK


@pytest.fixture
def stage(campaign_stage):
    return campaign_stage


def test_one_job_is_for_all_guides(stage):
    number = launch(stage)
    (row,) = stage.rows("moment")
    assert (row.status, len(stage.calls(ADD))) == (OutboxStatus.SENT, 1)
    assert row.request["visible_range"]["sender_list"]["user_list"] == [WANG, ZHAO, ZHOU]
    assert stage.task(stage.people.gao, number).skipped, "who has no friends has nothing to publish"
    assert stage.arrived("card") == [], "nothing waits in their phones yet"
    collect(stage)
    stage.cards_out()
    assert {line["who"] for line in stage.arrived("card")} == {WANG, ZHAO, ZHOU}


def test_stopping_takes_the_post_back_from_who_has_not_published(stage):
    number = launch(stage)
    collect(stage)
    publish(stage, WANG)
    collect(stage)
    assert "还没发表的正在撤下" in stage.do(lifecycle.cancel, number)
    stage.tick()
    stage.tick()
    assert "2 位导购还没发表的已撤下" in stage.campaign(number).status_words
    assert "1 位导购已发表，2 位客户看得到" in stage.campaign(number).status_words
    with pytest.raises(AssertionError, match="已被企业取消"):
        publish(stage, ZHAO)
    assert {row["who"] for row in stage.arrived("moment")} == {XU, LIN}


def test_a_post_that_is_made_after_the_stop_is_taken_back(stage):
    stage.world.post("/control/moments", {"job_seconds": 300})
    number = launch(stage)
    stage.do(lifecycle.cancel, number)
    stage.tick()
    collect(stage, seconds=300)
    assert [row.status for row in stage.rows("moment_cancel")] == [OutboxStatus.SENT]
    with pytest.raises(AssertionError, match="已被企业取消"):
        publish(stage, WANG)
    assert stage.arrived("card") == []


def test_ten_jobs_a_minute_for_the_whole_company(stage):
    for n in range(11):
        stage.plan(channel="moment", text=f"{TEXT}{n}")
    stage.tick(seconds=0)
    assert len(stage.calls(ADD)) == 10
    assert [row.status for row in stage.rows("moment")].count(OutboxStatus.QUEUED) == 1
    stage.tick(seconds=62)
    assert len(stage.calls(ADD)) == 11
    assert all(line["what"]["errcode"] == 0 for line in stage.calls(ADD)), "never one too many"


def test_nine_pictures_are_uploaded_for_moments_and_stand_in_her_customers_feed(stage):
    many = [one for n in range(9) for one in cast.pictured(picture(stage, f"#{n}{n}3366"))]
    launch(stage, attachments=many)
    collect(stage)
    publish(stage, WANG)
    (seen, _) = stage.arrived("moment")
    assert len(seen["what"]["attachments"]) == 9
    assert len(stage.calls("media/upload_attachment")) == 9 and stage.calls("media/upload") == []


def test_a_link_has_its_cover_and_no_description(stage):
    link = {
        "form": "link",
        "url": "https://shop.example/size",
        "title": "尺码怎么选",
        "note": "30 秒知道穿几码",
        "picture_id": picture(stage),
    }
    launch(stage, attachments=[link])
    (row,) = stage.rows("moment")
    assert row.status == OutboxStatus.SENT, row.reason
    assert set(row.request["attachments"][0]["link"]) == {"title", "url", "media_id"}


def test_an_answer_that_names_no_job_is_looked_for_like_one_that_never_came_B08(stage):
    with scripted_platform(stage) as platform:
        platform.on(ADD, OK)
        launch(stage)
    assert [row.status for row in stage.rows("moment")] == [OutboxStatus.UNKNOWN] and jobs(stage) == []
    stage.tick(seconds=11 * 60)
    assert [row.status for row in stage.rows("moment")] == [OutboxStatus.SENT]
    assert len(stage.calls(ADD)) == 1 and jobs(stage)[0].jobid
