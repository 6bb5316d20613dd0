"""A card on her phone is brought up to date: each code of a tap once, while the platform takes it."""

from datetime import timedelta

import pytest

from models.campaigns import Card, Task, cards, lifecycle
from tests.cast import WANG, ZONE
from tests.models.campaigns.sent_cards import card_of, launched, on_her_phone


@pytest.fixture
def stage(campaign_stage):
    return campaign_stage


def alone(stage, **changes):
    """A message to her alone: its code is hers."""
    return launched(stage, scope={"guides": [stage.people.wang.id]}, **changes)


def say(stage, task, change=cards.say_done):
    with stage.db.write() as session:
        change(session, session.get_one(Task, task.id), stage.now)
    stage.work()


def test_every_code_is_used_at_most_once_and_no_second_card_comes(stage):
    """That of the card's own answer, that of her tap, and then no other: what follows her page shows."""
    task, key = alone(stage)
    stage.world.click(WANG, key, f"said:{task.campaign_id}", wait=True)
    stage.work()
    for change in (cards.unsay, cards.say_done):
        say(stage, task, change)
    stage.cards_out()
    used = [row.payload["response_code"] for row in stage.rows("card_update", status="sent")]
    assert len(used) == 2 and len(set(used)) == 2
    [card] = on_her_phone(stage)
    assert card["horizontal_content_list"][0]["keyname"] == "等你发"
    assert (
        stage.task(stage.people.wang).reported_at
        and card_of(stage, task).version > card_of(stage, task).shown
    )


def test_a_code_older_than_a_day_is_not_tried_B15(stage):
    task, _ = alone(stage, ends_at=stage.now + timedelta(days=3))
    stage.advance(hours=25)
    say(stage, task)
    stage.cards_out()
    assert stage.calls("message/update_template_card") == [] and stage.rows("card_update") == []
    assert len(stage.arrived("card", WANG)) == 1


def test_the_code_of_a_tap_that_reached_us_a_day_late_is_not_tried_B15(stage):
    """What she did counts from when she did it; what follows from it counts from now."""
    task, key = alone(stage)
    yesterday = stage.now - timedelta(hours=24)
    with stage.db.write() as session:
        cards.tapped(
            session,
            userid=WANG,
            task_key=key,
            event_key=f"said:{task.campaign_id}",
            response_code="a-day-old",
            at=yesterday,
            now=stage.now,
            zone=ZONE,
        )
    stage.work()
    assert stage.task(stage.people.wang).reported_at == yesterday
    assert [row.payload["response_code"] == "a-day-old" for row in stage.rows("card_update")] == [False]
    assert len(stage.arrived("card_updated", WANG)) == 1


def test_a_code_that_the_platform_refuses_is_said_and_the_next_one_is_used_B15(stage):
    task, key = alone(stage)
    with stage.db.write() as session:
        card = session.get_one(Card, task.card_id)
        card.codes = [*card.codes, {"code": "used-by-somebody", "key": key, "at": stage.now.isoformat()}]
    say(stage, task)
    assert [(row.status, row.errcode) for row in stage.rows("card_update")] == [
        ("needless", 60140),
        ("sent", None),
    ]
    assert "凭证已用过或过期" in stage.rows("card_update")[0].reason
    assert stage.cards_of(WANG)[-1]["horizontal_content_list"][0]["keyname"] == "说已发"


def test_the_one_code_of_a_shared_message_is_kept_for_a_stop(stage):
    """Her word on the page does not spend it: two colleagues would be left with a card that asks for nothing."""
    task, _ = launched(stage)
    say(stage, task)
    assert stage.rows("card_update") == []
    stage.do(lifecycle.cancel, task.campaign_id)
    stage.tick()
    [row] = stage.rows("card_update")
    assert (row.status, row.target, row.why) == ("sent", "3 位导购", "总部停止了「初雪雪地靴」")
