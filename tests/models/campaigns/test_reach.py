"""Whom the guides of a scope know: one set per guide, and who is no friend of any of them."""

from datetime import timedelta

from pyroaring import FrozenBitMap
from sqlmodel import select

from models.campaigns.reach import reach, since
from models.friends import FriendStatus
from models.groups import Group, GroupStatus
from models.ledger.channels import CUSTOMER_GROUPS, CUSTOMERS, GUIDES
from tests import cast
from tests.cast import CHEN, LIN, NOW, XU

HOUR = timedelta(hours=1)


def test_whoever_became_a_friend_later_or_is_none_is_not_in_it_F11(database, people):
    with database.write() as session:
        for customer, at, status in (
            (XU, NOW, "friend"),
            (LIN, NOW + timedelta(seconds=1), "friend"),
            (CHEN, NOW, FriendStatus.LOST),
            ("wmHalf", NOW, FriendStatus.HALF),
        ):
            cast.befriend(session, people.wang, customer, at=at, status=status)
        cast.befriend(session, people.zhou, XU, at=NOW)
        cast.befriend(session, people.zhao, CHEN, at=NOW, status=FriendStatus.HALF)
        found = reach(session, CUSTOMERS, [people.wang.id, people.zhao.id], NOW)
        assert found.friends == {people.wang.id: cast.customers(session, XU)}
        assert dict(found.lapsed) == {
            "已不是好友": cast.customers(session, CHEN),
            "还没通过好友申请": cast.customers(session, "wmHalf"),
        }
        assert since(session, found.friends, NOW) == {people.wang.id: cast.customers(session, LIN)}


def test_a_friend_is_reached_through_the_account_that_has_her_whoever_serves_her(
    sqlite_database, sqlite_people
):
    with sqlite_database.write() as session:
        cast.befriend(session, sqlite_people.zhou, XU, guide=sqlite_people.wang)
        found = reach(session, CUSTOMERS, [sqlite_people.wang.id, sqlite_people.zhou.id], NOW)
        assert found.friends == {sqlite_people.zhou.id: cast.customers(session, XU)}


def test_a_customer_group_is_its_owners_while_it_exists(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        for chat, owner, at, status in (
            ("wr1", sqlite_people.wang, NOW, "active"),
            ("wr2", sqlite_people.wang, NOW, GroupStatus.DISMISSED),
            ("wr3", sqlite_people.wang, NOW + HOUR, "active"),
            ("wr4", sqlite_people.zhao, NOW, "active"),
        ):
            cast.customer_group(session, owner, chat, now=at, status=status)
        cast.internal_group(session)
        found = reach(session, CUSTOMER_GROUPS, [sqlite_people.wang.id], NOW)
        first = session.exec(select(Group.id).where(Group.chat_id == "wr1")).one()
        assert found.friends == {sqlite_people.wang.id: FrozenBitMap([first])}
        assert reach(session, GUIDES, [sqlite_people.wang.id], NOW).everybody == FrozenBitMap()
