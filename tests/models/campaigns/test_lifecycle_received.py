"""Pause, go on, stop, end and remind, each judged by what people received."""

from datetime import timedelta

import pytest

from models import delivery_decisions
from models.campaigns import (
    CampaignStatus,
    guide_day,
    lifecycle,
)
from models.errors import Refused
from models.ledger import lease
from models.ledger.channels import SHARE
from models.ledger.outbox import OutboxStatus
from scheduler import jobs
from scheduler.channels import SENDERS
from scheduler.jobs import campaigns
from scheduler.jobs.results import collect_results
from scheduler.queue import recovery
from scheduler.queue.delivery import Attempt
from tests.cast import LIN, WANG, XU, ZHAO, ZHOU
from wecom.errors import Action, PlatformError


@pytest.fixture
def stage(stage_on_both):
    return stage_on_both


def test_a_pause_holds_what_has_not_left_and_going_on_sends_exactly_that(stage):
    number = stage.plan()
    jobs.launch(stage.runtime, stage.now)
    assert stage.do(lifecycle.pause, number) == "周岚 暂停，3 件还没发出的先留着"
    stage.advance(minutes=5)
    stage.work()
    assert {row.status for row in stage.rows("mass")} == {OutboxStatus.HELD} and stage.arrived("card") == []
    assert stage.do(lifecycle.resume, number) == "周岚 继续，3 件接着发"
    stage.work()
    stage.cards_out()
    assert len(stage.arrived("card")) == 3 and stage.campaign(number).status == CampaignStatus.RUNNING


def test_while_paused_guides_may_still_send_what_waits_in_the_mass_assistant(stage):
    number = stage.launch()
    stage.do(lifecycle.pause, number)
    assert stage.world.confirm(WANG, stage.task(stage.people.wang).msgid)["sent"] == 2
    stage.collect()
    assert stage.task(stage.people.wang).reached == 2


def test_a_paused_campaign_waits_even_when_somebody_releases_everything(stage):
    """A restore's release must not start what HQ has paused."""
    number = stage.plan()
    jobs.launch(stage.runtime, stage.now)
    stage.do(lifecycle.pause, number)
    with stage.db.write() as session:
        delivery_decisions.release(session, stage.now, "周岚")
    stage.work()
    assert stage.calls("externalcontact/add_msg_template") == []
    assert {row.status for row in stage.rows("mass")} == {OutboxStatus.HELD}
    stage.do(lifecycle.resume, number)
    stage.work()
    assert {row.status for row in stage.rows("mass")} == {OutboxStatus.SENT}


def test_pausing_twice_or_going_on_twice_changes_nothing(stage):
    number = stage.launch()
    first = stage.do(lifecycle.pause, number)
    assert stage.do(lifecycle.pause, number, "陈默") == first
    stage.do(lifecycle.resume, number)
    stage.do(lifecycle.resume, number)
    assert stage.campaign(number).status == CampaignStatus.RUNNING


@pytest.mark.parametrize(
    ("channel", "said"), [("notice", ""), ("group_mass", "0 位导购已发给 0 个客户群，收不回来")]
)
def test_a_stop_counts_what_the_campaign_goes_to(stage, channel, said):
    words = stage.do(lifecycle.cancel, stage.plan(channel=channel))
    assert words.endswith(said) and "位客户" not in words and ("群发助手" in words) is bool(said)


def test_a_stop_takes_back_what_was_not_sent_and_counts_what_was_F14(stage):
    """Unsent cancelled at the platform, sent counted, late callbacks still recorded."""
    number = stage.launch()
    wang, zhao = stage.task(stage.people.wang), stage.task(stage.people.zhao)
    stage.world.confirm(WANG, wang.msgid)
    stage.collect()
    words = stage.do(lifecycle.cancel, number)
    assert "2 位导购群发助手里还没发的正在撤下" in words and "1 位导购已发给 2 位客户，收不回来" in words
    stage.tick()
    assert len(stage.calls("externalcontact/cancel_groupmsg_send")) == 2
    with pytest.raises(AssertionError, match="这个任务已被企业取消"):
        stage.world.confirm(ZHAO, zhao.msgid)
    assert {row["who"] for row in stage.arrived("mass")} == {XU, LIN}
    card = stage.cards_of(ZHAO)[-1]
    assert card["horizontal_content_list"][0]["keyname"] == "已停止"
    assert [button["text"] for button in card["button_list"]] == ["打开任务"]
    assert stage.task(stage.people.wang).confirmed_at, (
        "one code for all of a message: hers follows with her next tap"
    )
    assert stage.cards_of(WANG)[-1]["horizontal_content_list"][0]["keyname"] == "等你发"

    told = stage.do(lifecycle.cancel, number)
    assert told == stage.campaign(number).status_words, "stopping twice changes nothing"
    assert stage.campaign(number).status == CampaignStatus.CANCELLED


