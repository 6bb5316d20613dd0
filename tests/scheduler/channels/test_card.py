"""A card leaves again only when it surely never arrived, or as the very same bytes."""

import pytest

from models import delivery_decisions
from models.campaigns import Task, cards
from models.ledger.outbox import Outbox
from scheduler import jobs
from scheduler.jobs.cards import deal
from tests.cast import WANG, XU, ZHAO, ZHOU
from tests.models.campaigns.sent_cards import card_of


@pytest.fixture
def stage(campaign_stage):
    return campaign_stage


def test_guides_with_the_same_tasks_share_one_message_that_leads_each_to_her_own_task(stage):
    number = stage.launch()
    [row] = stage.rows("card")
    assert (row.target, row.guide_id) == ("3 位导购", None)
    assert sorted(row.request["touser"].split("|")) == sorted([WANG, ZHAO, ZHOU])
    for who in (WANG, ZHAO, ZHOU):
        [card] = stage.cards_of(who)
        assert card["card_action"]["url"].endswith(f"/g/campaigns/{number}")
        assert stage.task(
            {WANG: stage.people.wang, ZHAO: stage.people.zhao, ZHOU: stage.people.zhou}[who]
        ).card_sent_at


def test_guides_with_other_tasks_get_another_message(stage):
    stage.plan()
    stage.plan(name="店里的", card_title="店里的", scope={"stores": [stage.people.taiyuanjie.id]})
    stage.tick(seconds=0)
    stage.cards_out()
    assert sorted(row.request["touser"].count("|") for row in stage.rows("card")) == [0, 1]
    assert stage.cards_of(ZHOU)[-1]["main_title"]["title"] == "还有 2 件事"


def test_every_card_has_a_button_with_an_address_for_where_others_are_dead(stage):
    stage.launch()
    [card] = stage.cards_of(WANG)
    assert [(one["type"], one["text"]) for one in card["button_list"]] == [(1, "打开任务"), (0, "我已发")]


def test_whom_the_platform_does_not_see_stays_without_a_card_and_may_be_sent_it_again(stage):
    """The administrator took her out when her task was made already, and the word of it got lost."""
    stage.world.chaos(callbacks={"drop": 1.0})
    stage.plan()
    jobs.launch(stage.runtime, stage.now)
    stage.work()
    stage.world.change_member(ZHAO, visible=False)
    stage.cards_out()
    assert {row["who"] for row in stage.arrived("card")} == {WANG, ZHOU}
    assert stage.task(stage.people.zhao).card_sent_at is None and stage.task(stage.people.wang).card_sent_at
    sent, missed = stage.rows("card")
    assert (sent.status, missed.status, missed.target) == ("sent", "not_sent", "赵倩")
    assert "不在应用的可见范围" in missed.reason
    stage.world.change_member(ZHAO, visible=True)
    with stage.db.write() as session:
        delivery_decisions.send_again(session, session.get_one(Outbox, missed.id), stage.now, "周岚")
    stage.work()
    assert len(stage.arrived("card", ZHAO)) == 1 and stage.task(stage.people.zhao).card_sent_at
    assert len(stage.arrived("card", WANG)) == 1


def test_who_got_ahead_of_the_others_while_the_message_waited_gets_no_card_that_says_too_little(stage):
    stage.plan()
    jobs.launch(stage.runtime, stage.now)
    stage.work()
    stage.advance(seconds=4)
    deal(stage.runtime, stage.now)
    with stage.db.write() as session:
        task = session.get_one(Task, stage.task(stage.people.zhao).id)
        cards.confirm(session, task, stage.now, stage.now)
    stage.work()
    stage.cards_out()
    assert {row["who"] for row in stage.arrived("card")} == {WANG, ZHOU}


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
