"""Word of people arrives in any order, and the end is always the same: the newest word on each matter."""

from datetime import timedelta
from itertools import permutations

import pytest
from sqlmodel import select

from models.friends import Customer, Friend, friendship
from models.org import Guide
from tests.cast import NOW, TAIYUANJIE, ZHONGJIE
from tests.handlers.platform import event, friend_event, member_event, on_one_database

A, B = str(ZHONGJIE.department), str(TAIYUANJIE.department)
CUSTOMERS = ("wm1", "wm2")

pytestmark = pytest.mark.usefixtures("people")


def at(seconds):
    return NOW + timedelta(seconds=seconds)


def member(change, userid, after, **fields):
    return member_event(change, userid, at=at(after), **fields), "contacts"


def party(change, number, after, **fields):
    return event("change_contact", f"{change}_party", at=at(after), Id=number, **fields), "contacts"


def friend(change, userid, external_userid, after, **fields):
    return friend_event(change, userid, external_userid, at=at(after), **fields), "app"


def app(name, userid, after):
    return event(name, at=at(after), actor=userid, AgentID=1000002), "app"


STORIES = {
    "E1 the department that she moves to lies in her store's": (
        [member("create_user", "lu", 0, Department=A), party("create", 9101, 1, ParentId=A),
         member("update_user", "lu", 2, Department=9101)],
        {"lu": ("active", "A", False)},
    ),
    "E2 her only department lies in a store's, two levels down": (
        [member("create_user", "lu", 0, Department=9102), party("create", 9101, 0, ParentId=A),
         party("create", 9102, 1, ParentId=9101)],
        {"lu": ("active", "A", False)},
    ),
    "E3 the department moves from one store to another": (
        [member("create_user", "lu", 0, Department=9101), party("create", 9101, 0, ParentId=A),
         party("update", 9101, 5, ParentId=B)],
        {"lu": ("active", "B", False)},
    ),
    "E4 the department moves out of all stores": (
        [member("create_user", "lu", 0, Department=A), party("create", 9101, 0, ParentId=A),
         party("update", 9101, 5, ParentId=1), party("update", 9101, 3, ParentId=B)],
        {"lu": ("active", "A", False)},
    ),
    "O1 a name and a department": (
        [member("create_user", "lu", 0, Name="一", Department=A), member("update_user", "lu", 20, Name="三", Department=B),
         member("update_user", "lu", 10, Name="二", Department=A)],
        {"lu": ("active", "B", False, "三")},
    ),
    "O1 each matter in its own time": (
        [member("create_user", "lu", 0, Name="一", Department=A), member("update_user", "lu", 20, Department=B),
         member("update_user", "lu", 10, Name="二")],
        {"lu": ("active", "B", False, "二")},
    ),
    "O2 enabled after she was disabled": (
        [member("create_user", "lu", 0, Department=A), member("update_user", "lu", 60, Status=1),
         member("update_user", "lu", 50, Status=2)],
        {"lu": ("active", "A", False)},
    ),
    "O3 in sight after she was out of it": (
        [member("create_user", "lu", 0, Department=A), app("subscribe", "lu", 20), app("unsubscribe", "lu", 10)],
        {"lu": ("active", "A", False)},
    ),
    "O4 a word on her name says nothing of her being here": (
        [member("create_user", "lu", 0, Department=A), app("unsubscribe", "lu", 10),
         member("update_user", "lu", 20, Name="陆")],
        {},
    ),
    "F1 the main department decides": (
        [member("create_user", "lu", 0, Department=f"{A},{B}", MainDepartment=B)],
        {"lu": ("active", "B", False)},
    ),
    "F2 a second department that is not the main one": (
        [member("create_user", "lu", 0, Department=B),
         member("update_user", "lu", 1, Department=f"{A},{B}", MainDepartment=B)],
        {"lu": ("active", "B", False)},
    ),
    "G1 she leads headquarters, not the store": (
        [member("create_user", "lu", 0, Department=f"1,{A}", IsLeaderInDept="1,0")],
        {"lu": ("active", "A", False)},
    ),
    "G2 she leads the other store": (
        [member("create_user", "lu", 0, Department=f"{A},{B}", IsLeaderInDept="0,1")],
        {"lu": ("active", "A", False)},
    ),
    "G3 she leads the store where she is": (
        [member("create_user", "lu", 0, Department=f"{A},{B}", MainDepartment=B, IsLeaderInDept="0,1")],
        {"lu": ("active", "B", True)},
    ),
    "G4 the flags come alone, by the positions that are known": (
        [member("create_user", "lu", 0, Department=f"1,{A}", IsLeaderInDept="0,0"),
         member("update_user", "lu", 1, Department=f"1,{A}", IsLeaderInDept="0,1")],
        {"lu": ("active", "A", True)},
    ),
    "H1 renamed, and a friend came under the new name first": (
        [member("create_user", "lu.old", 0, Department=A), friend("add_external_contact", "lu.old", "wm1", 1),
         friend("add_external_contact", "lu.new", "wm2", 4), member("update_user", "lu.old", 3, NewUserID="lu.new")],
        {"lu.new": ("active", "A", False), "wm1": "lu.new", "wm2": "lu.new"},
    ),
    "H1 the same customer under both names": (
        [member("create_user", "lu.old", 0, Department=A), friend("add_external_contact", "lu.old", "wm1", 1),
         friend("del_follow_user", "lu.new", "wm1", 4), member("update_user", "lu.old", 3, NewUserID="lu.new")],
        {"lu.new": ("active", "A", False), "wm1": None},
    ),
    "H2 a late word under the old name": (
        [member("update_user", "lu.old", 1, NewUserID="lu.new"), friend("add_external_contact", "lu.old", "wm1", 0)],
        {"lu.new": ("active", None, False), "wm1": "lu.new"},
    ),
    "H3 renamed twice": (
        [member("create_user", "lu.a", 0, Name="陆", Department=A), member("update_user", "lu.a", 1, NewUserID="lu.b"),
         member("update_user", "lu.b", 2, NewUserID="lu.c"), friend("add_external_contact", "lu.a", "wm1", 0)],
        {"lu.c": ("active", "A", False, "陆"), "wm1": "lu.c"},
    ),
    "H4 renamed, and back": (
        [member("create_user", "lu.a", 0, Department=A), member("update_user", "lu.a", 1, NewUserID="lu.b"),
         member("update_user", "lu.b", 2, NewUserID="lu.a")],
        {"lu.a": ("active", "A", False)},
    ),
    "H5 what the new userid is told of": (
        [member("create_user", "lu.a", 0, Name="一", Department=A), member("update_user", "lu.a", 1, NewUserID="lu.b"),
         member("update_user", "lu.b", 2, Name="二", Department=B)],
        {"lu.b": ("active", "B", False, "二")},
    ),
    "H6 a friend under the new userid": (
        [member("create_user", "lu.a", 0, Name="陆", Department=A), member("update_user", "lu.a", 1, NewUserID="lu.b"),
         friend("add_external_contact", "lu.b", "wm1", 2)],
        {"lu.b": ("active", "A", False, "陆"), "wm1": "lu.b"},
    ),
    "H7 removed under the new userid": (
        [member("create_user", "lu.a", 0, Department=A), member("update_user", "lu.a", 1, NewUserID="lu.b"),
         member("delete_user", "lu.b", 2)],
        {},
    ),
    "I1 handed over to a colleague": (
        [friend("add_external_contact", "lu", "wm1", 0), friend("add_external_contact", "xu", "wm1", 5),
         friend("del_external_contact", "lu", "wm1", 5, Source="DELETE_BY_TRANSFER")],
        {"lu": ("active", None, False), "xu": ("active", None, False), "wm1": "xu"},
    ),
    "J1 removed, before word of her coming": (
        [member("create_user", "lu", 0, Department=A), member("delete_user", "lu", 10)],
        {},
    ),
}  # fmt: skip
"""What happened, in any order → every guide who is new (status, store, leads it, name), and who serves each customer."""