def test_a_guide_who_was_quicker_than_the_stop_is_still_counted_F14(stage):
    number = stage.launch()
    stage.do(lifecycle.cancel, number)
    stage.world.confirm(WANG, stage.task(stage.people.wang).msgid)
    stage.tick()
    stage.tick()
    task = stage.task(stage.people.wang)
    assert task.confirmed_at and task.reached == 2


def test_a_task_that_was_being_made_while_hq_stopped_is_taken_back_too(stage):
    """Accepted by the platform before the stop, told to us after it."""
    number = stage.plan()
    stage.world.chaos({"api": "externalcontact/add_msg_template", "reset": "after", "times": 1})
    stage.tick(seconds=0)
    stage.do(lifecycle.cancel, number)
    for _ in range(4):
        stage.tick(seconds=20)
    assert len(stage.calls("externalcontact/cancel_groupmsg_send")) == 3
    assert {row.status for row in stage.rows("mass_cancel")} == {"sent"}


def test_what_a_stop_says_becomes_true_in_the_end(stage):
    """「正在撤下」 does not stay for ever, and counts what landed only after the stop."""
    number = stage.plan()
    stage.world.chaos({"api": "externalcontact/add_msg_template", "reset": "after", "times": 1})
    stage.tick(seconds=0)
    assert "3 位导购群发助手里还没发的正在撤下" in stage.do(lifecycle.cancel, number)
    for _ in range(5):
        stage.tick(seconds=20)
    words = stage.campaign(number).status_words
    assert "正在撤下" not in words and "3 位导购群发助手里还没发的已撤下" in words, words


def test_a_worker_that_froze_between_intent_and_call_sends_nothing_after_the_stop(stage):
    """It wakes within its lease, and HQ has stopped the campaign meanwhile."""
    number = stage.plan()
    jobs.launch(stage.runtime, stage.now)
    waiting = stage.rows("mass")[0]
    with stage.db.write() as session:
        frozen = lease.claim(session, waiting.id, stage.now)
        lease.write_request(session, frozen, {"chat_type": "single"}, stage.now)
    stage.do(lifecycle.cancel, number)
    stage.advance(seconds=20)
    Attempt(stage.runtime, frozen, repeated=False).go()
    assert stage.calls("externalcontact/add_msg_template") == []
    assert {row.status for row in stage.rows("mass")} == {OutboxStatus.CANCELLED}


def frozen_in_the_call(stage, number):
    """The attempt of a process that made its intent and stands still, and its lease is over."""
    waiting = next(row for row in stage.rows("mass") if row.guide_id == stage.people.wang.id)
    with stage.db.write() as session:
        frozen = lease.claim(session, waiting.id, stage.now)
        draft = SENDERS["mass"].build(stage.runtime, session, frozen, stage.now)
        lease.write_request(session, frozen, draft.request, stage.now)
    stage.work()
    stage.advance(seconds=61)
    recovery.lapse(stage.runtime, stage.now)
    return Attempt(stage.runtime, frozen, repeated=False)


def stopped_while_frozen(stage) -> tuple[int, Attempt]:
    """A campaign that HQ stopped, and long after everything was decided a call of it that still stands in a process."""
    number = stage.plan()
    jobs.launch(stage.runtime, stage.now)
    attempt = frozen_in_the_call(stage, number)
    stage.do(lifecycle.cancel, number)
    for _ in range(5):
        stage.tick(seconds=20)
    return number, attempt


def test_what_a_frozen_process_sends_after_everything_was_decided_is_found_and_taken_back_F14(stage):
    """Its request was written into a connection before it froze; the platform answers when it wakes up."""
    number, attempt = stopped_while_frozen(stage)
    assert {row.status for row in stage.rows("mass", guide_id=stage.people.wang.id)} == {"cancelled"}
    attempt.land(stage.world.call("externalcontact/add_msg_template", attempt.row.request))
    for _ in range(2):
        stage.tick()
    assert {row["cancelled"] is None for row in stage.world.state()["mass_tasks"]} == {False}
    assert "3 位导购群发助手里还没发的已撤下" in stage.campaign(number).status_words


