"""Many guides get their cards at a time: each the one of her period, with what it was given before."""

from sqlmodel import select

from models.campaigns import Card, Task
from models.org import find_guide, shifts
from scheduler import jobs
from tests.cast import WANG, ZHAO, ZHOU, ZONE


def launch(stage, name):
    stage.plan(name=name)
    jobs.launch(stage.runtime, stage.now)
    stage.work()


def test_each_guide_has_one_card_in_a_period_and_a_second_campaign_joins_it(campaign_stage_on_both):
    stage = campaign_stage_on_both
    launch(stage, "第一个")
    launch(stage, "第二个")
    with stage.db.read() as session:
        cards = {card.guide_id: card for card in session.exec(select(Card))}
        tasks = session.exec(select(Task)).all()
    assert len(cards) == 3 and {card.version for card in cards.values()} == {2}
    assert all(task.card_id == cards[task.guide_id].id for task in tasks if task.msgid)
    stage.cards_out()
    assert ["2 件事" in str(stage.cards_of(userid)) for userid in (WANG, ZHAO, ZHOU)] == [True] * 3


def test_what_comes_after_the_card_was_sent_goes_on_the_next_one(campaign_stage):
    stage = campaign_stage
    launch(stage, "第一个")
    stage.cards_out()
    launch(stage, "第二个")
    with stage.db.read() as session:
        first, second = (
            {
                task.guide_id: task.card_id
                for task in session.exec(select(Task))
                if task.msgid and task.campaign_id == n
            }
            for n in (1, 2)
        )
    assert not set(first.values()) & set(second.values())


def test_who_is_off_waits_for_her_own_next_day_while_her_store_gets_its_cards(campaign_stage):
    stage = campaign_stage
    with stage.db.write() as session:
        day = stage.now.astimezone(ZONE).date()
        shifts.change(session, find_guide(session, WANG), day, off=True, who="马骁", now=stage.now)
    launch(stage, "第一个")
    stage.cards_out()
    assert [bool(stage.cards_of(userid)) for userid in (WANG, ZHAO, ZHOU)] == [False, True, True]
    with stage.db.read() as session:
        [waits] = [card.waits for card in session.exec(select(Card)) if card.waits]
    assert waits.startswith("她那时才上班") and waits.endswith("10:00 送到")
