"""试算: what a draft would have changed, by the same functions that decide about real friends."""

from datetime import timedelta

import pytest

from models.friends import dry_run, friendship, rule_sets
from models.friends.rule_sets import RuleSet
from models.org import shifts
from tests import cast
from tests.cast import NOW, ZONE

ON_SHIFT = [
    {"rule": "code"},
    {"rule": "on_shift"},
    {"rule": "cap", "per_day": 2},
    {"rule": "least"},
    {"rule": "queue"},
]


@pytest.fixture
def scan(sqlite_database, sqlite_people):
    """A customer scans the code of 沈阳中街店; the platform gives her to this guide."""
    with sqlite_database.write() as session:
        state = cast.ready_code(session, store=sqlite_people.zhongjie).state

    def come(name, owner=cast.WANG, at=NOW):
        with sqlite_database.write() as session:
            return friendship.added(session, owner, name, at, at, ZONE, state=state).friend

    return come


@pytest.fixture
def draft(sqlite_database):
    def write(rules=ON_SHIFT, branch_id=None) -> RuleSet:
        with sqlite_database.write() as session:
            return rule_sets.draft(session, branch_id, rules, "周岚", NOW)

    return write


def rest(database, guide):
    with database.write() as session:
        shifts.change(session, guide, NOW.date(), off=True, who="马骁", now=NOW)


def lines(found):
    return [
        (
            one.live.guide and one.live.guide.name,
            one.draft.guide and one.draft.guide.name,
            one.cause,
            one.place,
            str(one.why),
        )
        for one in found.differences
    ]


def test_a_changed_rule_changes_the_dry_run_and_after_it_is_published_the_next_friend(
    sqlite_database, sqlite_people, scan, draft
):
    rest(sqlite_database, sqlite_people.wang)
    assert scan("wm1").guide_id == sqlite_people.wang.id
    row = draft()
    found = dry_run.replay(sqlite_database, row, ZONE, NOW)
    assert lines(found) == [("王芳", "赵倩", "off_shift", 2, "王芳今天休息")]
    assert (found.live.off_shift, found.draft.off_shift) == (1, 0)
    with sqlite_database.write() as session:
        rule_sets.publish(session, session.get_one(RuleSet, row.id), "周岚", NOW)
    friend = scan("wm2", at=NOW + timedelta(minutes=1))
    assert (friend.guide_id, friend.rules_version) == (sqlite_people.zhao.id, row.version)


def test_each_difference_names_its_rule_and_who_would_wait_stands_first(
    sqlite_database, sqlite_people, scan, draft
):
    for number in range(3):
        scan(f"wmFull{number}", at=NOW + timedelta(minutes=number))
    scan("wmEarly", at=NOW - timedelta(hours=1))
    found = dry_run.replay(sqlite_database, draft(), ZONE, NOW)
    assert (found.tried, found.changed, dict(found.causes)) == (4, 2, {"queue": 1, "full": 1})
    assert lines(found) == [
        ("王芳", None, "queue", 2, "3 位都不行：店里 10:00 开门"),
        ("王芳", "赵倩", "full", 3, "王芳到了 2 位"),
    ]
    assert (found.draft.waits, found.draft.longest_wait) == (1, timedelta(minutes=52))
    assert (found.spread_live, found.spread_draft) == (4, 2)
    assert dict(found.branches) == {sqlite_people.northeast.id: 2}


def test_what_only_follows_from_an_earlier_difference_says_so_and_stands_last(
    sqlite_database, sqlite_people, scan, draft
):
    rest(sqlite_database, sqlite_people.wang)
    scan("wm1")
    scan("wm2", cast.ZHOU, at=NOW + timedelta(minutes=1))
    assert lines(dry_run.replay(sqlite_database, draft(), ZONE, NOW)) == [
        ("王芳", "赵倩", "off_shift", 2, "王芳今天休息"),
        ("赵倩", "高敏", "earlier", 4, "沈阳中街店的高敏，今天新好友 0 位，最少"),
    ]


def test_a_rule_that_the_draft_leaves_out_is_the_cause(sqlite_database, sqlite_people, scan, draft):
    with sqlite_database.write() as session:
        cast.befriend(session, sqlite_people.zhou, "wmKnown", at=NOW - timedelta(days=1))
    assert scan("wmKnown").guide_id == sqlite_people.zhou.id
    found = dry_run.replay(sqlite_database, draft(), ZONE, NOW, 1)
    assert lines(found) == [("周梅", "王芳", "other", 0, "草稿里没有「以前加过我们的人吗」")]


def test_the_last_scans_are_tried_in_pieces_and_no_more_than_were_asked_for(
    sqlite_database, sqlite_people, scan, draft
):
    for number in range(4):
        scan(f"wm{number}", at=NOW + timedelta(minutes=number))
    found = dry_run.replay(sqlite_database, draft(), ZONE, NOW, 2)
    assert (found.tried, found.first_at) == (2, NOW + timedelta(minutes=2))


def test_invented_customers_go_through_the_store_s_page_and_are_the_same_each_time(
    sqlite_database, sqlite_people, draft
):
    row = draft()
    first, again = (dry_run.invented(sqlite_database, row, ZONE, NOW, 300) for _time in range(2))
    assert first.tried == 300 and first.changed == again.changed > 0
    assert first.draft.off_shift == 0 and first.draft.waits > first.live.waits
    with sqlite_database.read() as session:
        assert not session.new and rule_sets.live(session, None).version == 0


def test_one_friend_is_tried_as_if_she_came_now(sqlite_database, sqlite_people, scan, draft):
    friend = scan("wm1")
    rest(sqlite_database, sqlite_people.wang)
    found = dry_run.of_one(sqlite_database, draft(), ZONE, NOW + timedelta(minutes=5), friend.id)
    live, other = found.last
    assert (live.guide.name, other.guide.name) == ("王芳", "赵倩")
    assert [step["outcome"] for step in other.steps] == ["narrowed", "narrowed", "narrowed", "hit"]


def test_a_branch_s_draft_concerns_its_own_friends_and_hq_s_those_without_rules_of_their_own(
    sqlite_database, sqlite_people, scan, draft
):
    scan("wm1")
    assert dry_run.replay(sqlite_database, draft(branch_id=sqlite_people.east.id), ZONE, NOW).tried == 0
    assert dry_run.replay(sqlite_database, draft(branch_id=sqlite_people.northeast.id), ZONE, NOW).tried == 1
    with sqlite_database.write() as session:
        own = rule_sets.draft(session, sqlite_people.northeast.id, ON_SHIFT, "陈默", NOW)
        rule_sets.publish(session, own, "陈默", NOW)
    assert dry_run.replay(sqlite_database, draft(), ZONE, NOW).tried == 0


def test_a_draft_that_says_the_same_changes_nothing(sqlite_database, sqlite_people, scan, draft):
    for number, owner in enumerate((cast.WANG, cast.ZHOU, cast.GAO, cast.ZHOU)):
        scan(f"wm{number}", owner, NOW + timedelta(minutes=number))
    row = draft(rule_sets.DEFAULT)
    for found in (
        dry_run.replay(sqlite_database, row, ZONE, NOW),
        dry_run.invented(sqlite_database, row, ZONE, NOW, 60),
    ):
        assert (found.changed, found.differences, found.spread_live) == (0, [], found.spread_draft)
