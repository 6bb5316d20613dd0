"""What changes in the company and its groups, and who is told."""

import pytest

from tests.cast import LIN, SHOP_CHAT, XU


def test_changes_of_a_customer_group_are_told(world, receiver):
    world.post(
        "/control/groups",
        {"create": {"chat_id": "wrNEW", "name": "新群", "kind": "customer", "owner": "zhoumei"}},
    )
    assert receiver.wait(1, name="change_external_chat.create")[0].event["ChatId"] == "wrNEW"
    world.post("/control/groups", {"owner": {"chat_id": "wrNEW", "owner": "gaomin"}})
    owner = receiver.wait(1, name="change_external_chat.update")[0].event
    assert owner["UpdateDetail"] == "change_owner"
    world.post("/control/groups", {"join": {"chat_id": "wrNEW", "who": XU}})
    joined = receiver.wait(2, name="change_external_chat.update")[1].event
    assert (joined["UpdateDetail"], joined["MemChangeList"]["Item"], joined["JoinScene"]) == (
        "add_member",
        XU,
        "3",
    )
    assert joined["LastMemVer"] == owner["CurMemVer"]
    world.post("/control/groups", {"quit": {"chat_id": "wrNEW", "who": XU}})
    assert receiver.wait(3, name="change_external_chat.update")[2].event["UpdateDetail"] == "del_member"
    world.post("/control/groups", {"dismiss": "wrNEW"})
    receiver.wait(1, name="change_external_chat.dismiss")
    assert world.call("externalcontact/groupchat/get", {"chat_id": "wrNEW"})["errcode"] == 49008


def test_internal_groups_change_without_events(world, receiver):
    world.post("/control/groups", {"name": {"chat_id": SHOP_CHAT, "name": "中街店"}})
    with pytest.raises(AssertionError, match="没有顾客"):
        world.post("/control/groups", {"join": {"chat_id": SHOP_CHAT, "who": LIN}})
    assert receiver.before_a_word(world) == []


def test_hiring_tells_the_directory_callback_and_the_app(world, receiver):
    world.post(
        "/control/members",
        {"add": {"userid": "sunyan", "name": "孙燕", "department": [21], "position": "导购"}},
    )
    told = receiver.wait(1, name="change_contact.create_user")[0]
    assert told.path == "/callback/contacts"
    assert told.event["UserID"] == "sunyan"
    assert told.event["Department"] == "21"
    assert told.event["FromUserName"] == "sys"
    subscribed = receiver.wait(1, name="subscribe")[0]
    assert (subscribed.path, subscribed.event["FromUserName"]) == ("/callback/app", "sunyan")
    assert world.call("user/get", userid="sunyan")["name"] == "孙燕"


def test_leaving_tells_both_callbacks(world, receiver):
    world.leave("zhoumei")
    assert receiver.wait(1, name="change_contact.delete_user")[0].event["UserID"] == "zhoumei"
    assert receiver.wait(1, name="unsubscribe")[0].event["AgentID"] == "1000002"


def test_only_what_changed_is_told(world, receiver):
    world.post("/control/members", {"update": {"userid": "wangfang", "department": [31], "name": "王芳"}})
    event = receiver.wait(1, name="change_contact.update_user")[0].event
    assert event["Department"] == "31"
    assert "Name" not in event


def test_leaving_the_visible_range_hides_a_member(world, receiver):
    world.post("/control/members", {"update": {"userid": "wangfang", "visible": False}})
    assert receiver.wait(1, name="unsubscribe")[0].event["FromUserName"] == "wangfang"
    assert world.call("user/get", userid="wangfang")["errcode"] == 60111


def test_a_new_department_is_told(world, receiver):
    world.post("/control/departments", {"add": {"id": 32, "name": "南京河西店", "parentid": 3}})
    assert receiver.wait(1, name="change_contact.create_party")[0].event["Id"] == "32"


@pytest.mark.parametrize("wanted", [{}, {"update": {"userid": "wangfang", "salary": 1}}])
def test_a_change_that_does_not_exist_is_refused(world, wanted):
    with pytest.raises(AssertionError, match="400"):
        world.post("/control/members", wanted)


def test_a_rename_takes_all_that_is_hers_along(world, receiver):
    world.rename("wangfang", "wang.fang")
    told = receiver.wait(1, name="change_contact.update_user")[0].event
    assert (told["UserID"], told["NewUserID"]) == ("wangfang", "wang.fang")
    assert world.call("user/get", userid="wangfang")["errcode"] == 60111
    assert world.call("user/get", userid="wang.fang")["name"] == "王芳"
    assert world.call("externalcontact/list", userid="wang.fang")["errcode"] != 60111
    with pytest.raises(AssertionError, match="已经有人"):
        world.rename("wang.fang", "zhaoqian")


def test_a_department_moves_and_members_stand_in_several(world, receiver):
    world.post("/control/departments", {"move": {"id": 21, "parentid": 3}})
    moved = receiver.wait(1, name="change_contact.update_party")[0].event
    assert (moved["Id"], moved["ParentId"], "Name" in moved) == ("21", "3", False)
    world.change_member("wangfang", department=[21, 22], main_department=22, leads=[22])
    told = receiver.wait(1, name="change_contact.update_user")[0].event
    assert (told["Department"], told["MainDepartment"], told["IsLeaderInDept"]) == ("21,22", "22", "0,1")
    user = world.call("user/get", userid="wangfang")
    assert (user["main_department"], user["is_leader_in_dept"]) == (22, [0, 1])
    world.change_member("wangfang", is_leader=True)
    assert world.call("user/get", userid="wangfang")["is_leader_in_dept"] == [1, 1]