def test_what_a_frozen_process_may_have_sent_is_asked_about_again_F14(stage):
    """As above, but it hears no answer when it wakes up."""
    number, attempt = stopped_while_frozen(stage)
    stage.world.call("externalcontact/add_msg_template", attempt.row.request)
    attempt.left = True
    attempt._after(PlatformError("externalcontact/add_msg_template", None, Action.UNKNOWN, "没有回答"))
    for _ in range(3):
        stage.tick(seconds=20)
    assert {row["cancelled"] is None for row in stage.world.state()["mass_tasks"]} == {False}
    assert "；3 位导购群发助手里还没发的已撤下" in stage.campaign(number).status_words


def test_a_second_copy_from_a_frozen_process_does_not_stay_on_her_phone_C12(stage):
    """Nobody stopped anything: another process has sent it meanwhile."""
    number = stage.plan()
    jobs.launch(stage.runtime, stage.now)
    attempt = frozen_in_the_call(stage, number)
    for _ in range(5):
        stage.tick(seconds=20)
    kept = stage.task(stage.people.wang).msgid
    answer = stage.world.call("externalcontact/add_msg_template", attempt.row.request)
    assert kept and kept != answer["msgid"]
    attempt.land(answer)
    attempt.land({**answer, "msgid": kept})
    stage.tick()
    hers = [row for row in stage.world.state()["mass_tasks"] if row["userid"] == WANG]
    assert {row["msgid"]: row["cancelled"] is None for row in hers} == {kept: True, answer["msgid"]: False}
    assert stage.task(stage.people.wang).msgid == kept


def test_what_is_being_made_while_hq_stops_is_counted_and_waited_for_F14(stage):
    number = stage.plan()
    jobs.launch(stage.runtime, stage.now)
    with stage.db.write() as session:
        for row in stage.rows("mass"):
            lease.claim(session, row.id, stage.now)
    assert "3 位导购群发助手里还没发的正在撤下" in stage.do(lifecycle.cancel, number)
    stage.tick()
    assert stage.campaign(number).closed_at is None, "there is nothing to take back yet"
    stage.advance(seconds=61)
    recovery.lapse(stage.runtime, stage.now)
    for _ in range(5):
        stage.tick(seconds=20)
    assert stage.campaign(number).closed_at
    assert "；0 位导购群发助手里还没发的已撤下" in stage.campaign(number).status_words


def test_who_was_quicker_than_the_stop_is_not_among_those_taken_back_F14(stage):
    number = stage.launch()
    stage.do(lifecycle.cancel, number)
    stage.world.confirm(WANG, stage.task(stage.people.wang).msgid)
    campaigns.finish_due(stage.runtime, stage.now)
    stage.work()
    campaigns.finish_due(stage.runtime, stage.now)
    assert "3 位导购群发助手里还没发的已撤下" in stage.campaign(number).status_words, "as far as is known"
    for _ in range(2):
        stage.tick()
    words = stage.campaign(number).status_words
    assert "2 位导购群发助手里还没发的已撤下；1 位导购已发给 2 位客户，收不回来" in words


def test_nothing_is_sent_after_the_end_and_the_rest_is_taken_back(stage):
    number = stage.launch(ends_at=stage.now + timedelta(hours=1))
    stage.world.confirm(WANG, stage.task(stage.people.wang).msgid)
    stage.collect()
    stage.advance(hours=1)
    campaigns.finish_due(stage.runtime, stage.now)
    stage.work()
    over = stage.campaign(number)
    assert over.status == CampaignStatus.FINISHED and over.closed_at and over.finished_at
    assert "前" in stage.cards_of(ZHOU)[-1]["horizontal_content_list"][0]["value"], "it names the deadline"
    assert len(stage.calls("externalcontact/cancel_groupmsg_send")) == 2
    with stage.db.read() as session:
        assert not guide_day.todo_of(session, stage.people.zhao.id, stage.now)
    assert campaigns.finish_due(stage.runtime, stage.now) == ""


def test_a_finished_campaign_is_not_read_for_ever(stage):
    stage.launch(ends_at=stage.now + timedelta(hours=1))
    stage.advance(hours=1)
    campaigns.finish_due(stage.runtime, stage.now)
    stage.work()
    stage.advance(minutes=15)
    collect_results(stage.runtime, stage.now)
    stage.advance(hours=2)
    assert collect_results(stage.runtime, stage.now) == ""


def test_a_late_campaign_that_nobody_decided_ends_without_a_message(stage):
    number = stage.plan(ends_at=stage.now + timedelta(hours=1))
    stage.advance(minutes=40)
    jobs.launch(stage.runtime, stage.now)
    assert stage.campaign(number).status == CampaignStatus.PAUSED
    stage.advance(minutes=30)
    stage.tick()
    assert (
        stage.campaign(number).status == CampaignStatus.FINISHED
        and "没有发出" in stage.campaign(number).status_words
    )
    assert stage.calls("externalcontact/add_msg_template") == []
    with pytest.raises(Refused, match="已结束，不能继续"):
        stage.do(lifecycle.resume, number)


