"""A mass call whose answer was lost is looked up in the platform's own list, never repeated blindly."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models.campaigns import Task
from models.delivery_decisions import send_again
from models.errors import Refused
from models.friends import LostHow, friendship
from models.ledger.outbox import Outbox, OutboxStatus
from scheduler import jobs
from scheduler.channels.mass_lookup import same_content
from scheduler.queue import recovery
from scheduler.queue.recovery import decide
from tests.cast import LIN, WANG, XU, ZHAO, ZONE
from tests.models.campaigns.shares import results_of
from tests.scheduler.queue.test_recovery import ADD


@pytest.fixture
def stage(campaign_stage_on_both):
    return campaign_stage_on_both


def test_an_accepted_call_whose_answer_was_lost_is_adopted_not_repeated_B08(stage):
    """Reset after accepting; the platform's own list shows exactly one task per guide."""
    stage.world.chaos({"api": ADD, "reset": "after", "times": 2})
    number = stage.plan()
    stage.tick(seconds=0)
    assert sorted(row.status for row in stage.rows("mass")) == [
        OutboxStatus.SENT,
        OutboxStatus.UNKNOWN,
        OutboxStatus.UNKNOWN,
    ]
    stage.tick(seconds=15)
    rows = stage.rows("mass")
    assert [row.status for row in rows] == [OutboxStatus.SENT] * 3 and [row.attempts for row in rows] == [
        1,
        1,
        1,
    ]
    assert "向平台查实已收下" in rows[0].reason
    msgids = {stage.task(guide).msgid for guide in (stage.people.wang, stage.people.zhao, stage.people.zhou)}
    assert len(msgids) == 3 and len(stage.calls(ADD)) == 3
    stage.cards_out()
    for userid, guide in ((WANG, stage.people.wang), (ZHAO, stage.people.zhao)):
        assert stage.world.confirm(userid, stage.task(guide, number).msgid)["sent"]
        assert len(stage.arrived("card", userid)) == 1
    assert len(stage.arrived("mass", LIN)) == 1


def test_equal_messages_for_one_guide_are_told_apart_by_who_receives_them_B08(stage):
    """Same text, same guide, both answers lost: the platform lists the customers of each."""
    stage.world.chaos({"api": ADD, "reset": "after"})
    numbers = []
    for lost, found in ((LIN, XU), (XU, LIN)):
        with stage.db.write() as session:
            friendship.added(session, WANG, found, stage.now, stage.now, ZONE)
            friendship.lost(session, WANG, lost, LostHow.CUSTOMER, stage.now, stage.now)
        numbers.append(stage.plan(text="一样的话", scope={"guides": [stage.people.wang.id]}))
        stage.tick()
    stage.world.chaos()
    for _ in range(3):
        stage.tick(seconds=30)
    found = [stage.task(stage.people.wang, number).msgid for number in numbers]
    assert all(found) and len(set(found)) == 2 and len(stage.calls(ADD)) == 2
    stage.world.confirm(WANG, found[0])
    assert [row["who"] for row in stage.arrived("mass")] == [XU]


def test_the_same_words_of_two_guides_are_told_apart_by_whose_task_it_is_B08(campaign_stage):
    """The list of messages does not name the guide; the task list of each does."""
    stage = campaign_stage
    scope = {"guides": [stage.people.wang.id, stage.people.zhao.id]}
    stage.world.chaos({"api": ADD, "reset": "after", "times": 2})
    stage.plan(text="一样的话", scope=scope)
    stage.tick(seconds=0)
    assert [row.status for row in stage.rows("mass")] == [OutboxStatus.UNKNOWN] * 2
    stage.tick(seconds=15)
    assert [row.status for row in stage.rows("mass")] == [OutboxStatus.SENT] * 2 and len(
        stage.calls(ADD)
    ) == 2
    for userid, guide in ((WANG, stage.people.wang), (ZHAO, stage.people.zhao)):
        assert stage.world.confirm(userid, stage.task(guide).msgid)["sent"]


def test_of_two_messages_alike_in_everything_none_is_adopted_before_a_person_has_looked_B08(stage):
    """Until then nobody can send either again; her word settles both, and each gets a number of its own."""
    stage.world.chaos({"api": ADD, "reset": "after"})
    for name in ("第一次", "第二次"):
        stage.plan(text="一样的话", name=name, scope={"guides": [stage.people.wang.id]})
    stage.tick(seconds=0)
    stage.world.chaos()
    for _ in range(3):
        stage.tick(seconds=30)
    rows = stage.rows("mass")
    assert [row.status for row in rows] == [OutboxStatus.UNKNOWN] * 2
    assert "2 条一样的任务" in rows[0].reason and len(stage.calls(ADD)) == 2
    for row in rows:
        with stage.db.write() as session, pytest.raises(Refused, match="正在向平台核对"):
            decide(session, session.get_one(Outbox, row.id), False, "周岚", stage.now, ZONE)
        with stage.db.write() as session, pytest.raises(Refused, match="只有确定没送到的才能再发"):
            send_again(session, session.get_one(Outbox, row.id), stage.now, "周岚")
        with stage.db.write() as session:
            decide(session, session.get_one(Outbox, row.id), True, "周岚", stage.now, ZONE)
    for _ in range(3):
        stage.tick(seconds=120)
    with stage.db.read() as session:
        msgids = session.exec(select(Task.msgid).where(Task.msgid != "")).all()
    assert len(msgids) == 2 and len(set(msgids)) == 2 and len(stage.calls(ADD)) == 2


