"""Comparing with the platform: what events did not tell is found, and nothing disappears by a broken list."""


import pytest
from sqlmodel import select

from models import brake, groups, inbox
from models.friends import Customer, Friend
from models.groups import Group
from models.org import Guide
from scheduler import sync
from tests import cast
from tests.wecom_world import CHEN, CUSTOMER_CHAT, LIN, XU

LIST = "externalcontact/list"


def guides(stage) -> dict[str, Guide]:
    with stage.db.read() as session:
        return {guide.userid: guide for guide in session.exec(select(Guide))}


def friends(stage, userid: str) -> dict[str, str]:
    with stage.db.read() as session:
        rows = session.exec(
            select(Customer.external_userid, Friend.status)
            .join(Friend, Friend.customer_id == Customer.id)
            .join(Guide, Guide.id == Friend.owner_id)
            .where(Guide.userid == userid)
        )
        return dict(rows.all())


def at_their_departments(stage) -> None:
    """The stores of the cast, in the built-in WeCom's departments."""
    cast = stage.cast
    with stage.db.write() as session:
        for store, department in ((cast.zhongjie, 21), (cast.taiyuanjie, 31), (cast.xinjiekou, None)):
            session.get_one(type(store), store.id).department_id = department


def hire(stage, userid: str, name: str, department: int = 21) -> None:
    stage.world.post(
        "/control/members", {"add": {"userid": userid, "name": name, "department": [department]}}
    )


@pytest.fixture(params=["app", "directory secret"])
def either(stage, request):
    """With the app's own secret, and with the directory-sync secret."""
    at_their_departments(stage)
    if request.param != "app":
        stage.runtime.contacts = stage.contacts()
    return stage


def test_the_directory_tells_who_came_and_who_left(either):
    stage = either
    hire(stage, "sunli", "孙丽")
    stage.world.leave("zhaoqian")
    words = sync.directory(stage.runtime, stage.now)
    assert "新来 1 位" in words and "离开 1 位" in words
    found = guides(stage)
    assert (found["sunli"].name, found["sunli"].store_id) == ("孙丽", stage.cast.zhongjie.id)
    assert (found["zhaoqian"].status, found["zhaoqian"].left_how) == ("left", "sync")
    assert found["wangfang"].name == "王芳"


@pytest.mark.parametrize("broken", [{"errcode": -1}, {"html": 502}, {"reset": "before"}])
def test_b12_a_directory_that_was_not_read_to_its_end_makes_nobody_leave(either, broken):
    stage = either
    stage.world.leave("zhaoqian")
    api = "user/list_id" if stage.runtime.contacts else "user/list"
    stage.world.chaos({"api": api} | broken)
    assert "没有读全" in sync.directory(stage.runtime, stage.now)
    assert {guide.status for guide in guides(stage).values()} == {"active"}


def test_b13_a_directory_that_suddenly_lists_nobody_waits_for_a_person(stage):
    at_their_departments(stage)
    for userid in (cast.WANG, cast.ZHAO, cast.GAO, cast.ZHOU):
        stage.world.leave(userid)
    assert "先没有照做" in sync.directory(stage.runtime, stage.now)
    assert {guide.status for guide in guides(stage).values()} == {"active"}


def say_yes(stage, plan) -> None:
    with stage.db.write() as session:
        brake.confirm(session, plan, brake.mark_of(brake.waiting(session, plan)), "周岚", stage.now)


def still_held(stage) -> list[str]:
    with stage.db.read() as session:
        return [one.plan for one in brake.waiting(session)]


def test_b13_hq_s_yes_lets_the_held_guides_go_once_and_names_who_said_so(stage):
    at_their_departments(stage)
    for userid in (cast.WANG, cast.ZHAO, cast.GAO, cast.ZHOU):
        stage.world.leave(userid)
    sync.directory(stage.runtime, stage.now)
    say_yes(stage, "directory")
    assert "离开 4 位，回来 0 位（周岚确认过）" in sync.directory(stage.runtime, stage.now)
    assert {guide.status for guide in guides(stage).values()} == {"left"}
    assert still_held(stage) == []


def test_b13_a_yes_is_no_yes_to_a_list_that_changed_or_broke_meanwhile(stage):
    at_their_departments(stage)
    for userid in (cast.WANG, cast.ZHAO, cast.GAO):
        stage.world.leave(userid)
    sync.directory(stage.runtime, stage.now)
    say_yes(stage, "directory")
    stage.world.leave(cast.ZHOU)
    assert "先没有照做" in sync.directory(stage.runtime, stage.now)
    say_yes(stage, "directory")
    stage.world.chaos({"api": "user/list", "errcode": -1})
    assert "没有读全" in sync.directory(stage.runtime, stage.now)
    stage.world.chaos()
    assert "先没有照做" in sync.directory(stage.runtime, stage.now)
    assert {guide.status for guide in guides(stage).values()} == {"active"}
    assert still_held(stage) == ["directory"]


def test_b13_friends_missing_in_numbers_wait_for_a_yes_to_their_guide_s_list(stage):
    with stage.db.write() as session:
        wang = session.get_one(Guide, stage.cast.wang.id)
        for number in range(8):
            cast.befriend(session, wang, f"wmGONE{number}")
    assert "王芳：8 位好友里一下少了 8 位，先没有照做" in sync.friend_lists(stage.runtime, stage.now)
    assert set(friends(stage, "wangfang").values()) == {"friend"}
    assert still_held(stage) == ["friends"]
    say_yes(stage, "friends")
    words = sync.friend_lists(stage.runtime, stage.now)
    assert "不再是好友 8 位" in words
    assert "王芳少了 8 位（周岚确认过）" in words
    assert friends(stage, "wangfang")["wmGONE1"] == "lost"
    assert still_held(stage) == []


