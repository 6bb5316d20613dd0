"""A card that was replaced is taken off her phone; when that fails nobody has to care."""

import pytest

from tests.cast import WANG
from tests.models.campaigns.sent_cards import launched, on_her_phone

RECALL = "message/recall"


@pytest.fixture
def replaced(campaign_stage):
    """Calls `launch` for three tasks, so that the card was updated once and then replaced."""

    def replace(**fault):
        campaign_stage.world.chaos({"api": RECALL, **fault})
        launched(campaign_stage)
        for name in ("第二个", "第三个"):
            campaign_stage.launch(name=name, card_title=name)
            campaign_stage.cards_out()
        return campaign_stage, campaign_stage.rows("card_recall", guide_id=campaign_stage.people.wang.id)

    return replace


def test_a_card_that_the_platform_does_not_take_back_stays_and_nobody_has_to_care(replaced):
    stage, [row] = replaced(errcode=42052)
    assert (row.status, row.errcode) == ("needless", 42052) and "24 小时" in row.reason
    assert len(on_her_phone(stage)) == 2


def test_taking_it_back_a_second_time_does_no_harm_when_the_answer_got_lost(replaced):
    stage, [row] = replaced(reset="after", times=1)
    stage.advance(seconds=30)
    stage.tick()
    assert stage.rows("card_recall", id=row.id)[0].status == "sent"
    assert len(on_her_phone(stage)) == 1 and len(stage.arrived("recalled", WANG)) == 1
