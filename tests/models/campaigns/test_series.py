"""A campaign that comes again: what people do with its rule and its pattern."""

from datetime import timedelta

import pytest
from sqlalchemy import false, true
from sqlmodel import select

from models.campaigns import Campaign, drafts, planning, series
from models.campaigns.fields import of_campaign
from models.campaigns.repeat import Every, Repeat
from models.campaigns.series import Series
from models.errors import Refused
from tests.cast import ZONE
from tests.models.campaigns.recurring import DAILY, begun, made, make


@pytest.fixture
def daily(stage):
    """A campaign of tomorrow that comes every day, on the plan."""
    return begun(stage)


def change(stage, verb, *args):
    with stage.db.write() as session:
        return verb(session, session.exec(select(Series)).one(), *args, "周岚", stage.now)


def test_another_rule_changes_only_what_was_not_made(stage, daily):
    make(stage)
    before = made(stage)
    weekly = Repeat(every=Every.WEEK)
    assert "以后改成：每周五" in change(stage, series.change, weekly)
    stage.advance(hours=24 * 3)
    make(stage)
    assert made(stage) == [*before, ("11-27", "scheduled")]


def test_another_content_holds_for_what_was_not_made(stage, daily):
    make(stage)
    with stage.db.write() as session:
        one = session.exec(select(Campaign).where(Campaign.name == "初雪雪地靴 11-22")).one()
        planning.edit(
            session,
            one,
            of_campaign(one).model_copy(update={"text": "下雨了"}),
            who="周岚",
            now=stage.now,
            zone=ZONE,
        )
        series.take_over(session, session.exec(select(Series)).one(), one, "周岚", stage.now)
    stage.advance(hours=24)
    make(stage)
    with stage.db.read() as session:
        texts = session.exec(select(Campaign.text).order_by(Campaign.launch_at)).all()
    assert [text == "下雨了" for text in texts] == [False, False, True, False, False, False, False, True]


def test_stopping_makes_no_more_and_what_has_not_begun_does_not_begin(stage, daily):
    make(stage)
    assert change(stage, series.stop).endswith("建好还没开始的 7 次也不发了")
    with pytest.raises(Refused, match="已经停下"), stage.db.write() as session:
        first = session.exec(select(Campaign).order_by(Campaign.id)).first()
        series.take_over(session, session.exec(select(Series)).one(), first, "周岚", stage.now)
    stage.advance(hours=24 * 3)
    assert make(stage) == "" and {status for _, status in made(stage)} == {"cancelled"}
    with pytest.raises(Refused, match="已经停下"):
        change(stage, series.change, DAILY)


def throw_away(stage):
    """The draft of 22 November."""
    with stage.db.write() as session:
        one = session.exec(select(Campaign).where(Campaign.name == "初雪雪地靴 11-22")).one()
        drafts.unschedule(session, one, "周岚", stage.now)
        session.flush()
        drafts.discard(session, one, "周岚", stage.now)


def test_a_time_whose_draft_is_thrown_away_is_not_made_again(stage, daily):
    make(stage)
    throw_away(stage)
    assert make(stage) == "" and "11-22" not in [day for day, _ in made(stage)]


def test_with_its_only_draft_a_series_ends(stage):
    number = begun(stage, schedule=False)
    with stage.db.write() as session:
        drafts.discard(session, session.get_one(Campaign, number), "周岚", stage.now)
    assert make(stage) == "" and made(stage) == []


def test_a_series_begins_once_and_before_the_campaign(stage, daily):
    with stage.db.write() as session, pytest.raises(Refused, match="已经在一个重复活动里"):
        one = session.get_one(Campaign, daily)
        series.begin(session, one, DAILY, who="周岚", account_id=None, now=stage.now, zone=ZONE)
    running = stage.launch()
    with stage.db.write() as session, pytest.raises(Refused, match="不能再设重复"):
        one = session.get_one(Campaign, running)
        series.begin(session, one, DAILY, who="周岚", account_id=None, now=stage.now, zone=ZONE)


def test_a_time_that_could_not_be_made_is_told_until_a_day_after_it(stage, daily):
    """Nobody looks at the page of a series every day."""
    with stage.db.write() as session:
        found = session.exec(select(Series)).one()
        found.content = {**found.content, "text": ""}
    make(stage)
    assert made(stage) == [("11-20", "scheduled")]

    def told(now):
        with stage.db.read() as session:
            assert series.unmade(session, false(), now) == []
            return series.unmade(session, true(), now)

    first = told(stage.now)[0]
    assert len(told(stage.now)) == 6 and first.campaign_id == daily
    assert "没有建：没有附件时，正文不能空着" in first.words
    assert len(told(first.due_at + timedelta(hours=23))) == 6
    assert len(told(first.due_at + timedelta(hours=25))) == 5
    change(stage, series.stop)
    assert told(stage.now) == []


def test_a_draft_that_somebody_threw_away_is_nothing_to_tell(stage, daily):
    make(stage)
    throw_away(stage)
    with stage.db.read() as session:
        assert series.unmade(session, true(), stage.now) == []
