"""A mass call whose answer was lost is looked up in the platform's own list, never repeated blindly."""

import pytest

from models.ledger.outbox import OutboxStatus
from tests.cast import LIN, WANG, ZHAO
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


def test_two_equal_texts_with_lost_answers_are_told_apart_by_guide_and_never_adopted_twice_B08(stage):
    stage.world.chaos({"api": ADD, "reset": "after"})
    one, two = stage.plan(text="一样的话"), stage.plan(text="一样的话", name="第二次")
    stage.tick(seconds=0)
    stage.world.chaos()
    for _ in range(3):
        stage.tick(seconds=30)
    msgids = [
        stage.task(guide, number).msgid
        for number in (one, two)
        for guide in (stage.people.wang, stage.people.zhao)
    ]
    assert all(msgids) and len(set(msgids)) == 4
    assert len(stage.calls(ADD)) == 6


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