def told(database):
    """Who is here beside the cast, and who serves whom."""
    with database.read() as session:
        guides = list(session.exec(select(Guide).where(Guide.joined_at >= NOW)))
        stores = {None: None, find(session, "wangfang").store_id: "A", find(session, "zhoumei").store_id: "B"}
        found = {
            guide.userid: (guide.status, stores[guide.store_id], guide.is_manager, guide.customer_name)
            for guide in guides
        }
        served = select(Customer.external_userid, Guide.userid).join(
            Friend, Friend.customer_id == Customer.id
        )
        rows = session.exec(
            served.join(Guide, Guide.id == Friend.guide_id).where(Friend.status != "lost").order_by(Friend.id)
        ).all()
    return found, dict(rows), len(rows)


def find(session, userid):
    return session.exec(select(Guide).where(Guide.userid == userid)).one()


def check(database, expected):
    guides, served, rows = told(database)
    here = {userid: guide for userid, guide in guides.items() if guide[0] == "active" or userid in expected}
    wanted = {name: value for name, value in expected.items() if not name.startswith("wm")}
    assert {userid: guide[: len(wanted.get(userid, guide))] for userid, guide in here.items()} == wanted
    assert {name: served.get(name) for name in expected if name.startswith("wm")} == {
        name: value for name, value in expected.items() if name.startswith("wm")
    }
    assert rows == len(served)


@pytest.mark.parametrize("story", STORIES)
def test_the_newest_word_counts_as_it_came_to_us_A05(story, happen, database):
    """On both databases, in the order in which it is written."""
    words, expected = STORIES[story]
    for xml, source in words:
        assert happen(xml, source).status == "handled"
    check(database, expected)


ORDERS = [
    pytest.param(story, order, id=f"{story} {''.join(str(number) for number in order)}")
    for story, (words, _) in STORIES.items()
    for order in list(permutations(range(len(words))))[1:]
]


@on_one_database
@pytest.mark.parametrize(("story", "order"), ORDERS)
def test_the_newest_word_counts_in_whatever_order_it_comes_A05(story, order, happen, database):
    words, expected = STORIES[story]
    for number in order:
        row = happen(*words[number])
        assert row.status == "handled", (row.error, row.trace)
    check(database, expected)


@on_one_database
def test_an_old_name_that_somebody_else_has_now_is_hers(happen, database):
    happen(*member("create_user", "lu", 0, Name="陆瑶", Department=A))
    happen(*member("update_user", "lu", 10, NewUserID="lu.yao"))
    happen(*member("create_user", "lu", 3600, Name="卢敏", Department=B))
    happen(*friend("add_external_contact", "lu", "wm1", 5))
    happen(*friend("add_external_contact", "lu", "wm2", 3700))
    with database.read() as session:
        assert (find(session, "lu").name, find(session, "lu.yao").name) == ("卢敏", "陆瑶")
        assert friendship.find(session, "lu.yao", "wm1") and friendship.find(session, "lu", "wm2")


@on_one_database
def test_a_word_from_the_far_future_makes_nobody_deaf(happen, database):
    happen(*member("create_user", "lu", 10 * 365 * 86400, Name="一", Department=A))
    happen(*member("update_user", "lu", 60, Name="二"))
    with database.read() as session:
        assert find(session, "lu").name == "二"
