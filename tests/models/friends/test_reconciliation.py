"""Comparing an account's friends with the platform's list."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models.friends import Customer, Friend, LostHow, friendship, reconciliation
from models.ledger.outbox import Outbox
from models.org import Guide
from tests import cast
from tests.cast import NOW, XU


@pytest.fixture
def compare(database, people):
    def apply(listed, complete=True, **more):
        with database.write() as session:
            owner = session.get_one(Guide, people.wang.id)
            return reconciliation.apply_list(session, owner, listed, complete, NOW, cast.ZONE, **more)

    return apply


def statuses(database):
    with database.read() as session:
        query = select(Customer.external_userid, Friend.status).join(
            Friend, Friend.customer_id == Customer.id
        )
        return dict(session.exec(query).all())


def befriend(database, guide, *external_userids):
    with database.write() as session:
        for one in external_userids:
            cast.befriend(session, guide, one, at=NOW - timedelta(days=9))


def test_friends_that_no_event_told_of_follow_the_account(compare, database, people):
    assert compare([cast.XU, cast.LIN]).added == 2
    with database.read() as session:
        found = friendship.find(session, cast.WANG, XU)
        assert (found.guide_id, found.store_id, found.rule) == (people.wang.id, people.zhongjie.id, "owner")
        assert found.reason.startswith("对账时发现的")
        assert session.exec(select(Outbox)).all() == []
    assert compare([cast.XU, cast.LIN]).added == 0


def test_a_found_friend_whom_a_colleague_serves_stays_hers(compare, database, people):
    befriend(database, people.zhao, XU)
    compare([XU])
    with database.read() as session:
        assert friendship.find(session, cast.WANG, XU).guide_id == people.zhao.id


def test_a_friendship_that_an_event_wrote_down_meanwhile_stays_as_the_event_left_it(database, people):
    with database.write() as session:
        friendship.lost(session, cast.WANG, XU, LostHow.CUSTOMER, NOW, NOW)
        reconciliation._found(
            session, session.get_one(Guide, people.wang.id), [XU, cast.LIN], NOW, NOW, cast.ZONE
        )
    assert statuses(database) == {XU: "lost", cast.LIN: "friend"}


def test_what_cannot_be_a_customer_in_a_list_is_passed_over(compare, database):
    assert compare([XU, "wm" * 40, "", None, 7, ["wmLIST"]]).added == 1
    assert statuses(database) == {XU: "friend"}


def test_a_friend_missing_from_a_complete_list_is_lost(compare, database, people):
    befriend(database, people.wang, cast.XU, cast.LIN)
    assert compare([XU]).lost == 1
    assert statuses(database) == {cast.XU: "friend", cast.LIN: "lost"}
    with database.read() as session:
        assert friendship.find(session, cast.WANG, cast.LIN).lost_how == LostHow.GUIDE


def test_a_lost_friend_who_is_listed_comes_back(compare, database, people):
    befriend(database, people.wang, XU)
    with database.write() as session:
        friendship.lost(session, cast.WANG, XU, LostHow.GUIDE, NOW - timedelta(days=1), NOW)
    assert compare([XU]).added == 1
    with database.read() as session:
        assert friendship.find(session, cast.WANG, XU).times_added == 2


def test_a_customer_who_deleted_the_guide_stays_lost_though_the_platform_still_lists_her(
    compare, database, people
):
    befriend(database, people.wang, XU)
    with database.write() as session:
        friendship.lost(session, cast.WANG, XU, LostHow.CUSTOMER, NOW - timedelta(days=1), NOW)
    assert compare([XU]).added == 0
    assert statuses(database) == {XU: "lost"}


def test_an_incomplete_list_takes_nobody_away_B12(compare, database, people):
    befriend(database, people.wang, cast.XU, cast.LIN)
    change = compare([cast.CHEN], complete=False)
    assert (change.added, change.lost) == (1, 0)
    assert "没有读全" in change.guarded
    assert set(statuses(database).values()) == {"friend"}


def test_a_list_that_suddenly_misses_many_waits_for_a_person_B13(compare, database, people):
    befriend(database, people.wang, *(f"wmMany{number}" for number in range(10)))
    change = compare([])
    assert (change.lost, "10 位好友里一下少了 10 位" in change.guarded) == (0, True)
    assert compare(["wmMany1"], confirmed=cast.yes_to(database, change.missing)).lost == 0
    assert compare([], confirmed=cast.yes_to(database, change.missing)).lost == 10
