"""The pace survives a restart: what may have left a moment ago still counts, to the second."""

from datetime import timedelta

import pytest
from limits import RateLimitItemPerSecond

from models.campaigns import Campaign, Task
from models.ledger import lease
from models.ledger.outbox import OutboxStatus
from scheduler.queue import pace, recovery
from tests import cast
from tests.scheduler.conftest import working
from tests.waiting import until
from wecom.rate_limits import RATES, RateLimits

ROBOT, MEMBER = 20, 30


@pytest.fixture
def stage(sqlite_stage):
    """It is 45 seconds past the minute, and time stands still."""
    sqlite_stage.clock.stop()
    sqlite_stage.clock.move(seconds=45 - sqlite_stage.now.second)
    return sqlite_stage


def restart(stage, *, after):
    """A process of which nothing is left but its rows."""
    stage.clock.move(seconds=after)
    stage.runtime.rate_limits = RateLimits()
    return pace.refill(stage.runtime, stage.now)


def posts(stage, number):
    group = stage.robot()
    return [stage.put("robot", group_id=group, payload={"text": f"第 {n} 条"}) for n in range(number)]


def die_while_calling(stage, row_ids):
    """Their requests were written down and may have left."""
    for row_id in row_ids:
        row = stage.db.run(lambda session, row_id=row_id: lease.claim(session, row_id, stage.now))
        stage.db.run(
            lambda session, row=row: lease.write_request(session, row, {"msgtype": "text"}, stage.now)
        )


def test_a_restart_in_the_next_minute_forgets_nothing_of_this_one_B17(stage):
    """20 at :45, the restart at :35: the first of them is 50 seconds old, not 95."""
    *rows, last = posts(stage, ROBOT + 1)
    for row in rows:
        stage.deliver(row)
    assert restart(stage, after=50) == ROBOT
    waiting = stage.deliver(last)
    assert waiting.status == OutboxStatus.QUEUED and waiting.due_at <= stage.now + timedelta(seconds=12.1)


@pytest.mark.parametrize("lapsed", [False, True], ids=["calling", "unknown"])
def test_what_was_being_called_when_the_process_died_may_have_left_B17(stage, lapsed):
    *rows, last = posts(stage, ROBOT + 1)
    die_while_calling(stage, rows)
    stage.clock.move(seconds=lease.LEASE_SECONDS + 1 if lapsed else 5)
    if lapsed:
        recovery.lapse(stage.runtime, stage.now)
        assert {stage.row(row).status for row in rows} == {OutboxStatus.UNKNOWN}
    assert restart(stage, after=2) == ROBOT
    assert stage.deliver(last).status == OutboxStatus.QUEUED


def test_cards_and_notices_count_again_for_each_member_B17(stage):
    for number in range(MEMBER):
        stage.deliver(stage.notice(f"第 {number} 条"))
    assert restart(stage, after=50) == MEMBER
    assert pace.refill(stage.runtime, stage.now) == 0, "once"
    assert stage.deliver(stage.notice("第 31 条")).status == OutboxStatus.QUEUED


def test_what_spends_the_rate_of_its_api_counts_again_too_B17(stage, monkeypatch):
    """Here three calls a minute: the real rate is ten thousand."""
    monkeypatch.setitem(RATES, "api", (RateLimitItemPerSecond(3, 61, namespace="onetap"),))
    *rows, last = [
        stage.put("mass_cancel", guide_id=stage.cast.wang.id, payload={"msgid": f"M{n}"}) for n in range(4)
    ]
    for row in rows:
        stage.deliver(row)
    assert restart(stage, after=50) == 3
    assert stage.deliver(last).status == OutboxStatus.QUEUED
    assert len(stage.calls("externalcontact/cancel_groupmsg_send")) == 3


def test_what_never_left_is_not_counted(stage):
    stage.deliver(stage.notice(""))
    stage.notice("还没到时间", due_at=stage.now + timedelta(days=1))
    assert restart(stage, after=1) == 0


def test_what_left_long_ago_counts_for_the_hour_alone(stage):
    *rows, last = posts(stage, ROBOT + 1)
    for row in rows:
        stage.deliver(row)
    assert restart(stage, after=600) == ROBOT
    stage.deliver(last)
    assert len(stage.calls("webhook/send")) == ROBOT + 1, "not kept by our windows"


def test_a_queue_that_starts_after_a_kill_waits_with_the_next_post_B17(stage):
    *rows, last = posts(stage, ROBOT + 1)
    for row in rows:
        stage.deliver(row)
    stage.clock.move(seconds=50)
    stage.runtime.rate_limits = RateLimits()
    with working(stage):
        until(lambda: stage.row(last).reason)
    assert "每分钟最多 20 条" in stage.row(last).reason and len(stage.calls("webhook/send")) == ROBOT


def test_what_was_read_counts_against_the_share_of_results_after_a_restart_B17(stage):
    with stage.db.write() as session:
        made = {"launch_at": stage.now, "ends_at": stage.now, "created_at": stage.now}
        campaign = cast.add(session, Campaign(name="雪地靴", **made))
        about = {"campaign_id": campaign.id, "guide_id": stage.cast.wang.id, "created_at": stage.now}
        session.add(Task(code="t", collected_at=stage.now - timedelta(minutes=5), **about))
    assert restart(stage, after=1) == 2, "one look at the task, and one at its customers"