def test_a_message_that_the_platform_shows_late_is_still_waited_for_B08(stage):
    """It has ten minutes, and a list that did not end proves nothing; only then the message leaves again, once."""
    stage.runtime.demo = False
    stage.world.chaos({"api": ADD, "reset": "before", "times": 1})
    stage.plan(scope={"guides": [stage.people.wang.id]})
    stage.tick(seconds=0)
    stage.world.chaos()
    for _ in range(9):
        stage.tick(seconds=60)
    assert [row.status for row in stage.rows("mass")] == [OutboxStatus.UNKNOWN] and len(stage.calls(ADD)) == 1
    for _ in range(12):
        stage.tick(seconds=60)
    assert [row.status for row in stage.rows("mass")] == [OutboxStatus.SENT] and len(stage.calls(ADD)) == 2


def test_a_second_lost_call_that_was_not_accepted_is_left_to_a_person_B08(stage):
    stage.world.chaos({"api": ADD, "reset": "before"})
    stage.plan(scope={"guides": [stage.people.wang.id]})
    for _ in range(8):
        stage.tick(seconds=40)
    stage.world.chaos()
    [row] = stage.rows("mass")
    assert (row.status, row.attempts) == (OutboxStatus.NOT_SENT, 2)
    with stage.db.write() as session:
        send_again(session, session.get_one(Outbox, row.id), stage.now, "周岚")
    stage.tick()
    assert [row.status for row in stage.rows("mass")] == [OutboxStatus.SENT]


def test_whom_the_platform_left_out_of_an_adopted_message_is_known_by_name_B08_B11(stage):
    stage.world.post(f"/phone/guide/{WANG}/delete", {"external_userid": LIN, "wait": False})
    stage.world.chaos({"api": ADD, "reset": "after", "times": 1})
    stage.plan(scope={"guides": [stage.people.wang.id]})
    stage.tick(seconds=0)
    stage.tick(seconds=15)
    task = stage.task(stage.people.wang)
    assert results_of(stage, task) == {"refused": {LIN}} and (task.refused_count, task.customer_count) == (
        1,
        2,
    )


def test_a_clock_that_differs_from_the_platforms_hides_no_message_B08(stage):
    """By our clock its message was made an hour ago."""
    stage.world.set_clock(stage.now - timedelta(hours=1))
    stage.world.chaos({"api": ADD, "reset": "after", "times": 1})
    stage.plan(scope={"guides": [stage.people.wang.id]})
    jobs.launch(stage.runtime, stage.now)
    stage.work()
    assert [row.status for row in stage.rows("mass")] == [OutboxStatus.UNKNOWN]
    for _ in range(2):
        stage._now += timedelta(seconds=40)
        recovery.ask(stage.runtime, stage.now)
    assert stage.task(stage.people.wang).msgid and len(stage.calls(ADD)) == 1


TEXT = {"text": {"content": "上新了\n来看看"}}
LINK = {
    "msgtype": "link",
    "link": {"title": "新品", "url": "https://a.example", "picurl": "https://b.example"},
}


@pytest.mark.parametrize(
    ("shown", "same"),
    [
        ({"text": {"content": "上新了\r\n来看看 "}}, True),
        ({"text": {"content": "上新了"}}, False),
        ({**TEXT, "attachments": [LINK]}, False),
    ],
)
def test_a_message_is_known_by_its_text_and_the_number_of_its_attachments_B08(shown, same):
    assert same_content(shown, TEXT) == same


@pytest.mark.parametrize(
    ("shown", "same"),
    [
        ({"msgtype": "link", "link": {"title": "新品", "url": "https://a.example"}}, True),
        ({"msgtype": "link", "link": {"title": "新品", "picurl": "https://qpic.example/other"}}, True),
        ({"link": {"title": "新品"}}, True),
        ({"msgtype": "link", "link": {"title": "旧品"}}, False),
        ({"msgtype": "image", "image": {"media_id": "m"}}, False),
    ],
)
def test_an_attachment_is_known_by_what_the_platform_shows_of_it_but_for_media_ids_B08(shown, same):
    assert same_content({**TEXT, "attachments": [shown]}, {**TEXT, "attachments": [LINK]}) == same


def test_a_call_that_was_not_accepted_is_found_missing_and_sent_once_C04(stage):
    """After the intent, before the call. The platform lists nothing, so it is sent."""
    stage.world.chaos(
        {"api": ADD, "truncated": True, "times": 1}, {"api": ADD, "reset": "before", "times": 1}
    )
    stage.plan()
    stage.tick(seconds=0)
    for _ in range(4):
        stage.tick(seconds=30)
    assert [row.status for row in stage.rows("mass")] == [OutboxStatus.SENT] * 3
    task = stage.task(stage.people.wang)
    assert stage.world.confirm(WANG, task.msgid)["sent"] == 2 and len(stage.arrived("mass", LIN)) == 1
