"""A tap comes in: copies and strangers change nothing, and what was decided is written down."""

import pytest
from sqlmodel import select

from models.campaigns import cards
from models.ledger.inbox import Inbox
from tests.cast import GAO, WANG, ZONE
from tests.models.campaigns.sent_cards import launched


@pytest.fixture
def stage(campaign_stage):
    return campaign_stage


def test_the_same_tap_delivered_three_times_has_one_effect(stage):
    task, key = launched(stage)
    stage.world.chaos(callbacks={"copies": 3})
    stage.world.click(WANG, key, f"said:{task.campaign_id}", wait=True)
    stage.work()
    assert len(stage.arrived("card_updated", WANG)) == 1
    with stage.db.read() as session:
        assert len(list(session.exec(select(Inbox).where(Inbox.kind == "template_card_event")))) == 1


def test_a_tap_by_another_member_is_noted_and_changes_nothing_J02(stage):
    task, key = launched(stage)
    with stage.db.write() as session:
        said = cards.tapped(
            session,
            userid=GAO,
            task_key=key,
            event_key=f"said:{task.campaign_id}",
            response_code="rc",
            at=stage.now,
            now=stage.now,
            zone=ZONE,
        )
    assert said == "点的人不是这张卡片的导购，没有改动"
    assert stage.task(stage.people.wang).reported_at is None


def test_a_tap_on_an_unknown_card_or_button_is_noted_and_changes_nothing(stage):
    task, key = launched(stage)
    other = stage.task(stage.people.zhao)
    with stage.db.write() as session:

        def tapped(key, event):
            return cards.tapped(
                session,
                userid=WANG,
                task_key=key,
                event_key=event,
                response_code="",
                at=stage.now,
                now=stage.now,
                zone=ZONE,
            )

        assert tapped("card-from-elsewhere", f"said:{task.campaign_id}") == "点的是我们不认识的卡片，没有改动"
        for event in ("", "said:", f"said:{other.code}", f"delete:{task.code}", "said:%s"):
            assert tapped(key, event) == "卡片上没有这个按钮，没有改动"
    assert (
        stage.task(stage.people.wang).reported_at is None
        and stage.task(stage.people.zhao).reported_at is None
    )
