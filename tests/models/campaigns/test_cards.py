"""What a tap on a card means, and how a card is kept up to date: each code once."""

import threading
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from models import delivery_decisions
from models.campaigns import Task, cards, lifecycle
from models.ledger.inbox import Inbox
from models.ledger.outbox import Outbox
from models.org import Guide
from scheduler import jobs
from tests.cast import WANG, ZONE
from tests.models.campaigns.sent_cards import launched, on_her_phone


def decision(stage):
    with stage.db.read() as session:
        return session.exec(select(Inbox.decision).order_by(Inbox.id.desc())).first()


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


def states(card):
    return [row["keyname"] for row in card["horizontal_content_list"]]


def test_what_the_card_cannot_show_any_more_comes_as_a_new_card_in_its_place(stage):
    """An answer brings one code: the second task spends it, the third finds none."""
    launched(stage)
    for name in ("第二个", "第三个"):
        stage.launch(name=name, card_title=name)
        stage.cards_out()
    [card] = on_her_phone(stage)
    assert card["main_title"]["title"] == "还有 3 件事" and states(card) == ["等你发"] * 3
    assert len(card["button_list"]) == 3 and stage.arrived("notice", WANG) == []
    assert [row.status for row in stage.rows("card_recall", guide_id=stage.people.wang.id)] == ["sent"]
    assert stage.task(stage.people.wang).card_sent_at


@pytest.mark.parametrize(
    "fault", [{"errcode": 60140}, {"reset": "after"}], ids=["refused", "its answer lost"]
)
def test_a_new_card_takes_the_place_of_one_whose_last_code_fails(stage, fault):
    launched(stage)
    stage.world.chaos({"api": "message/update_template_card", **fault})
    stage.launch(name="第二个", card_title="第二个")
    stage.cards_out()
    [card] = on_her_phone(stage)
    assert card["main_title"]["title"] == "还有 2 件事"
    assert stage.task(stage.people.wang).card_sent_at, "else the reminders would leave her out"


def test_the_card_is_true_after_each_step_whatever_codes_there_are(stage):
    """A second task, its stop, the platform's yes for the first: none of them is preceded by a tap."""
    task, _ = launched(stage)
    second = stage.launch(name="第二个", card_title="第二个")
    stage.do(lifecycle.cancel, second)
    stage.tick()
    stage.cards_out()
    [card] = on_her_phone(stage)
    assert states(card) == ["等你发", "已停止"] and "第二个" not in card["main_title"]["desc"]
    stage.world.confirm(WANG, task.msgid)
    stage.collect()
    stage.cards_out()
    [card] = on_her_phone(stage)
    assert states(card) == ["平台已确认", "已停止"]
    assert [button["text"] for button in card["button_list"]] == ["打开今日"], "no more 我已发"


def test_opening_her_page_spends_no_code(stage):
    """The one code is kept for what she cannot know by herself."""
    task, _ = launched(stage)
    with stage.db.write() as session:
        assert cards.open_task(session, session.get_one(Task, task.id), stage.now)
        assert not cards.open_task(session, session.get_one(Task, task.id), stage.now)
    stage.work()
    assert stage.arrived("card_updated", WANG) == []
    stage.world.confirm(WANG, task.msgid)
    stage.collect()
    assert states(on_her_phone(stage)[0]) == ["平台已确认"] and len(stage.arrived("card", WANG)) == 1


def test_a_tap_on_a_card_that_could_not_be_taken_back_counts_and_mends_it(stage):
    """After a day the platform takes nothing back: both cards lie there, and both are true once she tapped."""
    task, old = launched(stage, ends_at=stage.now + timedelta(days=3))
    stage.advance(hours=25)
    with stage.db.write() as session:
        cards.say_done(session, session.get_one(Task, task.id), stage.now)
        cards.unsay(session, session.get_one(Task, task.id), stage.now)
    stage.cards_out()
    assert len(on_her_phone(stage)) == 2 and stage.rows("card_recall") == []
    stage.world.click(WANG, old, f"said:{task.code}", wait=True)
    stage.work()
    assert stage.task(stage.people.wang).reported_at
    assert [states(card) for card in on_her_phone(stage)] == [["说已发"], ["说已发"]]


def test_a_guide_who_left_gets_no_card_and_nothing_is_said_to_have_failed(stage):
    task, _ = launched(stage)
    with stage.db.write() as session:
        session.get_one(Guide, task.guide_id).leave("change_contact", stage.now)
        cards.confirm(session, session.get_one(Task, task.id), stage.now, stage.now)
    stage.cards_out()
    assert [row.status for row in stage.rows(guide_id=task.guide_id) if row.channel.startswith("card")] == [
        "sent"
    ]


def test_a_card_all_of_whose_tasks_were_stopped_before_it_left_does_not_leave(stage):
    number = stage.plan()
    jobs.launch(stage.runtime, stage.now)
    stage.work()
    stage.do(lifecycle.cancel, number)
    stage.tick()
    stage.cards_out()
    assert stage.arrived("card") == [] and {row.status for row in stage.rows("card")} == {"cancelled"}


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
