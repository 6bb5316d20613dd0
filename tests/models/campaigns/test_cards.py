"""What a tap on a card means, and how a card is kept up to date: each code once."""

import threading
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from models import delivery_decisions
from models.campaigns import Card, Task, cards
from models.ledger.inbox import Inbox
from models.ledger.outbox import Outbox
from scheduler import jobs
from tests.cast import WANG, ZONE


def launched(stage):
    stage.launch()
    return stage.task(stage.people.wang), stage.cards_of(WANG)[-1]["task_id"]


def decision(stage):
    with stage.db.read() as session:
        return session.exec(select(Inbox.decision).order_by(Inbox.id.desc())).first()


def card_of(stage, task):
    with stage.db.read() as session:
        return session.get_one(Card, task.card_id)


def test_a_second_tap_changes_nothing_and_says_when_the_first_was_F01(stage):
    task, key = launched(stage)
    stage.world.click(WANG, key, f"said:{task.code}", wait=True)
    stage.work()
    first = stage.task(stage.people.wang).reported_at
    stage.advance(minutes=5)
    with stage.db.write() as session:

        def said(zone):
            return cards.tapped(
                session,
                userid="WangFang",
                task_key=key,
                event_key=f"said:{task.code}",
                response_code="rc2",
                at=stage.now,
                now=stage.now,
                zone=zone,
            )

        assert said(ZONE).startswith("之前已说过（10:0")
        assert said(ZoneInfo("America/Sao_Paulo")).startswith("之前已说过（23:0")
    assert stage.task(stage.people.wang).reported_at == first


def test_two_phones_at_once_are_one_completion_F01(stage_on_both):
    """The page and the card in the same moment."""
    stage = stage_on_both
    task, key = launched(stage)
    outcomes = []

    def tap():
        with stage.db.write() as session:
            outcomes.append(cards.say_done(session, session.get_one(Task, task.id), stage.now))

    threads = [threading.Thread(target=tap) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [False, False, False, True]
    stage.work()
    assert len(stage.arrived("card_updated", WANG)) == 1


def test_a_new_task_that_the_card_cannot_show_is_told_in_one_line(stage):
    task, _ = launched(stage)
    with stage.db.write() as session:
        cards.open_task(session, session.get_one(Task, task.id), stage.now)
    stage.work()
    stage.launch(name="第二个", card_title="第二个")
    assert [row["what"]["text"]["content"] for row in stage.arrived("notice", WANG)] == [
        "又有一件：「第二个」。上面的任务卡片更新不了了，点开它，在「今日」里看。"
    ]
    assert len(stage.arrived("card", WANG)) == 1, "no second card in one half day"
    assert stage.task(stage.people.wang).card_sent_at, "the line reached her phone in the card's place"


@pytest.mark.parametrize(
    "fault", [{"errcode": 60140}, {"reset": "after"}], ids=["refused", "its answer lost"]
)
def test_a_new_task_is_told_in_one_line_when_the_card_s_last_code_fails(stage, fault):
    launched(stage)
    stage.world.chaos({"api": "message/update_template_card", **fault})
    stage.launch(name="第二个", card_title="第二个")
    assert [row["what"]["text"]["content"][:9] for row in stage.arrived("notice", WANG)] == [
        "又有一件：「第二个"
    ]
    assert stage.task(stage.people.wang).card_sent_at, "else the reminders would leave her out"


def test_a_tap_later_brings_the_card_up_to_date_again(stage):
    task, key = launched(stage)
    for change in (cards.open_task, cards.say_done, cards.unsay):
        with stage.db.write() as session:
            change(session, session.get_one(Task, task.id), stage.now)
        stage.work()
    stage.world.click(WANG, key, f"said:{task.code}", wait=True)
    stage.work()
    assert stage.cards_of(WANG)[-1]["horizontal_content_list"][0]["keyname"] == "说已发"
    card = card_of(stage, task)
    assert card.version == card.shown


def test_a_guide_who_takes_her_word_back_cannot_after_the_platform_confirmed(stage):
    task, _ = launched(stage)
    with stage.db.write() as session:
        row = session.get_one(Task, task.id)
        assert cards.say_done(session, row, stage.now)
        assert cards.confirm(session, row, stage.now, stage.now)
        assert not cards.unsay(session, row, stage.now + timedelta(minutes=1))


def test_half_days_part_at_two_in_the_afternoon_local_time(stage):
    noon = stage.now.replace(hour=5, minute=59, second=59)
    assert cards.period(noon, ZONE) == "2026-11-19.a"
    assert cards.period(noon + timedelta(seconds=1), ZONE) == "2026-11-19.b"
    assert cards.period(noon + timedelta(hours=11), ZONE) == "2026-11-20.a"


def test_a_card_that_hq_took_back_is_not_sent_by_her_looking_but_by_another_task(stage):
    """After a restore HQ takes back what she has on her phone already (D08)."""
    stage.plan()
    jobs.launch(stage.runtime, stage.now)
    stage.work()
    with stage.db.write() as session:
        for row in session.exec(select(Outbox).where(Outbox.channel == "card")):
            delivery_decisions.take_back(session, row, stage.now, "周岚")
    with stage.db.write() as session:
        cards.open_task(session, session.merge(stage.task(stage.people.wang)), stage.now)
    stage.cards_out()
    assert stage.cards_of(WANG) == []
    stage.launch(name="返场", card_title="返场")
    assert len(stage.cards_of(WANG)) == 1
