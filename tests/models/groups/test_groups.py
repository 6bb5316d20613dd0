"""Groups: what the platform says of them, and where they belong."""

import pytest

from models import groups
from models.org import Guide
from tests import cast
from tests.cast import NOW


def test_a_described_group_belongs_to_its_owners_store(database, people):
    with database.write() as session:
        groups.changed(session, "wr1", NOW)
        assert [group.chat_id for group in groups.to_read(session, 10)] == ["wr1"]
        group = groups.described(session, "wr1", NOW, name="老客群" * 40, owner=cast.WANG.upper(), members=87)
        assert (group.owner_id, group.store_id, group.branch_id) == (
            people.wang.id,
            people.zhongjie.id,
            people.northeast.id,
        )
        assert (len(group.name), group.members, group.stale) == (64, 87, False)
        assert groups.to_read(session, 10) == []


def test_an_owner_without_a_store_leaves_the_group_where_it_was(database, people):
    with database.write() as session:
        groups.described(session, "wr1", NOW, name="老客群", owner=cast.WANG, members=3)
        cast.add(session, cast.guide("newowner", None))
        group = groups.described(session, "wr1", NOW, name="", owner="newowner", members=3)
        assert session.get_one(Guide, group.owner_id).userid == "newowner"
        assert (group.name, group.store_id) == ("老客群", people.zhongjie.id)


def test_a_group_without_a_name_is_called_after_its_people(database, people):
    with database.write() as session:
        cast.customers(session, cast.XU)
        few = {cast.WANG: "王芳", cast.XU: "", "wmNobody": ""}
        group = groups.described(session, "wr1", NOW, name=" ", owner=cast.WANG, members=3, people=few)
        assert group.name == "王芳、许静宜等 3 人"
        many = {f"wm{number}": f"客{number}\n" for number in range(9)}
        group = groups.described(session, "wr1", NOW, name="", owner=cast.WANG, members=9, people=many)
        assert group.name == "客0、客1、客2、客3等 9 人"
        group = groups.described(session, "wr1", NOW, name="老客群", owner=cast.WANG, members=9, people=many)
        assert group.name == "老客群"


def test_an_internal_group_gets_an_id_of_ours(database, people):
    with database.write() as session:
        made = [
            groups.add_internal(session, " 店内群 ", "周岚", NOW, store=people.zhongjie) for _ in range(2)
        ]
        assert made[0].chat_id != made[1].chat_id
        assert (made[0].kind, made[0].name, made[0].branch_id) == ("internal", "店内群", people.northeast.id)
        assert groups.to_read(session, 10) == []


def test_an_id_too_long_for_a_column_is_refused(database):
    with database.write() as session, pytest.raises(ValueError, match="ChatId"):
        groups.met(session, "w" * 65, "customer", NOW)
