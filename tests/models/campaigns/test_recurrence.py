"""The times of a series: made ahead, once, by the pattern; what was missed is one; approved as long as it is the same."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models.accounts import Account
from models.campaigns import Campaign, approval
from models.campaigns.series import Occurrence, Series
from scheduler import jobs
from tests import cast
from tests.models.campaigns.recurring import begun, made, make


@pytest.fixture
def daily(stage):
    """A campaign of tomorrow that comes every day, on the plan."""
    return begun(stage)


def test_a_week_ahead_is_made_once_each_with_the_time_of_its_day(stage, daily):
    assert make(stage) == "建重复的活动 6" and make(stage) == ""
    assert [day for day, _ in made(stage)] == ["11-20", "11-21", "11-22", "11-23", "11-24", "11-25", "11-26"]
    assert {status for _, status in made(stage)} == {"scheduled"}
    stage.advance(hours=24)
    assert make(stage) == "建重复的活动 1"
    with stage.db.read() as session:
        names = [one.name for one in session.exec(select(Campaign).order_by(Campaign.launch_at))]
        last = session.exec(select(Campaign).order_by(Campaign.launch_at.desc())).first()
    assert names[:2] == ["初雪雪地靴", "初雪雪地靴 11-21"]
    assert last.ends_at - last.launch_at == timedelta(hours=8) and last.card_title == "初雪雪地靴"


def test_while_the_first_is_a_draft_nothing_is_made(stage):
    begun(stage, schedule=False)
    assert make(stage) == ""


def test_days_that_were_missed_while_nothing_ran_are_one_E02(stage, daily):
    make(stage)
    stage.advance(hours=24 * 3 + 25)
    jobs.launch(stage.runtime, stage.now)
    states = [status for _, status in made(stage)]
    assert states.count("running") + states.count("paused") <= 1, "never one for each missed day"
    with stage.db.read() as session:
        words = session.exec(select(Campaign.status_words).order_by(Campaign.launch_at)).all()
    assert sum("并成一次" in one for one in words) >= 2


def test_days_that_were_never_made_are_left_out_with_the_reason_E02(stage, daily):
    make(stage)
    stage.advance(hours=24 * 20)
    make(stage)
    with stage.db.read() as session:
        left = session.exec(select(Occurrence.words).where(Occurrence.campaign_id.is_(None))).all()
    assert left and all("系统没能按时运行" in one for one in left)


@pytest.fixture
def hq(stage):
    with stage.db.write() as session:
        return [cast.account(session, name, now=stage.now).id for name in ("周岚", "何青", "陈默")]


def approved(stage, number, hq):
    with stage.db.write() as session:
        campaign = session.get_one(Campaign, number)
        approval.submit(session, campaign, who="周岚", account_id=hq[0], now=stage.now, zone=cast.ZONE)
        session.flush()
        approval.approve(session, campaign, who="何青", account_id=hq[1], now=stage.now, zone=cast.ZONE)


def test_times_of_the_same_content_are_approved_with_the_first_F12(stage, hq):
    number = begun(stage, schedule=False, account_id=hq[0])
    approved(stage, number, hq)
    make(stage)
    assert {status for _, status in made(stage)} == {"scheduled"}
    with stage.db.read() as session:
        for one in session.exec(select(Campaign)):
            version = approval.latest(session, one)
            assert version.decided_by == "何青" and version.content == approval.content_of(one)


def test_other_content_is_submitted_and_waits_F12(stage, hq):
    number = begun(stage, schedule=False, account_id=hq[0])
    approved(stage, number, hq)
    with stage.db.write() as session:
        found = session.exec(select(Series)).one()
        found.content = {**found.content, "text": "没人看过"}
    make(stage)
    assert [status for _, status in made(stage)] == ["scheduled", *["submitted"] * 6]


def test_an_approval_by_somebody_who_has_left_does_not_hold_for_new_times_F12(stage, hq):
    number = begun(stage, schedule=False, account_id=hq[0])
    approved(stage, number, hq)
    with stage.db.write() as session:
        session.get_one(Account, hq[1]).active = False
    make(stage)
    assert [status for _, status in made(stage)][1:] == ["submitted"] * 6


def test_of_several_that_could_still_go_only_the_newest_is_made_E02(stage, daily):
    """Each lasts longer than the time until the next."""
    with stage.db.write() as session:
        found = session.exec(select(Series)).one()
        found.content = {**found.content, "ends_at": (found.first_at + timedelta(days=5)).isoformat()}
    stage.advance(hours=24 * 4)
    make(stage)
    days = [day for day, _ in made(stage)]
    assert days[:3] == ["11-20", "11-23", "11-24"], (
        "the first was there; of three missed ones the newest is made"
    )
    with stage.db.read() as session:
        left = session.exec(select(Occurrence.words).where(Occurrence.campaign_id.is_(None))).all()
    assert len(left) == 2 and all("并成一次" in one for one in left)
