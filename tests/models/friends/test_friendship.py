"""Learning who the customers are."""

from datetime import timedelta

from sqlmodel import select

from models.friends import Customer, friendship
from tests import cast
from tests.cast import NOW, XU


def test_details_are_asked_for_once_and_kept(database, people):
    with database.write() as session:
        cast.befriend(session, people.wang, XU, at=NOW - timedelta(days=9))
        assert friendship.to_describe(session, 10) == [XU]
        friendship.described(
            session, XU, NOW, name="许" * 3400, avatar_url="https://wework.qpic.cn/a", unionid="u1"
        )
        assert friendship.to_describe(session, 10) == []
        customer = session.exec(select(Customer)).one()
        assert (len(customer.name), customer.unionid) == (128, "u1")
        friendship.described(session, XU, NOW, name="")
        assert customer.name.startswith("许")
