"""What mass messages are made of is the same, read for one or for many."""

import pytest

from models.campaigns import Campaign, CampaignStatus
from models.ledger.outbox import OutboxStatus
from scheduler import jobs
from scheduler.channels.base import NotDeliverable
from scheduler.channels.mass import SENDER
from scheduler.channels.mass_nouns import OVER, Nouns
from tests import cast
from tests.scheduler.channels.test_attachments import with_codes


@pytest.fixture
def stage(campaign_stage):
    return campaign_stage


def test_a_message_says_the_same_whether_it_is_made_alone_or_with_others(stage):
    with_codes(stage)
    stage.plan(attachments=cast.poster(headline="初雪"))
    jobs.launch(stage.runtime, stage.now)
    rows = stage.rows("mass")
    with stage.db.read() as session:
        together = SENDER.build_all(stage.runtime, session, rows, stage.now)
    with stage.db.read() as session:
        alone = [SENDER.build(stage.runtime, session, row, stage.now) for row in rows]
    assert together == alone and len({draft.parts[0].media.key for draft in alone}) == 3


def test_what_may_not_leave_says_why_and_keeps_nobody_else(stage):
    first = stage.plan(name="停了的")
    stage.plan(name="照常的")
    jobs.launch(stage.runtime, stage.now)
    rows = stage.rows("mass")
    with stage.db.write() as session:
        session.get_one(Campaign, first).status = CampaignStatus.CANCELLED
    with stage.db.read() as session:
        made = SENDER.build_all(stage.runtime, session, rows, stage.now)
        people = Nouns.of_rows(session, rows).people
        for row, draft in zip(rows, made, strict=True):
            if row.campaign_id == first:
                assert isinstance(draft, NotDeliverable) and draft.status == OutboxStatus.CANCELLED
                with pytest.raises(NotDeliverable, match=OVER):
                    people.of(row)
            else:
                assert draft.request["external_userid"]
