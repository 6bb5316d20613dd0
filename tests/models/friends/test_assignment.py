"""Who serves a new friend: rules in order, the first that fits decides, and everybody can read why."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from models.friends import Friend, FriendStatus, assignment, friendship
from models.org import Guide
from tests import cast
from tests.cast import NOW


@pytest.fixture
def pick(database):
    def decide(owner, *, guide=None, store=None, friend=None):
        with database.write() as session:
            code = cast.ready_code(session, guide=guide, store=store) if guide or store else None
            owner = session.get_one(Guide, owner.id)
            return assignment.pick(session, code, owner, NOW, cast.ZONE, friend=friend)

    return decide


def leave(database, *guides):
    with database.write() as session:
        for guide in guides:
            session.get_one(Guide, guide.id).leave("sync", NOW)


def outcomes(picked):
    return [(step["rule"], step["outcome"]) for step in picked.steps]


def test_a_guides_code_means_her(pick, people):
    picked = pick(people.wang, guide=people.zhao)
    assert (picked.guide.name, picked.store.name) == ("赵倩", "沈阳中街店")
    assert picked.branch_id == people.northeast.id
    assert (picked.rule, picked.reason) == ("code", "扫的是赵倩的码")
    assert outcomes(picked) == [("before", "missed"), ("code", "hit"), ("least", "unseen")]
    assert [step["question"] for step in picked.steps] == [
        "以前加过我们的人吗",
        "码是谁的",
        "店里谁今天新好友最少",
    ]


def test_a_stores_code_means_the_owner_if_she_works_there(pick, people):
    picked = pick(people.wang, store=people.zhongjie)
    assert (picked.guide.name, picked.rule) == ("王芳", "code")
    assert "她在这家店" in picked.reason


def test_a_stores_code_with_an_owner_from_elsewhere_means_the_least_loaded(pick, people, database):
    with database.write() as session:
        cast.befriend(session, people.wang, cast.XU)
        cast.befriend(session, people.gao, cast.LIN)
    picked = pick(people.zhou, store=people.zhongjie)
    assert (picked.guide.name, picked.rule) == ("赵倩", "least")
    assert picked.reason == "沈阳中街店的赵倩，今天新好友 0 位，最少"
    assert picked.store.name == "沈阳中街店"


def test_only_the_friends_of_today_in_shanghai_count(pick, people, database):
    midnight = NOW.replace(hour=16, minute=0) - timedelta(days=1)
    with database.write() as session:
        for external_userid in (cast.XU, cast.LIN):
            cast.befriend(session, people.zhao, external_userid, at=midnight - timedelta(seconds=1))
        cast.befriend(session, people.wang, cast.CHEN, at=midnight)
    assert pick(people.zhou, store=people.zhongjie).guide.name == "赵倩"
    with database.write() as session:
        cast.befriend(session, people.zhao, "wmMorning", at=midnight)
    leave(database, people.gao)
    with database.write() as session:
        code = cast.ready_code(session, store=people.zhongjie, state="again")
        picked = assignment.pick(session, code, session.get_one(Guide, people.zhou.id), NOW, cast.ZONE)
    assert picked.reason == "沈阳中街店的王芳，今天新好友 1 位，最少"


def test_without_any_code_the_friend_follows_the_account(pick, people):
    picked = pick(people.wang)
    assert (picked.guide.name, picked.rule, picked.reason) == ("王芳", "owner", "好友在王芳的账号里，归她")
    assert outcomes(picked)[-1] == ("owner", "hit")
    assert {outcome for _, outcome in outcomes(picked)[:-1]} == {"missed"}


def test_a_leavers_code_falls_to_her_store_G07(pick, people, database):
    leave(database, people.wang)
    picked = pick(people.wang, guide=people.wang)
    assert (picked.rule, picked.store.name) == ("least", "沈阳中街店")
    assert picked.guide.name in ("赵倩", "高敏")
    assert "王芳的码，她已经不在岗" in picked.steps[1]["answer"]


def test_a_leavers_code_that_was_given_to_a_colleague_means_the_colleague_G07(sqlite_people, sqlite_database):
    leave(sqlite_database, sqlite_people.wang)
    with sqlite_database.write() as session:
        code = cast.ready_code(session, guide=sqlite_people.wang)
        code.userids = [sqlite_people.zhao.userid]
        picked = assignment.pick(session, code, session.get_one(Guide, sqlite_people.zhao.id), NOW, cast.ZONE)
    assert (picked.guide.name, picked.rule) == ("赵倩", "code")
    assert picked.reason == "扫的是王芳的码，她已经不在岗，码现在归赵倩"


def test_a_leavers_friend_without_a_code_falls_to_her_store_G07(pick, people, database):
    leave(database, people.wang)
    picked = pick(people.wang)
    assert (picked.rule, picked.guide.name) == ("store_pool", "赵倩")


def test_an_empty_store_falls_to_its_branch_G07(pick, people, database):
    leave(database, people.zhou)
    picked = pick(people.zhou, store=people.taiyuanjie)
    assert (picked.rule, picked.guide.name) == ("branch_pool", "王芳")
    assert "沈阳太原街店没有在岗的导购" in picked.reason


def test_nobody_at_all_is_a_queue_that_hq_sees_G07(pick, people, database):
    leave(database, *people.guides)
    picked = pick(people.wang)
    assert (picked.rule, picked.guide, picked.store.name) == ("nobody", None, "沈阳中街店")
    assert "等总部指定" in picked.reason


def test_whoever_serves_the_customer_goes_on(database, people):
    with database.write() as session:
        old = cast.befriend(session, people.zhou, cast.XU, at=NOW - timedelta(days=9), guide=people.zhao)
        new = Friend(customer_id=old.customer_id, owner_id=people.wang.id, added_at=NOW, changed_at=NOW)
        code = cast.ready_code(session, guide=people.wang)
        picked = assignment.pick(session, code, people.wang, NOW, cast.ZONE, friend=new)
    assert (picked.guide.name, picked.rule) == ("赵倩", "before")
    assert outcomes(picked)[1:] == [(rule, "unseen") for rule in ("code", "least")]


def test_a_lost_friendship_with_a_colleague_binds_nobody(database, people):
    with database.write() as session:
        old = cast.befriend(session, people.zhao, cast.XU, status=FriendStatus.LOST)
        new = Friend(customer_id=old.customer_id, owner_id=people.wang.id, added_at=NOW, changed_at=NOW)
        assert assignment.pick(session, None, people.wang, NOW, cast.ZONE, friend=new).guide.name == "王芳"


def test_a_former_guide_who_left_is_named_and_passed_over(database, people):
    with database.write() as session:
        old = cast.befriend(session, people.zhao, cast.XU)
        new = Friend(customer_id=old.customer_id, owner_id=people.wang.id, added_at=NOW, changed_at=NOW)
    leave(database, people.zhao)
    with database.write() as session:
        picked = assignment.pick(
            session, None, session.get_one(Guide, people.wang.id), NOW, cast.ZONE, friend=new
        )
    assert picked.steps[0]["answer"] == "加过赵倩，她已经不在岗"
    assert picked.guide.name == "王芳"


def test_a_leaver_who_worked_in_no_store_leaves_her_friends_to_hq_G07(database, people):
    with database.write() as session:
        owner = session.get_one(Guide, people.wang.id)
        owner.store_id, owner.status = None, "left"
        picked = assignment.pick(session, None, owner, NOW, cast.ZONE)
    assert (picked.guide, picked.reason) == (None, "王芳已经不在岗，也没有门店，等总部指定")


def test_a_rush_on_one_stores_code_is_spread_evenly_G08(database, people):
    with database.write() as session:
        state = cast.ready_code(session, store=people.zhongjie).state

    def scan(number):
        with database.write() as session:
            return friendship.added(
                session, cast.ZHOU, f"wmRush{number}", NOW, NOW, cast.ZONE, state=state
            ).friend.guide_id

    with ThreadPoolExecutor(6) as pool:
        spread = Counter(pool.map(scan, range(30)))
    assert spread == {people.wang.id: 10, people.zhao.id: 10, people.gao.id: 10}
