"""What the platform has closed is not called: its rows wait, all others go on."""

from datetime import timedelta

import pytest

from models.ledger.closed_windows import open_windows
from models.ledger.outbox import OutboxStatus
from tests.scheduler.queue.test_delivery import SEND


def test_a_closed_window_lets_every_row_of_that_api_wait_and_no_other_B02(stage):
    rows = [stage.notice(f"第 {n} 条") for n in range(3)]
    other = stage.welcome(stage.befriend()["welcome_code"])
    stage.world.chaos({"api": SEND, "errcode": 45009, "times": 1})
    open_again = stage.now + timedelta(seconds=60)
    first = stage.deliver(rows[0])
    assert (first.status, first.attempts) == (OutboxStatus.QUEUED, 0)
    assert first.due_at >= open_again
    waiting = [stage.row(row_id) for row_id in rows[1:]]
    assert all(row.due_at >= open_again and row.reason for row in waiting)
    late = stage.notice("后来的")  # written while the window is closed
    assert stage.deliver(late).due_at >= open_again
    assert len(stage.calls(SEND)) == 1
    assert stage.deliver(other).status == OutboxStatus.SENT
    stage.clock.move(seconds=62)
    assert {stage.deliver(row_id).status for row_id in (*rows, late)} == {OutboxStatus.SENT}


@pytest.mark.parametrize("errcode", [40001, 60020, 48002])
def test_a_secret_or_permission_that_is_refused_stops_its_calls_B05(sqlite_stage, errcode):
    stage = sqlite_stage
    first, second = stage.notice("一"), stage.notice("二")
    stage.world.chaos({"api": SEND, "errcode": errcode})
    began = stage.now
    row = stage.deliver(first)
    assert (row.status, row.attempts, row.errcode) == (OutboxStatus.QUEUED, 0, errcode)
    assert stage.row(second).due_at >= began + timedelta(minutes=5)
    stage.deliver(stage.notice("三"))
    assert len(stage.calls(SEND)) == 1
    with stage.db.read() as session:
        assert [window.words for window in open_windows(session, stage.now)] == [row.reason]


def test_a_refused_secret_keeps_no_robot_waiting_which_has_a_key_of_its_own_B05(stage):
    robot = stage.put("robot", group_id=stage.robot(), payload={"text": "今晚有雪"})
    stage.world.chaos({"api": SEND, "errcode": 40001})
    stage.deliver(stage.notice())
    assert (stage.row(robot).due_at <= stage.now, stage.row(robot).reason) == (True, "")
    assert stage.deliver(robot).status == OutboxStatus.SENT
