"""What else the people of a selection have on."""

from datetime import timedelta

import pytest

from models.campaigns import CampaignStatus
from models.campaigns.overlap import (
    QuotaLeft,
    TakenBefore,
    caps_met,
    overlaps,
    quota_left,
    taken_before,
    tasks_that_day,
)
from models.campaigns.selection import select_audience
from models.ledger.channels import GROUP_MASS, MASS, MOMENT
from tests import cast
from tests.cast import CHEN, LIN, NOW, XU, ZONE
from tests.models.campaigns.selecting import BEFORE, DAY, earlier, plan

HOUR = timedelta(hours=1)


def test_other_campaigns_the_platform_s_quota_and_the_guides_day(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        for name in (XU, LIN):
            cast.befriend(session, sqlite_people.wang, name, at=BEFORE)
        cast.befriend(session, sqlite_people.zhou, CHEN, at=BEFORE)
        both = earlier(session, XU, LIN, days=2)
        one = earlier(session, XU, days=1)
        earlier(session, XU, days=9)
        earlier(session, XU, days=1, channel="group_mass")
        for number in range(26):
            earlier(session, CHEN, days=10 + number % 5)
        plan(session, scope={"guides": [sqlite_people.wang.id]})
        plan(session, at=NOW + DAY)
        made = plan(session)
        found = select_audience(session, made, NOW, ZONE, number=made.id)
        seen = overlaps(session, found, MASS, NOW, made.id)
        begun = [row for row in seen if row.campaign.launched_at]
        assert [(row.campaign.id, row.customers, row.counts) for row in begun] == [
            (both.id, 2, True),
            (one.id, 1, True),
        ]
        assert quota_left(found, MASS) == QuotaLeft(many=2, few=1, last=0)
        assert tasks_that_day(session, found, NOW, ZONE, made.id) == {1: 1, 2: 1}
        for _ in range(3):
            earlier(session, CHEN, days=3)
        again = select_audience(session, made, NOW, ZONE, number=made.id)
        assert quota_left(again, MASS) == QuotaLeft(many=2, few=0, last=1)


@pytest.fixture
def session(sqlite_database, sqlite_people):
    """The brand allows one contact a day, two in 7 days; 王芳 knows 许静宜 and 林若溪, 周梅 knows 陈可欣."""
    with sqlite_database.write() as session:
        cast.restrain(session)
        for guide, name in ((sqlite_people.wang, XU), (sqlite_people.wang, LIN), (sqlite_people.zhou, CHEN)):
            cast.befriend(session, guide, name, at=BEFORE)
        yield session


def selected(session, **fields):
    made = plan(session, **fields)
    return made, select_audience(session, made, NOW, ZONE, number=made.id)


def seen(session, **fields):
    """Name of each other campaign → (customers in common, of whom it loses so many, it counts)"""
    made, found = selected(session, **fields)
    others = overlaps(session, found, made.channel, NOW, made.id)
    return {one.campaign.name: (one.customers, one.loses, one.counts) for one in others}


def test_planned_campaigns_stand_beside_it_with_what_they_lose_to_it(session, sqlite_people):
    hers = {"guides": [sqlite_people.wang.id]}
    earlier(session, XU, days=2)
    plan(session, name="周末", at=NOW + 2 * DAY, scope=hers)
    plan(session, name="待审批的", at=NOW + 3 * DAY, status=CampaignStatus.SUBMITTED, scope=hers)
    plan(session, name="先开始的", at=NOW - HOUR, scope=hers)
    plan(session, name="朋友圈", at=NOW + 2 * DAY, channel=MOMENT, scope=hers)
    plan(session, name="草稿", at=NOW + 2 * DAY, status=CampaignStatus.DRAFT)
    plan(session, name="八天后", at=NOW + 8 * DAY)
    plan(session, name="发到群", at=NOW + DAY, channel=GROUP_MASS)
    assert seen(session) == {
        "2 天前的活动": (1, 0, True),
        "周末": (2, 1, True),
        "待审批的": (2, 1, True),
        "先开始的": (2, 0, True),
        "朋友圈": (2, 0, False),
    }, "许静宜 may be contacted once more in these 7 days"


def test_a_planned_campaign_of_the_same_day_loses_everybody_in_common(session):
    plan(session, name="同一天", at=NOW + HOUR)
    assert seen(session) == {"同一天": (3, 3, True)}
    assert seen(session, channel=MOMENT)["同一天"] == (3, 0, True), "a post takes no contact from anybody"


def test_its_conditions_decide_whom_a_planned_campaign_wants(session):
    plan(session, name="老客", at=NOW + DAY, conditions={"at_least_days": 3000})
    assert seen(session) == {}


def test_who_has_had_all_that_the_brand_allows_is_counted_by_its_caps(session):
    earlier(session, XU, LIN, days=2)
    made, found = selected(session)
    assert caps_met(found, made.channel) == {7: 2, 30: 0}
    assert caps_met(found, MOMENT) == {} and quota_left(found, MOMENT) is None


def test_what_waits_for_approval_is_a_task_of_that_day_as_well(session, sqlite_people):
    plan(session, status=CampaignStatus.SUBMITTED, scope={"guides": [sqlite_people.wang.id]})
    made, found = selected(session)
    assert tasks_that_day(session, found, NOW, ZONE, made.id) == {1: 1, 2: 1}


def test_planned_campaigns_before_it_take_customers_that_the_selection_still_counts(session, sqlite_people):
    hers = {"guides": [sqlite_people.wang.id]}
    earlier(session, XU, days=1)
    plan(session, name="草稿", at=NOW + DAY, status=CampaignStatus.DRAFT, scope=hers)
    plan(session, name="朋友圈", at=NOW + DAY, channel=MOMENT, scope=hers)
    made = plan(session, name="周末", at=NOW + 2 * DAY)

    def taken(at=NOW + 2 * DAY, channel=MASS):
        found = select_audience(session, made, at, ZONE, number=made.id)
        assert found.reached == 3
        return taken_before(session, found, channel, at, made.id)

    assert taken() is None, "许静宜 got one of two, and a draft takes nobody"
    plan(session, name="明天", at=NOW + DAY, scope=hers)
    assert taken() == TakenBefore(customers=1, campaigns=1)
    assert taken(channel=MOMENT) is None
    plan(session, name="当天早些", at=NOW + 2 * DAY - HOUR, scope=hers)
    assert taken() == TakenBefore(customers=2, campaigns=2)
