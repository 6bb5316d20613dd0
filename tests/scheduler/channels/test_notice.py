"""A line in the app's chat: to somebody, within the platform's limits, none dropped in silence."""

import pytest

from models.ledger.channels import CHANNELS
from models.ledger.outbox import OutboxStatus


def test_a_notice_to_somebody_who_is_no_guide(stage):
    row_id = stage.put("notice", payload={"text": "对账刹车了", "userid": "gaomin"})
    assert stage.deliver(row_id).status == OutboxStatus.SENT
    assert stage.world.ledger("notice")[0]["who"] == "gaomin"


def test_a_notice_to_nobody_is_refused(sqlite_stage):
    assert (
        sqlite_stage.deliver(sqlite_stage.put("notice", payload={"text": "您好"})).reason == "没有写明发给谁"
    )


def test_the_thirty_first_line_of_a_minute_waits_instead_of_being_dropped_silently(sqlite_stage):
    stage = sqlite_stage
    stage.clock.stop()
    rows = [stage.deliver(stage.notice(f"第 {n} 条")) for n in range(31)]
    assert [row.status for row in rows].count(OutboxStatus.SENT) == 30
    assert rows[-1].status == OutboxStatus.QUEUED
    assert "每分钟最多" in rows[-1].reason
    assert len(stage.world.ledger("notice")) == 30
    assert stage.world.ledger("dropped") == []


@pytest.mark.parametrize("text", ["", "好" * 683])
def test_an_empty_or_too_long_notice_is_refused_beforehand(sqlite_stage, text):
    row = sqlite_stage.deliver(sqlite_stage.notice(text))
    assert (row.status, row.request) == (OutboxStatus.NOT_SENT, None)
    assert CHANNELS["notice"].label == "应用消息"
