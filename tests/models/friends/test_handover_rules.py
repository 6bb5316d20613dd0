"""Who takes over, and how many each."""

import pytest

from models.friends import handover_rules
from models.org import Guide
from tests import cast


@pytest.mark.parametrize(
    ("number", "people", "given"),
    [(218, [1, 2, 3], [73, 73, 72]), (2, [1, 2, 3], [1, 1, 0]), (0, [1], [0]), (5, [], [])],
)
def test_evenly_differs_by_one_at_most(number, people, given):
    assert list(handover_rules.evenly(number, people).values()) == given


def test_the_least_loaded_catch_up_first():
    assert handover_rules.to_the_least(10, {1: 100, 2: 95, 3: 96}) == {1: 1, 2: 5, 3: 4}
    assert handover_rules.to_the_least(3, {1: 0, 2: 9}) == {1: 3, 2: 0}
    assert handover_rules.to_the_least(3, {}) == {}


def test_parts_are_whole_people_and_nobody_is_forgotten():
    given = handover_rules.by_weight(100, {1: 1, 2: 1, 3: 1})
    assert sum(given.values()) == 100 and max(given.values()) - min(given.values()) == 1
    assert handover_rules.by_weight(10, {1: 3, 2: 1}) == {1: 8, 2: 2}
    assert handover_rules.by_weight(10, {}) == {}


def test_the_people_of_her_store_take_over_but_not_its_manager_by_itself(session, sqlite_people):
    people = sqlite_people
    found = handover_rules.in_store(session, people.zhongjie.id, people.wang.id)
    assert [one.id for one in found] == [people.zhao.id]
    assert handover_rules.in_store(session, None, people.wang.id) == []


def test_loads_count_friends_in_the_account(session, sqlite_people):
    cast.befriend(session, session.get_one(Guide, sqlite_people.zhao.id), cast.XU)
    assert handover_rules.loads(session, [sqlite_people.zhao.id, sqlite_people.gao.id]) == {
        sqlite_people.zhao.id: 1,
        sqlite_people.gao.id: 0,
    }
