"""Customer groups get another owner at once; what the platform does not move is told group by group."""

import pytest
from sqlmodel import select

from models.friends import handover_calls, handover_drafts, handover_plan, handover_results
from models.friends.handover import HandedGroup, HandoverKind, SuccessorRule
from models.groups import Group
from models.ledger.outbox import OutboxStatus
from models.org import Guide
from scheduler.jobs import sync_contacts
from tests import cast
from tests.cast import CUSTOMER_CHAT, GAO, ZHOU


def moving(stage, kind):
    """周梅 owns a group that the platform knows and one that it does not; 高敏 is to own both. The row of the call."""
    with stage.db.write() as session:
        zhou = session.get_one(Guide, stage.cast.zhou.id)
        cast.befriend(session, zhou, cast.CHEN)
        cast.customer_group(session, zhou)
        cast.customer_group(session, zhou, "wrNOBODY")
        zhou.leave("sync", stage.now)
        session.flush()
        handover = handover_drafts.draft(session, zhou, stage.now)
        handover_drafts.write_down(session, handover.id, stage.now)
        weights = {stage.cast.gao.id: 1}
        handover_plan.choose(session, handover.id, SuccessorRule.ONE, weights, "周岚", stage.now)
        handover_plan.confirm(session, handover.id, "周岚", stage.now)
        handover.kind = kind
        session.flush()
        handover_calls.put_groups(session, handover.id, stage.now, cast.ZONE)
    [row] = [row for row in stage.rows() if row.channel.startswith("group_owner")]
    return row.id


def owners(stage):
    with stage.db.read() as session:
        return {one.chat_id: one.owner_id for one in session.exec(select(Group))}


@pytest.mark.parametrize("kind", [HandoverKind.LEFT, HandoverKind.ON_JOB])
def test_the_groups_that_moved_are_hers_here_as_well_B11(sqlite_stage, kind):
    stage = sqlite_stage
    if kind == HandoverKind.LEFT:
        stage.world.leave(ZHOU)
    row = stage.deliver(moving(stage, kind))
    assert row.status == OutboxStatus.SENT, row.reason
    assert owners(stage) == {CUSTOMER_CHAT: stage.cast.gao.id, "wrNOBODY": stage.cast.zhou.id}
    told = stage.world.call("externalcontact/groupchat/get", {"chat_id": CUSTOMER_CHAT})
    assert told["group_chat"]["owner"] == GAO
    with stage.db.read() as session:
        words = {one.words for one in session.exec(select(HandedGroup))}
    assert words == {"", "这个群已经解散，或我们看不到它"}


def test_a_group_that_moved_by_a_lost_answer_is_found_by_reading_it_B08(sqlite_stage):
    stage = sqlite_stage
    stage.world.leave(ZHOU)
    row_id = moving(stage, HandoverKind.LEFT)
    stage.world.chaos({"api": "externalcontact/groupchat/transfer", "reset": "after", "times": 1})
    assert stage.until_settled(row_id).status == OutboxStatus.SENT
    sync_contacts.group_details(stage.runtime, stage.now)
    assert owners(stage)[CUSTOMER_CHAT] == stage.cast.gao.id
    with stage.db.write() as session:
        [handover_id] = set(session.exec(select(HandedGroup.handover_id)))
        assert handover_results.groups_found(session, handover_id, stage.now) == 1
        assert handover_results.groups_found(session, handover_id, stage.now) == 0
