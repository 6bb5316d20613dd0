"""Rows of one campaign leave together, and each of them ends by itself."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, update

from models.campaigns import lifecycle
from models.campaigns.lifecycle import PAUSED_WORDS
from models.ledger.outbox import Outbox, OutboxStatus
from scheduler import jobs
from scheduler.channels.mass_nouns import OVER
from scheduler.queue import recovery
from scheduler.queue.portion import deliver_together
from tests.campaign_stage import NobodyElse, Stage
from tests.cast import WANG, ZHAO, ZHOU

ADD = "externalcontact/add_msg_template"


class Lane(NobodyElse):
    """The lane of a program in which something happens between two rows."""

    def __init__(self, out: tuple[int, ...] = (), then: Callable[[int], object] = lambda turn: None) -> None:
        self._out, self._then, self._turn, self.taken = list(out), then, 0, []
        """Turns: three rows are made ready in 1, 2 and 3, and called in 4, 5 and 6."""

    def out(self) -> list[int]:
        return self._out

    def took(self, rows: list[int]) -> None:
        self.taken += rows

    def breathe(self) -> bool:
        self._turn += 1
        return self._then(self._turn) is not False


@pytest.fixture
def stage(campaign_stage: Stage) -> Stage:
    return campaign_stage


def due(stage: Stage, **changes: object) -> list[int]:
    """A campaign to three guides that is launched and has not left."""
    stage.plan(**changes)
    jobs.launch(stage.runtime, stage.now)
    return [row.id for row in stage.rows("mass")]


def statuses(stage: Stage) -> list[str]:
    return [row.status for row in stage.rows("mass")]


def test_the_rows_of_a_campaign_share_their_commits_and_each_guide_has_one_message(campaign_stage_on_both):
    stage = campaign_stage_on_both
    rows, commits = due(stage), []
    event.listen(stage.db.engine, "commit", lambda _connection: commits.append(1))
    lane = Lane()
    deliver_together(stage.runtime, rows[0], lane)
    assert statuses(stage) == [OutboxStatus.SENT] * 3
    assert lane.taken == rows[1:]
    assert len(commits) == 3, "claimed, written, settled"
    assert len(stage.calls(ADD)) == 3
    assert {json.loads(one["what"]["request"])["sender"] for one in stage.calls(ADD)} == {WANG, ZHAO, ZHOU}
    for guide in (stage.people.wang, stage.people.zhao, stage.people.zhou):
        task = stage.task(guide)
        assert task.msgid and task.card_id
    stage.cards_out()
    assert [len(stage.cards_of(userid)) for userid in (WANG, ZHAO, ZHOU)] == [1, 1, 1]


def test_rows_that_were_named_to_others_are_left_to_them(stage):
    rows = due(stage)
    deliver_together(stage.runtime, rows[0], Lane(out=(rows[1],)))
    assert statuses(stage) == [OutboxStatus.SENT, OutboxStatus.QUEUED, OutboxStatus.SENT]


def test_one_that_the_platform_refuses_ends_alone(stage):
    rows = due(stage)
    stage.world.chaos({"api": ADD, "errcode": 41048, "times": 1})
    deliver_together(stage.runtime, rows[0], Lane())
    assert sorted(statuses(stage)) == sorted([OutboxStatus.NOT_SENT, OutboxStatus.SENT, OutboxStatus.SENT])


def test_one_in_the_middle_without_an_answer_is_in_doubt_alone_and_found_by_asking_B08(stage):
    rows = due(stage)

    def lost(turn: int) -> None:
        if turn == 5:
            stage.world.chaos({"api": ADD, "reset": "after", "times": 1})

    deliver_together(stage.runtime, rows[0], Lane(then=lost))
    assert statuses(stage) == [OutboxStatus.SENT, OutboxStatus.UNKNOWN, OutboxStatus.SENT]
    stage.advance(minutes=11)
    recovery.ask(stage.runtime, stage.now)
    stage.work()
    assert statuses(stage) == [OutboxStatus.SENT] * 3 and len(stage.calls(ADD)) == 3
    people = (stage.people.wang, stage.people.zhao, stage.people.zhou)
    assert len({stage.task(guide).msgid for guide in people} - {""}) == 3


def test_one_over_which_the_program_stumbles_keeps_nobody_else(stage):
    rows = due(stage)
    with stage.db.write() as session:
        session.execute(update(Outbox).where(Outbox.id == rows[1]).values(payload={"part": "?"}))
    deliver_together(stage.runtime, rows[0], Lane())
    assert statuses(stage) == [OutboxStatus.SENT, OutboxStatus.QUEUED, OutboxStatus.SENT]
    assert "ValueError" in stage.rows("mass")[1].reason


def test_one_that_somebody_else_has_by_now_is_left_to_them_and_the_others_go_C12(stage):
    """Its lease lapsed while the portion was drawn, and another process claimed it."""
    rows = due(stage, attachments=[])

    def overtaken(turn: int) -> None:
        if turn == 1:
            with stage.db.write() as session:
                session.execute(update(Outbox).where(Outbox.id == rows[1]).values(fence=Outbox.fence + 1))

    deliver_together(stage.runtime, rows[0], Lane(then=overtaken))
    assert statuses(stage) == [OutboxStatus.SENT, OutboxStatus.CALLING, OutboxStatus.SENT]
    assert len(stage.calls(ADD)) == 2


def test_stopped_while_one_of_them_is_overtaken_none_leaves_F14(stage):
    number, rows = stage.plan(attachments=[]), []
    jobs.launch(stage.runtime, stage.now)
    rows += [row.id for row in stage.rows("mass")]

    def overtaken(turn: int) -> None:
        if turn == 3:
            stage.do(lifecycle.cancel, number)
            with stage.db.write() as session:
                session.execute(update(Outbox).where(Outbox.id == rows[1]).values(fence=Outbox.fence + 1))

    deliver_together(stage.runtime, rows[0], Lane(then=overtaken))
    assert stage.calls(ADD) == []
    assert statuses(stage) == [OutboxStatus.CANCELLED, OutboxStatus.CALLING, OutboxStatus.CANCELLED]


def test_made_ready_so_slowly_that_another_worker_has_all_of_them_by_now_C12(stage):
    """This one stood still for a minute; its rows went back into the queue, and left from there."""
    rows = due(stage)

    def frozen(turn: int) -> None:
        if turn == 2:
            stage.advance(seconds=61)
            recovery.lapse(stage.runtime, stage.now)
            deliver_together(stage.runtime, rows[0], Lane())
            stage.work()

    deliver_together(stage.runtime, rows[0], Lane(then=frozen))
    assert statuses(stage) == [OutboxStatus.SENT] * 3 and len(stage.calls(ADD)) == 3


def test_frozen_between_two_calls_the_rest_is_not_called_and_the_first_is_kept_C12(stage):
    """Others ask what became of them; what was not made then leaves once, and what was made is found."""
    rows = due(stage)

    def frozen(turn: int) -> None:
        if turn == 5:
            stage.advance(seconds=61)
            recovery.lapse(stage.runtime, stage.now)
            assert statuses(stage) == [OutboxStatus.UNKNOWN] * 3

    deliver_together(stage.runtime, rows[0], Lane(then=frozen))
    assert statuses(stage) == [OutboxStatus.SENT, OutboxStatus.UNKNOWN, OutboxStatus.UNKNOWN]
    assert len(stage.calls(ADD)) == 1
    stage.advance(minutes=11)
    recovery.ask(stage.runtime, stage.now)
    stage.work()
    assert statuses(stage) == [OutboxStatus.SENT] * 3 and len(stage.calls(ADD)) == 3


def test_two_workers_share_the_rows_and_each_guide_has_one_message_F02(campaign_stage_on_both):
    stage = campaign_stage_on_both
    rows = due(stage)
    with ThreadPoolExecutor(2) as workers:
        list(workers.map(lambda row_id: deliver_together(stage.runtime, row_id, Lane()), rows[:2]))
    stage.work()
    assert statuses(stage) == [OutboxStatus.SENT] * 3 and len(stage.calls(ADD)) == 3


def test_an_answer_that_comes_after_its_lease_is_kept_and_the_others_are_settled(stage):
    rows = due(stage)

    def lapsed(turn: int) -> None:
        if turn == 6:  # before the last call
            with stage.db.write() as session:
                given_up = {"status": OutboxStatus.UNKNOWN, "fence": Outbox.fence + 1}
                session.execute(update(Outbox).where(Outbox.id == rows[0]).values(**given_up))

    deliver_together(stage.runtime, rows[0], Lane(then=lapsed))
    assert statuses(stage) == [OutboxStatus.SENT] * 3 and len(stage.calls(ADD)) == 3


def test_what_hq_stops_while_the_portion_is_made_ready_does_not_leave(stage):
    number = stage.plan()
    jobs.launch(stage.runtime, stage.now)
    rows = [row.id for row in stage.rows("mass")]

    def stopped(turn: int) -> None:
        if turn == 3:  # the last one is made ready
            stage.do(lifecycle.cancel, number)

    deliver_together(stage.runtime, rows[0], Lane(then=stopped))
    assert stage.calls(ADD) == [] and statuses(stage) == [OutboxStatus.CANCELLED] * 3
    assert {row.reason for row in stage.rows("mass")} == {OVER}


def test_what_hq_stops_between_two_calls_goes_no_further_F14(stage):
    number = stage.plan()
    jobs.launch(stage.runtime, stage.now)

    def stopped(turn: int) -> None:
        if turn == 5:
            stage.advance(seconds=1)
            stage.do(lifecycle.cancel, number)

    deliver_together(stage.runtime, stage.rows("mass")[0].id, Lane(then=stopped))
    assert len(stage.calls(ADD)) == 1
    assert statuses(stage) == [OutboxStatus.SENT, OutboxStatus.CANCELLED, OutboxStatus.CANCELLED]


def test_what_hq_pauses_between_two_calls_waits_and_leaves_once_when_it_goes_on_F13(stage):
    number = stage.plan()
    jobs.launch(stage.runtime, stage.now)

    def paused(turn: int) -> None:
        if turn == 5:
            stage.advance(seconds=1)
            stage.do(lifecycle.pause, number)

    deliver_together(stage.runtime, stage.rows("mass")[0].id, Lane(then=paused))
    assert statuses(stage) == [OutboxStatus.SENT, OutboxStatus.QUEUED, OutboxStatus.QUEUED]
    assert {row.reason for row in stage.rows("mass")[1:]} == {PAUSED_WORDS}
    stage.do(lifecycle.resume, number)
    stage.work()
    assert statuses(stage) == [OutboxStatus.SENT] * 3 and len(stage.calls(ADD)) == 3


@pytest.mark.parametrize("ends_in_turn", [2, 5])
def test_when_the_program_ends_what_has_not_left_stays_in_the_queue_C11(stage, ends_in_turn):
    rows = due(stage)
    deliver_together(stage.runtime, rows[0], Lane(then=lambda turn: turn < ends_in_turn))
    left = [row for row in stage.rows("mass") if row.status == OutboxStatus.QUEUED]
    assert [(row.attempts, row.request) for row in left] == [(0, None)] * len(left)
    assert len(stage.calls(ADD)) == 3 - len(left) == (1 if ends_in_turn == 5 else 0)
    stage.work()
    assert statuses(stage) == [OutboxStatus.SENT] * 3 and len(stage.calls(ADD)) == 3


def test_what_was_tried_before_goes_alone_C14(stage):
    """If it was this one that killed its process, nobody else dies with it."""
    rows = due(stage)
    with stage.db.write() as session:
        session.execute(update(Outbox).where(Outbox.id == rows[0]).values(attempts=1))
    deliver_together(stage.runtime, rows[0], Lane())
    assert statuses(stage) == [OutboxStatus.SENT, OutboxStatus.QUEUED, OutboxStatus.QUEUED]
    deliver_together(stage.runtime, rows[1], Lane())
    assert statuses(stage) == [OutboxStatus.SENT] * 3
