"""What stands in each other's way: customers who would have had enough, guides with two things at once, what a day costs."""

from datetime import date, time, timedelta

from sqlalchemy import true

from models.campaigns import conflicts
from models.campaigns.reach import reach
from models.db.sets import FrozenBitMap
from models.ledger.channels import CUSTOMERS
from models.preferences import Preference
from tests import cast
from tests.cast import LIN, NOW, XU, ZONE
from tests.models.campaigns.selecting import BEFORE, DAY, earlier, plan

WEEK = [date(2026, 11, 16) + n * DAY for n in range(7)]


def at_most_two_a_week(session):
    session.merge(Preference(key="brand.contacts_per_week", value="2"))


def test_who_would_be_contacted_a_third_time_in_a_week_is_counted_with_what_comes_before(
    sqlite_database, sqlite_people
):
    with sqlite_database.write() as session:
        at_most_two_a_week(session)
        for name in (XU, LIN):
            cast.befriend(session, sqlite_people.wang, name, at=BEFORE)
        earlier(session, XU, days=2)
        first = plan(session, at=NOW + DAY, name="先来的")
        last = plan(session, at=NOW + 2 * DAY, name="后到的")
        plan(session, at=NOW + 20 * DAY, name="还早")
        group = plan(session, at=NOW + 2 * DAY, channel="group_mass", name="群")
        plans = conflicts.planned(session, NOW.date(), NOW.date() + 30 * DAY, ZONE, true())
        assert group in plans
        (found,) = conflicts.too_often(session, plans, NOW, ZONE)
    assert (found.campaign.id, found.customers, found.times) == (last.id, 1, 3)
    assert [one.id for one in found.before] == [first.id]


def test_two_tasks_within_the_hour_meet_only_where_the_same_guides_have_both(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        one = plan(session, at=NOW + DAY)
        near = plan(session, at=NOW + DAY + timedelta(minutes=59), scope={"guides": [sqlite_people.wang.id]})
        plan(session, at=NOW + DAY + timedelta(minutes=30), scope={"guides": [sqlite_people.zhou.id]})
        plan(session, at=NOW + DAY + timedelta(minutes=120))
        plans = conflicts.planned(session, NOW.date(), NOW.date() + 2 * DAY, ZONE, true())
        found = conflicts.at_once(session, plans, ZONE)
    assert {(each.other.id, each.campaign.id, each.guides) for each in found} >= {(one.id, near.id, 1)}
    assert len(found) == 2, "王芳's and 周梅's: those two never meet"
    assert found[0].better == time(14)


def test_a_day_costs_tasks_and_customers_at_their_limit(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        at_most_two_a_week(session)
        for name in (XU, LIN):
            cast.befriend(session, sqlite_people.wang, name, at=BEFORE)
        earlier(session, XU, LIN, days=1)
        plan(session, at=NOW + DAY, name="明天")
        plan(session, at=NOW + 2 * DAY, name="别人的", scope={"guides": [sqlite_people.zhou.id]})
        plan(session, at=NOW + DAY, name="草稿", status="draft")
        friends = reach(session, CUSTOMERS, [sqlite_people.wang.id], NOW).everybody
        found = conflicts.loads(session, WEEK, [sqlite_people.wang.id], friends, NOW, ZONE)
    assert [[task.name for task in day.tasks if task.name == "明天"] for day in found][4] == ["明天"]
    assert not any(task.name in ("别人的", "草稿") for day in found for task in day.tasks)
    assert [day.full for day in found] == [0, 0, 0, 0, 2, 2, 2]
    assert isinstance(friends, FrozenBitMap)
