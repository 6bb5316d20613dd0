"""Welcomes: inside 20 seconds, once, and never in doubt without the guide knowing."""

from models.ledger import outbox
from models.ledger.outbox import OutboxStatus
from scheduler.queue import recovery

WELCOME = "externalcontact/send_welcome_msg"


def test_a_welcome_in_time_is_sent_and_a_late_one_is_never_called_G01(stage):
    assert stage.deliver(stage.welcome(stage.befriend()["welcome_code"])).status == OutboxStatus.SENT
    late = stage.deliver(stage.welcome(stage.befriend()["welcome_code"], seconds=1.5))
    assert (late.status, late.reason) == (OutboxStatus.EXPIRED, outbox.TOO_LATE)
    assert len(stage.calls(WELCOME)) == 1


def test_a_code_that_is_used_or_old_is_a_final_no_with_words_G02(stage):
    code = stage.befriend()["welcome_code"]
    stage.world.call(WELCOME, {"welcome_code": code, "text": {"content": "别的应用先发"}})
    row = stage.deliver(stage.welcome(code))
    assert (row.status, row.errcode, row.attempts) == (OutboxStatus.NOT_SENT, 41051, 1)
    assert row.reason.startswith("平台先发了那一条")
    old = stage.deliver(stage.welcome("NEVER-GIVEN"))
    assert (old.status, old.errcode) == (OutboxStatus.NOT_SENT, 41050)
    assert len(stage.world.ledger("welcome")) == 1


def test_41051_after_our_own_busy_try_counts_as_sent(stage):
    """A "busy" that had taken effect all the same: the second try finds the code used, by us."""
    code = stage.befriend()["welcome_code"]
    stage.world.chaos({"api": WELCOME, "errcode": -1, "times": 1})
    row_id = stage.welcome(code)
    assert stage.deliver(row_id).status == OutboxStatus.QUEUED
    stage.world.call(WELCOME, {"welcome_code": code, "text": {"content": "您好，我是王芳"}})
    stage.clock.move(seconds=5)
    assert stage.deliver(row_id).status == OutboxStatus.SENT
    assert len(stage.world.ledger("welcome")) == 1


def test_without_a_code_there_is_no_call_G03(sqlite_stage):
    assert sqlite_stage.deliver(sqlite_stage.welcome("")).status == OutboxStatus.NOT_SENT
    assert sqlite_stage.calls(WELCOME) == []


def test_a_welcome_without_an_answer_is_never_sent_again_and_the_guide_gets_a_line_G04(stage):
    stage.world.chaos({"api": WELCOME, "reset": "after", "times": 1})
    row_id = stage.welcome(stage.befriend()["welcome_code"])
    assert stage.deliver(row_id).status == OutboxStatus.UNKNOWN
    stage.clock.move(seconds=70)
    recovery.lapse(stage.runtime, stage.now)
    recovery.ask(stage.runtime, stage.now)
    assert stage.deliver(row_id).status == OutboxStatus.UNKNOWN
    assert len(stage.world.ledger("welcome")) == 1
    line = stage.rows(channel="notice")[0]
    assert line.guide_id == stage.cast.wang.id
    assert stage.deliver(line.id).status == OutboxStatus.SENT


def test_a_welcome_longer_than_the_platform_takes_is_refused_before_the_call(sqlite_stage):
    row = sqlite_stage.put("welcome", payload={"welcome_code": "X", "text": "好" * 1400})
    kept = sqlite_stage.deliver(row)
    assert kept.status == OutboxStatus.NOT_SENT
    assert "字节" in kept.reason
    assert sqlite_stage.calls(WELCOME) == []
