"""A guide's results: yesterday and her week, beside her own usual week."""

from datetime import timedelta

import pytest

from models.campaigns import guide_results
from models.friends import FriendStatus
from models.ledger.channels import GROUP_MASS
from tests import cast
from tests.cast import CHEN, LIN, NOW, XU, ZONE

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


@pytest.fixture
def sent(sqlite_database, sqlite_people):
    """One task of hers that reached so many, confirmed so long ago."""

    def one(ago, reached, *, to=None, channel="mass", **task):
        with sqlite_database.write() as session:
            plan = cast.campaign(session, channel=channel)
            at = NOW - ago
            cast.task(
                session,
                plan,
                to or sqlite_people.wang,
                **{"confirmed_at": at, "ready_at": at, "reached": reached, **task},
            )

    return one


@pytest.fixture
def week(sqlite_database, sqlite_people):
    def read(guide=None):
        with sqlite_database.read() as session:
            return guide_results.week_of(session, guide or sqlite_people.wang, NOW, ZONE)

    return read


def test_the_days_of_her_week_count_whom_the_platform_says_she_reached(sent, week):
    """It is Thursday: Friday to Sunday are not zero, they are not yet."""
    for ago, reached in ((3 * DAY, 38), (DAY, 40), (DAY, 12), (timedelta(minutes=5), 21), (4 * DAY, 99)):
        sent(ago, reached)
    found = week()
    assert [day.reached for day in found.days] == [38, 0, 52, 21, None, None, None]
    assert [day.number for day in found.days if day.today] == [3]
    assert (found.reached, found.reached_yesterday, found.confirmed_yesterday) == (111, 52, 2)


def test_groups_are_no_customers_and_colleagues_are_not_she(sent, week, sqlite_people):
    sent(DAY, 7, channel=GROUP_MASS)
    sent(DAY, 500, to=sqlite_people.zhao)
    assert (week().reached, week().confirmed, week().tasks) == (0, 1, 1)


def test_what_waits_is_counted_beside_what_is_confirmed(sent, week):
    sent(DAY, 3)
    sent(DAY, 0, confirmed_at=None)
    sent(DAY, 0, confirmed_at=None, closed_at=NOW)
    assert (week().confirmed, week().tasks, week().waiting) == (1, 3, 1)


def test_usual_is_the_mean_of_her_own_weeks_until_the_same_hour(sent, week):
    for number, reached in enumerate((100, 60, 80, 40), 1):
        sent(number * WEEK + HOUR, reached)
        sent(number * WEEK - HOUR, 1000)
    assert week().usual == 70


def test_who_is_new_has_no_usual_week(sqlite_database, sqlite_people, sent, week):
    sent(WEEK, 100)
    with sqlite_database.write() as session:
        session.merge(sqlite_people.wang).joined_at = NOW - 10 * DAY
    with sqlite_database.read() as session:
        guide = session.get_one(type(sqlite_people.wang), sqlite_people.wang.id)
    assert week(guide).usual is None


def test_new_friends_of_the_week_and_those_who_stayed(sqlite_database, sqlite_people, week):
    with sqlite_database.write() as session:
        for customer, ago in ((XU, DAY), (LIN, 2 * DAY), (CHEN, 8 * DAY)):
            friend = cast.befriend(session, sqlite_people.wang, customer, at=NOW - ago)
            if customer == LIN:
                friend.status, friend.lost_at = FriendStatus.LOST, NOW
    found = week()
    assert (found.friends, found.friends_kept, found.friends_yesterday) == (2, 1, 1)
