"""Customers of a guide who left: asked in one call, each with an answer of her own; a lost answer is looked for."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models.friends import handover_calls, handover_drafts, handover_plan
from models.friends.handover import Handover, HandoverShare, TransferredFriend
from models.ledger.outbox import OutboxStatus
from models.org import Guide
from scheduler.queue import recovery
from tests import cast
from tests.cast import LIN, WANG, XU, ZHAO

RESIGNED = "externalcontact/resigned/transfer_customer"


@pytest.fixture
def leaving(sqlite_stage):
    """王芳 has left, here and on the platform; 高敏 confirmed that 赵倩 takes over. The row of the call."""
    stage = sqlite_stage
    stage.world.leave(WANG)
    return stage, confirm(stage, told_here=True)


def confirm(stage, *, told_here):
    now = stage.now
    with stage.db.write() as session:
        wang = session.get_one(Guide, stage.cast.wang.id)
        for one in (XU, LIN):
            cast.befriend(session, wang, one)
        if told_here:
            wang.leave("change_contact", now)
        session.flush()
        if told_here:
            handover = handover_drafts.draft(session, wang, now)
        else:
            handover = handover_drafts.begin_on_job(session, wang, "周岚", now, message="以后我来照顾您")
        handover_drafts.write_down(session, handover.id, now)
        handover_plan.confirm(session, handover.id, "高敏", now)
        handover_calls.put_transfers(session, handover.id, now)
    [row] = [row for row in stage.rows() if row.channel in ("transfer", "transfer_left")]
    return row.id


def states(stage):
    with stage.db.read() as session:
        return {one.state.value for one in session.exec(select(TransferredFriend))}


def share(stage):
    with stage.db.read() as session:
        return session.exec(select(HandoverShare)).one()


def test_the_customers_are_asked_and_wait_a_day(leaving):
    stage, row_id = leaving
    row = stage.deliver(row_id)
    assert row.status == OutboxStatus.SENT
    assert row.request == {
        "handover_userid": WANG,
        "takeover_userid": ZHAO,
        "external_userid": [XU, LIN],
    }
    assert states(stage) == {"waiting"}
    assert len(stage.world.ledger("transfer", who=LIN)) == 1


def test_a_lost_answer_is_found_by_the_results_and_nobody_is_asked_twice_B08(leaving):
    stage, row_id = leaving
    stage.world.chaos({"api": RESIGNED, "reset": "after", "times": 1})
    assert stage.deliver(row_id).status == OutboxStatus.UNKNOWN
    assert states(stage) == {"given"}
    stage.clock.move(minutes=1)
    recovery.ask(stage.runtime, stage.now)
    assert stage.row(row_id).status == OutboxStatus.SENT
    assert states(stage) == {"waiting"}
    assert len(stage.world.ledger("transfer", who=LIN)) == 1


def test_a_call_that_never_arrived_leaves_again(leaving):
    stage, row_id = leaving
    stage.world.chaos({"api": RESIGNED, "reset": "before", "times": 1})
    assert stage.deliver(row_id).status == OutboxStatus.UNKNOWN
    stage.clock.move(minutes=1)
    recovery.ask(stage.runtime, stage.now)
    assert stage.until_settled(row_id).status == OutboxStatus.SENT
    assert len(stage.world.ledger("transfer", who=LIN)) == 1


def test_who_is_still_in_the_directory_cannot_be_handed_over_and_the_page_says_so(sqlite_stage):
    stage = sqlite_stage
    row = stage.deliver(confirm(stage, told_here=True))
    assert (row.status, row.errcode) == (OutboxStatus.NOT_SENT, 40097)
    assert "还没有离职" in share(stage).blocked
    assert states(stage) == {"given"}
    assert stage.guide(ZHAO).present, "the one who takes over is not the one of whom it speaks"


def test_a_successor_who_left_gets_nobody_F05(leaving):
    stage, row_id = leaving
    with stage.db.write() as session:
        session.get_one(Guide, stage.cast.zhao.id).leave("sync", stage.now)
    row = stage.deliver(row_id)
    assert row.status == OutboxStatus.NOT_SENT and "不在岗" in row.reason
    assert stage.calls(RESIGNED) == []


def test_who_has_ended_it_meanwhile_is_not_asked(leaving):
    stage, row_id = leaving
    with stage.db.write() as session:
        for one in session.exec(select(TransferredFriend)):
            one.state = "not_friend"
    assert stage.deliver(row_id).status == OutboxStatus.NEEDLESS
    assert share(stage).blocked == ""


def test_an_answer_without_its_list_is_looked_for_B08(leaving):
    stage, row_id = leaving
    stage.world.chaos({"api": RESIGNED, "errcode": 0, "times": 1})
    assert stage.deliver(row_id).status in (OutboxStatus.UNKNOWN, OutboxStatus.QUEUED)
    with stage.db.read() as session:
        assert session.exec(select(Handover)).one().status == "running"


def test_a_day_is_24_hours_from_the_answer(leaving):
    stage, row_id = leaving
    before = stage.now
    stage.deliver(row_id)
    with stage.db.read() as session:
        dues = {one.due_at for one in session.exec(select(TransferredFriend))}
    assert all(before + timedelta(hours=24) <= due <= stage.now + timedelta(hours=24) for due in dues)