def test_friends_that_no_event_told_of_are_found_and_lost_ones_are_seen(stage):
    with stage.db.write() as session:
        cast.befriend(session, session.get_one(Guide, stage.cast.wang.id), "wmGONE")
    words = sync.friend_lists(stage.runtime, stage.now)
    assert "补上 4 位" in words
    assert friends(stage, "wangfang") == {XU: "friend", LIN: "friend", "wmGONE": "lost"}
    assert friends(stage, "zhoumei") == {CHEN: "friend"}
    assert "补上 0 位" in sync.friend_lists(stage.runtime, stage.now)


def test_b12_friends_whose_list_could_not_be_read_stay(stage):
    sync.friend_lists(stage.runtime, stage.now)
    stage.world.chaos({"api": LIST, "errcode": -1})
    assert "4 位没有读到，好友不变" in sync.friend_lists(stage.runtime, stage.now)
    assert friends(stage, "wangfang") == {XU: "friend", LIN: "friend"}


def test_a_closed_window_ends_the_run_and_the_next_one_goes_on(stage):
    stage.world.chaos({"api": LIST, "errcode": 45009, "times": 1})
    sync.friend_lists(stage.runtime, stage.now)
    assert len(stage.calls(LIST)) == 1
    assert friends(stage, "wangfang") == {}


def test_new_friends_get_their_names_and_are_read_once(stage):
    sync.friend_lists(stage.runtime, stage.now)
    assert sync.friend_details(stage.runtime, stage.now) == "读到 3 位好友的资料"
    with stage.db.read() as session:
        names = {one.external_userid: one.name for one in session.exec(select(Customer))}
    assert names == {XU: "许静宜", LIN: "林若溪", CHEN: "陈可欣"}
    assert sync.friend_details(stage.runtime, stage.now) == ""


def test_b03_details_slow_down_when_the_platform_says_so(stage):
    sync.friend_lists(stage.runtime, stage.now)
    stage.world.chaos({"api": "externalcontact/get", "errcode": 45033, "times": 1})
    assert sync.friend_details(stage.runtime, stage.now) == ""
    assert len(stage.calls("externalcontact/get")) == 1
    assert sync.friend_details(stage.runtime, stage.now) == "读到 3 位好友的资料"


def test_names_wait_while_new_friends_come(stage):
    """A rush: each of them has 20 seconds, a name has time."""
    sync.friend_lists(stage.runtime, stage.now)
    with stage.db.write() as session:
        rush = [
            inbox.store(session, source="app", key=str(number), kind="x", actor="sys", subject="", body="", event_at=None,
                        now=stage.now)[0]
            for number in range(sync.RUSH)
        ]
    assert sync.friend_details(stage.runtime, stage.now) == "读到 0 位好友的资料，其余 3 位等新来的先处理完"
    assert stage.calls("externalcontact/get") == []
    with stage.db.write() as session:
        inbox.settle(session.get_one(inbox.Inbox, rush[0]), stage.now, decision="处理完了")
    assert sync.friend_details(stage.runtime, stage.now) == "读到 3 位好友的资料"


def test_somebody_who_cannot_be_read_is_asked_about_once(stage):
    with stage.db.write() as session:
        cast.befriend(session, session.get_one(Guide, stage.cast.wang.id), "wmNOBODY")
    sync.friend_details(stage.runtime, stage.now)
    assert sync.friend_details(stage.runtime, stage.now) == ""


def test_customer_groups_are_found_by_their_owners_and_read(stage):
    assert sync.group_lists(stage.runtime, stage.now) == "客户群 1 个，新发现 1 个"
    assert sync.group_details(stage.runtime, stage.now) == "读到客户群 1"
    with stage.db.read() as session:
        group = session.exec(select(Group).where(Group.chat_id == CUSTOMER_CHAT)).one()
    assert (group.name, group.owner_id, group.members) == ("杭州银泰店·会员群", stage.cast.zhou.id, 2)
    assert sync.group_details(stage.runtime, stage.now) == ""


def test_a_group_is_gone_when_the_platform_says_so_of_the_group_itself(stage):
    sync.group_lists(stage.runtime, stage.now)
    sync.group_details(stage.runtime, stage.now)
    stage.world.chaos({"api": "externalcontact/groupchat/list", "errcode": -1})
    assert "名单没有读全" in sync.group_lists(stage.runtime, stage.now)
    stage.world.chaos({"api": "externalcontact/groupchat/get", "errcode": 49008})
    assert sync.group_details(stage.runtime, stage.now) == "读到客户群 1"
    with stage.db.read() as session:
        assert session.exec(select(Group.status)).one() == "dismissed"


def test_a_group_that_the_platform_does_not_show_keeps_no_other_from_being_read(stage):
    with stage.db.write() as session:
        for chat_id in ("wrHIDDEN", CUSTOMER_CHAT):
            groups.changed(session, chat_id, stage.now)
    stage.world.chaos({"api": "externalcontact/groupchat/get", "errcode": 41048, "times": 1})
    assert sync.group_details(stage.runtime, stage.now) == "读到客户群 1，平台不让读、夜里再试的群 1"
    with stage.db.read() as session:
        known = {group.chat_id: (group.status, group.members, group.stale) for group in session.exec(select(Group))}
    assert known == {"wrHIDDEN": ("active", 0, False), CUSTOMER_CHAT: ("active", 2, False)}
    assert sync.group_details(stage.runtime, stage.now) == ""
