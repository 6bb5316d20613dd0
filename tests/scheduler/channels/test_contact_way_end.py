"""A retired code leaves the platform, and a second call changes nothing."""

import pytest

from models.friends import entry_codes
from models.friends.entry_codes import EntryCode
from models.ledger.outbox import OutboxStatus
from models.org import Guide

END = "externalcontact/del_contact_way"


def retired(stage) -> str:
    """The payload of a code that was made and is not wanted any more."""
    with stage.db.write() as session:
        made = entry_codes.make_for_guide(session, session.get_one(Guide, stage.cast.wang.id), stage.now).id
    stage.deliver(stage.rows(channel="contact_way")[-1].id)
    with stage.db.write() as session:
        code = session.get_one(EntryCode, made)
        entry_codes.end(session, code, stage.now)
        return code.payload


def test_the_platform_forgets_a_retired_code(stage):
    payload = retired(stage)
    assert stage.world.scan("wmNEW", payload, name="新客")["userid"] == "wangfang"
    row = stage.deliver(stage.rows(channel="contact_way_end")[-1].id)
    assert row.status == OutboxStatus.SENT
    with pytest.raises(AssertionError, match="404|409|400"):
        stage.world.scan("wmOTHER", payload, name="又一位")


def test_a_lost_answer_is_found_out_by_ending_it_again(stage):
    """The platform says that there is none, and that is what was wanted."""
    retired(stage)
    stage.world.chaos({"api": END, "reset": "after", "times": 1})
    row = stage.deliver(stage.rows(channel="contact_way_end")[-1].id)
    assert row.status == OutboxStatus.QUEUED
    stage.world.chaos()
    stage.clock.move(seconds=60)
    assert stage.deliver(row.id).status == OutboxStatus.SENT
