"""Reading results back: confirmed is the platform's word, every customer is known, reading twice counts once."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models.campaigns import Task, results
from models.campaigns.looks import PRODUCTION
from models.campaigns.results import Reading
from models.friends import Customer, Friend, FriendStatus, LostHow, friendship
from tests.cast import CHEN, LIN, WANG, XU, ZHAO, ZHOU, ZONE
from tests.models.campaigns.shares import results_of


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


def test_the_result_alone_ends_a_friendship_whose_event_got_lost_F07(stage):
    stage.launch()
    task, sent_at = stage.task(stage.people.wang), stage.now + timedelta(minutes=2)
    with stage.db.write() as session:
        results.learn(session, task.id, Reading(sent_at, {XU: 1, LIN: 2}), sent_at, PRODUCTION)
        session.flush()
        assert friendship.find(session, WANG, LIN).status == FriendStatus.LOST
    stage.advance(minutes=3)
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
    stage.world.confirm(ZHAO, stage.task(stage.people.zhao).msgid)
    stage.launch(name="同一天的第二个")
    stage.world.post("/control/rules", {"mass_rule": "day"})
    assert stage.world.confirm(ZHAO, stage.task(stage.people.zhao).msgid)["limited"] == 1
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
