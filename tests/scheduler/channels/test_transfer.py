"""Customers change hands while their guide goes on working, with a line from whoever takes over."""

from models.ledger.outbox import OutboxStatus
from tests.cast import LIN, WANG, ZHAO
from tests.scheduler.channels.test_transfer_left import confirm, states


def test_the_customer_reads_a_line_and_the_guide_stays(sqlite_stage):
    stage = sqlite_stage
    row = stage.deliver(confirm(stage, told_here=False))
    assert row.status == OutboxStatus.SENT
    assert row.request["transfer_success_msg"] == "以后我来照顾您"
    assert (row.request["handover_userid"], row.request["takeover_userid"]) == (WANG, ZHAO)
    assert states(stage) == {"waiting"} and stage.guide(WANG).present
    assert stage.world.ledger("transfer", who=LIN)[0]["what"]["text"] == "以后我来照顾您"
