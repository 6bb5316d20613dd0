"""What rules look at, and that a rush is spread evenly whichever rule chooses."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from models.friends import friendship, rule_sets
from models.friends.sight import Sight
from tests import cast
from tests.cast import NOW, ZONE


def test_the_day_begins_at_midnight_of_the_branch_s_zone(session, sqlite_people):
    sight = Sight(session, NOW, ZONE)
    for number, at in enumerate((sight.midnight - timedelta(seconds=1), sight.midnight)):
        cast.befriend(session, sqlite_people.wang, f"wmNight{number}", at=at)
    assert sight.counts(sqlite_people.guides) == {sqlite_people.wang.id: 1}
    assert sight.last(sqlite_people.guides) == {sqlite_people.wang.id: sight.midnight}


@pytest.mark.parametrize("rule", ["least", "turns", "share"])
def test_a_rush_is_spread_evenly_and_nobody_gets_more_than_she_may_G08(database, people, rule):
    rules = [
        {"rule": "code"},
        {"rule": "on_shift"},
        {"rule": "cap", "per_day": 8},
        {"rule": rule},
        {"rule": "queue"},
    ]
    rules[3] |= {"manager": 100} if rule == "share" else {}
    with database.write() as session:
        state = cast.ready_code(session, store=people.zhongjie).state
        rule_sets.publish(session, rule_sets.draft(session, None, rules, "周岚", NOW), "周岚", NOW)

    def scan(number):
        at = NOW + timedelta(seconds=number)
        return database.run(
            lambda session: (
                friendship.added(
                    session, cast.ZHOU, f"wmRush{number}", at, at, ZONE, state=state
                ).friend.guide_id
            )
        )

    with ThreadPoolExecutor(6) as pool:
        spread = Counter(pool.map(scan, range(26)))
    assert spread == {people.wang.id: 8, people.zhao.id: 8, people.gao.id: 8, None: 2}
