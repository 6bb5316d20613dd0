"""A card on her phone is brought up to date: each code of a tap once, while the platform takes it."""

from datetime import timedelta

import pytest

from models.campaigns import Card, Task, cards
from tests.cast import WANG, ZONE
from tests.models.campaigns.sent_cards import card_of, launched


@pytest.fixture
def stage(campaign_stage):
    return campaign_stage


def test_every_code_is_used_at_most_once(stage):
    """That of the card's own answer, that of her tap, and then no other: the next change comes as a new card."""
    task, key = launched(stage)
    stage.world.click(WANG, key, f"said:{task.code}", wait=True)
    stage.work()
    for change in (cards.unsay, cards.say_done):
        with stage.db.write() as session:
            change(session, session.get_one(Task, task.id), stage.now)
        stage.work()
    stage.cards_out()
    used = [row.payload["response_code"] for row in stage.rows("card_update", status="sent")]
    assert len(used) == 2 and len(set(used)) == 2
    assert len(stage.arrived("card", WANG)) == 2
    assert stage.cards_of(WANG)[-1]["horizontal_content_list"][0]["keyname"] == "说已发"
    card = card_of(stage, task)
    assert card.version == card.shown


def test_a_code_older_than_a_day_is_not_tried_B15(stage):
    task, _ = launched(stage, ends_at=stage.now + timedelta(days=3))
    stage.advance(hours=25)
    with stage.db.write() as session:
        cards.say_done(session, session.get_one(Task, task.id), stage.now)
    stage.cards_out()
    assert stage.calls("message/update_template_card") == [] and stage.rows("card_update") == []
    assert len(stage.arrived("card", WANG)) == 2


def test_the_code_of_a_tap_that_reached_us_a_day_late_is_not_tried_B15(stage):
    """What she did counts from when she did it; what follows from it counts from now."""
    task, key = launched(stage)
    yesterday = stage.now - timedelta(hours=24)
    with stage.db.write() as session:
        cards.tapped(
            session,
            userid=WANG,
            task_key=key,
            event_key=f"said:{task.code}",
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
    task, key = launched(stage)
    with stage.db.write() as session:
        card = session.get_one(Card, task.card_id)
        card.codes = [*card.codes, {"code": "used-by-somebody", "at": stage.now.isoformat()}]
        cards.say_done(session, session.get_one(Task, task.id), stage.now)
    stage.work()
    assert [(row.status, row.errcode) for row in stage.rows("card_update")] == [
        ("needless", 60140),
        ("sent", None),
    ]
    assert "凭证已用过或过期" in stage.rows("card_update")[0].reason
    assert stage.cards_of(WANG)[-1]["horizontal_content_list"][0]["keyname"] == "说已发"
