"""Reading results back: confirmed is the platform's word, every customer is known, reading twice counts once."""

from datetime import timedelta

import pytest
from sqlalchemy import delete
from sqlmodel import select

from models.campaigns import Task, TaskAudience, recipients, results
from models.campaigns.results import KINDS, PRODUCTION, Reading
from models.friends import Customer, Friend, FriendStatus, LostHow, friendship
from models.ledger.channels import MASS
from scheduler.jobs.results import collect_results
from tests.cast import CHEN, LIN, WANG, XU, ZHAO, ZHOU, ZONE
from tests.wecom.fake_platform import OK, FakePlatform
from wecom.client import WorkClient
from wecom.tokens import MemoryTokens

TASK = "externalcontact/get_groupmsg_task"
RESULT = "externalcontact/get_groupmsg_send_result"


def results_of(stage, task):
    """Kind → the customers in it, as the platform names them."""
    with stage.db.read() as session:
        share = session.exec(select(TaskAudience).where(TaskAudience.task_id == task.id)).one()
        kinds = {kind: recipients.names_of(session, MASS, getattr(share, kind)) for kind in KINDS.values()}
        return {kind: set(names.values()) for kind, names in kinds.items() if names}


def test_a_customer_who_deleted_the_guide_meanwhile_is_no_friend_and_not_chosen_again_F07(stage):
    """Result 2, out of later audiences, never repeated."""
    stage.launch()
    stage.world.post(f"/phone/customer/{LIN}/delete", {"userid": WANG, "wait": True})
    task = stage.task(stage.people.wang)
    assert stage.world.confirm(WANG, task.msgid)["not_friend"] == 1
    stage.collect()
    task = stage.task(stage.people.wang)
    assert (
        (task.reached, task.not_friend) == (1, 1)
        and results_of(stage, task) == {"reached": {XU}, "not_friend": {LIN}}
        and task.settled_at
    )
    with stage.db.read() as session:
        lost = session.exec(
            select(Friend).where(Friend.owner_id == stage.people.wang.id, Friend.status == FriendStatus.LOST)
        ).all()
    assert len(lost) == 1
    stage.launch(name="第二次")
    assert stage.task(stage.people.wang).customer_count == 1


def test_a_customer_who_came_back_before_the_result_was_read_stays_a_friend_F07(stage):
    """She was no friend when the guide tapped send; the platform's word about that moment is read later."""
    stage.launch()
    task, sent_at = stage.task(stage.people.wang), stage.now + timedelta(minutes=2)
    with stage.db.write() as session:
        friendship.lost(session, WANG, LIN, LostHow.CUSTOMER, stage.now + timedelta(minutes=1), stage.now)
        friendship.added(session, WANG, LIN, stage.now + timedelta(minutes=5), stage.now, ZONE)
        results.learn(
            session, task.id, Reading(sent_at, {XU: 1, LIN: 2}), stage.now + timedelta(minutes=9), PRODUCTION
        )
    with stage.db.read() as session:
        assert friendship.find(session, WANG, LIN).status == FriendStatus.FRIEND
    assert stage.task(stage.people.wang).not_friend == 1


def test_a_customer_who_had_enough_this_month_is_counted_with_the_reason_F08(stage):
    """The platform's receive limit, set to one a day here."""
    stage.launch()
    first = stage.task(stage.people.wang)
    second_guide = stage.task(stage.people.zhao)
    stage.world.confirm(WANG, first.msgid)
    stage.world.post("/control/rules", {"mass_rule": "day"})
    assert stage.world.confirm(ZHAO, second_guide.msgid)["limited"] == 1
    stage.collect()
    task = stage.task(stage.people.zhao)
    assert (task.reached, task.limited) == (0, 1) and task.settled_at


def test_reading_twice_counts_once(stage):
    stage.launch()
    task = stage.task(stage.people.wang)
    stage.world.confirm(WANG, task.msgid)
    reading = Reading(stage.now, {XU: 1, LIN: 0})
    with stage.db.write() as session:
        assert results.learn(session, task.id, reading, stage.now, PRODUCTION)
    for _ in range(2):
        with stage.db.write() as session:
            assert not results.learn(session, task.id, reading, stage.now, PRODUCTION)
    task = stage.task(stage.people.wang)
    assert (task.reached, task.limited, task.settled_at) == (1, 0, None), (
        "one customer's result is still missing"
    )
    stage.work()
    stage.advance(minutes=2)
    stage.collect()
    task = stage.task(stage.people.wang)
    assert task.reached == 2 and task.settled_at


def test_results_are_first_read_a_minute_after_the_task_was_made_then_slower():
    waits = [
        PRODUCTION.wait(timedelta(seconds=age), said=False).total_seconds() for age in (60, 900, 7200, 90_000)
    ]
    assert PRODUCTION.first == 60 and waits == [60, 180, 600, 1800]
    assert PRODUCTION.wait(timedelta(hours=9), said=True).total_seconds() == 120, (
        "who said it is looked after sooner"
    )


def test_nothing_is_asked_before_its_time(stage):
    stage.launch()
    assert collect_results(stage.runtime, stage.now, PRODUCTION) == "" and stage.calls(TASK) == []
    stage.advance(seconds=60)
    assert collect_results(stage.runtime, stage.now, PRODUCTION) == "读结果 3"
    assert collect_results(stage.runtime, stage.now, PRODUCTION) == ""


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


def test_status_one_of_the_platforms_own_sample_counts_as_sent(stage):
    """The documents say 2 and show 1: anything but 0 means that she tapped."""
    stage.launch()
    task = stage.task(stage.people.zhou)
    stage.world.confirm(ZHOU, task.msgid)
    stage.collect()
    sent = stage.task(stage.people.zhou)
    assert sent.confirmed_at and abs(sent.confirmed_at - stage.now) < timedelta(minutes=1)
    assert [row["who"] for row in stage.arrived("mass", CHEN)] == [CHEN]


@pytest.mark.parametrize("strange", ["wmSomebodyElse", "wm" * 40, ""])
@pytest.mark.parametrize("status", [1, 2])
def test_a_customer_who_was_not_in_the_audience_is_not_counted(stage, strange, status):
    stage.launch()
    task = stage.task(stage.people.wang)
    with stage.db.write() as session:
        results.learn(session, task.id, Reading(stage.now, {XU: 1, strange: status}), stage.now, PRODUCTION)
        kept = session.get_one(Task, task.id)
        assert (kept.reached, kept.not_friend) == (1, 0)
        assert strange not in session.exec(select(Customer.external_userid)).all()


@pytest.fixture
def platform(stage):
    """A platform that answers as it was told, once the campaign is launched."""
    stage.launch()
    platform = FakePlatform()
    content, real = stage.world.content, stage.runtime.client
    stage.runtime.client = WorkClient(
        content["corp_id"],
        content["app"]["secret"],
        base_url=platform.base_url,
        tokens=MemoryTokens(),
        closed_windows=stage.runtime.closed_windows,
        clock=stage.clock,
    )
    yield platform
    stage.runtime.client.close()
    stage.runtime.client = real
    platform.close()


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
    assert "NoResultFound" in caplog.text
