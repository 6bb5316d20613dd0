"""A card leaves again only when it surely never arrived, or as the very same bytes."""

import pytest

from tests.cast import WANG, XU, ZHAO
from tests.models.campaigns.sent_cards import card_of


@pytest.fixture
def stage(campaign_stage):
    return campaign_stage


def test_a_card_that_surely_never_arrived_is_sent_anew_with_the_next_campaign(stage):
    stage.world.chaos({"api": "message/send", "errcode": 81013})
    stage.launch()
    assert {row.status for row in stage.rows("card")} == {"not_sent"}
    first = stage.task(stage.people.wang)
    assert first.card_sent_at is None and card_of(stage, first).sent_at is None
    stage.world.chaos()
    stage.launch(name="第二个", card_title="第二个")
    sent = [row["what"]["card"]["main_title"]["title"] for row in stage.arrived("card", WANG)]
    assert sent == ["还有 2 件事"] and stage.task(stage.people.wang, first.campaign_id).card_sent_at


def test_a_lost_answer_repeats_the_same_bytes_and_she_gets_one_card_B09(stage):
    """The platform drops the second copy of the same JSON."""
    stage.world.chaos({"api": "message/send", "reset": "after", "times": 1})
    stage.launch()
    stage.advance(seconds=10)
    stage.work()
    for who in (WANG, ZHAO):
        assert len(stage.arrived("card", who)) == 1
    assert all(row.status == "sent" for row in stage.rows("card"))
    assert stage.task(stage.people.wang).card_sent_at and stage.arrived("mass", XU) == []
