"""The contact budget: caps over all campaigns, reserved at the launch, given back at the end, care before deals."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models import preferences
from models.campaigns import Campaign, CampaignAudience, CampaignStatus, Purpose, TaskAudience, lifecycle
from models.contact_budget import platform_days
from models.preferences import Preferences
from tests import cast
from tests.cast import CHEN, LIN, NOW, XU, ZONE
from tests.models.campaigns.selecting import BEFORE, DAY, earlier, launched, plan, preview


@pytest.fixture
def db(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        cast.restrain(session)
        for name in (XU, LIN, CHEN):
            cast.befriend(session, sqlite_people.wang, name, at=BEFORE)
    return sqlite_database


def why_not(db, **fields):
    """Words → who, of a campaign planned for now."""
    with db.write() as session:
        made = plan(session, **fields)
    return preview(db, made)[1]


@pytest.mark.parametrize(
    ("days", "times", "words"),
    [
        (0, 1, "当天已联系 1 次"),
        (1, 1, ""),
        (6, 2, "7 天内已联系 2 次"),
        (7, 2, ""),
        (29, 8, "30 天内已联系 8 次"),
        (30, 8, ""),
    ],
)
def test_a_cap_counts_all_campaigns_of_its_days(db, days, times, words):
    with db.write() as session:
        for _ in range(times):
            earlier(session, XU, days=days)
        earlier(session, LIN, days=0, channel="group_mass")
    assert why_not(db) == ({words: {XU}} if words else {})


def test_the_brand_chooses_its_caps_and_its_season(db):
    with db.write() as session:
        for days in (2, 3, 4):
            earlier(session, XU, days=days)
        preferences.change(
            session, "周岚", NOW, contacts_per_week=4, season_months="10,11", season_percent=50
        )
    assert why_not(db) == {"7 天内已联系 2 次": {XU}}
    with db.write() as session:
        preferences.change(session, "周岚", NOW, season_percent=100)
    assert why_not(db) == {}
    with db.write() as session:
        preferences.change(
            session, "周岚", NOW, contacts_per_week=0, contacts_per_day=0, contacts_per_month=0
        )
        earlier(session, XU, days=0)
    assert why_not(db) == {}


def test_a_campaign_under_way_has_reserved_whom_it_may_still_reach_and_gives_back_at_its_end(db):
    with db.write() as session:
        running = earlier(session, XU, LIN, days=3, over=False, reached=False)
        whole = session.exec(select(CampaignAudience)).one()
        whole.reached = cast.customers(session, LIN)
        whole.members = cast.customers(session, XU, LIN)
    assert why_not(db) == {"当天已联系 1 次": {XU}}
    with db.write() as session:
        lifecycle.finish(session, session.get_one(Campaign, running.id), NOW)
        earlier(session, XU, LIN, days=2)
    assert why_not(db) == {"7 天内已联系 2 次": {LIN}}


def test_what_a_guide_confirmed_stays_taken_until_the_platform_has_told_of_everybody(db, sqlite_people):
    with db.write() as session:
        ended = earlier(session, XU, LIN, days=0, reached=False)
        task = cast.task(session, ended, sqlite_people.wang, confirmed_at=NOW)
        session.add(
            TaskAudience(
                task_id=task.id,
                members=cast.customers(session, XU, LIN),
                limited=cast.customers(session, LIN),
            )
        )
    assert why_not(db) == {"当天已联系 1 次": {XU}}
    with db.write() as session:
        task.settled_at = NOW
        session.merge(task)
    assert why_not(db) == {}


def test_two_campaigns_at_the_same_moment_do_not_both_take_her_F18(db):
    with db.write() as session:
        first, second = plan(session, name="上新"), plan(session, name="店庆")
    assert launched(db, first)[1] == {}
    assert launched(db, second)[1] == {"当天已联系 1 次": {XU, LIN, CHEN}}


@pytest.mark.parametrize(
    ("purpose", "ahead", "lost"),
    [
        (Purpose.DEAL, timedelta(hours=2), {XU, LIN, CHEN}),
        (Purpose.DEAL, 2 * DAY, {XU}),
        (Purpose.DEAL, 8 * DAY, set()),
        (Purpose.SERVICE, timedelta(hours=2), {XU, LIN, CHEN}),
        (Purpose.CARE, timedelta(hours=2), set()),
    ],
)
def test_a_planned_campaign_of_a_higher_purpose_keeps_its_place_and_the_loser_is_told_why_F18(
    db, purpose, ahead, lost
):
    with db.write() as session:
        earlier(session, XU, days=3)
        plan(session, at=NOW + ahead, name="会员生日", purpose=Purpose.CARE)
        plan(session, at=NOW + ahead, name="草稿", purpose=Purpose.CARE, status=CampaignStatus.DRAFT)
    assert why_not(db, purpose=purpose) == ({"名额留给「会员生日」": lost} if lost else {})


def test_who_had_enough_of_the_platform_is_left_out_before_the_send_F08(db):
    with db.write() as session:
        preferences.change(session, "周岚", NOW, contacts_per_week=0, contacts_per_month=0)
        earlier(session, days=3, limited=[XU])
        earlier(session, days=25, limited=[CHEN])
        for number in range(30):
            earlier(session, LIN, days=1 + number % 17)
    assert why_not(db) == {"本月群发已收满": {XU, LIN}}
    assert why_not(db, channel="notice") == {}


@pytest.mark.parametrize(("quota", "elapsed", "most"), [("month", 19, 30), ("week", 7, 7), ("day", 1, 1)])
def test_the_platform_s_period_is_what_the_corp_has_set_there(quota, elapsed, most):
    found = platform_days(Preferences(platform_quota=quota), NOW, ZONE)
    assert (found.elapsed, found.quota) == (elapsed, most)
