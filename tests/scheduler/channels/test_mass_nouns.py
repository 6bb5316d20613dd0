"""What mass messages are made of is the same, read for one or for many."""

import pytest

from models.campaigns import Campaign, CampaignStatus
from models.campaigns.slots import Slot
from models.campaigns.variants import Variant, VariantStatus
from models.ledger.outbox import OutboxStatus
from models.org import Guide
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


def test_in_one_portion_each_guide_s_poster_is_of_her_own_branch(stage):
    """A branch put its own headline into HQ's campaign; 周玫 works in another one."""
    with_codes(stage)
    number = stage.plan(attachments=cast.poster(headline="初雪"))
    with stage.db.write() as session:
        session.get_one(Guide, stage.people.zhou.id).store_id = stage.people.xinjiekou.id
        slot = cast.add(
            session,
            Slot(
                begins_at=stage.now, ends_at=stage.now, submit_by=stage.now, campaign_id=number,
                parts=["headline"], opened_by="周岚", opened_at=stage.now,
            ),
        )  # fmt: skip
        branch = stage.people.northeast.id
        session.add(
            Variant(
                slot_id=slot.id, campaign_id=number, branch_id=branch, headline="梧桐叶",
                status=VariantStatus.APPROVED, by="刘影", by_key="", at=stage.now,
            )
        )  # fmt: skip
    jobs.launch(stage.runtime, stage.now)
    rows = stage.rows("mass")
    with stage.db.read() as session:
        together = SENDER.build_all(stage.runtime, session, rows, stage.now)
    with stage.db.read() as session:
        alone = [SENDER.build(stage.runtime, session, row, stage.now) for row in rows]
    assert together == alone
    heads = {
        row.guide_id: draft.parts[0].media.art["headline"] for row, draft in zip(rows, together, strict=True)
    }
    people = stage.people
    assert heads == {people.wang.id: "梧桐叶", people.zhao.id: "梧桐叶", people.zhou.id: "初雪"}


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
