"""What one guide's results tell is gathered into the sets of the whole campaign."""

from sqlalchemy import event
from sqlmodel import select

from models.campaigns import CampaignAudience, Result, TaskAudience, recipients, results
from models.campaigns.looks import PRODUCTION
from models.campaigns.results import Reading
from models.friends import LostHow, friendship
from models.ledger.channels import MASS
from tests import cast
from tests.cast import CHEN, LIN, SU, WANG, XU, ZHAO, ZHOU, ZONE
from tests.models.campaigns.shares import results_of


def whole_of(stage, number):
    with stage.db.read() as session:
        row = session.exec(select(CampaignAudience).where(CampaignAudience.campaign_id == number)).one()
        return {
            kind: set(recipients.names_of(session, MASS, getattr(row, kind)).values())
            for kind in ("members", *Result)
        }


def test_who_was_reached_by_one_guide_was_reached_by_the_campaign(stage):
    """Xu stands in two shares, as campaigns of before could have it: one guide reached her, for the other she had enough."""
    number = stage.launch()
    wang, zhao = stage.task(stage.people.wang), stage.task(stage.people.zhao)
    with stage.db.write() as session:
        share = session.exec(select(TaskAudience).where(TaskAudience.task_id == zhao.id)).one()
        share.members = cast.customers(session, XU)
    with stage.db.write() as session:
        results.learn(session, zhao.id, Reading(stage.now, {XU: 3}), stage.now, PRODUCTION)
    stage.collect()
    assert whole_of(stage, number)["limited"] == {XU}
    with stage.db.write() as session:
        results.learn(session, wang.id, Reading(stage.now, {XU: 1, LIN: 2}), stage.now, PRODUCTION)
    stage.collect()
    assert whole_of(stage, number) == {
        "members": {XU, LIN, CHEN, SU},
        "reached": {XU},
        "not_friend": {LIN},
        "limited": set(),
        "refused": set(),
    }


def test_the_large_sets_are_written_once_for_all_that_a_run_has_read(stage):
    """And not at all when nothing is new."""
    number = stage.launch()
    for userid, guide in ((WANG, "wang"), (ZHAO, "zhao"), (ZHOU, "zhou")):
        stage.world.confirm(userid, stage.task(getattr(stage.people, guide)).msgid)
    written = []
    event.listen(
        stage.db.engine,
        "before_cursor_execute",
        lambda *given: written.append(given[2]) if "UPDATE campaign_audience" in given[2] else None,
    )
    stage.collect()
    assert len(written) == 1 and whole_of(stage, number)["reached"] == {XU, LIN, CHEN, SU}
    stage.collect()
    assert len(written) == 1


def test_what_was_learnt_before_a_crash_is_gathered_by_the_next_run(stage):
    """The shares were written, and the process died before the campaign was: nobody reads them again."""
    number = stage.launch()
    task = stage.task(stage.people.zhou)
    with stage.db.write() as session:
        results.learn(session, task.id, Reading(stage.now, {CHEN: 1}), stage.now, PRODUCTION)
    assert stage.task(stage.people.zhou).settled_at and whole_of(stage, number)["reached"] == set()
    stage.collect()
    assert whole_of(stage, number)["reached"] == {CHEN}


def test_a_customer_who_moved_to_another_guide_stays_in_the_share_she_was_frozen_in(stage):
    number = stage.launch()
    with stage.db.write() as session:
        friendship.lost(session, ZHOU, CHEN, LostHow.TRANSFER, stage.now, stage.now)
        friendship.added(session, WANG, CHEN, stage.now, stage.now, ZONE)
    stage.world.confirm(ZHOU, stage.task(stage.people.zhou).msgid)
    stage.collect()
    assert results_of(stage, stage.task(stage.people.zhou)) == {"reached": {CHEN}}
    assert stage.task(stage.people.wang).customer_count == 2 and CHEN in whole_of(stage, number)["reached"]
