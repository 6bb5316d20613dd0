"""Calls whose answer never came: found out by asking the platform, never repeated blindly."""

import pytest
from sqlalchemy import delete

from models.campaigns import Task, TaskAudience, cards
from models.ledger.outbox import OutboxStatus
from scheduler import jobs
from scheduler.queue import recovery
from tests.cast import WANG, ZHAO, ZHOU

ADD = "externalcontact/add_msg_template"
SEND, UPDATE = "message/send", "message/update_template_card"


@pytest.fixture
def stage(campaign_stage_on_both):
    return campaign_stage_on_both


def test_a_card_that_may_have_arrived_is_not_sent_anew_when_its_repeats_are_refused(stage):
    """One card on her phone, and a tap on it counts."""
    stage.plan(scope={"guides": [stage.people.wang.id]})
    jobs.launch(stage.runtime, stage.now)
    stage.work()
    stage.world.chaos({"api": SEND, "reset": "after", "times": 1}, {"api": SEND, "errcode": -1})
    stage.cards_out()
    for _ in range(7):
        stage.advance(seconds=20)
        stage.work()
    stage.world.chaos()
    assert [row.status for row in stage.rows("card")] == [OutboxStatus.UNKNOWN]
    task = stage.task(stage.people.wang)
    with stage.db.write() as session:
        cards.changed(session, session.merge(task), stage.now)
    stage.cards_out()
    [card] = stage.arrived("card", WANG)
    stage.world.click(WANG, card["what"]["task_id"], f"said:{task.campaign_id}", wait=True)
    stage.work()
    assert stage.task(stage.people.wang).reported_at


class Forgetful:
    """The database, which is away so many times when the answer to a card is to be written down."""

    def __init__(self, stage, times):
        self.stage, self.db, self.times = stage, stage.db, times

    def __getattr__(self, name):
        return getattr(self.db, name)

    def run(self, work, **more):
        if self.times and ".land." in getattr(work, "__qualname__", "") and self.stage.arrived("card"):
            self.times -= 1
            raise ConnectionError
        return self.db.run(work, **more)


def test_a_card_whose_answer_could_not_be_written_down_is_sent_again_as_it_was_and_arrives_once(
    stage, caplog
):
    stage.plan(scope={"guides": [stage.people.wang.id]})
    jobs.launch(stage.runtime, stage.now)
    stage.work()
    stage.runtime.db = Forgetful(stage, 2)
    stage.cards_out()
    for _ in range(2):
        stage.advance(seconds=20)
        stage.work()
    assert [(row.status, row.attempts) for row in stage.rows("card")] == [(OutboxStatus.SENT, 3)]
    assert len(stage.arrived("card", WANG)) == 1


def test_an_answer_that_can_never_be_written_down_ends_as_sent_and_says_so(stage, caplog):
    stage.plan(scope={"guides": [stage.people.wang.id]})
    jobs.launch(stage.runtime, stage.now)
    stage.work()
    stage.runtime.db = Forgetful(stage, 3)
    stage.cards_out()
    for _ in range(3):
        stage.advance(seconds=20)
        stage.work()
    [row] = stage.rows("card")
    assert (row.status, row.attempts, len(stage.calls(SEND))) == (OutboxStatus.SENT, 3, 3)
    assert row.reason.startswith("平台已收下；程序出错（ConnectionError")
    assert len(stage.arrived("card", WANG)) == 1


def test_while_the_platform_cannot_be_asked_nothing_is_concluded_B12(stage):
    stage.world.chaos({"api": ADD, "reset": "after", "times": 3})
    stage.plan()
    stage.tick(seconds=0)
    stage.world.chaos({"api": "externalcontact/get_groupmsg_list_v2", "errcode": -1})
    for _ in range(3):
        stage.advance(seconds=60)
        recovery.ask(stage.runtime, stage.now)
        stage.work()
    assert {row.status for row in stage.rows("mass")} == {OutboxStatus.UNKNOWN} and len(stage.calls(ADD)) == 3


@pytest.mark.parametrize("answer", [{"html": 502}, {"html": 200}, {"empty": True}])
def test_a_broken_answer_never_makes_two_tasks_B06(stage, answer):
    stage.world.chaos({"api": ADD, "times": 1, **answer})
    stage.plan()
    stage.tick(seconds=0)
    for _ in range(4):
        stage.tick(seconds=30)
    assert [row.status for row in stage.rows("mass")] == [OutboxStatus.SENT] * 3
    for userid, guide in ((WANG, stage.people.wang), (ZHAO, stage.people.zhao), (ZHOU, stage.people.zhou)):
        stage.world.confirm(userid, stage.task(guide).msgid)
    assert len(stage.arrived("mass")) == 4, "each customer once from each of her guides"


def test_an_update_whose_answer_was_lost_is_not_repeated_and_the_next_code_brings_the_newest_B15(stage):
    """Each code works once, so the same update cannot be tried again; the card's own answer had brought another code."""
    number = stage.launch(scope={"guides": [stage.people.wang.id]})
    task, key = stage.task(stage.people.wang, number), stage.cards_of(WANG)[-1]["task_id"]
    stage.world.click(WANG, key, f"said:{task.campaign_id}", wait=True)
    stage.world.chaos({"api": UPDATE, "reset": "after", "times": 1})
    stage.work()
    first, second = stage.rows("card_update")
    assert (first.status, second.status) == (OutboxStatus.UNKNOWN, OutboxStatus.SENT)
    assert first.payload["response_code"] != second.payload["response_code"]
    assert len(stage.calls(UPDATE)) == 2
    assert stage.cards_of(WANG)[-1]["horizontal_content_list"][0]["keyname"] == "说已发"


def test_a_call_whose_task_is_gone_keeps_no_other_from_being_found(stage, caplog):
    stage.world.chaos({"api": ADD, "reset": "after", "times": 2})
    stage.plan()
    stage.tick(seconds=0)
    first, second, _ = stage.rows("mass")
    with stage.db.write() as session:
        session.execute(delete(TaskAudience).where(TaskAudience.task_id == first.task_id))
        session.execute(delete(Task).where(Task.id == first.task_id))
    stage.tick(seconds=15)
    rows = {row.id: row for row in stage.rows("mass")}
    assert (rows[first.id].status, rows[second.id].status) == (OutboxStatus.UNKNOWN, OutboxStatus.SENT)
    assert rows[first.id].asked_at, "it is asked about ever more seldom, like others that stay unknown"
    assert f"outbox {first.id} (mass): KeyError" in caplog.text
