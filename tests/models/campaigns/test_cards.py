"""What a tap on a card means, and how a card is kept up to date: each code once."""

import threading
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from models.campaigns import Card, Task, cards
from models.ledger.inbox import Inbox
from tests.cast import WANG, XU, ZHAO, ZONE


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


def test_the_same_tap_delivered_three_times_has_one_effect(stage):
    task, key = launched(stage)
    stage.world.chaos(callbacks={"copies": 3})
    stage.world.click(WANG, key, f"open:{task.code}", wait=True)
    stage.work()
    assert len(stage.arrived("card_updated", WANG)) == 1
    with stage.db.read() as session:
        assert len(list(session.exec(select(Inbox).where(Inbox.kind == "template_card_event")))) == 1


def test_a_tap_by_another_member_is_noted_and_changes_nothing_J02(stage):
    task, key = launched(stage)
    with stage.db.write() as session:
        said = cards.tapped(
            session,
            userid=ZHAO,
            task_key=key,
            event_key=f"said:{task.code}",
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

        assert tapped("card-from-elsewhere", f"said:{task.code}") == "点的是我们不认识的卡片，没有改动"
        for event in ("", "said:", f"said:{other.code}", f"delete:{task.code}", "said:%s"):
            assert tapped(key, event) == "卡片上没有这个按钮，没有改动"
    assert (
        stage.task(stage.people.wang).reported_at is None
        and stage.task(stage.people.zhao).reported_at is None
    )


def test_every_code_is_used_at_most_once(stage):
    task, key = launched(stage)
    for event in ("open", "said"):
        stage.world.click(WANG, key, f"{event}:{task.code}", wait=True)
        stage.work()
    with stage.db.write() as session:
        cards.unsay(session, session.get_one(Task, task.id), stage.now)
    stage.work()
    used = [row.payload["response_code"] for row in stage.rows("card_update", status="sent")]
    assert len(used) == 3 and len(set(used)) == 3
    assert stage.cards_of(WANG)[-1]["horizontal_content_list"][0]["keyname"] == "已打开"


def test_without_an_unused_code_the_card_stays_and_the_ledger_says_so(stage):
    task, _ = launched(stage)
    for change in (cards.open_task, cards.say_done):
        with stage.db.write() as session:
            change(session, session.get_one(Task, task.id), stage.now)
        stage.work()
    assert [row.status for row in stage.rows("card_update")] == ["sent", "not_sent"]
    assert stage.rows("card_update")[1].reason == cards.NO_CODE
    assert stage.cards_of(WANG)[-1]["horizontal_content_list"][0]["keyname"] == "已打开"
    card = card_of(stage, task)
    assert card.version > card.shown


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


def test_a_code_older_than_a_day_is_not_tried_B15(stage):
    task, _ = launched(stage)
    stage.advance(hours=25)
    with stage.db.write() as session:
        cards.open_task(session, session.get_one(Task, task.id), stage.now)
    stage.work()
    assert stage.calls("message/update_template_card") == []
    assert stage.rows("card_update")[0].reason == cards.NO_CODE


def test_the_code_of_a_tap_that_reached_us_a_day_late_is_not_tried_B15(stage):
    """What she did counts from when she did it; what follows from it counts from now."""
    task, key = launched(stage)
    yesterday = stage.now - timedelta(hours=24)
    with stage.db.write() as session:
        cards.tapped(
            session,
            userid=WANG,
            task_key=key,
            event_key=f"open:{task.code}",
            response_code="a-day-old",
            at=yesterday,
            now=stage.now,
            zone=ZONE,
        )
    stage.work()
    assert stage.task(stage.people.wang).opened_at == yesterday
    assert [row.payload["response_code"] == "a-day-old" for row in stage.rows("card_update")] == [False]
    assert len(stage.arrived("card_updated", WANG)) == 1


def test_a_code_that_the_platform_refuses_is_said_and_the_next_one_is_used_B15(stage):
    task, key = launched(stage)
    with stage.db.write() as session:
        card = session.get_one(Card, task.card_id)
        card.codes = [*card.codes, {"code": "used-by-somebody", "at": stage.now.isoformat()}]
        cards.open_task(session, session.get_one(Task, task.id), stage.now)
    stage.work()
    assert [(row.status, row.errcode) for row in stage.rows("card_update")] == [
        ("not_sent", 60140),
        ("sent", None),
    ]
    assert "凭证已用过或过期" in stage.rows("card_update")[0].reason
    assert stage.cards_of(WANG)[-1]["horizontal_content_list"][0]["keyname"] == "已打开"


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