def test_a_reminder_reaches_only_those_whom_it_concerns(stage):
    number = stage.launch()
    stage.world.confirm(WANG, stage.task(stage.people.wang).msgid)
    stage.collect()
    with stage.db.write() as session:
        session.get_one(type(stage.people.zhou), stage.people.zhou.id).leave("change_contact", stage.now)
    assert stage.do(lifecycle.remind, number) == "提醒 1 位导购"
    stage.tick()
    stage.tick()
    [reminder] = stage.arrived("remind")
    assert (reminder["who"], reminder["what"]["msgid"]) == (ZHAO, stage.task(stage.people.zhao).msgid)
    assert stage.arrived("notice") == [], "her 群发助手 itself reminds her"


def test_who_has_more_customers_than_one_message_holds_is_reminded_of_each_of_hers(stage):
    number = stage.launch(scope={"guides": [stage.people.wang.id]})
    first = stage.task(stage.people.wang).msgid
    with stage.db.write() as session:
        session.merge(stage.task(stage.people.wang)).more_msgids = {"1": "the-second-of-hers"}
    stage.do(lifecycle.remind, number)
    stage.tick()
    assert {row.payload["msgid"] for row in stage.rows("mass_remind")} == {first, "the-second-of-hers"}


def test_a_task_that_she_shares_herself_is_reminded_of_in_words(stage):
    number = stage.launch(channel=SHARE)
    stage.do(lifecycle.remind, number)
    stage.tick()
    [notice] = stage.arrived("notice", ZHAO)
    assert "还差一步：打开任务页，点一次分享" in notice["what"]["text"]["content"]
    assert f"/g/tasks/{stage.task(stage.people.zhao).code}" in notice["what"]["text"]["content"]
    assert stage.calls("externalcontact/remind_groupmsg_send") == []


def test_a_reminder_at_night_waits_until_her_store_opens(stage):
    number = stage.launch(ends_at=stage.now + timedelta(days=2))
    stage.advance(hours=13)
    stage.do(lifecycle.remind, number)
    stage.tick()
    assert stage.arrived("remind") == []
    stage.advance(hours=11)
    stage.tick()
    assert len(stage.arrived("remind")) == 3


def test_a_reminder_beyond_the_platforms_own_limit_is_said_on_its_row_F15(stage):
    """Somebody may have reminded in the platform's own back office, too."""
    number = stage.launch(scope={"guides": [stage.people.wang.id]})
    stage.world.chaos({"api": "externalcontact/remind_groupmsg_send", "errcode": 41094})
    stage.do(lifecycle.remind, number)
    stage.tick()
    [row] = stage.rows("mass_remind")
    assert (row.status, row.errcode) == ("not_sent", 41094) and "24 小时内已提醒过 3 次" in row.reason


def test_a_fourth_reminder_within_a_day_is_refused_with_the_time_F15(stage):
    """A greyed button with the reason, not an error of the platform."""
    number = stage.launch(ends_at=stage.now + timedelta(days=3))
    for hour in range(3):
        with stage.db.read() as session:
            assert lifecycle.reminders_left(session, stage.campaign(number), stage.now) == 3 - hour
        stage.do(lifecycle.remind, number)
        stage.tick()
        stage.advance(hours=1)
    with pytest.raises(Refused, match=r"24 小时内已提醒 3 次，最多 3 次。20 小时 59 分钟后可以再提醒"):
        stage.do(lifecycle.remind, number)
    assert len(stage.arrived("remind", ZHAO)) == 3
    stage.advance(hours=21)
    assert stage.do(lifecycle.remind, number) == "提醒 3 位导购"


def test_two_reminders_at_once_are_one(stage):
    number = stage.launch()
    stage.do(lifecycle.remind, number)
    with pytest.raises(Refused, match="上一次提醒正在发出"):
        stage.do(lifecycle.remind, number)
    stage.tick()
    assert len(stage.arrived("remind")) == 3


def test_who_said_it_but_is_not_confirmed_is_told_about_the_last_tap(stage):
    number = stage.launch()
    task = stage.task(stage.people.wang)
    stage.world.click(WANG, stage.cards_of(WANG)[-1]["task_id"], f"said:{task.campaign_id}", wait=True)
    stage.work()
    stage.do(lifecycle.remind, number)
    stage.tick()
    assert (
        "你说已发，平台还没确认，多半没点最后一下"
        in stage.arrived("notice", WANG)[0]["what"]["text"]["content"]
    )
