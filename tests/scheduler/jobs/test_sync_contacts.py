"""Reading names of friends, and customer groups: what events did not tell is found, and nothing disappears by a broken list."""

from sqlmodel import select

from models import groups
from models.friends import Customer
from models.groups import Group
from models.ledger import inbox
from models.org import Guide
from scheduler.jobs import sync_contacts, sync_friends
from tests import cast
from tests.cast import CHEN, CUSTOMER_CHAT, LIN, SU, XU


def test_new_friends_get_their_names_and_are_read_once(stage):
    sync_friends.friend_lists(stage.runtime, stage.now)
    assert sync_contacts.friend_details(stage.runtime, stage.now) == "读到 4 位好友的资料"
    with stage.db.read() as session:
        names = {one.external_userid: one.name for one in session.exec(select(Customer))}
    assert names == {XU: "许静宜", LIN: "林若溪", CHEN: "陈可欣", SU: "苏妍"}
    assert sync_contacts.friend_details(stage.runtime, stage.now) == ""


def test_details_slow_down_when_the_platform_says_so_B03(stage):
    sync_friends.friend_lists(stage.runtime, stage.now)
    stage.world.chaos({"api": "externalcontact/get", "errcode": 45033, "times": 1})
    assert sync_contacts.friend_details(stage.runtime, stage.now) == ""
    assert len(stage.calls("externalcontact/get")) == 1
    assert sync_contacts.friend_details(stage.runtime, stage.now) == "读到 4 位好友的资料"


def test_names_wait_while_new_friends_come(stage):
    """A rush: each of them has 20 seconds, a name has time."""
    sync_friends.friend_lists(stage.runtime, stage.now)
    with stage.db.write() as session:
        rush = [
            inbox.store(
                session,
                source="app",
                key=str(number),
                kind="x",
                actor="sys",
                subject="",
                body="",
                event_at=None,
                now=stage.now,
            )[0]
            for number in range(sync_contacts.RUSH)
        ]
    assert (
        sync_contacts.friend_details(stage.runtime, stage.now)
        == "读到 0 位好友的资料，其余 4 位等新来的先处理完"
    )
    assert stage.calls("externalcontact/get") == []
    with stage.db.write() as session:
        inbox.settle(session.get_one(inbox.Inbox, rush[0]), stage.now, decision="处理完了")
    assert sync_contacts.friend_details(stage.runtime, stage.now) == "读到 4 位好友的资料"


def test_somebody_who_cannot_be_read_is_asked_about_once(stage):
    with stage.db.write() as session:
        cast.befriend(session, session.get_one(Guide, stage.cast.wang.id), "wmNOBODY")
    sync_contacts.friend_details(stage.runtime, stage.now)
    assert sync_contacts.friend_details(stage.runtime, stage.now) == ""


def test_customer_groups_are_found_by_their_owners_and_read(stage):
    assert sync_contacts.group_lists(stage.runtime, stage.now) == "客户群 1 个，新发现 1 个"
    assert sync_contacts.group_details(stage.runtime, stage.now) == "读到客户群 1"
    with stage.db.read() as session:
        group = session.exec(select(Group).where(Group.chat_id == CUSTOMER_CHAT)).one()
    assert (group.name, group.owner_id, group.members) == (
        cast.GROUP_NAMES[CUSTOMER_CHAT],
        stage.cast.zhou.id,
        2,
    )
    assert sync_contacts.group_details(stage.runtime, stage.now) == ""


def test_a_group_is_gone_when_the_platform_says_so_of_the_group_itself(stage):
    sync_contacts.group_lists(stage.runtime, stage.now)
    sync_contacts.group_details(stage.runtime, stage.now)
    stage.world.chaos({"api": "externalcontact/groupchat/list", "errcode": -1})
    assert "名单没有读全" in sync_contacts.group_lists(stage.runtime, stage.now)
    stage.world.chaos({"api": "externalcontact/groupchat/get", "errcode": 49008})
    assert sync_contacts.group_details(stage.runtime, stage.now) == "读到客户群 1"
    with stage.db.read() as session:
        assert session.exec(select(Group.status)).one() == "dismissed"


def test_a_group_that_the_platform_does_not_show_keeps_no_other_from_being_read(stage):
    with stage.db.write() as session:
        for chat_id in ("wrHIDDEN", CUSTOMER_CHAT):
            groups.changed(session, chat_id, stage.now)
    stage.world.chaos({"api": "externalcontact/groupchat/get", "errcode": 41048, "times": 1})
    assert sync_contacts.group_details(stage.runtime, stage.now) == "读到客户群 1，平台不让读、夜里再试的群 1"
    with stage.db.read() as session:
        known = {
            group.chat_id: (group.status, group.members, group.stale) for group in session.exec(select(Group))
        }
    assert known == {"wrHIDDEN": ("active", 0, False), CUSTOMER_CHAT: ("active", 2, False)}
    assert sync_contacts.group_details(stage.runtime, stage.now) == ""


def test_one_friend_whom_the_platform_cannot_tell_keeps_no_other_nameless(stage):
    sync_friends.friend_lists(stage.runtime, stage.now)
    stage.world.chaos({"api": "externalcontact/get", "errcode": -1, "times": 1})
    assert sync_contacts.friend_details(stage.runtime, stage.now) == "读到 3 位好友的资料"
    assert sync_contacts.friend_details(stage.runtime, stage.now) == "读到 1 位好友的资料"


def test_one_owner_out_of_our_sight_hides_only_her_own_groups(stage):
    stage.world.change_member(cast.WANG, visible=False)
    words = sync_contacts.group_lists(stage.runtime, stage.now)
    assert "客户群 1 个，新发现 1 个" in words and f"名单没有读全：{cast.WANG}：" in words
