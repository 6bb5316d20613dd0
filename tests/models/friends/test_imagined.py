"""What a dry run looks at: what its own order would have given, and nothing that really is."""

from datetime import timedelta

import pytest

from models.friends.imagined import Facts, Imagined
from models.org import shifts
from tests import cast
from tests.cast import NOW, ZONE


@pytest.fixture
def sight(session, sqlite_people):
    shifts.change(session, sqlite_people.wang, NOW.date(), off=True, who="马骁", now=NOW)
    cast.befriend(session, sqlite_people.gao, cast.XU)
    facts = Facts(session, ZONE, NOW.date())
    facts.meet(session, [1])
    made = Imagined(session, ZONE, facts)
    made.at(session, NOW)
    return made


def test_only_what_it_gave_itself_counts_and_only_on_that_day(session, sight, sqlite_people):
    assert sight.counts(sqlite_people.guides) == {}
    sight.took(sqlite_people.zhao)
    assert sight.counts(sqlite_people.guides) == {sqlite_people.zhao.id: 1}
    assert sight.last(sqlite_people.guides) == {sqlite_people.zhao.id: NOW}
    assert sight.least_loaded(sqlite_people.zhongjie)[0].name == "王芳"
    assert sight.least_loaded(sqlite_people.zhongjie, [sqlite_people.zhao])[1] == 1
    assert sight.least_loaded(sqlite_people.xinjiekou) is None
    assert sight.least_loaded(sqlite_people.taiyuanjie, whole_branch=True)[0].name == "王芳"
    sight.at(session, NOW + timedelta(days=1))
    assert sight.counts(sqlite_people.guides) == {}


def test_days_off_and_hours_are_those_of_the_moment(session, sight, sqlite_people):
    both = [sqlite_people.wang, sqlite_people.zhao]
    assert [one.at == NOW for one in sight.shifts(both).values()] == [False, True]
    sight.at(session, NOW + timedelta(days=1))
    assert all(one.at == sight.now for one in sight.shifts(both).values())


def test_who_served_her_at_that_time(session, sight, sqlite_people):
    assert sight.served_by(1, sqlite_people.wang.id) == []
    sight.at(session, NOW + timedelta(seconds=1))
    assert sight.served_by(1, sqlite_people.wang.id) == [sqlite_people.gao.id]
    assert sight.served_by(1, sqlite_people.gao.id) == [] and sight.handed_over(1) == set()
