"""A guide's mass message on its way to the platform: refusals in words."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models.campaigns import Task, TaskAudience, launch
from models.ledger.outbox import OutboxStatus
from models.org import Guide
from tests import cast
from tests.cast import CHEN, ZHOU
from tests.scheduler.conftest import scripted_platform
from tests.wecom.fake_platform import OK

ADD = "externalcontact/add_msg_template"


@pytest.fixture
def stage(campaign_stage):
    return campaign_stage


def test_customers_whom_the_platform_refuses_are_named_and_the_rest_is_sent_B11(stage):
    """Errcode 0 with a fail_list is only a part of a success."""
    with stage.db.write() as session:
        cast.befriend(session, stage.people.wang, "wmNotHers", at=stage.now - timedelta(days=1))
    stage.launch()
    task = stage.task(stage.people.wang)
    assert (task.customer_count, task.refused_count, task.skipped) == (3, 1, "") and task.msgid
    with stage.db.write() as session:
        share = session.exec(select(TaskAudience).where(TaskAudience.task_id == task.id)).one()
        assert share.refused == cast.customers(session, "wmNotHers")


def test_nobody_left_to_send_to_is_said_in_words_without_a_second_try(stage):
    """41048 is an answer, not a failure to repeat."""
    stage.world.post(f"/phone/guide/{ZHOU}/delete", {"external_userid": CHEN, "wait": True})
    stage.launch()  # our event has not been handled when the audience is frozen, as happens
    row = stage.rows("mass", guide_id=stage.people.zhou.id)
    task = stage.task(stage.people.zhou)
    assert task.skipped, "never silent"
    assert row == [] or (
        row[0].status == OutboxStatus.NOT_SENT
        and row[0].attempts == 1
        and "没有一位可以发送" in row[0].reason
    )
    assert stage.arrived("card", ZHOU) == []


def test_a_closed_window_makes_all_wait_and_nothing_is_lost_B02(stage):
    stage.world.chaos({"api": ADD, "errcode": 45009, "times": 1})
    stage.plan()
    stage.tick(seconds=0)
    waiting = stage.rows("mass")
    assert {row.status for row in waiting} == {"queued"} and "没有丢" in waiting[0].reason
    assert len(stage.calls(ADD)) == 1
    stage.tick(seconds=70)
    assert {row.status for row in stage.rows("mass")} == {OutboxStatus.SENT}


def test_a_guide_who_left_between_schedule_and_send_gets_nothing_and_hq_reads_why_F05(stage):
    """Her friends are not transferred yet, so nobody may write to them."""
    number = stage.plan()
    launch.launch_due(stage.db, stage.now, cast.ZONE)
    with stage.db.write() as session:
        session.get_one(Guide, stage.people.zhou.id).leave("change_contact", stage.now)
    stage.work()
    assert stage.task(stage.people.zhou, number).skipped == "周梅已离职，她的好友还没有交接，这次没有发"
    assert len(stage.calls(ADD)) == 2 and not any(ZHOU in row["what"]["request"] for row in stage.calls(ADD))


def test_a_guide_whom_the_platform_no_longer_knows_is_marked_as_left_F05(stage):
    stage.world.chaos({"api": ADD, "errcode": 60111, "times": 1})
    stage.launch()
    first = stage.rows("mass")[0]
    assert (first.status, first.errcode) == (OutboxStatus.NOT_SENT, 60111)
    with stage.db.read() as session:
        assert session.get_one(Guide, first.guide_id).left_how == "platform_60111"
        assert session.get_one(Task, first.task_id).skipped == "企业微信里没有这位员工，可能已离职"


def test_an_answer_that_names_no_task_is_looked_for_like_one_that_never_came_B08(stage):
    """It says 0, and nobody could ever read what became of it."""
    with scripted_platform(stage) as platform:
        platform.on(ADD, OK, OK | {"msgid": 5}, OK | {"msgid": "m1", "fail_list": "wmOne"})
        stage.plan()
        stage.tick(seconds=0)
    rows = stage.rows("mass")
    assert [row.status for row in rows] == [OutboxStatus.UNKNOWN] * 3
    assert all("回答不完整" in row.reason and "没有重发" in row.reason for row in rows)
    assert stage.task(stage.people.wang).ready_at is None and stage.rows("card") == []
    stage.tick(seconds=11 * 60)  # the platform's list is whole, and names none of them
    assert [row.status for row in stage.rows("mass")] == [OutboxStatus.SENT] * 3
    assert len(stage.calls(ADD)) == 3 and stage.task(stage.people.wang).msgid
