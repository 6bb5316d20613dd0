"""What a tap on a card means, and how a card is kept up to date: each code once."""

import threading
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from models import delivery_decisions
from models.campaigns import Task, cards, funnel, lifecycle
from models.errors import Refused
from models.ledger.inbox import Inbox
from models.ledger.outbox import Outbox
from models.org import Guide, opening
from scheduler import jobs
from scheduler.jobs.cards import deal
from tests.cast import WANG, ZHAO, ZHOU, ZONE
from tests.models.campaigns.sent_cards import launched, on_her_phone


def decision(stage):
    with stage.db.read() as session:
        return session.exec(select(Inbox.decision).order_by(Inbox.id.desc())).first()


def test_a_second_tap_changes_nothing_and_says_when_the_first_was_F01(stage):
    task, key = launched(stage)
    stage.world.click(WANG, key, f"said:{task.campaign_id}", wait=True)
    stage.work()
    first = stage.task(stage.people.wang).reported_at
    stage.advance(minutes=5)
    with stage.db.write() as session:

        def said(zone):
            return cards.tapped(
                session,
                userid="WangFang",
                task_key=key,
                event_key=f"said:{task.campaign_id}",
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


def states(card):
    return [row["keyname"] for row in card["horizontal_content_list"]]


def test_a_task_that_comes_after_the_card_waits_for_the_next_period_and_says_so(stage):
    launched(stage)
    second = stage.launch(name="第二个", card_title="第二个")
    assert len(stage.arrived("card", WANG)) == 1 and stage.arrived("card_updated", WANG) == []
    with stage.db.read() as session:
        assert (
            funnel.funnel(session, second).lost[0].details[0]
            == "3 人：这一班的卡片已经送过，11-19 14:00 送到"
        )
    stage.advance(hours=4)
    stage.cards_out()
    assert [card["main_title"]["title"] for card in on_her_phone(stage)] == ["初雪雪地靴", "第二个"]
    assert stage.task(stage.people.wang, second).card_sent_at


def test_an_urgent_task_gets_one_extra_card_and_only_one(stage):
    launched(stage)
    for name in ("急一", "急二"):
        stage.launch(name=name, card_title=name, urgent=True)
    assert [card["main_title"]["title"] for card in on_her_phone(stage)] == ["初雪雪地靴", "急一"]
    stage.advance(hours=4)
    stage.cards_out()
    assert [card["main_title"]["title"] for card in on_her_phone(stage)] == ["初雪雪地靴", "急一", "急二"]


def test_urgent_tasks_of_the_same_minute_share_the_extra_card(stage):
    launched(stage)
    for name in ("急一", "急二"):
        stage.plan(name=name, card_title=name, urgent=True)
    stage.tick(seconds=0)
    stage.cards_out()
    assert [card["main_title"]["title"] for card in on_her_phone(stage)] == ["初雪雪地靴", "还有 2 件事"]


def test_a_card_waits_until_her_store_opens_and_hq_reads_until_when(stage):
    """Wang's store opens at eleven, Zhou's with the brand at ten: it is eight minutes past ten."""
    with stage.db.write() as session:
        opening.change(session, session.merge(stage.people.zhongjie), "11:00", "20:00", "周岚", stage.now)
    number = stage.launch()
    assert {row["who"] for row in stage.arrived("card")} == {ZHOU}
    with stage.db.read() as session:
        assert funnel.funnel(session, number).lost[0].details[0] == "2 人：门店还没开门，11-19 11:00 送到"
    stage.advance(minutes=52)
    stage.cards_out()
    assert {row["who"] for row in stage.arrived("card")} == {WANG, ZHAO, ZHOU}


def test_a_card_that_leaves_late_does_not_come_after_closing_time(stage):
    """The program was away from the morning until night."""
    stage.plan(ends_at=stage.now + timedelta(days=2))
    jobs.launch(stage.runtime, stage.now)
    stage.work()
    stage.advance(hours=13)
    stage.cards_out()
    assert stage.arrived("card") == []
    stage.advance(hours=11)
    stage.cards_out()
    assert len(stage.arrived("card", WANG)) == 1


def test_after_a_tap_the_card_is_true_and_without_one_her_page_is(stage):
    """The platform's yes finds no code of hers; her next tap brings one, and mends the card."""
    task, key = launched(stage)
    stage.world.confirm(WANG, task.msgid)
    stage.collect()
    [card] = on_her_phone(stage)
    assert states(card) == ["等你发"] and stage.task(stage.people.wang).confirmed_at
    stage.world.click(WANG, key, f"said:{task.campaign_id}", wait=True)
    stage.work()
    [card] = on_her_phone(stage)
    assert states(card) == ["平台已确认"]
    assert [button["text"] for button in card["button_list"]] == ["打开任务"], "no more 我已发"


def test_a_stop_is_said_on_the_cards_of_all_who_have_not_tapped_by_the_one_code_of_their_message(stage):
    number = stage.launch()
    stage.do(lifecycle.cancel, number)
    for _ in range(3):
        stage.tick()
    assert len(stage.calls("message/update_template_card")) == 1
    for who in (WANG, ZHAO, ZHOU):
        card = stage.cards_of(who)[-1]
        assert states(card) == ["已停止"] and card["main_title"]["desc"] == "总部已停止，不用再做"


def test_a_tap_on_an_older_card_counts_and_mends_that_one(stage):
    """The key of a message that was sent again by another name: whose card it is says who tapped."""
    task, key = launched(stage)
    old = f"card-{task.guide_id}-2026-11-19-a-0123456789ab"
    with stage.db.write() as session:
        said = cards.tapped(
            session,
            userid=WANG,
            task_key=old,
            event_key=f"said:{task.code}",
            response_code="rc",
            at=stage.now,
            now=stage.now,
            zone=ZONE,
        )
    assert said == "导购说已发，等平台确认" and stage.task(stage.people.wang).reported_at
    assert [row.payload["task_key"] for row in stage.rows("card_update")] == [old] != [key]


def test_a_guide_who_left_gets_no_card_and_nothing_is_said_to_have_failed(stage):
    task, _ = launched(stage)
    with stage.db.write() as session:
        session.get_one(Guide, task.guide_id).leave("change_contact", stage.now)
        cards.confirm(session, session.get_one(Task, task.id), stage.now, stage.now)
    stage.cards_out()
    assert [row.status for row in stage.rows() if row.channel.startswith("card")] == ["sent"]


def test_a_card_all_of_whose_tasks_were_stopped_before_it_left_does_not_leave(stage):
    number = stage.plan()
    jobs.launch(stage.runtime, stage.now)
    stage.work()
    stage.do(lifecycle.cancel, number)
    stage.tick()
    stage.cards_out()
    assert stage.arrived("card") == [] and stage.rows("card") == []


@pytest.mark.parametrize(
    ("minutes", "confirmed", "words"),
    [(9, False, ""), (11, False, "说过已发超过 10 分钟"), (1, True, "平台已确认发出，撤不回来了")],
)
def test_she_takes_her_word_back_within_ten_minutes_unless_the_platform_has_confirmed(
    stage, minutes, confirmed, words
):
    task, _ = launched(stage)
    with stage.db.write() as session:
        row = session.get_one(Task, task.id)
        assert cards.say_done(session, row, stage.now)
        assert not confirmed or cards.confirm(session, row, stage.now, stage.now)
    stage.advance(minutes=minutes)
    try:
        with stage.db.write() as session:
            assert cards.unsay(session, session.get_one(Task, task.id), stage.now)
    except Refused as refused:
        assert words and refused.words.startswith(words)
    assert (stage.task(stage.people.wang).reported_at is None) == (not words)


def test_a_card_that_hq_took_back_is_not_sent_by_her_looking_but_by_another_task(stage):
    """After a restore HQ takes back what she has on her phone already (D08)."""
    stage.plan()
    jobs.launch(stage.runtime, stage.now)
    stage.work()
    stage.advance(seconds=4)
    deal(stage.runtime, stage.now)
    with stage.db.write() as session:
        for row in session.exec(select(Outbox).where(Outbox.channel == "card")):
            delivery_decisions.take_back(session, row, stage.now, "周岚")
    with stage.db.write() as session:
        cards.say_done(session, session.merge(stage.task(stage.people.wang)), stage.now)
    stage.cards_out()
    assert stage.cards_of(WANG) == []
    stage.launch(name="返场", card_title="返场")
    assert len(stage.cards_of(WANG)) == 1
