"""待领: who waits, how long, who may claim her, and that two who tap at once do not both get her."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlmodel import true

from models.errors import Refused
from models.friends import unclaimed
from models.org import Guide
from tests import cast
from tests.cast import NOW

MINUTE = timedelta(minutes=1)


def wait(session, people, name, *, since=NOW, store=None):
    """A friend in the account of 周梅 whom nobody serves."""
    friend = cast.befriend(session, people.zhou, name, at=since)
    store = store or people.zhongjie
    friend.guide_id, friend.store_id, friend.branch_id = None, store.id, store.branch_id
    friend.rule, friend.unclaimed_at = "queue", since
    friend.steps = [{"rule": "queue", "question": "谁来领", "answer": "待领", "outcome": "hit"}]
    session.flush()
    return friend


def test_those_who_wait_stand_in_their_order_with_an_age(session, sqlite_people):
    wait(session, sqlite_people, cast.LIN)
    wait(session, sqlite_people, cast.XU, since=NOW - 20 * MINUTE)
    found = unclaimed.waiting(session, true())
    assert [one.age(NOW) // MINUTE for one in found] == [20, 0]
    assert unclaimed.how_many(session, true()) == (2, NOW - 20 * MINUTE)


@pytest.mark.parametrize(("minutes", "reach"), [(0, {"王芳"}), (14, {"王芳"}), (15, {"王芳", "周梅"})])
def test_a_store_has_its_friends_alone_until_the_minutes_are_over(session, sqlite_people, minutes, reach):
    friend = wait(session, sqlite_people, cast.XU)
    now = NOW + minutes * MINUTE
    found = {
        one.name
        for one in (sqlite_people.wang, sqlite_people.zhou)
        if unclaimed.waiting(session, unclaimed.within_reach(session, one, now))
    }
    assert found == reach
    if "周梅" not in reach:
        with pytest.raises(Refused, match="轮不到你的店"):
            unclaimed.claim(session, friend.id, sqlite_people.zhou, now)


def test_one_tap_takes_her_and_says_so(session, sqlite_people):
    friend = wait(session, sqlite_people, cast.XU)
    unclaimed.claim(session, friend.id, sqlite_people.wang, NOW + MINUTE)
    assert (friend.guide_id, friend.rule, friend.unclaimed_at) == (sqlite_people.wang.id, "claimed", None)
    assert [(step["rule"], step["outcome"]) for step in friend.steps] == [
        ("queue", "narrowed"),
        ("claimed", "hit"),
    ]
    with pytest.raises(Refused, match="王芳已经在服务"):
        unclaimed.claim(session, friend.id, sqlite_people.zhao, NOW + MINUTE)


def test_somebody_of_the_office_gives_her_to_a_guide_who_is_there(session, sqlite_people):
    friend = wait(session, sqlite_people, cast.XU)
    session.get_one(Guide, sqlite_people.gao.id).leave("sync", NOW)
    with pytest.raises(Refused, match="高敏已经不在岗"):
        unclaimed.give(session, friend.id, session.get_one(Guide, sqlite_people.gao.id), "陈默", NOW)
    unclaimed.give(session, friend.id, sqlite_people.zhou, "陈默", NOW)
    assert (friend.store_id, friend.reason) == (sqlite_people.taiyuanjie.id, "陈默给了周梅")


def test_of_two_who_tap_at_once_one_gets_her(database, people):
    with database.write() as session:
        number = wait(session, people, cast.XU).id

    def tap(guide):
        try:
            with database.write() as session:
                return unclaimed.claim(session, number, session.get_one(Guide, guide.id), NOW).guide_id
        except Refused as refused:
            return str(refused.words)

    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(tap, (people.wang, people.zhao, people.gao)))
    assert sorted(isinstance(one, int) for one in found) == [False, False, True]
