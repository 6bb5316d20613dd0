"""Which of a member's departments mean a store."""

from datetime import timedelta

import pytest

from models.org import departments
from models.org.departments import DepartmentPlaces
from tests import cast
from tests.cast import NOW, TAIYUANJIE, ZHONGJIE


@pytest.fixture
def session(sqlite_database):
    with sqlite_database.write() as session:
        yield session


@pytest.fixture
def people(session):
    return cast.play(session)


def test_the_nearest_store_above_counts_and_circles_end(session, people):
    departments.listed(session, {11: ZHONGJIE.department, 12: 11, ZHONGJIE.department: 2, 7: 8, 8: 7}, NOW)
    places = DepartmentPlaces(session, {13: 12})
    assert [places.of(one) for one in (13, 11, 7, 99)] == [people.zhongjie.id, people.zhongjie.id, None, None]
    assert places.inside(11) == {11, 12, 13}


def test_main_then_where_she_is_then_the_first(session, people):
    places, both = DepartmentPlaces(session), (1, ZHONGJIE.department, TAIYUANJIE.department)
    here, there = people.zhongjie.id, people.taiyuanjie.id
    assert places.store(both) == here
    assert places.store(both, now_in=there) == there
    assert places.store(both, TAIYUANJIE.department, here) == there
    assert places.store(both, 1, there) == there
    assert places.store((1,), 1) is None


def test_an_older_word_moves_no_department_A05(session):
    assert departments.moved(session, 11, 2, NOW)
    assert not departments.moved(session, 11, 3, NOW - timedelta(seconds=1))
    for days in (0, 1):  # on the second day all is as it was
        departments.listed(session, {11: 4}, NOW + timedelta(days=days))
    assert not departments.moved(session, 11, 3, NOW + timedelta(hours=1))
    assert departments.moved(session, 11, None, NOW + timedelta(days=2))
